"""One service under test: its HTTP client per person, its inbox, its outbox, its jobs."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, make_url, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from kehu_chassis import clock
from kehu_chassis.actor import SYSTEM, Actor
from kehu_chassis.config import Settings
from kehu_chassis.data.database import Database, new_id
from kehu_chassis.identity.directory import Department, Person
from kehu_chassis.messaging import replica, topology
from kehu_chassis.messaging.contracts import Contracts
from kehu_chassis.messaging.failures import FailedEvent
from kehu_chassis.messaging.inbox import Inbox
from kehu_chassis.messaging.outbox import OutboxRow
from kehu_chassis.observability import tracing
from kehu_chassis.records.commit import open_database
from kehu_chassis.records.refusals import RefusalLog
from kehu_chassis.runtime.jobs import JobContext, JobLoop
from kehu_chassis.runtime.service import Service
from kehu_chassis.testing.conformance import Conformance
from kehu_chassis.testing.identity import TestIdentity, User
from kehu_chassis.web import create_app


class Client:
    """HTTP as one person.  ``expect`` checks the status and returns the JSON.

    Every response is checked against the service's OpenAPI document.
    """

    def __init__(self, client: FlaskClient, prefix: str, token: str | None) -> None:
        self._client = client
        self._prefix = prefix
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def request(
        self, method: str, path: str, body: Any = None, **headers: str | int
    ) -> TestResponse:
        """Send a request; ``if_match=3`` and ``idempotency_key="x"`` become headers."""
        extra = {k.replace("_", "-"): _header(k, v) for k, v in headers.items()}
        options: dict[str, Any] = {"json": body} if body is not None else {}
        address = path if path.startswith("/api/") else f"{self._prefix}{path}"
        options["buffered"] = True  # closes the files of responses
        response = self._client.open(
            address, method=method, headers=self._headers | extra, **options
        )
        _conformance(self._client.application).check(method, address, response)
        return response

    def expect(
        self, status: int, method: str, path: str, body: Any = None, **headers: str | int
    ) -> Any:
        """Send a request, require its status, return its JSON (None without a body)."""
        response = self.request(method, path, body, **headers)
        assert response.status_code == status, (response.status_code, response.text)
        return response.get_json() if response.data else None

    def get(self, path: str, status: int = 200) -> Any:
        """GET and require the status."""
        return self.expect(status, "GET", path)

    def post(self, path: str, body: Any = None, status: int = 200, **headers: str | int) -> Any:
        """POST and require the status."""
        return self.expect(status, "POST", path, {} if body is None else body, **headers)


def _conformance(app: Flask) -> Conformance:
    found: Conformance | None = app.extensions.get("kehu.conformance")
    if found is None:
        found = app.extensions["kehu.conformance"] = Conformance(app)
    return found


def _header(name: str, value: str | int) -> str:
    return f'"{value}"' if name == "if_match" and isinstance(value, int) else str(value)


class _Site:
    """The application of a service and its engine, moved from one test's database to the next.

    Building the two takes as long as many a test, and an engine caches compiled SQL.
    """

    def __init__(self, service: Service, url: str, contracts: Contracts) -> None:
        self._url = url
        self.database = open_database(
            url, service=service.name, pool=8, application="test", contracts=contracts
        )
        self.app = create_app(service, self.database, None)
        event.listen(self.database.engine, "do_connect", self._direct)

    def move(self, url: str) -> None:
        """Use another database from now on; there are no connections to the previous one."""
        self._url = url

    def _direct(self, _dialect: Any, _record: Any, _args: Any, parameters: dict[str, Any]) -> None:
        names = make_url(self._url).translate_connect_args(username="user", database="dbname")
        parameters.update(names)


# The sites of closed harnesses, by package.
_idle: defaultdict[str, list[_Site]] = defaultdict(list)


def _site(service: Service, url: str, contracts: Contracts) -> _Site:
    idle = _idle[service.package]
    # Tracing of an application cannot be changed later.
    if not idle or tracing.is_on():
        return _Site(service, url, contracts)
    site = idle.pop()
    site.move(url)
    return site


class Harness:
    """A service on a migrated database of its own."""

    def __init__(
        self,
        service: Service,
        database_url: str,
        contracts: Path,
        *,
        timezone: str = "Asia/Shanghai",
    ) -> None:
        self.service = service
        self.contracts = Contracts(contracts)
        clock.use_timezone(ZoneInfo(timezone))
        replica.WAIT_SECONDS = 0.0  # what is delivered here has been handled
        self.settings = Settings(
            database_url=database_url,
            auth_url="http://unused",
            bind="",
            probe_bind=None,
            contracts=contracts,
            timezone=ZoneInfo(timezone),
            currency="CNY",
            log_level="INFO",
            workers=1,
            threads=4,
            drain_seconds=0,
        )
        self._site = _site(service, database_url, self.contracts)
        self.app, self.database = self._site.app, self._site.database
        self.database.contracts = self.contracts
        self.identity = TestIdentity(contracts)
        if service.authority is not None:
            self.authority = service.authority(self.database, self.settings)
        else:
            self.authority = self.identity.authority
        self.app.extensions["kehu.authority"] = self.authority
        self.refusals = self.app.extensions["kehu.refusals"] = RefusalLog(self.database)
        self.inbox = Inbox(
            self.database, self.contracts, service.subscriptions(), service.retired()
        )

    def another_database(self, *, pool: int, url: str | None = None) -> Database:
        """The database as another process opens it, or at another URL."""
        return open_database(
            url or self.settings.database_url,
            service=self.service.name,
            pool=pool,
            application="test",
            contracts=self.contracts,
        )

    def close(self) -> None:
        """Close all connections and pass the application on to the next harness."""
        self.authority.close()
        self.refusals.close()
        self.database.dispose()
        if not tracing.is_on():
            _idle[self.service.package].append(self._site)

    def user(
        self, *roles: str, department: UUID | None = None, name: str = "", enabled: bool = True
    ) -> User:
        """A person in this service's directory, displayed as ``name`` in title case."""
        user = User(roles=roles, department_id=department, username=name or f"user-{new_id()}")
        row = insert(Person).values(
            id=user.id,
            username=user.username,
            display_name=user.username.title(),
            department_id=department,
            roles=list(roles),
            regions=[],
            industries=[],
            enabled=enabled,
            version=1,
        )
        with self.session() as session:
            session.execute(row)
        return user

    def department(self, name: str = "East", parent: UUID | None = None) -> UUID:
        """A department in this service's directory."""
        ident = new_id()
        with self.session() as session:
            session.add(Department(id=ident, name=name, parent_id=parent, deleted=False, version=1))
        return ident

    def as_(self, user: User | None, **claims: Any) -> Client:
        """An HTTP client of this person; None is a client without a token."""
        token = self.identity.token(user, **claims) if user else None
        return Client(self.app.test_client(), f"/api/v1/{self.service.name}", token)

    @contextmanager
    def session(self, actor: Actor = SYSTEM) -> Iterator[Session]:
        """A transaction that commits."""
        with self.database.transaction(actor) as session:
            yield session

    def envelope(
        self,
        event_type: str,
        data: dict[str, Any],
        *,
        subject: str = "subject",
        version: int = 1,
        event_id: str | None = None,
    ) -> bytes:
        """A message as the broker delivers it."""
        return json.dumps(
            {
                "specversion": "1.0",
                "id": event_id or str(new_id()),
                "source": topology.source_of(event_type),
                "type": event_type,
                "subject": subject,
                "time": clock.now().isoformat(),
                "aggregateversion": version,
                "data": data,
            }
        ).encode()

    def deliver(self, event_type: str, data: dict[str, Any], **options: Any) -> None:
        """Pass an event to the service's inbox; fails if the handler failed."""
        before = len(self.failed())
        self.inbox.handle([self.envelope(event_type, data, **options)])
        failed = self.failed()
        assert len(failed) == before, failed[-1].reason

    def example(self, event_type: str) -> Any:
        """The example data of an event type."""
        return self.contracts.example(event_type)

    def failed(self) -> list[FailedEvent]:
        """All failed events, oldest first."""
        with self.session() as session:
            return list(session.scalars(select(FailedEvent).order_by(FailedEvent.created_at)))

    def published(self, event_type: str | None = None) -> list[dict[str, Any]]:
        """The envelopes in the outbox, in order, of one type or all."""
        statement = select(OutboxRow.body).order_by(OutboxRow.position)
        if event_type:
            statement = statement.where(OutboxRow.type == event_type)
        with self.session() as session:
            return [json.loads(body) for body in session.scalars(statement)]

    def run_job(self, name: str) -> dict[str, Any] | None:
        """Run one job now, whether due or not."""
        job = next(job for job in self.service.jobs() if job.name == name)
        return job.run(JobContext(self.database, self.settings, None, lambda: False))

    def run_due_jobs(self) -> None:
        """Run one round of the jobs process by the (simulated) clock."""
        loop = JobLoop(self.service.jobs(), self.database, self.settings, threading.Event())
        loop.run_due()
        loop.end()
