"""Which servers the tests run on: those that were named, else containers, else embedded ones."""

from __future__ import annotations

from pathlib import Path

import docker
import pytest

from kehu_cli.catalogue import DEFINITIONS
from kehu_cli.stack import rabbitmq_docker
from tests.support import servers


@pytest.fixture(autouse=True)
def nothing_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KEHU_TEST_SERVERS", *servers.GIVEN):
        monkeypatch.delenv(name, raising=False)


def kind() -> str:
    """The choice, made anew."""
    found: servers.Choice = servers.choice.__wrapped__()
    return found.kind


def test_addresses_that_were_given_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in servers.GIVEN:
        monkeypatch.setenv(name, "somewhere")
    assert kind() == "url"


@pytest.mark.parametrize(("missing", "chosen"), [("", "docker"), ("does not answer", "embedded")])
def test_containers_where_docker_has_the_images(
    monkeypatch: pytest.MonkeyPatch, missing: str, chosen: str
) -> None:
    monkeypatch.setattr(servers, "missing_images", lambda images: missing)
    assert kind() == chosen
    assert missing in servers.choice.__wrapped__().words


def test_one_kind_can_be_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in servers.KINDS:
        monkeypatch.setenv("KEHU_TEST_SERVERS", name)
        assert kind() == name
    monkeypatch.setenv("KEHU_TEST_SERVERS", "imaginary")
    with pytest.raises(ValueError, match="one of url, docker, embedded"):
        kind()


def test_a_broker_whose_image_lacks_the_management_plugin(tmp_path: Path) -> None:
    """Such as that of the tag `4`."""
    if missing := servers.missing_images([rabbitmq_docker.IMAGE]):
        pytest.skip(f"Docker {missing}")
    plain = tmp_path / "Dockerfile"
    off = "rm -f /etc/rabbitmq/enabled_plugins"
    plain.write_text(f"FROM {rabbitmq_docker.IMAGE}\nUSER root\nRUN {off}\n")
    client = docker.from_env()
    image, _log = client.images.build(path=str(tmp_path), rm=True)
    try:
        with servers.container(image.id) as running:
            prepared = servers._prepared(running.amqp_url, running.management_url, DEFINITIONS)
            queues = prepared.manage("GET", "/api/queues")
            assert {queue["name"] for queue in queues} >= {"unrouted", "customer.sales"}
    finally:
        client.images.remove(image.id, force=True)
        client.close()
