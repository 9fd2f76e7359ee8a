"""The description of a service, and the discovery of its features.

``app.py`` names the service and lists its features; everything else follows from the file names in
``features/<feature>/``:

* ``routes.py`` defines ``blp``, a :class:`kehu_chassis.web.Blueprint` (or ``blps``, several);
* ``models.py`` is imported, so that migrations see the tables;
* ``texts.py`` defines ``TEXTS``, its :class:`kehu_chassis.texts.Texts`;
* ``operations.py`` declares what may be done to records: each
  :class:`kehu_chassis.records.Operation` that it defines;
* ``jobs.py`` defines ``JOBS``, a list of :class:`kehu_chassis.runtime.jobs.Job`;
* ``service.py`` may define ``snapshots(session)``, an iterator of facts that ``resync``
  republishes, and ``VERSIONS``, for the command ``versions``; those of records follow from the
  models.

``subscriptions.py`` beside ``app.py`` defines ``SUBSCRIPTIONS``, except those that follow from
replicas. It may define ``RETIRED``, event types that an earlier release received. A ``texts.py``
beside it contains texts that several features share.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.orm import Session

from kehu_chassis import texts
from kehu_chassis.identity import directory
from kehu_chassis.identity.directory import names_of as known_names
from kehu_chassis.messaging import replica
from kehu_chassis.messaging.events import Event
from kehu_chassis.messaging.inbox import On
from kehu_chassis.messaging.replica import Replica
from kehu_chassis.messaging.versions import Versions
from kehu_chassis.records import Operation, dead_letters, states, system_settings
from kehu_chassis.records.record import Record, Scope
from kehu_chassis.texts import Texts

if TYPE_CHECKING:
    from flask import Flask

    from kehu_chassis.config import Settings
    from kehu_chassis.data.database import Database
    from kehu_chassis.identity.authority import Authority
    from kehu_chassis.runtime.jobs import Job


@dataclass(frozen=True)
class Service:
    """A service: its public name, its package, its features.

    ``directory`` is False only for the service that owns the users, whose ``names_of`` reads the
    names of people from there. ``authority`` replaces the source of policy and keys,
    ``configuration`` reads settings specific to this service before anything starts, ``setup`` is
    called once with the built application, and ``first_start`` runs in a transaction after the
    migrations.
    """

    name: str
    package: str
    features: Sequence[str]
    directory: bool = True
    names_of: Callable[[Session, Iterable[UUID]], Mapping[Any, str]] = known_names
    authority: Callable[[Database, Settings], Authority] | None = None
    configuration: Callable[[], object] | None = None
    setup: Callable[[Flask], None] | None = None
    first_start: Callable[[Session], None] | None = None

    @property
    def root(self) -> Path:
        """The service's folder, which holds ``migrations/``."""
        spec = importlib.util.find_spec(self.package)
        assert spec is not None and spec.origin is not None
        return Path(spec.origin).parents[2]

    @property
    def migrations(self) -> Path:
        """The Alembic scripts of this service."""
        return self.root / "migrations"

    def load_models(self) -> None:
        """Import every module with tables, so that the metadata is complete."""
        for _ in self._modules("models"):
            pass

    def blueprints(self) -> list[Any]:
        """The blueprints of all features, in the order of the features."""
        found: list[Any] = []
        for module in self._modules("routes"):
            found += getattr(module, "blps", None) or [module.blp]
        return found

    def texts(self) -> Texts:
        """The texts of the chassis, of the service and of its features."""
        own: list[ModuleType] = []
        if importlib.util.find_spec(f"{self.package}.texts"):
            own = [importlib.import_module(f"{self.package}.texts")]
        modules = [texts, *own, *self._modules("texts")]
        return texts.merged(module.TEXTS for module in modules)

    def operations(self) -> dict[type[Any], list[Operation[Any]]]:
        """What may be done to records, by their model."""
        found: dict[type[Any], list[Operation[Any]]] = {}
        for module in [dead_letters, *self._modules("operations")]:
            for one in vars(module).values():
                if isinstance(one, Operation):
                    found.setdefault(one.model, []).append(one)
        return found

    def jobs(self) -> list[Job]:
        """The scheduled work of all features."""
        return [job for module in self._modules("jobs") for job in module.JOBS]

    def subscriptions(self) -> list[On]:
        """Every subscription, including those of the chassis."""
        found: list[On] = []
        for model in self.replicas():
            found += replica.subscriptions(model)
        if module := self._subscriptions():
            found += module.SUBSCRIPTIONS
        if self.directory:
            found += system_settings.SUBSCRIPTIONS
        return found

    def retired(self) -> tuple[str, ...]:
        """Event types that an earlier release received: their bindings are removed."""
        return tuple(getattr(self._subscriptions(), "RETIRED", ()))

    def records(self) -> list[type[Record]]:
        """The models whose state is published."""
        return [model for model in self._models() if getattr(model, "__state__", None)]

    def guarded(self) -> dict[str, type[Record]]:
        """The records with a scope of their own, by the name of their type in the audit trail."""
        found: dict[str, type[Record]] = {}
        for model in self._models():
            scope: Scope | None = getattr(model, "__scope__", None)
            if scope is not None:
                found[scope.resource.replace("-", "_")] = model
        return found

    def replicas(self) -> list[type[Replica]]:
        """The models that mirror other services' records."""
        own: list[type[Replica]] = [model for model in self._models() if issubclass(model, Replica)]
        return [*directory.REPLICAS, *own] if self.directory else own

    def snapshots(self, session: Session) -> Iterator[Event]:
        """The events to republish: the facts of the features, and the state of every record."""
        for module in self._modules("service"):
            if hasattr(module, "snapshots"):
                yield from module.snapshots(session)
        for model in self.records():
            yield from states.snapshots(session, model)

    def versions(self) -> list[Versions]:
        """The versions of published and mirrored records, for comparison with other services."""
        found = [states.versions(model) for model in self.records()]
        found += [replica.versions(model) for model in self.replicas()]
        for module in self._modules("service"):
            found += getattr(module, "VERSIONS", ())
        if self.directory:
            found += system_settings.VERSIONS
        # A feature's own declaration overrides what follows from its models.
        return list({each.type: each for each in found}.values())

    def _models(self) -> Iterator[type[Any]]:
        for module in self._modules("models"):
            for found in vars(module).values():
                if isinstance(found, type) and found.__module__ == module.__name__:
                    yield found

    def _subscriptions(self) -> ModuleType | None:
        name = f"{self.package}.subscriptions"
        return importlib.import_module(name) if importlib.util.find_spec(name) else None

    def _modules(self, name: str) -> Iterator[ModuleType]:
        for feature in self.features:
            path = f"{self.package}.features.{feature}"
            importlib.import_module(path)
            if importlib.util.find_spec(f"{path}.{name}"):
                yield importlib.import_module(f"{path}.{name}")
