"""What clients need to know, before anybody has signed in."""

from typing import Any


def test_the_configuration_is_public_and_cheap_to_ask_for_again(world: Any) -> None:
    first = world.nobody.request("GET", "/client-configuration")
    found = first.get_json()
    assert found.pop("version")
    assert found == {
        "time_zone": "Asia/Shanghai",
        "currency": "CNY",
        "languages": ["zh", "en"],
        "password": {"min_length": 8, "max_length": 128},
        "limits": {"request_bytes": 1024 * 1024},
        "features": [],
    }
    again = world.nobody.request(
        "GET", "/client-configuration", if_none_match=first.headers["ETag"]
    )
    assert (again.status_code, again.data) == (304, b"")


def test_me_is_sent_once(world: Any) -> None:
    world.person("li.wei")
    client = world.as_("li.wei")
    tag = client.request("GET", "/me").headers["ETag"]
    assert client.request("GET", "/me", if_none_match=tag).status_code == 304
    client.expect(200, "PATCH", "/me", {"locale": "en"}, if_match=tag)
    assert client.request("GET", "/me", if_none_match=tag).status_code == 200
