"""Making opportunities findable that an earlier release indexed."""

from kehu_chassis.runtime import search_index
from kehu_marketing.features.opportunities.models import Opportunity

JOBS = [search_index.job("index-opportunities", Opportunity)]
