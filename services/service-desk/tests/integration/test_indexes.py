"""Every order in which requests are offered can be read off an index."""

from __future__ import annotations

from sqlalchemy import select

from kehu_chassis.testing import Harness
from kehu_chassis.testing.plans import unserved_sorts
from kehu_service_desk.features.requests.models import ServiceRequest
from kehu_service_desk.features.requests.service import REQUESTS


def test_every_sort_has_an_index(harness: Harness) -> None:
    assert unserved_sorts(harness, REQUESTS, select(ServiceRequest)) == []
