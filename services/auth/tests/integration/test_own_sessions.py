"""Where one is signed in, and signing out elsewhere."""

from __future__ import annotations

from typing import Any

from kehu_chassis.data.database import new_id

BROWSER = "Mozilla/5.0 (X11; Linux x86_64)"


def _sign_in(world: Any, address: str, device: str) -> Any:
    body = {"username": "li.wei", "password": "correct horse battery"}
    headers = world.forwarded(address) | {"user_agent": device}
    return world.nobody.expect(200, "POST", "/login", body, **headers)


def _places(client: Any) -> list[tuple[Any, ...]]:
    items = client.get("/me/sessions")["items"]
    return [(item["address"], item["device"], item["current"]) for item in items]


def test_people_see_where_they_are_signed_in(world: Any) -> None:
    world.person("li.wei")
    world.person("zhao.min")
    world.login("zhao.min")
    _sign_in(world, "192.0.2.8", "Phone\u200b\x1b[31m" + "x" * 999)
    here = world.client(_sign_in(world, "192.0.2.9", BROWSER))
    (phone, other) = here.get("/me/sessions")["items"][::-1]
    assert (phone["address"], phone["current"]) == ("192.0.2.8", False)
    assert phone["device"].startswith("Phone") and len(phone["device"]) == 300
    assert "\x1b" not in phone["device"]
    assert (other["address"], other["device"], other["current"]) == ("192.0.2.9", BROWSER, True)
    assert other.keys() == {
        "id", "created_at", "last_used_at", "expires_at", "address", "device", "current",
        "actions",
    }  # fmt: skip
    assert len(here.get("/me/sessions?limit=1")["items"]) == 1


def test_a_refresh_shows_the_new_place(world: Any) -> None:
    world.person("li.wei")
    tokens = _sign_in(world, "192.0.2.8", "Phone")
    body = {"refresh_token": tokens["refresh_token"]}
    moved = world.forwarded("198.51.100.1") | {"user_agent": "Phone 2"}
    world.nobody.expect(200, "POST", "/refresh", body, **moved)
    assert _places(world.client(tokens)) == [("198.51.100.1", "Phone 2", True)]


def test_a_new_password_keeps_the_place(world: Any) -> None:
    world.person("li.wei")
    client = world.client(_sign_in(world, "192.0.2.8", "Phone"))
    body = {"old_password": "correct horse battery", "new_password": "battery staple horse"}
    tokens = client.expect(200, "PUT", "/me/password", body)
    assert _places(world.client(tokens)) == [("192.0.2.8", "Phone", True)]


def test_one_session_is_ended_from_another(world: Any) -> None:
    world.person("li.wei")
    lost, here = _sign_in(world, "192.0.2.8", "Phone"), world.as_("li.wei")
    [ident] = [i["id"] for i in here.get("/me/sessions")["items"] if not i["current"]]
    for _ in range(2):  # also twice
        here.expect(204, "DELETE", f"/me/sessions/{ident}")
    world.refresh(lost["refresh_token"], 401)
    world.policy()
    world.client(lost).get("/me", 401)
    assert [current for *_, current in _places(here)] == [True]
    [entry] = [e for e in world.audited("ended") if e["record_id"] == ident]
    assert (entry["record_type"], entry["outcome"]) == ("login_session", "done")


def test_all_others_are_ended_at_once(world: Any) -> None:
    world.person("li.wei")
    world.person("zhao.min")
    stranger = world.login("zhao.min")
    lost = [_sign_in(world, "192.0.2.8", "Phone") for _ in range(3)]
    here = world.as_("li.wei")
    assert here.post("/me/sessions/end-others") == {"ended": 3}
    assert here.post("/me/sessions/end-others") == {"ended": 0}
    for tokens in lost:
        world.refresh(tokens["refresh_token"], 401)
    world.refresh(stranger["refresh_token"])
    world.policy()
    assert here.get("/me")["username"] == "li.wei"


def test_sessions_of_others_appear_to_be_missing(world: Any) -> None:
    world.person("li.wei")
    world.person("zhao.min")
    theirs = world.as_("zhao.min").get("/me/sessions")["items"][0]["id"]
    client = world.as_("li.wei")
    for ident in (theirs, new_id()):
        client.expect(404, "DELETE", f"/me/sessions/{ident}")
    world.harness.as_(None).get("/me/sessions", 401)
    assert len(world.as_("zhao.min").get("/me/sessions")["items"]) == 2
