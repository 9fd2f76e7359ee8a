"""What the sales system tells: orders, returns, stale orders, and its customers."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from kehu_chassis.messaging.events import Received
from kehu_customer.features.churn import service as churn
from kehu_customer.features.customers.service.matching import Announcement, Matcher
from kehu_customer.features.orders import service as orders
from kehu_customer.features.registry import service as registry


def orders_told(session: Session, received: Sequence[Received]) -> None:
    """Record orders, with what they mean for warnings and losses."""
    churn.effect_seen(session, orders.record(session, received))


def returns_told(session: Session, received: Sequence[Received]) -> None:
    """Record returns."""
    churn.effect_seen(session, orders.record_returns(session, received))


def stale_told(session: Session, received: Received) -> None:
    """Look at a customer whose last order the sales system finds old."""
    reported = orders.stale(session, received.data)
    if reported is not None:
        churn.effect_seen(session, orders.Effect(stale=[reported]))


def customers_told(session: Session, received: Sequence[Received]) -> None:
    """Link the sales system's customers to ours, or make them; fill what we do not know."""
    told = sorted(map(Announcement.of, received), key=lambda said: (said.code, said.version))
    registry.lock_identities(session, [(said.name, said.registration_no) for said in told])
    accounts = orders.lock_accounts(session, [said.code for said in told])
    news = [
        said for said in told if orders.tell_account(accounts[said.code], said.version, said.data)
    ]
    if not news:
        return
    matcher = Matcher(session, accounts, news)
    for said in news:
        matcher.take(said)
    matcher.finish()
