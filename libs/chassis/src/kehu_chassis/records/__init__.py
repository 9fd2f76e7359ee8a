"""The features that all records share: scope and locks, published state, audit, system settings."""

from kehu_chassis.records.access import (
    find,
    for_update,
    get,
    in_scope,
    lock,
    page,
    permits,
    readable,
    require_transition,
    show,
)
from kehu_chassis.records.changes import page as changes_of
from kehu_chassis.records.operations import Blocked, Operation
from kehu_chassis.records.record import PartOf, PublishedState, Record, Scope, Transitions
from kehu_chassis.records.states import fact

__all__ = [
    "Blocked",
    "Operation",
    "PartOf",
    "PublishedState",
    "Record",
    "Scope",
    "Transitions",
    "changes_of",
    "fact",
    "find",
    "for_update",
    "get",
    "in_scope",
    "lock",
    "page",
    "permits",
    "readable",
    "require_transition",
    "show",
]
