"""Which servers the tests run on: those that were named, else containers, else embedded ones."""

from __future__ import annotations

import pytest

from kehu_local import testing


@pytest.fixture(autouse=True)
def nothing_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KEHU_TEST_SERVERS", *testing.GIVEN):
        monkeypatch.delenv(name, raising=False)


def kind() -> str:
    """The choice, made anew."""
    found: testing.Choice = testing.choice.__wrapped__()
    return found.kind


def test_addresses_that_were_given_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in testing.GIVEN:
        monkeypatch.setenv(name, "somewhere")
    assert kind() == "url"


@pytest.mark.parametrize(("missing", "chosen"), [("", "docker"), ("does not answer", "embedded")])
def test_containers_where_docker_has_the_images(
    monkeypatch: pytest.MonkeyPatch, missing: str, chosen: str
) -> None:
    monkeypatch.setattr(testing, "missing_images", lambda images: missing)
    assert kind() == chosen
    assert missing in testing.choice.__wrapped__().words


def test_one_kind_can_be_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in testing.KINDS:
        monkeypatch.setenv("KEHU_TEST_SERVERS", name)
        assert kind() == name
    monkeypatch.setenv("KEHU_TEST_SERVERS", "imaginary")
    with pytest.raises(ValueError, match="one of url, docker, embedded"):
        kind()
