"""Required fields of a customer, and which transitions it allows in each state."""

import unicodedata
from typing import Any

from kehu_chassis.problems import require_filled

NORMAL = "normal"
LOST = "lost"
STATUSES = (NORMAL, LOST)

# The statuses in which each transition is allowed.
TRANSITIONS = {
    "edit": {NORMAL},
    "reassign": {NORMAL},
    "lose": {NORMAL},
    "reactivate": {LOST},
}

MANAGERS = ("account_manager", "sales_director")  # the roles that may manage customers
REACTIVATION_CAUSES = ("order", "opportunity", "manual")
REQUIRED = ("name", "region", "manager_id", "level", "satisfaction", "credit", "address", "phone")
# Shown only to those who manage the customer, lead its manager, or run the company.
CONFIDENTIAL = (
    "registered_capital", "annual_turnover", "capital_currency", "bank", "account_no",
    "local_tax_no", "state_tax_no",
)  # fmt: skip
# The fields that a caller may send; the manager is set by creating and by reassigning.
FORM = (
    "name", "region", "level", "satisfaction", "credit", "address", "phone", "postcode", "fax",
    "website", "email", "industry", "source", "type", "stage", "follow_status", "referred_by",
    "keywords", "tags", "products", "remark", "registration_no", "legal_representative",
    "parent_company", "country", "province", "city", *CONFIDENTIAL, "sales_codes", "is_prospect",
    "churn_months",
)  # fmt: skip
# Visible to everybody who may read customers.
SHOWN_TO_ALL = (
    "id", "number", "name", "region", "industry", "level", "status", "manager_id",
)  # fmt: skip


def registration_no(text: str | None) -> str | None:
    """A registration number as it is stored and shown; None if it is blank."""
    return unicodedata.normalize("NFKC", text or "").strip().upper() or None


def registration_key(text: str | None) -> str | None:
    """The letters and digits of a registration number, by which companies are compared whatever its
    spaces, hyphens, case and width; None if it has none."""
    normal = unicodedata.normalize("NFKC", text or "").casefold()
    return "".join(filter(str.isalnum, normal)) or None


def contradict(one: str | None, other: str | None) -> bool:
    """Whether two registration numbers are those of different companies, which no weaker mark, such
    as their name, makes one (C2)."""
    keys = (registration_key(one), registration_key(other))
    return None not in keys and keys[0] != keys[1]


def missing(customer: Any) -> list[str]:
    """The required fields that a customer made by an event still lacks."""
    return [field for field in REQUIRED if getattr(customer, field) in (None, "")]


def require_complete(customer: Any) -> None:
    """Refuse an edit that leaves a required field empty; the manager is set by reassigning."""
    require_filled(customer, [field for field in REQUIRED if field != "manager_id"])
