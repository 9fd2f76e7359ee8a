"""Making departments findable that an earlier release indexed."""

from kehu_auth.features.departments.models import Department
from kehu_chassis.runtime import search_index

JOBS = [search_index.job("index-departments", Department)]
