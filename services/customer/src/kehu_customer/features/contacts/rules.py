"""Rules of contacts."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from kehu_chassis.problems import invalid, unknown_reference

# The fields that a caller may send.
FORM = (
    "name", "gender", "title", "office_phone", "mobile", "email", "fax", "wechat", "birthday",
    "remark", "product_interest", "department", "reports_to_id", "category", "tags", "preferences",
    "contact_consent", "is_primary",
)  # fmt: skip
# Required over HTTP; a won opportunity names a contact without them.
REQUIRED = ("title", "office_phone")


def require_chief(contact: Any, chief_id: UUID, chiefs: Mapping[UUID, UUID | None]) -> None:
    """Refuse with 422 a chief of another customer, or one who reports to the contact; ``chiefs``
    maps each of the customer's contacts to the one they report to."""
    if chief_id not in chiefs:
        raise unknown_reference("reports_to_id")
    above: UUID | None = chief_id
    while above is not None:
        if above == contact.id:
            raise invalid("/reports_to_id", "reports-in-circle")
        above = chiefs[above]
