"""The client that survives crashes of any process: what it repeats, and how."""

import json
from typing import Any

import pytest
import urllib3

from kehu_cli.demo.client import DemoError, GatewayClient, Person, Refused
from kehu_cli.demo.waiting import in_parallel, post_when_known, wait_for


class Response:
    """A response of urllib3."""

    def __init__(self, status: int, body: Any = None, **headers: str) -> None:
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.data = json.dumps(body).encode()


class Pool:
    """Returns prepared responses in turn, the last one forever; exceptions are raised."""

    def __init__(self, *responses: "Response | Exception") -> None:
        self.responses = list(responses)
        self.sent: list[tuple[str, str, dict[str, str], bytes | None]] = []

    def request(
        self, method: str, url: str, *, body: bytes | None, headers: dict[str, str]
    ) -> Response:
        self.sent.append((method, url, dict(headers), body))
        response = self.responses.pop(0) if len(self.responses) > 1 else self.responses[0]
        if isinstance(response, Exception):
            raise response
        return response


class Clock:
    """A clock that only sleeping advances."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def gateway(pool: Pool, clock: Clock | None = None) -> GatewayClient:
    clock = clock or Clock()
    return GatewayClient("http://kehu", pool=pool, clock=clock, sleep=clock.sleep, patience=30)


LOST = urllib3.exceptions.ProtocolError("connection lost")
RUNNING = Response(409, {"code": "idempotency-key-running"})
TOKENS = {
    "access_token": "access",
    "refresh_token": "refresh",
    "expires_in": 600,
    "user": {"id": "7", "display_name": "Ann"},
}


@pytest.mark.parametrize(
    "failure", [LOST, Response(502), Response(503), Response(504), Response(429), RUNNING]
)
def test_requests_are_repeated_after_transient_failures(failure: "Response | Exception") -> None:
    pool = Pool(failure, failure, Response(200, {"ok": True}))
    caller = gateway(pool)
    assert caller.send("GET", "/x").body == {"ok": True}
    assert (caller.tally.requests, caller.tally.repeats) == (3, 2)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412, 422, 500])
def test_other_responses_are_final(status: int) -> None:
    pool = Pool(Response(status, {"code": "some-code"}))
    with pytest.raises(Refused) as refusal:
        gateway(pool).send("POST", "/x", body={})
    assert (refusal.value.status, refusal.value.code) == (status, "some-code")
    assert len(pool.sent) == 1


def test_a_repeated_request_has_the_same_key() -> None:
    pool = Pool(LOST, Response(201))
    gateway(pool).send("POST", "/x", body={"a": 1}, headers={"Idempotency-Key": "k"})
    assert pool.sent[0] == pool.sent[1]


def test_a_repeated_put_names_no_version() -> None:
    pool = Pool(LOST, Response(200))
    gateway(pool).send("PUT", "/x", body={}, headers={"If-Match": '"3"'})
    assert [headers["If-Match"] for _, _, headers, _ in pool.sent] == ['"3"', "*"]


def test_pauses_grow_until_the_client_gives_up() -> None:
    clock = Clock()
    with pytest.raises(DemoError, match="no response in 30 s: ProtocolError"):
        gateway(Pool(LOST), clock).send("GET", "/x")
    assert 25 < clock.now <= 30


def test_retry_after_is_respected() -> None:
    clock = Clock()
    gateway(Pool(Response(503, Retry_After="2"), Response(200)), clock).send("GET", "/x")
    assert clock.now == 2


def test_a_person_signs_in_before_the_first_request() -> None:
    pool = Pool(Response(200, TOKENS), Response(200, {"items": []}))
    person = Person(gateway(pool), "ann", "secret")
    assert person.get("/things", limit=1, sort=None) == {"items": []}
    assert (person.id, person.display_name) == ("7", "Ann")
    method, url, headers, _ = pool.sent[1]
    assert (method, url) == ("GET", "http://kehu/api/v1/things?limit=1")
    assert headers["Authorization"] == "Bearer access"


def test_a_token_is_renewed_before_it_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr("kehu_cli.demo.client.time.monotonic", clock)
    clock.now = 1000.0
    pool = Pool(Response(200, TOKENS), Response(200), Response(200, TOKENS), Response(200))
    person = Person(gateway(pool), "ann", "secret")
    person.get("/a")
    clock.now += 500
    person.get("/b")
    assert [url.rpartition("/")[2] for _, url, _, _ in pool.sent] == ["login", "a", "refresh", "b"]


def test_an_ended_session_is_renewed_and_the_request_repeated_with_the_same_key() -> None:
    ended = Response(401, {"code": "session-ended"})
    pool = Pool(Response(200, TOKENS), ended, Response(200, TOKENS), Response(201, {"id": 1}))
    assert Person(gateway(pool), "ann", "secret").post("/things", {}) == {"id": 1}
    first, second = pool.sent[1], pool.sent[3]
    assert first[2]["Idempotency-Key"] == second[2]["Idempotency-Key"]


def test_all_pages_are_read() -> None:
    pool = Pool(
        Response(200, TOKENS),
        Response(200, {"items": [1, 2], "next_cursor": "c"}),
        Response(200, {"items": [3], "next_cursor": None}),
    )
    assert Person(gateway(pool), "ann", "secret").pages("/things") == [1, 2, 3]
    assert pool.sent[2][1].endswith("/things?limit=200&cursor=c")


def test_totals_are_exact_however_many_there_are() -> None:
    pool = Pool(Response(200, TOKENS), Response(200, {"items": [], "total": 29_181}))
    assert Person(gateway(pool), "ann", "secret").total("/things", code="x") == 29_181
    assert pool.sent[1][1].endswith("/things?limit=1&exact_total=true&code=x")


def test_a_post_waits_for_unknown_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kehu_cli.demo.waiting.PAUSE_SECONDS", 0.0)
    unknown = Response(422, {"errors": [{"code": "unknown-reference"}]})
    pool = Pool(Response(200, TOKENS), Response(404), unknown, Response(200, {"id": 1}))
    assert post_when_known(Person(gateway(pool), "ann", "secret"), "/x", {}) == {"id": 1}
    keys = {headers.get("Idempotency-Key") for _, _, headers, _ in pool.sent[1:]}
    assert len(keys) == 3


def test_waiting_ends_at_the_number_or_a_standstill(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kehu_cli.demo.waiting.PAUSE_SECONDS", 0.0)
    numbers = iter([1, 2, 3])
    assert wait_for(lambda: next(numbers), 3) == 3
    assert wait_for(lambda: 2, 3, patience=0.01) == 2


def test_parallel_results_keep_their_order_and_report_progress() -> None:
    seen: list[int] = []
    found = in_parallel(lambda n: n * n, range(20), workers=4, report=seen.append)
    assert found == [n * n for n in range(20)]
    assert seen == list(range(1, 21))


def test_the_first_failure_stops_parallel_work() -> None:
    done: list[int] = []

    def work(number: int) -> None:
        if number == 0:
            raise DemoError("no")
        done.append(number)

    with pytest.raises(DemoError, match="no"):
        in_parallel(work, range(1000), workers=1)
    assert len(done) < 1000
