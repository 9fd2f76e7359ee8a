"""Callers that repeat or contradict each other, and services that hang or are down."""

from __future__ import annotations

import base64
import json
import re
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.alerts import watching
from tests.faults.ledger import Ledger, checked, under_load
from tests.faults.traffic import CUSTOMERS, FUNNEL, OPPORTUNITIES, REQUESTS, Write
from tests.support.compose import Installation, docker
from tests.support.records import a_customer
from tests.support.stack import Session, eventually

# The gateway waits 30 s for a service.
BUDGET_SECONDS = 32


def _forged_token(kid: str) -> str:
    """A token with a false signature that names this key."""
    head = json.dumps({"alg": "Ed25519", "kid": kid, "typ": "at+jwt"}).encode()
    return f"{base64.urlsafe_b64encode(head).decode().rstrip('=')}.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"


@pytest.mark.fault("F46")
@pytest.mark.long
def test_twenty_requests_with_one_key_create_one_record(containers: Installation) -> None:
    """Another body is rejected, and the same key of another caller is a different key."""
    with checked(containers) as ledger, ThreadPoolExecutor(20) as pool:
        traffic = ledger.traffic
        form = {"type": "complaint", "summary": f"{traffic.tag} 1", "description": "x",
                "customer_id": traffic.customer}  # fmt: skip
        writes = [Write(traffic.manager, REQUESTS, form, key="one key") for _ in range(20)]
        responses = [response for _status, response in pool.map(Write.send, writes)]
        statuses = Counter(pool.map(lambda write: write.send()[0], writes))
        assert statuses == {201: 20}
        made = {response["id"] for response in responses if "id" in response}
        running = {response["code"] for response in responses if "id" not in response}
        assert len(made) == 1 and running <= {"idempotency-key-running"}
        other = Write(traffic.manager, REQUESTS, form | {"description": "y"}, key="one key")
        assert other.send()[0] == 422
        other_caller = Write(
            traffic.director, REQUESTS, form | {"summary": f"{traffic.tag} 2"}, "one key"
        )
        status, their_request = other_caller.send()
        assert status == 201 and their_request["id"] not in made
        for write in (writes[0], other_caller):
            write.response = write.send()[1]
            traffic.writes.append(write)


@pytest.mark.fault("F47")
@pytest.mark.long
def test_one_of_two_changes_to_the_same_version_is_rejected(containers: Installation) -> None:
    with checked(containers) as ledger, ThreadPoolExecutor(2) as pool:
        manager = ledger.traffic.manager
        ledger.traffic.win(1)
        path = f"/api/v1/customer/customers/{ledger.traffic.customer}"
        tag = manager.request("GET", path).headers["ETag"]

        def change(phone: str) -> int:
            status: int = manager.request("PATCH", path, {"phone": phone}, If_Match=tag).status
            return status

        assert sorted(pool.map(change, ("11", "22"))) == [200, 412]
        assert manager.request("PATCH", path, {"phone": "33"}).status == 428
        assert manager.get(path)["phone"] in ("11", "22")


@pytest.mark.fault("F48")
@pytest.mark.long
def test_a_hanging_service_delays_no_other_service(containers: Installation) -> None:
    with watching(containers) as alerts, under_load(containers) as ledger:
        hanging = containers.container("reporting-api")
        director = ledger.traffic.director
        assert director.request("GET", FUNNEL).status == 200
        containers.freeze(hanging)
        try:
            status, seconds = _timed(director, FUNNEL)
            assert status in (503, 504) and seconds < BUDGET_SECONDS
            alerts.fires("KehuServiceUnreachable")
            status, seconds = _timed(director, FUNNEL)
            assert status == 503 and seconds < 1, "later requests fail at once"
        finally:
            containers.resume(hanging)
        eventually(lambda: director.request("GET", FUNNEL).status == 200, what="it is back")
    assert not ledger.traffic.failed_attempts


@pytest.mark.fault("F48")
@pytest.mark.long
def test_a_hanging_service_creates_the_requested_record_once(containers: Installation) -> None:
    """The gateway does not retry a request without an Idempotency-Key."""
    with checked(containers) as ledger:
        hanging, stranger = containers.container("service-desk-api"), ledger.traffic.stranger
        summary = f"Hung {ledger.traffic.tag}"
        form = {"type": "complaint", "summary": summary, "description": summary,
                "customer_id": a_customer(stranger, summary)}  # fmt: skip
        known = f"{REQUESTS}?customer_id={form['customer_id']}"
        eventually(lambda: stranger.request("GET", known).status == 200)
        containers.freeze(hanging)
        try:
            began = time.monotonic()
            # This uses a connection that was opened before.
            status = stranger.request("POST", REQUESTS, form).status
            assert status == 504 and time.monotonic() - began < BUDGET_SECONDS
        finally:
            containers.resume(hanging)
        eventually(lambda: containers.ready_addresses("service-desk"), what="it is back")
        made = f"SELECT count(*) FROM service_request WHERE summary = '{summary}'"
        eventually(lambda: containers.sql("kehu_service_desk", made) == "1", what="it is created")
        assert stranger.request("GET", known).status == 200
        assert containers.sql("kehu_service_desk", made) == "1"


