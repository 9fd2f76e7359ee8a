"""User-facing texts about the search box."""

from kehu_chassis.texts import Texts

TEXTS = Texts(labels={"search.type": {"request": ("Service request", "服务请求")}})
