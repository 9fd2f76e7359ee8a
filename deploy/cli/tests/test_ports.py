"""Taken ports are avoided, remembered ones are kept."""

import socket
from collections.abc import Iterator

import pytest

from kehu_cli import ports
from kehu_cli.ports import (
    LOOPBACK,
    PRIVATE_RANGE,
    hold_public_port,
    is_free,
    private_port,
    public_port,
)
from kehu_cli.stack.bring_up import _choose_ports


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which a server listens."""
    with socket.create_server((LOOPBACK, 0)) as server:
        yield server.getsockname()[1]


def test_the_preferred_public_port_is_used_if_it_is_free() -> None:
    port = private_port()
    assert public_port(port) == port


def test_a_taken_public_port_is_replaced_by_the_next_free_one(taken: int) -> None:
    port = public_port(taken)
    assert port > taken
    assert is_free(port)


def test_a_public_port_held_by_one_is_not_given_to_another() -> None:
    with hold_public_port(private_port()) as first:
        held = first.getsockname()[1]
        assert not is_free(held)
        with hold_public_port(held) as second:
            assert second.getsockname()[1] > held
    assert is_free(held)


def test_a_remembered_private_port_is_kept_while_it_is_free() -> None:
    port = private_port()
    assert private_port(port) == port


def test_a_remembered_private_port_that_was_taken_is_replaced(taken: int) -> None:
    assert private_port(taken) != taken


def test_no_private_port_is_chosen_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEHU_PORTS", "20000-20009")
    chosen = [private_port() for _ in range(5)]
    assert len(set(chosen)) == 5
    assert set(chosen) <= set(range(20_000, 20_010))


def test_no_process_gets_the_port_of_the_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a random one, nor the one that it had at the last start."""
    monkeypatch.setattr(ports, "is_free", lambda *_: True)
    monkeypatch.setattr(ports, "_chosen", set())
    monkeypatch.setenv("KEHU_PORTS", "20000-20016")
    for remembered in ({}, {"postgres": 20_003, "gateway": 20_004}):
        ports._chosen.add(20_003)  # as it is held
        chosen = _choose_ports(remembered, 20_003)
        assert chosen["gateway"] == 20_003
        assert len(set(chosen.values())) == len(chosen) == 17
        ports._chosen.clear()


def test_private_ports_are_below_those_of_outgoing_connections() -> None:
    assert private_port() in PRIVATE_RANGE
    assert PRIVATE_RANGE.stop < 32_768


def test_a_port_taken_on_all_addresses_is_not_free_on_loopback() -> None:
    with socket.create_server(("0.0.0.0", 0)) as server:
        assert not is_free(server.getsockname()[1])
