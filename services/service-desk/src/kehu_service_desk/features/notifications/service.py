"""Notifying users; reading and marking notifications."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import marshmallow as ma
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kehu_chassis import clock, records
from kehu_chassis.actor import Actor
from kehu_chassis.data.bulk import insert_rows
from kehu_chassis.data.database import new_id
from kehu_chassis.data.listing import Listing
from kehu_chassis.identity import directory
from kehu_chassis.jsontext import plain
from kehu_chassis.problems import not_found
from kehu_service_desk.features.customers import service as customers
from kehu_service_desk.features.notifications import rules
from kehu_service_desk.features.notifications.models import Notification, NotificationPart
from kehu_service_desk.features.opportunities import service as opportunities

DIRECTOR = "sales_director"
MANAGERS = ("account_manager", DIRECTOR)  # of customers


@dataclass(frozen=True)
class Link:
    """How a notification leads to its record: the permission to list such records, and which of
    some ids the caller may read now; ``by`` names the parameter with these ids, if it is not the
    record itself."""

    permission: str
    readable: Callable[[Session, Actor, Collection[UUID]], set[UUID]]
    by: str | None = None


# By type of record; features listed later add theirs.
LINKS = {
    "customer": Link(customers.READ, customers.readable),
    "churn_warning": Link(
        customers.READ_WARNINGS, customers.with_readable_warnings, by="customer_id"
    ),
    "opportunity": Link(opportunities.READ, opportunities.readable),
}

NOTIFICATIONS = Listing(
    Notification,
    filters=("code",),
    choices={"code": rules.CODES},
    ranges=("created_at",),
    sorts=("updated_at", "created_at"),
    default_sort="-updated_at",
    extra={"unread": ma.fields.Boolean()},
)


@dataclass(frozen=True)
class Notice:
    """What people are notified of about a record.  ``key`` names the occasion, so that a replayed
    event notifies nobody twice."""

    key: str
    code: str
    params: Mapping[str, Any]
    record_type: str
    record_id: UUID | None


def notify(session: Session, recipients: Iterable[UUID], notice: Notice) -> None:
    """Notify each of the recipients once."""
    notify_all(session, [(recipient, notice) for recipient in recipients])


def was_notified(session: Session, key: str) -> bool:
    """Whether anybody has been notified of that occasion."""
    found = select(Notification.id).where(Notification.key == key).limit(1)
    return session.scalar(found) is not None


def notify_all(session: Session, deliveries: Iterable[tuple[UUID, Notice]]) -> None:
    """Notify many recipients of many things."""
    unique = {(recipient, notice.key): notice for recipient, notice in deliveries}
    if not unique:
        return
    rows = [_row(recipient, unique[recipient, key]) for recipient, key in sorted(unique)]
    session.execute(insert_rows(Notification, rows).on_conflict_do_nothing())


def notify_summary(
    session: Session, recipients: Iterable[UUID], notice: Notice, parts: Sequence[str]
) -> None:
    """Notify each recipient of how many parts there are, in one notification that grows and is
    unread again with each new part; a part counts once."""
    for recipient in sorted(set(recipients)):
        row = insert(Notification).values(_row(recipient, notice) | {"count": 0})
        summary_id = session.scalars(
            row.on_conflict_do_update(
                index_elements=["recipient_id", "key"], set_={"code": row.excluded.code}
            ).returning(Notification.id)
        ).one()
        fresh = session.scalars(
            insert(NotificationPart)
            .values([{"notification_id": summary_id, "part": part} for part in sorted(set(parts))])
            .on_conflict_do_nothing()
            .returning(NotificationPart.part)
        ).all()
        if fresh:
            session.execute(
                update(Notification)
                .where(Notification.id == summary_id)
                .values(count=Notification.count + len(fresh), read_at=None, updated_at=clock.now())
            )


def _row(recipient: UUID, notice: Notice) -> dict[str, Any]:
    moment = clock.now()
    return {
        "id": new_id(),
        "recipient_id": recipient,
        "key": notice.key,
        "code": notice.code,
        "params": plain(dict(notice.params)),
        "count": 1,
        "record_type": notice.record_type,
        "record_id": notice.record_id,
        "created_at": moment,
        "updated_at": moment,
        "read_at": None,
    }


def all_directors(session: Session) -> list[UUID]:
    """Every enabled sales director."""
    return [person.id for person in directory.people_with_roles(session, DIRECTOR)]


def directors_of(session: Session, *people: UUID | None) -> list[UUID]:
    """The directors of the first of these people who has any; all directors if none has.

    Raises `UnknownPerson` for somebody who is not known yet: notifying all directors could show
    them another team's customer.
    """
    for person_id in people:
        if person_id is not None:
            if directory.person(session, person_id) is None:
                raise UnknownPerson(f"{person_id} is not known yet")
            leaders = directory.leaders_of(session, person_id, DIRECTOR)
            if leaders:
                return [leader.id for leader in leaders]
    return all_directors(session)


class UnknownPerson(LookupError):
    """The recipients depend on a person not known yet; the event is retried later."""


class Notifications:
    """A page of somebody's notifications, with how many are unread."""

    def __init__(self, page: Any, unread: int, language: str, openable: set[UUID]) -> None:
        self.items = [_shown(item, language, item.id in openable) for item in page.items]
        self.next_cursor = page.next_cursor
        self.total = page.total
        self.total_capped = page.total_capped
        self.unread = unread


