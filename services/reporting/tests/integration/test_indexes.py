"""Every order in which rows are offered can be read off an index."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from kehu_chassis.data.listing import Listing
from kehu_chassis.testing import Harness
from kehu_chassis.testing.plans import unserved_sorts
from kehu_reporting.features.churn import service as churn
from kehu_reporting.features.churn.models import ChurnWarning, Loss
from kehu_reporting.features.contribution import service as contribution
from kehu_reporting.features.contribution.models import Sale
from kehu_reporting.features.customers import service as customers
from kehu_reporting.features.customers.models import CustomerRef
from kehu_reporting.features.funnel import service as funnel
from kehu_reporting.features.funnel.models import Opportunity
from kehu_reporting.features.requests import service as requests
from kehu_reporting.features.requests.models import ServiceRequest

LISTS: list[tuple[Listing, Any]] = [
    (churn.LOSSES, Loss),
    (churn.WARNINGS, ChurnWarning),
    (contribution.SALES, Sale),
    (customers.CUSTOMERS, CustomerRef),
    (funnel.OPPORTUNITIES, Opportunity),
    (requests.REQUESTS, ServiceRequest),
]


@pytest.mark.parametrize(("listing", "model"), LISTS, ids=[m.__tablename__ for _, m in LISTS])
def test_every_sort_has_an_index(harness: Harness, listing: Listing, model: Any) -> None:
    assert unserved_sorts(harness, listing, select(model)) == []
