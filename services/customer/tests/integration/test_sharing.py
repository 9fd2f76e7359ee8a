"""Who reads which customer, and how much of it."""

from typing import Any

SECRET = {
    "bank": "Bank of China",
    "account_no": "6222 0000",
    "local_tax_no": "L-1",
    "state_tax_no": "S-1",
    "registered_capital": "1000000.00",
    "annual_turnover": "5000000.00",
    "capital_currency": "CNY",
}


def _share(world: Any, value: str, version: int = 1) -> None:
    world.harness.deliver(
        "auth.setting-changed.v1", {"key": "customer_sharing", "value": value}, version=version
    )


def test_everybody_who_reads_customers_sees_the_short_directory(world: Any) -> None:
    world.customer(**SECRET)
    for user in (world.outsider, world.agent, world.executive, world.other_director):
        [entry] = world.as_(user).get("/customer-directory")["items"]
        assert entry["manager_name"] == "Manager"
        assert set(entry) == {
            "id",
            "number",
            "name",
            "region",
            "industry",
            "level",
            "status",
            "manager_id",
            "manager_name",
        }
    world.as_(world.admin).get("/customer-directory", 403)


def test_the_directory_is_searched_by_what_it_shows(world: Any) -> None:
    customer = world.customer(
        name="长城贸易 Great Wall",
        phone="13912345678",
        registration_no="REG-77",
        sales_codes=["CODE-9"],
    )
    world.customer(name="Other")
    outsider = world.as_(world.outsider)
    for query in ("长城", "ccmy", "great 长城", customer["number"], customer["number"][-4:]):
        found = outsider.get(f"/customer-directory?q={query}")["items"]
        assert customer["id"] in {entry["id"] for entry in found}, query
    for query in ("13912345678", "345", "REG-77", "CODE-9", "great 1391", "13912345678 great"):
        assert outsider.get(f"/customer-directory?q={query}")["items"] == [], query
        found = world.as_(world.manager).get(f"/customers?q={query}")["items"]
        assert [item["id"] for item in found] == [customer["id"]], query
    for hidden in ("sort=created_at", "sort=-updated_at", "created_at_from=2026-01-01T00:00:00Z"):
        outsider.get(f"/customer-directory?{hidden}", 422)


def test_scopes_decide_who_reads_the_rest(world: Any) -> None:
    customer = world.customer(**SECRET)
    path = f"/customers/{customer['id']}"
    for user in (world.manager, world.director, world.executive):
        shown = world.as_(user).get(path)
        assert shown["bank"] == "Bank of China" and not shown["restricted"]
    for user in (world.outsider, world.colleague, world.other_director):
        world.as_(user).get(path, 404)
        assert world.as_(user).get("/customers")["total"] == 0
    shown = world.as_(world.agent).get(path)
    assert shown["restricted"] and not set(SECRET) & set(shown)
    world.as_(world.admin).get(path, 403)


def test_full_sharing_shows_all_but_what_is_confidential(world: Any) -> None:
    customer = world.customer(**SECRET)
    _share(world, "full")
    path = f"/customers/{customer['id']}"
    outsider = world.as_(world.outsider)
    shown = outsider.get(path)
    assert shown["restricted"] and not set(SECRET) & set(shown)
    assert shown["address"] == customer["address"]
    assert outsider.get("/customers")["total"] == 1
    outsider.get(f"{path}/orders")
    outsider.get(f"{path}/contacts")
    assert world.as_(world.manager).get(path)["bank"] == "Bank of China"
    assert world.as_(world.other_director).get(path)["restricted"]
    assert world.as_(world.director).get(path)["bank"] == "Bank of China"
    outsider.expect(403, "PATCH", path, {"region": "x"}, if_match=1)
    contact = {"name": "Li", "gender": "female", "title": "Buyer", "office_phone": "1"}
    outsider.post(f"{path}/contacts", contact, 403)
    world.as_(world.other_director).expect(403, "DELETE", path, if_match=1)
    _share(world, "directory", version=2)
    outsider.get(path, 404)


def test_customers_without_manager_are_seen_by_all_directors(world: Any) -> None:
    world.announce("C-1", "Nobody's")
    [customer] = world.customers()
    assert "manager_id" in customer["missing"]
    path = f"/customers/{customer['id']}"
    for director in (world.director, world.other_director):
        world.as_(director).get(path)
    world.as_(world.manager).get(path, 404)
    body = {"manager_id": str(world.outsider.id)}
    world.as_(world.other_director).post(f"{path}/reassign", body)
    world.as_(world.director).get(path, 404)
    world.as_(world.outsider).get(path)


def test_confidential_values_stay_out_of_the_audit_trail(world: Any) -> None:
    customer = world.customer()
    path = f"/customers/{customer['id']}"
    world.as_(world.manager).expect(200, "PATCH", path, SECRET, if_match=1)
    entry = world.events("audit-recorded")[-1]
    changes = {change["field"]: change for change in entry["changes"]}
    assert changes["bank"] == {"field": "bank", "old": None, "new": None}
    assert "Bank of China" not in str(world.harness.published())


def test_whoever_reads_a_customer_reads_its_history_without_what_is_confidential(
    world: Any,
) -> None:
    made = world.customer(capital_currency="USD", bank="Bank of China")
    path = f"/customers/{made['id']}"
    contact = {"name": "Li", "gender": "female", "title": "Buyer", "office_phone": "1"}
    client = world.as_(world.manager)
    added = client.post(f"{path}/contacts", contact, 201)
    change = {"level": "partner", "capital_currency": "EUR", "bank": "ICBC"}
    client.expect(200, "PATCH", path, change, if_match="*")
    client.expect(200, "PATCH", f"{path}/contacts/{added['id']}", {"name": "Wang"}, if_match="*")
    for user in (world.manager, world.director, world.agent, world.executive):
        changed, created = world.as_(user).get(f"{path}/changes")["items"]
        assert (changed["action"], created["action"]) == ("changed", "created")
        assert changed["actor_id"] == str(world.manager.id) and changed["actor_name"]
        fields = {one["field"]: (one["old"], one["new"]) for one in changed["changes"]}
        assert fields == {
            "level": ("key_account", "partner"),
            "capital_currency": (None, None),
            "bank": (None, None),
        }
        [renamed, _] = world.as_(user).get(f"{path}/contacts/{added['id']}/changes")["items"]
        assert renamed["changes"] == [{"field": "name", "old": "Li", "new": "Wang"}]
    for user in (world.colleague, world.other_director):
        world.as_(user).get(f"{path}/changes", 404)
        world.as_(user).get(f"{path}/contacts/{added['id']}/changes", 404)
    other = world.customer(name="Another")
    client.get(f"/customers/{other['id']}/contacts/{added['id']}/changes", 404)
    assert len(client.get(f"{path}/changes?action=changed&limit=1")["items"]) == 1
