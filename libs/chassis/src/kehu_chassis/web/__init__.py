"""The HTTP edge: blueprints whose routes name their permission, strict input, problem responses."""

from kehu_chassis.web.application import create_app
from kehu_chassis.web.blueprint import Blueprint, actor, language, session, texts
from kehu_chassis.web.openapi import document

__all__ = ["Blueprint", "actor", "create_app", "document", "language", "session", "texts"]