@pytest.mark.fault("F49")
@pytest.mark.long
def test_tokens_with_unknown_keys_cause_few_requests_for_keys(containers: Installation) -> None:
    """Five processes request the keys every 15 s; unknown keys add one request in 30 s."""
    nobody = containers.stack.nobody
    with checked(containers):
        began, before = time.monotonic(), _key_requests(containers)
        for number in range(200):
            forged = {"Authorization": f"Bearer {_forged_token(f'nobody {number}')}"}
            assert nobody.request("GET", OPPORTUNITIES, **forged).status == 401
        seconds = time.monotonic() - began
        usual, unknown = 5 * (seconds / 15 + 1), seconds / 30 + 1
        assert _key_requests(containers) - before <= usual + unknown


@pytest.mark.fault("F49")
@pytest.mark.long
def test_signed_in_users_continue_to_work_without_auth(containers: Installation) -> None:
    stack = containers.stack
    with watching(containers) as alerts:
        with under_load(containers) as ledger:
            form = ledger.traffic.manager.login
            docker("stop", containers.container("auth-api"))
            alerts.fires("KehuServiceUnreachable")
            login = stack.nobody.request("POST", "/api/v1/auth/login", form)
            assert login.status == 503 and int(login.headers["Retry-After"]) > 0
            forged = stack.nobody.request(
                "GET", OPPORTUNITIES, Authorization=f"Bearer {_forged_token('nobody')}"
            )
            assert forged.status == 401
            docker("start", containers.container("auth-api"))
            eventually(
                lambda: stack.nobody.request("POST", "/api/v1/auth/login", form).status == 200
            )
        assert not ledger.traffic.failed_attempts
        alerts.clears("KehuServiceUnreachable")


@pytest.mark.fault("F50")
@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_new_signing_key_signs_nobody_out(containers: Installation) -> None:
    """It signs a minute later, when all services have received it."""
    with under_load(containers) as ledger:
        made = containers.stack.admin.post("/api/v1/auth/keys/rotate", status=201)
        manager = ledger.traffic.manager
        username, password = manager.login["username"], manager.login["password"]

        def signed_by() -> str:
            return _kid(containers.stack.login(username, password).token)

        eventually(lambda: signed_by() == made["kid"], within=120, what="the new key signs")
        again = containers.stack.login(username, password)
        for path in (OPPORTUNITIES, REQUESTS, CUSTOMERS):
            again.get(path)
    assert not ledger.traffic.failed_attempts
    _assert_old_key_is_rejected(containers, ledger, made["kid"])


def _assert_old_key_is_rejected(containers: Installation, ledger: Ledger, kept: str) -> None:
    """Tokens of the old key are rejected when auth no longer publishes it; the test skips the last
    eleven minutes of its publication."""
    traffic = ledger.traffic
    old = {"Authorization": f"Bearer {traffic.stranger.token}"}
    assert _kid(traffic.stranger.token) != kept
    nobody = containers.stack.nobody
    assert nobody.request("GET", OPPORTUNITIES, **old).status == 200
    gone = f"UPDATE signing_key SET expires_at = now() WHERE kid <> '{kept}'"
    containers.sql("kehu_auth", gone)
    eventually(lambda: nobody.request("GET", OPPORTUNITIES, **old).status == 401, within=40)
    for who in (containers.admin, traffic.manager, traffic.director, traffic.stranger):
        who.discard_token()
    ledger.check()


def _kid(token: str) -> str:
    """The key that signed a token."""
    kid: str = json.loads(base64.urlsafe_b64decode(token.partition(".")[0] + "=="))["kid"]
    return kid


def _timed(who: Session, path: str) -> tuple[int, float]:
    """The status of a request, and its duration in seconds."""
    began = time.monotonic()
    status: int = who.request("GET", path).status
    return status, time.monotonic() - began


def _key_requests(containers: Installation) -> int:
    """The number of requests for auth's keys since its start."""
    shown = containers.probe("auth-api", "/metrics")
    pattern = r'^http_requests_total\{.*route="/\.well-known/jwks\.json".*\} ([0-9.]+)$'
    found = re.findall(pattern, shown, re.MULTILINE)
    assert found, shown
    return int(sum(float(number) for number in found))
