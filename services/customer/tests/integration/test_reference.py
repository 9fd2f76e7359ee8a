"""What codes mean, in Chinese and English, for everybody."""

from typing import Any


def test_levels_have_labels(world: Any) -> None:
    items = world.as_(world.agent).get("/reference-data/level")["items"]
    assert {item["code"]: item["label_zh"] for item in items} == {
        "strategic_partner": "战略合作伙伴",
        "partner": "合作伙伴",
        "key_account": "大客户",
        "to_develop": "重点开发客户",
        "ordinary": "普通客户",
    }
    assert items[0]["label_en"] == "Strategic partner"


def test_loss_reasons_have_labels(world: Any) -> None:
    items = world.as_(world.agent).get("/reference-data/loss-reason")["items"]
    labels = {item["code"]: (item["label_zh"], item["label_en"]) for item in items}
    assert labels["price"] == ("价格", "Price")
    assert list(labels)[-1] == "other"


def test_order_statuses_have_labels(world: Any) -> None:
    items = world.as_(world.agent).get("/reference-data/order-status")["items"]
    assert [item["code"] for item in items] == [1, 2, 3, 4, 5, 6]
    assert [item["label_zh"] for item in items[-2:]] == ["已发货", "已回款"]
    assert [item["label_en"] for item in items[-2:]] == ["Shipped", "Paid"]
