"""Looking up the names of the people in a response, in one query."""

from __future__ import annotations

from typing import Any

from flask import current_app, g, request

from kehu_chassis.actor import SYSTEM_ID
from kehu_chassis.data import people
from kehu_chassis.texts import language_of


def name_people(places: people.Places, shown: Any) -> None:
    """Look up the names that the schema with these places is about to write."""
    ids = set(places.people(shown))
    names = dict(current_app.extensions["kehu.service"].names_of(g.session, ids)) if ids else {}
    if SYSTEM_ID in ids:
        language = language_of(request.headers.get("Accept-Language"), g.actor.language)
        names[SYSTEM_ID] = current_app.extensions["kehu.texts"].label("actor", "system", language)
    people.names.set(names)
