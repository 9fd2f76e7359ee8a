"""Callers that repeat or contradict each other, and services that hang or are away."""

from __future__ import annotations

import base64
import json
import re
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.alerts import watching
from tests.faults.ledger import Ledger, under_load, with_care
from tests.faults.traffic import CUSTOMERS, FUNNEL, OPPORTUNITIES, REQUESTS, Write
from tests.support.compose import Installation, docker
from tests.support.records import a_customer
from tests.support.stack import Session, eventually

# The gateway waits 30 s for a service.
BUDGET_SECONDS = 32


def _by_key(kid: str) -> str:
    """A token that claims to be signed by this key."""
    head = json.dumps({"alg": "Ed25519", "kid": kid, "typ": "at+jwt"}).encode()
    return f"{base64.urlsafe_b64encode(head).decode().rstrip('=')}.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"


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
        assert director.request("GET", FUNNEL).status == 200
        containers.freeze(hanging)
        try:
            status, seconds = _timed(director, FUNNEL)
            assert status in (503, 504) and seconds < BUDGET_SECONDS
            alerts.fires("KehuServiceUnreachable")
            status, seconds = _timed(director, FUNNEL)
            assert status == 503 and seconds < 1, "at once, from now on"
        finally:
            containers.resume(hanging)
        eventually(lambda: director.request("GET", FUNNEL).status == 200, what="it is back")
    assert not ledger.traffic.refused


@pytest.mark.fault("F48")
@pytest.mark.long
def test_what_a_hanging_service_was_asked_to_make_is_made_once(containers: Installation) -> None:
    """Nobody asks again in the caller's place, who named no key by which that could be told."""
    with with_care(containers) as ledger:
        hanging, stranger = containers.container("service-desk-api"), ledger.traffic.stranger
        summary = f"Hung {ledger.traffic.word}"
        form = {"type": "complaint", "summary": summary, "description": summary,
                "customer_id": a_customer(stranger, summary)}  # fmt: skip
        known = f"{REQUESTS}?customer_id={form['customer_id']}"
        eventually(lambda: stranger.request("GET", known).status == 200)
        containers.freeze(hanging)
        try:
            began = time.monotonic()
            # The connection on which it waits was opened before.
            status = stranger.request("POST", REQUESTS, form).status
            assert status == 504 and time.monotonic() - began < BUDGET_SECONDS
        finally:
            containers.resume(hanging)
        eventually(lambda: containers.ready_addresses("service-desk"), what="it is back")
        made = f"SELECT count(*) FROM service_request WHERE summary = '{summary}'"
        eventually(lambda: containers.sql("kehu_service_desk", made) == "1", what="it is made")
        assert stranger.request("GET", known).status == 200
        assert containers.sql("kehu_service_desk", made) == "1"


@pytest.mark.fault("F49")
@pytest.mark.long
def test_invented_keys_make_nobody_ask_for_keys(containers: Installation) -> None:
    """Five processes ask for them every 15 s; one that meets unknown keys, once in 30 s more."""
    nobody = containers.stack.nobody
    with with_care(containers):
        began, before = time.monotonic(), _asked_for_keys(containers)
        for number in range(200):
            forged = {"Authorization": f"Bearer {_by_key(f'nobody {number}')}"}
            assert nobody.request("GET", OPPORTUNITIES, **forged).status == 401
        seconds = time.monotonic() - began
        usual, unknown = 5 * (seconds / 15 + 1), seconds / 30 + 1
        assert _asked_for_keys(containers) - before <= usual + unknown


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
                "GET", OPPORTUNITIES, Authorization=f"Bearer {_by_key('nobody')}"
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
@pytest.mark.timeout(600)
def test_a_new_signing_key_signs_nobody_out(containers: Installation) -> None:
    """It signs from a minute later on, when all services have heard of it."""
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
    assert not ledger.traffic.refused
    _is_void_once_removed(containers, ledger, made["kid"])


def _is_void_once_removed(containers: Installation, ledger: Ledger, kept: str) -> None:
    """What the old key has signed is refused when it is shown no more; its last eleven minutes are
    played."""
    traffic = ledger.traffic
    old = {"Authorization": f"Bearer {traffic.stranger.token}"}
    assert _kid(traffic.stranger.token) != kept
    nobody = containers.stack.nobody
    assert nobody.request("GET", OPPORTUNITIES, **old).status == 200
    gone = f"UPDATE signing_key SET expires_at = now() WHERE kid <> '{kept}'"
    containers.sql("kehu_auth", gone)
    eventually(lambda: nobody.request("GET", OPPORTUNITIES, **old).status == 401, within=40)
    for who in (containers.admin, traffic.manager, traffic.director, traffic.stranger):
        who.forget()
    ledger.check()


def _kid(token: str) -> str:
    """The key that signed a token."""
    kid: str = json.loads(base64.urlsafe_b64decode(token.partition(".")[0] + "=="))["kid"]
    return kid


def _timed(who: Session, path: str) -> tuple[int, float]:
    """How a request is answered, and after how many seconds."""
    began = time.monotonic()
    status: int = who.request("GET", path).status
    return status, time.monotonic() - began


def _asked_for_keys(containers: Installation) -> int:
    """How often auth was asked for the keys since its start."""
    shown = containers.probe("auth-api", "/metrics")
    pattern = r'^http_requests_total\{.*route="/\.well-known/jwks\.json".*\} ([0-9.]+)$'
    found = re.findall(pattern, shown, re.MULTILINE)
    assert found, shown
    return int(sum(float(number) for number in found))
