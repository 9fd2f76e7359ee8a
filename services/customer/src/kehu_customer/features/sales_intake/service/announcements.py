"""Which customer a code of the sales system belongs to, and which fields its announcements fill.

The result is that of announcements arriving in the order of their versions: the lowest version
decides the customer, and the lowest version that has a field fills it.  A late version corrects
what a higher one did, unless the customer has been used since.  A registration number is stronger
than a name: a link by name ends once a version shows that the numbers contradict.  What a person
has decided about a code stays.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from kehu_chassis.messaging.events import Received
from kehu_customer.features.customers import service as customers
from kehu_customer.features.orders import service as orders
from kehu_customer.features.sales_intake.service.announcement import Announcement
from kehu_customer.features.sales_intake.service.matching import Matcher


def ingest_customers(session: Session, received: Sequence[Received]) -> None:
    """Link the sales system's customers to ours, or create them; fill empty fields."""
    announcements = sorted(map(Announcement.of, received), key=lambda one: (one.code, one.version))
    codes = {one.code for one in announcements}
    # A version without registration number is matched by the one that its code is known by.
    known = orders.announced_registrations(session, codes)
    named = [(one.name, one.registration_no) for one in announcements]
    customers.lock_identities(session, [*named, *((None, number) for number in known.values())])
    accounts = orders.lock_accounts(session, codes)
    fresh = [
        one
        for one in announcements
        if orders.record_announcement(accounts[one.code], one.version, one.data)
    ]
    if not fresh:
        return
    # The accounts are written with the customers; matching does not read them from the database.
    with session.no_autoflush:
        matcher = Matcher(session, accounts, [_numbered(one, accounts[one.code]) for one in fresh])
        matcher.match()
    matcher.finish()


def _numbered(announcement: Announcement, account: Any) -> Announcement:
    known = (account.announced or {}).get("registration_no")
    return replace(announcement, registration_no=announcement.registration_no or known)
