"""Versions of facts about opportunities, for comparison with other services."""

from sqlalchemy import func, literal, select

from kehu_chassis.messaging.versions import known, owned
from kehu_marketing.features.customers import service as customers
from kehu_marketing.features.opportunities import rules
from kehu_marketing.features.opportunities.models import Opportunity, StageChange

_MOVE = func.concat_ws(
    " ", StageChange.opportunity_id, StageChange.changed_at, StageChange.to_stage
)

VERSIONS = [
    owned(
        "marketing.opportunity-won.v1",
        select(Opportunity.id, literal(1)).where(Opportunity.status == rules.WON),
    ),
    owned("marketing.opportunity-stage-changed.v1", select(_MOVE, literal(1))),
    known(
        "customer.customer-linked.v1",
        select(
            func.concat_ws(" ", Opportunity.id, Opportunity.customer_id),
            literal(1),
            customers.deleted(Opportunity.customer_id),
        ).where(Opportunity.status == rules.WON, Opportunity.customer_id.is_not(None)),
    ),
]
