"""What a contact must have."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from kehu_chassis.problems import invalid, unknown_reference

# What people must enter; a won opportunity names a contact without them.
REQUIRED = ("title", "office_phone")


def require_chief(contact: Any, chief_id: UUID, chiefs: Mapping[UUID, UUID | None]) -> None:
    """Refuse a chief who is nobody of this customer, or who reports to the contact after all;
    ``chiefs`` says to whom each of the customer's contacts reports."""
    if chief_id not in chiefs:
        raise unknown_reference("reports_to_id")
    above: UUID | None = chief_id
    while above is not None:
        if above == contact.id:
            raise invalid("/reports_to_id", "reports-in-circle")
        above = chiefs[above]
