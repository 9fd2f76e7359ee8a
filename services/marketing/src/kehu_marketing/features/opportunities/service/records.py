"""Creating, finding, editing, deleting and copying opportunities."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kehu_chassis import problems, records
from kehu_chassis.actor import Actor
from kehu_chassis.data import amounts, hits, numbers
from kehu_chassis.data.counts import Counts
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.identity import directory
from kehu_chassis.messaging.events import Event
from kehu_chassis.problems import invalid
from kehu_marketing.features.customers import service as customers
from kehu_marketing.features.opportunities import events, operations, rules
from kehu_marketing.features.opportunities.models import Opportunity, ProgressChange, StageChange
from kehu_marketing.features.opportunities.service import kanban
from kehu_marketing.features.stages import service as stages

OPPORTUNITIES = Listing(
    Opportunity,
    filters=(
        "status",
        "stage",
        "assignee_id",
        "created_by",
        "customer_id",
        "region",
        "industry",
        "source",
    ),
    choices={"status": rules.STATUSES},
    names=("region", "industry", "source"),
    ranges=(
        "created_at",
        "closed_at",
        "expected_close_date",
        "expected_amount",
        "success_rate",
    ),
    sorts=(
        "created_at",
        "number",
        "customer_name",
        "success_rate",
        "expected_amount",
        "expected_close_date",
        "closed_at",
        "kanban_rank",
    ),
    default_sort="-created_at",
)
COUNTS = Counts(OPPORTUNITIES, by=("status", "stage", "assignee_id"))
_COMPARED = ("number", "customer_name", "summary", "contact_name", "contact_phone")


def list_(session: Session, actor: Actor, args: dict[str, Any]) -> Page:
    """One page of the opportunities that the caller may read."""
    return records.page(session, actor, OPPORTUNITIES, args)


def count(session: Session, actor: Actor, args: dict[str, Any]) -> dict[str, Any]:
    """How many of them there are by status, stage or assignee."""
    readable = select(Opportunity).where(records.readable(session, actor, Opportunity))
    return COUNTS.of(session, readable, args)


def find(session: Session, actor: Actor, query: str) -> list[hits.Hit]:
    """The opportunities that the caller may read that a search box shows."""
    readable = select(Opportunity).where(records.readable(session, actor, Opportunity))
    return hits.best(session, OPPORTUNITIES, readable, query, by=_COMPARED)


def get(session: Session, actor: Actor, opportunity_id: UUID) -> Opportunity:
    """One opportunity; 404 if the caller may not read it."""
    return records.get(session, actor, Opportunity, opportunity_id)


def list_changes(
    session: Session, actor: Actor, opportunity_id: UUID, args: dict[str, Any]
) -> Page:
    """One page of who changed an opportunity, and what."""
    return records.changes_of(session, actor, Opportunity, opportunity_id, args)


def create(
    session: Session, actor: Actor, *, customer_id: UUID | None = None, **form: Any
) -> Opportunity:
    """Create an unassigned opportunity.  With a customer its name is copied from there."""
    fitted, name = problems.together(
        lambda: amounts.fit(Opportunity, form),
        lambda: _customer_name(session, customer_id, form.get("customer_name")),
    )
    return _insert(session, **fitted | {"customer_id": customer_id, "customer_name": name})


def update(session: Session, actor: Actor, opportunity_id: UUID, **changes: Any) -> Opportunity:
    """Edit the form of an unassigned opportunity."""
    opportunity = records.lock(session, actor, operations.UPDATE, opportunity_id)
    _, fitted = problems.together(
        lambda: _settle_customer(session, opportunity, changes),
        lambda: amounts.fit(Opportunity, changes, opportunity),
    )
    for name, value in fitted.items():
        setattr(opportunity, name, value)
    return opportunity


def delete(session: Session, actor: Actor, opportunity_id: UUID) -> None:
    """Delete an unassigned opportunity; only its creator may."""
    session.delete(records.lock(session, actor, operations.DELETE, opportunity_id))


def copy(session: Session, actor: Actor, opportunity_id: UUID) -> Opportunity:
    """Make a new opportunity from a closed one, which it names as its predecessor."""
    old = records.find(session, actor, operations.COPY, opportunity_id)
    form = {name: getattr(old, name) for name in rules.FORM}
    form |= {"success_rate": _rate_before_closing(session, old), "expected_close_date": None}
    return _insert(session, previous_id=old.id, **form)


def assignee_candidates(session: Session, actor: Actor, opportunity_id: UUID) -> dict[str, Any]:
    """The account managers whom the actor may assign it to, best match first."""
    opportunity = records.find(session, actor, operations.LIST_CANDIDATES, opportunity_id)
    people = directory.colleagues(
        session, actor, "account_manager", permission=operations.ASSIGN.permission
    )
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
    opportunity = records.for_update(session, Opportunity, opportunity_id)
    if opportunity is not None and opportunity.customer_id != customer_id:
        opportunity.customer_id = customer_id


def snapshots(session: Session) -> Iterator[Event]:
    """Every opportunity's moves through the pipeline, for rebuilding read models."""
    query = select(Opportunity).order_by(Opportunity.id).execution_options(yield_per=500)
    for opportunities in session.scalars(query).partitions():
        changes = _stage_changes_of(session, [one.id for one in opportunities])
        for opportunity in opportunities:
            for change in changes.get(opportunity.id, ()):
                yield events.stage_changed(opportunity, change)


def _rate_before_closing(session: Session, old: Opportunity) -> int:
    """The success rate of a closed opportunity before it was closed."""
    if old.status == rules.VOIDED:
        return old.success_rate
    before = session.scalar(
        select(ProgressChange.old)
        .where(ProgressChange.opportunity_id == old.id, ProgressChange.field == "success_rate")
        .order_by(ProgressChange.changed_at.desc(), ProgressChange.id.desc())
        .limit(1)
    )
    # A rate of 100 or 0 from the beginning does not fit a new opportunity.
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
    return opportunity


def _settle_customer(session: Session, opportunity: Opportunity, changes: dict[str, Any]) -> None:
    """Reduce the changes to the customer or the company name, whichever is new; values sent back as
    they were read change nothing."""
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
        raise invalid("/customer_name", "customer-or-name")
    if customer_id is None:
        assert name is not None
        return name
    return customers.require(session, customer_id).name


def _matches(person: directory.Person, opportunity: Opportunity) -> int:
    return int(opportunity.region in person.regions) + int(
        opportunity.industry in person.industries
    )
