"""What counts towards a customer's contribution.  Pure: no framework here."""

from decimal import Decimal

ORDER = "order"
RETURN = "return"
KINDS = (ORDER, RETURN)
SHIPPED, PAID = 5, 6
COUNTED_STATUSES = (SHIPPED, PAID)


def share(amount: Decimal, total: Decimal) -> float | None:
    """The share of a total; None unless the total is above zero."""
    return float(round(amount / total, 6)) if total > 0 else None
