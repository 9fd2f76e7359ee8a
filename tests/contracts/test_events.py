"""Every event has a schema and an example, and the example fits the schema exactly."""

import json
from pathlib import Path

import pytest
import yaml

from kehu_chassis.messaging.contracts import ContractError, Contracts
from kehu_chassis.messaging.topology import consumed
from kehu_cli.catalogue import SERVICES

ROOT = Path(__file__).parents[2]
CONTRACTS = Contracts(ROOT / "contracts")


@pytest.mark.parametrize("event_type", CONTRACTS.types)
def test_an_example_fits_its_closed_schema(event_type: str) -> None:
    CONTRACTS.check_outgoing(event_type, CONTRACTS.example(event_type))


@pytest.mark.parametrize("event_type", CONTRACTS.types)
def test_additional_fields_are_valid_incoming_and_invalid_outgoing(event_type: str) -> None:
    data = CONTRACTS.example(event_type) | {"added_in_a_later_release": 1}
    CONTRACTS.check_incoming(event_type, data)
    with pytest.raises(ContractError):
        CONTRACTS.check_outgoing(event_type, data)


@pytest.mark.parametrize("event_type", CONTRACTS.types)
def test_a_missing_required_field_is_rejected(event_type: str) -> None:
    for name in CONTRACTS.schema(event_type)["required"]:
        data = dict(CONTRACTS.example(event_type))
        del data[name]
        with pytest.raises(ContractError, match=name):
            CONTRACTS.check_incoming(event_type, data)


@pytest.mark.parametrize("event_type", CONTRACTS.types)
def test_a_schema_has_a_title_and_an_example(event_type: str) -> None:
    assert CONTRACTS.schema(event_type)["title"]
    producer, event, version = event_type.split(".")
    folder = ROOT / "contracts/events" / producer / event
    assert (folder / f"{version}.example.json").exists()


def test_asyncapi_names_every_event_and_its_readers() -> None:
    document = yaml.safe_load((ROOT / "contracts/asyncapi.yaml").read_text())
    assert sorted(document["channels"]) == CONTRACTS.types
    receives = consumed(document)
    assert set(receives) == set(SERVICES)
    # Only customer reads the sales system's events; all others read the events of customer.
    readers = {s for s, types in receives.items() if any(t.startswith("sales.") for t in types)}
    assert readers == {"customer"}


def test_roles_name_only_permissions_that_exist() -> None:
    known = set()
    for path in (ROOT / "contracts/openapi").glob("*.json"):
        for operations in json.loads(path.read_text())["paths"].values():
            known |= {o["x-permission"] for o in operations.values() if isinstance(o, dict)}
    for role in json.loads((ROOT / "contracts/roles.json").read_text()):
        unknown = set(role["permissions"]) - known
        assert not unknown, f"{role['name']} has permissions that no operation requires: {unknown}"
