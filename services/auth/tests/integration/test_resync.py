"""What a resync publishes for a new service."""

from __future__ import annotations

from typing import Any

from kehu_chassis.messaging import outbox


def test_every_aggregate_is_published_with_its_present_version(world: Any) -> None:
    admin = world.administrator()
    east = admin.post("/departments", {"name": "East"}, 201)
    user = world.person("li.wei", department_id=east["id"])
    admin.expect(200, "PATCH", f"/users/{user.id}", {"locale": "en"}, if_match=1)
    admin.expect(200, "PUT", "/settings/churn_months", {"value": 9}, if_match=0)
    with world.harness.session() as session:
        found = list(world.harness.service.snapshots(session))
        for event in found:
            outbox.add(session, event)
    by_subject = {(event.type, event.subject): event for event in found}
    assert by_subject["auth.department-changed.v1", east["id"]].version == 1
    assert by_subject["auth.user-changed.v1", str(user.id)].version == 2
    assert by_subject["auth.user-changed.v1", str(user.id)].data["locale"] == "en"
    assert by_subject["auth.setting-changed.v1", "churn_months"].data["value"] == 9


def test_own_examples_fulfil_their_schemas(world: Any) -> None:
    contracts = world.harness.contracts
    for event_type in contracts.types:
        if event_type.startswith("auth."):
            contracts.check_outgoing(event_type, contracts.example(event_type))
