"""Making users findable that an earlier release indexed."""

from kehu_auth.features.users.models import User
from kehu_chassis.runtime import search_index

JOBS = [search_index.job("index-users", User)]
