"""Looking a customer up."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from kehu_chassis.messaging import replica
from kehu_chassis.problems import unknown_reference
from kehu_marketing.features.customers.models import CustomerRef


def require(session: Session, customer_id: UUID) -> CustomerRef:
    """A customer that exists; 422 about ``customer_id`` otherwise."""
    customer = replica.awaited(session, CustomerRef, customer_id)
    if customer is None or customer.deleted or customer.merged_into is not None:
        raise unknown_reference("customer_id")
    return customer


def deleted(customer_id: Any) -> ColumnElement[bool]:
    """SQL: whether the customer of that column is deleted."""
    return CustomerRef.is_deleted(customer_id)
