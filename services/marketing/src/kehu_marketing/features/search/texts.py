"""User-facing texts about the search box."""

from kehu_chassis.texts import Texts

TEXTS = Texts(labels={"search.type": {"opportunity": ("Opportunity", "销售机会")}})
