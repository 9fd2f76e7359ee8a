"""One schema per record for requests and responses; types and limits come from the model.

::

    class NoteSchema(RecordSchema):
        \"\"\"A note.\"\"\"

        class Meta(RecordSchema.Meta):
            model = Note
            form = ("title", "remark", "tags")

    @blp.arguments(NoteSchema.form())      # to create: non-nullable fields are required
    @blp.arguments(NoteSchema.patch())     # to edit: all fields are optional
    @blp.response(200, NoteSchema)

``form`` lists the only fields that callers may send; those with a default and those in ``optional``
may be omitted. ``required`` lists texts that callers must send though the column may be null, as
records created from events may lack them. Responses contain all columns except those in
``exclude``, or only those in ``fields``; secret columns only if ``show_secret`` lists them. Further
fields are declared as in every marshmallow schema. Beside the id of a person (`columns.person`)
there is the name.

The API's document promises every field in every response; a schema lists exceptions in
``sometimes``. ``instead`` maps a field of the form to another: exactly one of the two is sent to
create.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

import marshmallow as ma
from apispec.ext.marshmallow import resolver
from marshmallow_sqlalchemy import ModelConverter, SQLAlchemyAutoSchema, auto_field
from marshmallow_sqlalchemy.schema import SQLAlchemyAutoSchemaOpts
from sqlalchemy import inspect

from kehu_chassis.data import validate
from kehu_chassis.data.columns import Limits, limits_of
from kehu_chassis.data.fields import (
    Currency,
    Email,
    Money,
    StrictBoolean,
    Text,
    Timestamp,
    Website,
)
from kehu_chassis.data.people import PersonName, name_of

__all__ = ["RecordSchema", "auto_field", "component_name"]

_SEARCH = ("search_text", "search_grams")
_SIMPLE: dict[type, Callable[..., ma.fields.Field[Any]]] = {
    UUID: ma.fields.UUID,
    bool: StrictBoolean,
    datetime: Timestamp,
    date: ma.fields.Date,
    Decimal: Money,
    float: ma.fields.Float,
    dict: ma.fields.Dict,
}


class _Converter(ModelConverter):
    """Creates the fields of `data.fields` from columns and their limits, and names of people."""

    def fields_for_model(
        self, model: Any, *, base_fields: Any = None, **options: Any
    ) -> dict[str, Any]:
        base = base_fields or {}
        found = super().fields_for_model(model, base_fields=base, **options)
        people = _people(model)
        shown: dict[str, Any] = {}
        for name, field in found.items():
            shown[name] = field
            if field is not None and name in people:  # it is None if it is excluded
                shown[name_of(name)] = base.get(name_of(name)) or PersonName(name)
        return shown

    def property2field(
        self, prop: Any, *, instance: bool = True, field_class: Any = None, **options: Any
    ) -> Any:
        columns = getattr(prop, "columns", None)
        if columns is None or not instance:
            return super().property2field(prop, field_class=field_class, **options)
        column, limits = columns[0], limits_of(columns)
        make = field_class or _field_of(column, limits)
        return make(**(_presence(column) | _metadata(limits) | options))


class _Options(SQLAlchemyAutoSchemaOpts):
    def __init__(self, meta: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(meta, *args, **kwargs)  # type: ignore[no-untyped-call]
        self.model_converter = _Converter
        self.include_fk = True
        self.form: tuple[str, ...] = tuple(getattr(meta, "form", ()))
        self.required: frozenset[str] = frozenset(getattr(meta, "required", ()))
        self.optional: frozenset[str] = frozenset(getattr(meta, "optional", ()))
        self.instead: dict[str, str] = dict(getattr(meta, "instead", {}))
        if self.model is None:
            return
        shown = getattr(meta, "show_secret", ())
        columns = inspect(self.model).local_table.columns
        secret = {column.key for column in columns if column.info.get("audit_secret")}
        search = {column.key for column in columns} & set(_SEARCH)
        hidden = search | (secret - set(shown))
        if self.fields:
            hidden &= set(self.fields)
            self.fields = tuple(_with_names(self.fields, _people(self.model)))
        self.exclude = tuple({*self.exclude, *hidden})
        self.optional |= {column.key for column in columns if column.default is not None}


class RecordSchema(SQLAlchemyAutoSchema[Any]):
    """Base of the schemas of records; see the module's docstring."""

    OPTIONS_CLASS = _Options
    sometimes: ClassVar[tuple[str, ...]] = ()
    component: str | None = None  # its name in the API's documentation, if not the class's

    class Meta:
        """The options of every record's schema."""

        form: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def form(cls, *names: str, name: str | None = None) -> RecordSchema:
        """The request to create a record: the form, or these fields of it."""
        return cls._input("Form", names, name, partial=False)

    @classmethod
    def patch(cls, *names: str, name: str | None = None) -> RecordSchema:
        """The request to edit a record: any fields of the form, or of these."""
        return cls._input("Patch", names, name, partial=True)

    @classmethod
    def _input(
        cls, kind: str, names: Collection[str], name: str | None, *, partial: bool
    ) -> RecordSchema:
        unknown = set(names) - set(cls.opts.form)
        assert not unknown, f"{cls.__name__}: {sorted(unknown)} cannot be sent"
        schema = cls(only=tuple(names or cls.opts.form), partial=partial)
        for optional in cls.opts.optional & schema.fields.keys():
            schema.fields[optional].required = False
        for field_name, other in cls.opts.instead.items():
            if {field_name, other} <= schema.fields.keys():
                replaced = schema.fields[field_name]
                replaced.required = False
                if not partial:
                    replaced.metadata = {**replaced.metadata, "x-instead-of": other}
        for required in cls.opts.required & schema.fields.keys():
            field = schema.fields[required]
            assert isinstance(field, Text), f"{cls.__name__}: {required} is no text"
            field.require()
        schema.component = name or f"{cls.__name__.removesuffix('Schema')}{kind}"
        return schema


