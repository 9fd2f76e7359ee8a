"""What a customer needs, and what may be done to it in which state."""

import unicodedata
from typing import Any

from kehu_chassis.problems import Problem, field_error, wrong_state

STATUSES = ("normal", "lost")
REQUIRED = ("name", "region", "manager_id", "level", "satisfaction", "credit", "address", "phone")
# Shown only to those who manage the customer, lead its manager, or run the company.
CONFIDENTIAL = (
    "registered_capital",
    "annual_turnover",
    "capital_currency",
    "bank",
    "account_no",
    "local_tax_no",
    "state_tax_no",
)


def registration_no(text: str | None) -> str | None:
    """A registration number as it is kept and compared; None if nothing is left of it."""
    return unicodedata.normalize("NFKC", text or "").strip().upper() or None


def missing(customer: Any) -> list[str]:
    """The required fields that a customer made by an event still lacks."""
    return [field for field in REQUIRED if getattr(customer, field) in (None, "")]


def require_normal(customer: Any) -> None:
    """Refuse to change a lost customer's own fields."""
    if customer.status != "normal":
        raise wrong_state("customer", customer.status)


def require_lost(customer: Any) -> None:
    """Refuse to win back a customer that is not lost."""
    if customer.status != "lost":
        raise wrong_state("customer", customer.status)


def require_complete(customer: Any) -> None:
    """Refuse an edit that leaves a required field empty; the manager is set by reassigning."""
    errors = [
        field_error(f"/{field}", "required") for field in missing(customer) if field != "manager_id"
    ]
    if errors:
        raise Problem(422, "validation-failed", errors=errors)
