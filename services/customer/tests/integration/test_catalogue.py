"""Products and stock, as the sales system last published them."""

from typing import Any


def test_products_are_mirrored_by_version_and_found(world: Any) -> None:
    product = world.harness.example("sales.product-changed.v1")
    world.harness.deliver("sales.product-changed.v1", product, version=2)
    old = product | {"name": "Old name"}
    world.harness.deliver("sales.product-changed.v1", old, version=1)
    client = world.as_(world.manager)
    [shown] = client.get("/products?q=打印纸")["items"]
    assert (shown["code"], shown["name"], shown["price"]) == ("P-100", "打印纸 A4", "118.50")
    assert shown["as_of"]
    assert client.get("/products?q=old")["items"] == []


def test_stock_is_kept_by_product_warehouse_and_place(world: Any) -> None:
    stock = world.harness.example("sales.stock-changed.v1")
    for version, more in (
        (1, {}),
        (2, {"quantity": 5}),
        (1, {"warehouse": "二号库", "location": None, "quantity": "7"}),
    ):
        world.harness.deliver("sales.stock-changed.v1", stock | more, version=version)
    items = world.as_(world.agent).get("/stock?product_code=P-100")["items"]
    assert sorted((item["warehouse"], float(item["quantity"])) for item in items) == [
        ("二号库", 7.0),
        ("北京一号库", 5.0),
    ]
