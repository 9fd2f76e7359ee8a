"""Making products findable that an earlier release indexed."""

from kehu_chassis.runtime import search_index
from kehu_customer.features.catalogue.models import Product

JOBS = [search_index.job("index-products", Product)]
