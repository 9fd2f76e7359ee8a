"""Facts about churn warnings on which people must act; the state is published with every change."""

from uuid import UUID

from kehu_chassis.messaging.events import Event
from kehu_chassis.records import fact
from kehu_customer.features.churn.models import ChurnWarning


def warned(warning: ChurnWarning, scan_id: UUID | None) -> Event:
    """A warning was opened, by a scan or by a report of the sales system."""
    return fact("customer.churn-warned.v1", warning, scan_id=scan_id)


def unattended(warning: ChurnWarning) -> Event:
    """Nobody has taken a measure on a warning in time."""
    return fact("customer.churn-warning-unattended.v1", warning)