def _people(model: Any) -> set[str]:
    columns = inspect(model).local_table.columns
    return {column.key for column in columns if limits_of([column]).kind == "person"}


def _with_names(fields: Collection[str], people: Collection[str]) -> Iterator[str]:
    for field in fields:
        yield field
        if field in people and name_of(field) not in fields:
            yield name_of(field)


def component_name(schema: Any) -> str:
    """The name of a schema in the API's documentation."""
    given: str | None = getattr(schema, "component", None)
    return given or resolver(schema)


def _field_of(column: Any, limits: Limits) -> Callable[..., ma.fields.Field[Any]]:
    kind = column.type.python_type
    if kind is str:
        return _text(column, limits)
    if kind is int:
        if limits.minimum is None:
            return partial(ma.fields.Integer, strict=True)
        return partial(
            ma.fields.Integer, strict=True, validate=validate.Range(limits.minimum, limits.maximum)
        )
    if kind is list:
        item = Text(max_length=limits.max_length or 200, min_length=1)
        several = validate.Length(max=limits.count) if limits.count else None
        return partial(ma.fields.List, item, validate=several)
    if limits.kind == "amount":
        return partial(Money, currency=limits.currency)
    return _SIMPLE[kind]


def _text(column: Any, limits: Limits) -> Callable[..., ma.fields.Field[Any]]:
    if limits.kind == "email":
        return partial(Email, validate=validate.Length(max=limits.max_length))
    if limits.kind == "website":
        return partial(Website, max_length=limits.max_length)
    if limits.kind == "currency":
        return Currency
    if limits.choices is not None:
        return partial(ma.fields.String, validate=validate.OneOf(limits.choices))
    if limits.max_length is None:
        return ma.fields.String
    least = 0 if column.nullable else 1
    return partial(Text, max_length=limits.max_length, min_length=least)


def _presence(column: Any) -> dict[str, Any]:
    if column.nullable:
        return {"allow_none": True}
    return {"required": True}


def _metadata(limits: Limits) -> dict[str, Any]:
    values = {"description": limits.description, "example": limits.example}
    given = {name: value for name, value in values.items() if value}
    return {"metadata": given} if given else {}
