"""A resync publishes the present state, and every consumed event has a handler."""

from typing import Any


def test_resync_publishes_the_present_state_of_everything(world: Any) -> None:
    customer = world.customer(sales_codes=["E"])
    won = [world.won(customer["name"]) for _ in range(2)]
    for opportunity in won:
        world.harness.deliver("marketing.opportunity-won.v1", opportunity)
    world.order("E", "1997-01-01")
    world.order("X", "1997-01-01")
    world.scan("1998-06-30")
    return_data = world.harness.example("sales.order-returned.v1") | {"customer_code": "E"}
    world.harness.deliver("sales.order-returned.v1", return_data)
    with world.harness.session() as session:
        snapshots = list(world.harness.service.snapshots(session))
    assert [event.type.split(".")[1] for event in snapshots] == [
        "customer-linked",
        "customer-linked",
        "order-recorded",
        "return-recorded",
        "customer-changed",
        "churn-warning-changed",
    ]
    linked = {str(event.data["opportunity_id"]) for event in snapshots[:2]}
    assert linked == {opportunity["id"] for opportunity in won}
    assert snapshots[0].version == world.get(customer)["version"]
    for event in snapshots:
        with world.harness.session() as session:
            from kehu_chassis.messaging import outbox

            outbox.add(session, event)  # checks the contract


def test_every_event_of_the_sales_system_has_a_handler(world: Any) -> None:
    handled = {on.type for on in world.harness.service.subscriptions()}
    published = {name for name in world.harness.contracts.types if name.startswith("sales.")}
    assert published <= handled
    for name in sorted(published):
        world.harness.deliver(name, world.harness.example(name), event_id=name)
