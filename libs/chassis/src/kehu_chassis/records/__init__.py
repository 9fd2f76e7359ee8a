"""The features that all records share: scope and locks, published state, audit, system settings."""

from kehu_chassis.records.access import (
    covers,
    for_update,
    get,
    in_scope,
    lock,
    page,
    readable,
    require_transition,
    show,
)
from kehu_chassis.records.changes import page as changes_of
from kehu_chassis.records.record import PartOf, PublishedState, Record, Scope, Transitions
from kehu_chassis.records.states import fact

__all__ = [
    "PartOf",
    "PublishedState",
    "Record",
    "Scope",
    "Transitions",
    "changes_of",
    "covers",
    "fact",
    "for_update",
    "get",
    "in_scope",
    "lock",
    "page",
    "readable",
    "require_transition",
    "show",
]
