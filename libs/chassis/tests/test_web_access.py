"""The HTTP edge: permissions, the language of responses, and no internal details in errors."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from kehu_chassis.data.database import new_id
from kehu_chassis.problems import dependency_down
from kehu_chassis.testing import Harness, User
from kehu_chassis.texts import TEXTS
from kehu_chassis.web import Blueprint


def test_a_route_without_a_permission_cannot_be_registered() -> None:
    blp = Blueprint("open", __name__)
    with pytest.raises(TypeError, match="names no permission"):

        @blp.route("/x", methods=["GET"])
        @blp.response(204)
        def view() -> None:
            """A route without access by mistake."""


def test_permissions_are_enforced(harness: Harness) -> None:
    anonymous, guest = harness.as_(None), harness.as_(harness.user("guest"))
    boss = harness.as_(harness.user("boss"))
    assert anonymous.expect(401, "GET", "/notes")["code"] == "unauthenticated"
    assert guest.expect(403, "GET", "/notes")["params"] == {"permission": "note:read"}
    boss.get("/notes")
    anonymous.post("/notes/echo", {"value": 1})
    anonymous.expect(401, "GET", "/notes/me")
    guest.get("/notes/me")
    harness.as_(harness.user("unknown-role")).expect(403, "GET", "/notes")
    anonymous.expect(204, "GET", "/notes/inside")


def test_a_password_change_may_be_required_first(harness: Harness, boss: User) -> None:
    client = harness.as_(boss, must_change_password=True)
    assert client.get("/notes", 403)["code"] == "password-change-required"
    client.get("/notes/me")


def test_invalid_tokens_are_rejected(harness: Harness, boss: User) -> None:
    client = harness.app.test_client()
    for header in ("Bearer x", "Bearer ", "Basic eA==", "eyJhbGciOiJub25lIn0.e30."):
        response = client.get("/api/v1/notes/notes", headers={"Authorization": header})
        assert response.status_code == 401 and response.content_type == "application/problem+json"


def test_without_a_preference_errors_are_in_the_language_of_the_profile(
    harness: Harness, boss: User
) -> None:
    missing = f"/notes/{new_id()}"
    assert harness.as_(boss, locale="zh").get(missing, 404)["detail"].startswith("内容不存在")
    client = harness.as_(boss, locale="zh")
    english = client.request("GET", missing, accept_language="en-GB").get_json()
    assert english["detail"].startswith("This does not exist")
    assert harness.as_(boss, locale="tlh").get(missing, 404)["detail"] == english["detail"]


def test_errors_are_in_the_callers_language(harness: Harness, boss: User) -> None:
    client = harness.as_(boss)
    for accept, language, detail in (
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh", "现在是 8 点。"),
        ("en", "en", "It is 8 o'clock."),
        ("de", "en", "It is 8 o'clock."),
    ):
        response = client.request("GET", "/notes/late", accept_language=accept)
        assert response.status_code == 409
        assert response.headers["Content-Language"] == language
        document = json.loads(response.data)
        assert (document["code"], document["detail"]) == ("too-late", detail)
        assert document["params"] == {"hour": 8}
    missing = client.request("GET", f"/notes/{new_id()}", accept_language="zh")
    assert json.loads(missing.data)["detail"] == "内容不存在，或您无权查看。"


def test_labels_are_in_the_callers_language(harness: Harness, boss: User) -> None:
    client = harness.as_(boss)
    note = client.post("/notes", {"title": "x"}, 201)
    path = f"/notes/{note['id']}/archive"
    client.post(path)
    problems = {
        language: json.loads(client.request("POST", path, accept_language=language).data)
        for language in ("en", "zh")
    }
    assert problems["en"]["detail"] == "This is not possible while the note is archived."
    assert problems["zh"]["detail"] == "笔记处于“已归档”状态时不能执行此操作。"
    assert problems["zh"]["params"] == {"record": "note", "state": "archived"}
    down = dependency_down("the database")
    assert down.document(TEXTS, language="zh")["detail"] == "数据库暂时不可用，请稍后重试。"


def test_a_failure_reveals_nothing(harness: Harness, caplog: pytest.LogCaptureFixture) -> None:
    response = harness.as_(None).request("GET", "/notes/break", x_request_id="request-12345")
    assert response.status_code == 500
    assert json.loads(response.data)["code"] == "internal-error"
    assert json.loads(response.data)["request_id"] == "request-12345"
    assert "swordfish" not in response.text and "Traceback" not in response.text
    assert "swordfish" in caplog.text, "the details are only logged"


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [
        ("23505", 409, "conflict"),
        ("40001", 503, "dependency-down"),
        ("55P03", 503, "dependency-down"),
        ("57014", 503, "dependency-down"),
        ("53300", 503, "dependency-down"),
        ("57P01", 503, "dependency-down"),
        ("22012", 500, "internal-error"),
    ],
)
def test_database_errors(harness: Harness, state: str, status: int, code: str) -> None:
    body = {"state": state, "times": 99}
    response = harness.as_(None).request("POST", "/notes/fail-in-sql", body)
    assert (response.status_code, json.loads(response.data)["code"]) == (status, code)
    assert ("Retry-After" in response.headers) == (status == 503)
    assert "as requested" not in response.text


def test_a_deadlock_is_retried(harness: Harness) -> None:
    for state in ("40001", "40P01"):
        body = {"state": state, "times": 2}
        harness.as_(None).expect(204, "POST", "/notes/fail-in-sql", body)
        with harness.session() as session:
            session.execute(text("ALTER SEQUENCE attempt RESTART"))


def test_no_response_may_be_sniffed_or_shown_to_others(harness: Harness, boss: User) -> None:
    """What was read may be kept by its reader, who asks again each time; nothing else is kept."""
    reader, nobody = harness.as_(boss), harness.as_(None)
    for response, control in (
        (reader.request("GET", "/notes"), "private, no-cache"),
        (reader.request("POST", "/notes", {"title": "one"}), "no-store"),
        (reader.request("GET", "/notes/nothing"), "no-store"),
        (nobody.request("GET", "/notes"), "no-store"),
    ):
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == control


def test_the_api_serves_probes(harness: Harness) -> None:
    client = harness.app.test_client()
    assert client.get("/healthz").text == "ok\n"
    response = client.get("/readyz")
    assert (response.text, response.headers["X-Kehu-Service"]) == ("ready\n", "notes")
    client.get("/api/v1/notes/nothing")
    metrics = client.get("/metrics").text
    assert 'http_requests_total{code="404",method="GET",route="(none)",service="notes"}' in metrics
