"""What a contact must have."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from kehu_chassis.problems import Problem, field_error, invalid, unknown_reference

GENDERS = ("male", "female", "unknown")
_REQUIRED = ("name", "gender", "title", "office_phone")


def require_complete(contact: Any) -> None:
    """Refuse an edit that leaves a required field empty."""
    errors = [
        field_error(f"/{field}", "required")
        for field in _REQUIRED
        if getattr(contact, field) in (None, "")
    ]
    if errors:
        raise Problem(422, "validation-failed", errors=errors)


def require_chief(
    contact_id: UUID | None, chief_id: UUID | None, chiefs: Mapping[UUID, UUID | None]
) -> None:
    """Refuse a chief who is nobody of this customer, or who reports to the contact after all;
    ``chiefs`` says to whom each of the customer's contacts reports."""
    if chief_id is not None and chief_id not in chiefs:
        raise unknown_reference("reports_to_id")
    above = chief_id
    while above is not None:
        if above == contact_id:
            raise invalid("/reports_to_id", "reports-in-circle")
        above = chiefs[above]


def require_another(count: int) -> None:
    """Refuse to delete a customer's last contact."""
    if count <= 1:
        raise Problem(409, "last-contact")
