"""Every order in which rows are offered can be read off an index."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from kehu_chassis.data.listing import Listing
from kehu_chassis.testing import Harness
from kehu_chassis.testing.plans import unserved_sorts
from kehu_reporting.features.churn import schemas as churn
from kehu_reporting.features.churn.models import ChurnWarning, Loss
from kehu_reporting.features.contribution import schemas as contribution
from kehu_reporting.features.contribution.models import Sale
from kehu_reporting.features.customers import schemas as customers
from kehu_reporting.features.customers.models import CustomerRef
from kehu_reporting.features.funnel import schemas as funnel
from kehu_reporting.features.funnel.models import Opportunity
from kehu_reporting.features.requests import schemas as requests
from kehu_reporting.features.requests.models import ServiceRequest

LISTS: list[tuple[Listing, Any]] = [
    (churn.LOSSES, Loss),
    (churn.WARNINGS, ChurnWarning),
    (contribution.ROWS, Sale),
    (customers.ROWS, CustomerRef),
    (funnel.ROWS, Opportunity),
    (requests.ROWS, ServiceRequest),
]


@pytest.mark.parametrize(("listing", "model"), LISTS, ids=[m.__tablename__ for _, m in LISTS])
def test_every_sort_has_an_index(harness: Harness, listing: Listing, model: Any) -> None:
    assert unserved_sorts(harness, listing, select(model)) == []