def list_(session: Session, actor: Actor, args: dict[str, Any], language: str) -> Notifications:
    """One page of the caller's own notifications."""
    mine = select(Notification).where(Notification.recipient_id == actor.id)
    if "unread" in args:
        read = Notification.read_at.is_not(None)
        mine = mine.where(~read if args["unread"] else read)
    page = NOTIFICATIONS.page(session, mine, args)
    openable = _openable(session, actor, page.items)
    return Notifications(page, unread_of(session, actor), language, openable)


def unread(session: Session, actor: Actor) -> dict[str, int]:
    """How many of the caller's notifications are unread."""
    return {"unread": unread_of(session, actor)}


def unread_of(session: Session, actor: Actor) -> int:
    """The number of the caller's unread notifications."""
    count = select(func.count()).where(
        Notification.recipient_id == actor.id, Notification.read_at.is_(None)
    )
    return session.scalar(count) or 0


def mark_read(
    session: Session, actor: Actor, notification_id: UUID, language: str
) -> SimpleNamespace:
    """Mark one of the caller's notifications as read; repeating it changes nothing."""
    notification = session.get(Notification, notification_id, with_for_update=True)
    if notification is None or notification.recipient_id != actor.id:
        raise not_found()
    notification.read_at = notification.read_at or clock.now()
    openable = _openable(session, actor, [notification])
    return _shown(notification, language, notification.id in openable)


def mark_all_read(
    session: Session, actor: Actor, *, until: datetime | None = None
) -> dict[str, int]:
    """Mark the caller's notifications as read, those that came ``until`` then; returns how many."""
    statement = update(Notification).where(
        Notification.recipient_id == actor.id, Notification.read_at.is_(None)
    )
    if until is not None:
        statement = statement.where(Notification.updated_at <= until)
    result = session.execute(statement.values(read_at=clock.now()))
    return {"marked": result.rowcount}  # type: ignore[attr-defined]


def _openable(session: Session, actor: Actor, notifications: Sequence[Notification]) -> set[UUID]:
    """The ids of those notifications whose records the caller may open now.

    A notification stays when its reader loses the record: it was handed over, shared no more, or
    the reader has another role.
    """
    found: set[UUID] = set()
    for record_type in {notification.record_type for notification in notifications}:
        link = LINKS.get(record_type)
        if link is None or actor.scope(link.permission) is None:
            continue
        several = [one for one in notifications if one.record_type == record_type]
        asked = {one.id: _asked(one, link) for one in several}
        ids = {ident for ident in asked.values() if ident is not None}
        readable = link.readable(session, actor, ids) if ids else set()
        # Without a record it leads to the list, which shows what the reader may see.
        found |= {one.id for one in several if one.record_id is None or asked[one.id] in readable}
    return found


def _asked(notification: Notification, link: Link) -> UUID | None:
    if link.by is None:
        return notification.record_id
    given = notification.params.get(link.by)
    return UUID(given) if given else None


def _shown(notification: Notification, language: str, openable: bool) -> SimpleNamespace:
    title, body = rules.render(notification.code, notification.params, notification.count, language)
    # Other records than its own are mentioned, but lead nowhere.
    params = {k: v for k, v in notification.params.items() if not k.endswith("_id")}
    record_id = notification.record_id if openable else None
    more = {"params": params, "record_id": record_id, "openable": openable}
    return records.show(notification, title=title, body=body, **more)
