"""Making customers findable that an earlier release indexed."""

from kehu_chassis.runtime import search_index
from kehu_customer.features.customers.models import Customer

JOBS = [search_index.job("index-customers", Customer)]
