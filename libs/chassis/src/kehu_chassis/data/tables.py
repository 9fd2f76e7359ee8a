"""The chassis's own tables, for the first migration of every service.

To change these tables, add a function here and call it from a new migration of each service;
existing functions stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

_V1 = """
CREATE TABLE outbox (
    position bigint GENERATED ALWAYS AS IDENTITY, id uuid NOT NULL, type text NOT NULL,
    subject text NOT NULL, body text NOT NULL, traceparent text, created_at timestamptz NOT NULL,
    sent_at timestamptz,
    CONSTRAINT pk_outbox PRIMARY KEY (position), CONSTRAINT uq_outbox_id UNIQUE (id));
CREATE INDEX ix_outbox_pending ON outbox (position) WHERE sent_at IS NULL;
CREATE INDEX ix_outbox_sent_at ON outbox (sent_at);

CREATE TABLE inbox (
    handler text NOT NULL, source text NOT NULL, event_id text NOT NULL,
    handled_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_inbox PRIMARY KEY (handler, source, event_id));
CREATE INDEX ix_inbox_handled_at ON inbox (handled_at);

CREATE TABLE failed_event (
    id uuid NOT NULL, handler text NOT NULL, source text NOT NULL, event_id text NOT NULL,
    type text NOT NULL, body bytea NOT NULL, route text, attempts integer NOT NULL,
    reason text NOT NULL, state text NOT NULL, next_attempt_at timestamptz,
    created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
    CONSTRAINT pk_failed_event PRIMARY KEY (id),
    CONSTRAINT uq_failed_event_handler_source_event_id UNIQUE (handler, source, event_id));
CREATE INDEX ix_failed_event_due ON failed_event (next_attempt_at) WHERE state = 'retrying';

CREATE TABLE lease (
    name text NOT NULL, holder text NOT NULL, epoch bigint NOT NULL,
    expires_at timestamptz NOT NULL, CONSTRAINT pk_lease PRIMARY KEY (name));

CREATE TABLE idempotency_key (
    caller uuid NOT NULL, route text NOT NULL, key text NOT NULL, request_hash text NOT NULL,
    status integer NOT NULL, headers jsonb NOT NULL, body bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_idempotency_key PRIMARY KEY (caller, route, key));
CREATE INDEX ix_idempotency_key_created_at ON idempotency_key (created_at);

CREATE TABLE record_number (
    prefix text NOT NULL, year integer NOT NULL, last integer NOT NULL,
    CONSTRAINT pk_record_number PRIMARY KEY (prefix, year));

CREATE TABLE directory_person (
    id uuid NOT NULL, username text NOT NULL, display_name text NOT NULL, department_id uuid,
    roles text[] NOT NULL, regions text[] NOT NULL, industries text[] NOT NULL,
    enabled boolean NOT NULL, version integer NOT NULL,
    CONSTRAINT pk_directory_person PRIMARY KEY (id));
CREATE INDEX ix_directory_person_department_id ON directory_person (department_id);

CREATE TABLE directory_department (
    id uuid NOT NULL, name text NOT NULL, parent_id uuid, deleted boolean NOT NULL,
    version integer NOT NULL, CONSTRAINT pk_directory_department PRIMARY KEY (id));
CREATE INDEX ix_directory_department_parent_id ON directory_department (parent_id);

CREATE TABLE setting (
    key text NOT NULL, value jsonb NOT NULL, version integer NOT NULL,
    CONSTRAINT pk_setting PRIMARY KEY (key));

CREATE TABLE job (
    name text NOT NULL, first_seen_at timestamptz NOT NULL, CONSTRAINT pk_job PRIMARY KEY (name));
CREATE TABLE job_run (
    job text NOT NULL, run_key text NOT NULL, started_at timestamptz NOT NULL,
    finished_at timestamptz, result jsonb, CONSTRAINT pk_job_run PRIMARY KEY (job, run_key));
"""


def create_v1(op: Any) -> None:
    """Create the tables of chassis 0.1; ``op`` is Alembic's."""
    op.execute(_V1)


_V3 = """
CREATE TABLE received_event (
    source text NOT NULL, event_id text NOT NULL, digest bytea NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_received_event PRIMARY KEY (source, event_id));
CREATE INDEX ix_received_event_received_at ON received_event (received_at);

ALTER TABLE failed_event ADD COLUMN publisher text, ADD COLUMN code text;
"""


def identify_events_v3(op: Any) -> None:
    """Add the content of received events, and the publishers and codes of failed ones."""
    op.execute(_V3)


def record_of_response_v4(op: Any) -> None:
    """Add to a stored response which record it shows."""
    op.execute("ALTER TABLE idempotency_key ADD COLUMN record_type text, ADD COLUMN record_id uuid")


_V5 = """
CREATE TABLE record_change (
    id uuid NOT NULL, record_type text NOT NULL, record_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL, actor_id uuid NOT NULL, action text NOT NULL,
    changes jsonb NOT NULL, CONSTRAINT pk_record_change PRIMARY KEY (id));
CREATE INDEX ix_record_change_record_id_occurred_at ON record_change (record_id, occurred_at, id);
CREATE INDEX ix_record_change_occurred_at ON record_change (occurred_at);
"""


def record_changes_v5(op: Any) -> None:
    """Add the history of changed records."""
    op.execute(_V5)


# The former names of the chassis's handlers in `failed_event`, and their current ones.
_HANDLERS_V2 = {
    "directory.person_changed": "replica.directory_person",
    "directory.department_changed": "replica.directory_department",
    "directory.department_deleted": "replica.directory_department.deleted",
    "preferences.setting_changed": "records.system_settings.setting_changed",
}


def rename_handlers(op: Any, names: Mapping[str, str]) -> None:
    """Rename handlers in the failed events that wait for them.

    ``names`` are the service's own handlers, ``{old: new}``; those of the chassis are added.
    """
    failed = sa.table("failed_event", sa.column("handler", sa.Text()))
    for old, new in (_HANDLERS_V2 | dict(names)).items():
        op.execute(failed.update().where(failed.c.handler == old).values(handler=new))
