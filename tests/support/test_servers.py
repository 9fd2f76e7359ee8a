"""Which servers the tests run on: given ones, else containers, else embedded ones."""

from __future__ import annotations

from pathlib import Path

import docker
import pytest

from kehu_cli.catalogue import DEFINITIONS
from kehu_cli.stack import rabbitmq_docker
from tests.support import servers


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KEHU_TEST_SERVERS", *servers.URL_VARIABLES):
        monkeypatch.delenv(name, raising=False)


def kind() -> str:
    """The choice, bypassing its cache."""
    found: servers.Choice = servers.choice.__wrapped__()
    return found.kind


def test_given_addresses_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in servers.URL_VARIABLES:
        monkeypatch.setenv(name, "somewhere")
    assert kind() == "url"


@pytest.mark.parametrize(("missing", "chosen"), [("", "docker"), ("does not respond", "embedded")])
def test_containers_are_used_if_docker_has_the_images(
    monkeypatch: pytest.MonkeyPatch, missing: str, chosen: str
) -> None:
    monkeypatch.setattr(servers, "missing_images", lambda images: missing)
    assert kind() == chosen
    assert missing in servers.choice.__wrapped__().description


def test_a_kind_can_be_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in servers.KINDS:
        monkeypatch.setenv("KEHU_TEST_SERVERS", name)
        assert kind() == name
    monkeypatch.setenv("KEHU_TEST_SERVERS", "imaginary")
    with pytest.raises(ValueError, match="one of url, docker, embedded"):
        kind()


def test_a_broker_image_without_the_management_plugin_works(tmp_path: Path) -> None:
    """Such as the image of tag `4`."""
    if missing := servers.missing_images([rabbitmq_docker.IMAGE]):
        pytest.skip(f"Docker {missing}")
    plain = tmp_path / "Dockerfile"
    disable = "rm -f /etc/rabbitmq/enabled_plugins"
    plain.write_text(f"FROM {rabbitmq_docker.IMAGE}\nUSER root\nRUN {disable}\n")
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
