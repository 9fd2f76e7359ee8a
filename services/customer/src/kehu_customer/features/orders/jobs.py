"""Making orders findable that an earlier release recorded."""

from kehu_chassis.runtime import search_index
from kehu_customer.features.orders.models import SalesOrder

JOBS = [search_index.job("index-orders", SalesOrder)]
