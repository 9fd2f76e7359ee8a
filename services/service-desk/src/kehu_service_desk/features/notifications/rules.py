"""How notifications are rendered.  Pure: no framework here."""

from collections.abc import Mapping
from typing import Any

from kehu_chassis.texts import filled
from kehu_service_desk.features.notifications.texts import TEXTS

CODES = tuple(sorted(TEXTS.labels["notification.title"]))


def code_of_notice(kind: str) -> str:
    """The code of a notice of this kind; a general one for a kind without text."""
    code = f"notice-{kind}"
    return code if code in CODES else "customer-notice"


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "–"


def render(code: str, params: Mapping[str, Any], count: int, language: str) -> tuple[str, str]:
    """Title and body of a notification in ``zh`` or ``en``; what is not known shows as a dash."""
    if code not in CODES:
        return code, ""
    title, body = (
        TEXTS.label(f"notification.{part}", code, language) for part in ("title", "body")
    )
    known = {name: value for name, value in params.items() if value is not None}
    values = _Blank(known | {"count": count})
    return filled(title, values), filled(body, values)
