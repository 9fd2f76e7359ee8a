"""One announcement of a customer of the sales system."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kehu_chassis.messaging.events import Received
from kehu_customer.features.customers import service as customers


@dataclass(frozen=True)
class Announcement:
    """One version of a customer of the sales system, as it published it; ``registration_no`` is the
    one by which it is matched."""

    code: str
    version: int
    name: str
    registration_no: str | None
    data: Mapping[str, Any]

    @classmethod
    def of(cls, event: Received) -> "Announcement":
        """Read it from its event."""
        registration_no = customers.registration_no(event.data.get("registration_no"))
        data = {**event.data, "registration_no": registration_no}
        return cls(data["code"], event.version, data["name"], registration_no, data)
