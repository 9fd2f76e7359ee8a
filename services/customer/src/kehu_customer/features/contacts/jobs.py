"""Making contacts findable that an earlier release indexed."""

from kehu_chassis.runtime import search_index
from kehu_customer.features.contacts.models import Contact

JOBS = [search_index.job("index-contacts", Contact)]
