"""Callers that repeat or contradict each other, and services that hang or are away."""

from __future__ import annotations

import base64
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.alerts import watching
from tests.faults.ledger import under_load, with_care
from tests.faults.traffic import CUSTOMERS, OPPORTUNITIES, REQUESTS, Write
from tests.support.compose import Installation, docker
from tests.support.stack import eventually

REPORT = "/api/v1/reporting/sales-funnel"
NOBODYS_KEY = (
    "eyJhbGciOiJFZERTQSIsImtpZCI6Im5vYm9keSIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
)


@pytest.mark.fault("F46")
@pytest.mark.long
def test_twenty_requests_with_one_key_are_one(containers: Installation) -> None:
    """Another body is refused, and somebody else's same key is a key of their own."""
    with with_care(containers) as ledger, ThreadPoolExecutor(20) as pool:
        traffic = ledger.traffic
        form = {"type": "complaint", "summary": f"{traffic.word} 1", "description": "x",
                "customer_id": traffic.customer}  # fmt: skip
        writes = [Write(traffic.manager, REQUESTS, form, key="one key") for _ in range(20)]
        answers = [answer for _status, answer in pool.map(Write.send, writes)]
        statuses = Counter(pool.map(lambda write: write.send()[0], writes))
        assert statuses == {201: 20}
        made = {answer["id"] for answer in answers if "id" in answer}
        running = {answer["code"] for answer in answers if "id" not in answer}
        assert len(made) == 1 and running <= {"idempotency-key-running"}
        other = Write(traffic.manager, REQUESTS, form | {"description": "y"}, key="one key")
        assert other.send()[0] == 422
        somebody = Write(
            traffic.director, REQUESTS, form | {"summary": f"{traffic.word} 2"}, "one key"
        )
        status, other_request = somebody.send()
        assert status == 201 and other_request["id"] not in made
        for write in (writes[0], somebody):
            write.answer = write.send()[1]
            traffic.writes.append(write)


@pytest.mark.fault("F47")
@pytest.mark.long
def test_of_two_changes_of_one_version_one_is_refused(containers: Installation) -> None:
    with with_care(containers) as ledger, ThreadPoolExecutor(2) as pool:
        manager = ledger.traffic.manager
        ledger.traffic.win(1)
        path = f"/api/v1/customer/customers/{ledger.traffic.customer}"
        tag = manager.request("GET", path).headers["ETag"]

        def change(phone: str) -> int:
            answer = manager.request("PATCH", path, {"phone": phone}, If_Match=tag)
            status: int = answer.status
            return status

        assert sorted(pool.map(change, ("11", "22"))) == [200, 412]
        assert manager.request("PATCH", path, {"phone": "33"}).status == 428
        assert manager.get(path)["phone"] in ("11", "22")


@pytest.mark.fault("F48")
@pytest.mark.long
def test_a_service_that_hangs_holds_nobody_else_up(containers: Installation) -> None:
    with watching(containers) as alerts, under_load(containers) as ledger:
        hanging = containers.container("reporting-api")
        director = ledger.traffic.director
        assert director.request("GET", REPORT).status == 200
        containers.freeze(hanging)
        try:
            assert director.request("GET", REPORT).status in (503, 504)
            alerts.fires("KehuServiceUnreachable")
            assert director.request("GET", REPORT).status == 503, "at once, from now on"
        finally:
            containers.go_on(hanging)
        eventually(lambda: director.request("GET", REPORT).status == 200, what="it is back")
    assert not ledger.traffic.refused


@pytest.mark.fault("F49")
@pytest.mark.long
def test_whoever_is_signed_in_works_on_without_auth(containers: Installation) -> None:
    stack = containers.stack
    with watching(containers) as alerts:
        with under_load(containers) as ledger:
            form = ledger.traffic.manager.login
            docker("stop", containers.container("auth-api"))
            alerts.fires("KehuServiceUnreachable")
            refused = stack.nobody.request("POST", "/api/v1/auth/login", form)
            assert refused.status == 503 and int(refused.headers["Retry-After"]) > 0
            forged = stack.nobody.request(
                "GET", OPPORTUNITIES, Authorization=f"Bearer {NOBODYS_KEY}"
            )
            assert forged.status == 401
            docker("start", containers.container("auth-api"))
            eventually(
                lambda: stack.nobody.request("POST", "/api/v1/auth/login", form).status == 200
            )
        assert not ledger.traffic.refused
        alerts.clears("KehuServiceUnreachable")


@pytest.mark.fault("F50")
@pytest.mark.long
def test_a_new_signing_key_signs_nobody_out(containers: Installation) -> None:
    """It signs from a minute later on, when all services have heard of it."""
    with under_load(containers) as ledger:
        made = containers.stack.admin.post("/api/v1/auth/keys/rotate", status=201)
        manager = ledger.traffic.manager
        username, password = manager.login["username"], manager.login["password"]

        def signed_by() -> str:
            head = containers.stack.login(username, password).token.partition(".")[0]
            kid: str = json.loads(base64.urlsafe_b64decode(head + "=="))["kid"]
            return kid

        eventually(lambda: signed_by() == made["kid"], within=120, what="the new key signs")
        again = containers.stack.login(username, password)
        for path in (OPPORTUNITIES, REQUESTS, CUSTOMERS):
            again.get(path)
    assert not ledger.traffic.refused
