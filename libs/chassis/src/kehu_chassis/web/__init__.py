"""The HTTP edge: blueprints whose routes name their permission, strict input, problem responses."""

from kehu_chassis.web.application import create_app
from kehu_chassis.web.blueprint import Blueprint, actor, language, session, texts
from kehu_chassis.web.openapi import document
from kehu_chassis.web.people import name_people

__all__ = [
    "Blueprint",
    "actor",
    "create_app",
    "document",
    "language",
    "name_people",
    "session",
    "texts",
]
