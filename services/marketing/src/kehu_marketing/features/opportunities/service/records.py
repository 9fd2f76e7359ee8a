"""Creating, finding, editing, deleting and copying opportunities."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kehu_chassis.actor import Actor
from kehu_chassis.data import numbers
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.identity import directory
from kehu_chassis.messaging import outbox
from kehu_chassis.messaging.events import Event
from kehu_chassis.problems import Problem, field_error, forbidden
from kehu_marketing.features.customers import service as customers
from kehu_marketing.features.opportunities import events, rules
from kehu_marketing.features.opportunities.models import Opportunity, ProgressChange, StageChange
from kehu_marketing.features.opportunities.service import access, kanban
from kehu_marketing.features.stages import service as stages

# What a form of an unassigned opportunity holds, and what a copy takes over.
FORM = (
    "source", "customer_name", "success_rate", "summary", "contact_name", "contact_phone",
    "description", "expected_amount", "currency", "expected_close_date", "products", "region",
    "industry", "registration_no",
)  # fmt: skip


def list_(session: Session, actor: Actor, listing: Listing, args: dict[str, Any]) -> Page:
    """One page of the opportunities that the actor may read."""
    return listing.page(session, select(Opportunity).where(access.readable(actor)), args)


def create(session: Session, actor: Actor, *, customer_id: UUID | None, **form: Any) -> Opportunity:
    """Create an unassigned opportunity.  With a customer its name is copied from there."""
    form["customer_name"] = _customer_name(session, customer_id, form.get("customer_name"))
    return _insert(session, customer_id=customer_id, **form)


def update(session: Session, actor: Actor, opportunity_id: UUID, **changes: Any) -> Opportunity:
    """Edit the form of an unassigned opportunity."""
    opportunity = access.lock(
        session, actor, opportunity_id, act="opportunity:update", action="edit"
    )
    _settle_customer(session, opportunity, changes)
    for name, value in changes.items():
        setattr(opportunity, name, value)
    access.publish_state(session, opportunity)
    return opportunity


def delete(session: Session, actor: Actor, opportunity_id: UUID) -> None:
    """Delete an unassigned opportunity; only its creator may."""
    opportunity = access.lock(
        session, actor, opportunity_id, act="opportunity:delete", action="delete"
    )
    if opportunity.created_by != actor.id:
        raise forbidden("opportunity:delete")
    outbox.add(session, events.deleted(opportunity))
    session.delete(opportunity)


def copy(session: Session, actor: Actor, opportunity_id: UUID) -> Opportunity:
    """Make a new opportunity from a closed one, which it names as its predecessor."""
    old = access.get(session, actor, opportunity_id)
    rules.require_state("copy", old.status)
    form = {name: getattr(old, name) for name in FORM}
    form |= {"success_rate": _rate_before_closing(session, old), "expected_close_date": None}
    return _insert(session, customer_id=old.customer_id, previous_id=old.id, **form)


def assignee_candidates(session: Session, actor: Actor, opportunity_id: UUID) -> dict[str, Any]:
    """The account managers whom the actor may assign it to, best match first."""
    opportunity = access.get(session, actor, opportunity_id)
    people = directory.colleagues(session, actor, "account_manager", act="opportunity:assign")
    workload: dict[UUID | None, int] = dict(
        session.execute(
            select(Opportunity.assignee_id, func.count())
            .where(Opportunity.status == rules.DEVELOPING)
            .group_by(Opportunity.assignee_id)
        ).all()
    )
    items: list[dict[str, Any]] = [
        {
            "id": person.id,
            "display_name": person.display_name,
            "regions": person.regions,
            "industries": person.industries,
            "open_opportunities": workload.get(person.id, 0),
            "matches": _matches(person, opportunity),
        }
        for person in people
    ]
    items.sort(key=lambda i: (-i["matches"], i["open_opportunities"], i["display_name"]))
    return {"items": items}


def customer_known(session: Session, opportunity_id: UUID, customer_id: UUID) -> None:
    """Record which customer a won opportunity led to."""
    opportunity = session.get(Opportunity, opportunity_id, with_for_update=True)
    if opportunity is None or opportunity.customer_id == customer_id:
        return
    opportunity.customer_id = customer_id
    access.publish_state(session, opportunity)


def snapshots(session: Session) -> Iterator[Event]:
    """Every opportunity's way through the pipeline and present state, for those who rebuild their
    read model."""
    query = select(Opportunity).order_by(Opportunity.id).execution_options(yield_per=500)
    for opportunities in session.scalars(query).partitions():
        changes = _stage_changes_of(session, [one.id for one in opportunities])
        for opportunity in opportunities:
            for change in changes.get(opportunity.id, ()):
                yield events.stage_changed(opportunity, change)
            yield events.changed(opportunity)


def _rate_before_closing(session: Session, old: Opportunity) -> int:
    """What success was expected of a closed opportunity before that was known."""
    if old.status == rules.VOIDED:
        return old.success_rate
    before = session.scalar(
        select(ProgressChange.old)
        .where(ProgressChange.opportunity_id == old.id, ProgressChange.field == "success_rate")
        .order_by(ProgressChange.changed_at.desc(), ProgressChange.id.desc())
        .limit(1)
    )
    # Whoever had entered 100 or 0 from the beginning expected nothing that would fit a new start.
    return stages.first_open(session).probability if before is None else int(before)


def _stage_changes_of(session: Session, ids: list[UUID]) -> dict[UUID, list[StageChange]]:
    found: dict[UUID, list[StageChange]] = {}
    statement = select(StageChange).where(StageChange.opportunity_id.in_(ids))
    for change in session.scalars(statement.order_by(StageChange.changed_at, StageChange.id)):
        found.setdefault(change.opportunity_id, []).append(change)
    return found


def _insert(session: Session, **values: Any) -> Opportunity:
    opportunity = Opportunity(
        number=numbers.next_numbers(session, "XS")[0],
        status=rules.UNASSIGNED,
        kanban_rank=kanban.rank_on_top(session),
        **values,
    )
    session.add(opportunity)
    access.publish_state(session, opportunity)
    return opportunity


def _settle_customer(session: Session, opportunity: Opportunity, changes: dict[str, Any]) -> None:
    """Make the changes name a customer or a company, whichever is new; what a client sends back as
    it was read changes nothing."""
    customer_id = changes.get("customer_id", opportunity.customer_id)
    if customer_id is not None and changes.get("customer_name") == opportunity.customer_name:
        del changes["customer_name"]
    if customer_id == opportunity.customer_id and "customer_name" not in changes:
        changes.pop("customer_id", None)
        return
    changes.setdefault("customer_id", None)
    changes["customer_name"] = _customer_name(
        session, changes["customer_id"], changes.get("customer_name")
    )


def _customer_name(session: Session, customer_id: UUID | None, name: str | None) -> str:
    if (customer_id is None) == (name is None):
        error = field_error("/customer_name", "customer-or-name")
        raise Problem(422, "validation-failed", errors=[error])
    if customer_id is None:
        assert name is not None
        return name
    return customers.require(session, customer_id).name


def _matches(person: directory.Person, opportunity: Opportunity) -> int:
    return int(opportunity.region in person.regions) + int(
        opportunity.industry in person.industries
    )
