"""Storing orders and returns, and reporting what each customer contributes."""

from kehu_reporting.features.contribution.service.reporting import (
    CURRENCY,
    FILTERS,
    SALES,
    contribution,
    contribution_rows,
)
from kehu_reporting.features.contribution.service.storing import store_orders, store_returns
from kehu_reporting.features.contribution.service.versions import VERSIONS

__all__ = [
    "CURRENCY",
    "FILTERS",
    "SALES",
    "VERSIONS",
    "contribution",
    "contribution_rows",
    "store_orders",
    "store_returns",
]
