"""Databases filled by SQL as years of use would, for measurements at scale."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text

from kehu_auth.features.audit.models import AuditEntry
from kehu_chassis.data.columns import limits_of
from kehu_chassis.identity.directory import Department, Person
from kehu_chassis.testing import Harness, User
from kehu_customer.features.contacts.models import Contact
from kehu_customer.features.customers.models import Customer
from kehu_customer.features.orders.models import SalesOrder
from kehu_marketing.features.opportunities.models import Opportunity
from kehu_reporting.features.contribution.models import Sale, SaleSum
from kehu_reporting.features.contribution.service import sums
from kehu_reporting.features.customers.models import CustomerRef
from kehu_reporting.features.funnel.models import Opportunity as OpportunityRef
from kehu_reporting.features.requests.models import ServiceRequest as RequestRef
from kehu_service_desk.features.notifications.models import Notification
from kehu_service_desk.features.requests.models import ServiceRequest

MANAGED = 5_000  # customers of the account manager, the oldest ones
TEAM = UUID(int=1)
PEOPLE = {
    role: User((role,), TEAM if role in ("sales_director", "account_manager") else None, role)
    for role in (
        "executive", "sales_director", "account_manager", "service_agent", "administrator",
    )
}  # fmt: skip
# What `kehu_chassis.data.search.grams` computes, for the texts made here.
GRAMS = """
    CREATE FUNCTION bench_grams(document text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
        SELECT array_agg(DISTINCT gram) FROM (
            SELECT substr(word, i, length) AS gram
            FROM regexp_split_to_table(trim(E' \\n' FROM document), '\\s+') AS word,
                 generate_series(1, length(word)) AS i, (VALUES (1), (2)) AS lengths (length)
            WHERE i + length - 1 <= length(word)
            UNION
            SELECT substr(run[1], i, 4) FROM regexp_matches(document, '[0-9a-z]{4,}', 'g') AS run,
                   generate_series(1, length(run[1]) - 3) AS i
        ) AS all_grams
    $$
"""
# A fifth of all names has one of these words, every name a rare one.
NAME = """
    (ARRAY['Shanghai', '北京', 'Berlin', '广州', 'Oslo'])[1 + n * 7 % 5]
    || ' ' || translate(to_hex((n::bigint * 7919) % 16777213), '0123456789', 'ghijklmnop')
    || (ARRAY[' Technology', ' 贸易有限公司', ' Systems', ' Medical', ' 科技有限公司'])[1 + n % 5]
"""
PHONE = "('1' || lpad(((n::bigint * 7907) % 9999999967)::text, 10, '0'))"
REGION = "(ARRAY['East', 'West', 'North', '华东', '华南'])[1 + n % 5]"
# Thousands have the same name.
PERSON = """
    (ARRAY['王', '李', '张', '刘', '陈', '杨', '赵'])[1 + n % 7]
    || (ARRAY['小', '大', '文', '志', '秀', '建', '', '晓'])[1 + n % 8]
    || (ARRAY['伟', '芳', '娜', '敏', '静', '强', '磊', '军', '洋', '勇', '艳'])[1 + n % 11]
"""
DEFAULTS = {
    "TEXT": "'any'", "INTEGER": "1", "SMALLINTEGER": "1", "BIGINTEGER": "1", "BOOLEAN": "false",
    "DOUBLE": "n", "DATE": "DATE '2026-01-01'", "DATETIME": "now()", "NUMERIC": "n % 100000",
    "UUID": "md5('user' || n % 200)::uuid", "JSONB": "'[]'",
}  # fmt: skip
MOMENT = "timestamptz '2017-01-01' + n * (interval '9 years' / :rows)"
YEAR = "(2017 + n::bigint * 9 / (:rows + 1))"


def _number(prefix: str) -> str:
    return f"'{prefix}-' || {YEAR} || '-' || lpad(n::text, 6, '0')"


def _id(kind: str, number: str = "n") -> str:
    """Ids of one kind, in the order of creation as UUIDv7 are."""
    return f"('{kind}' || lpad(to_hex({number}), 31, '0'))::uuid"


def _insert(session: Any, model: Any, rows: int, **given: str) -> None:
    """Insert rows of these SQL expressions of ``n``; other columns get any value they may have."""
    values, table = dict(given), model.__tablename__
    if "search_text" in values:
        # The index of grams is made afterwards, as it is faster.
        values["search_grams"] = f"bench_grams({values['search_text']})"
        session.execute(text(f"DROP INDEX ix_{table}_search_grams"))
    for column in model.__table__.columns:
        if column.name not in values and not column.nullable:
            values[column.name] = _any_value(column)
    statement = (
        f'INSERT INTO "{table}" ({", ".join(values)})'
        f" SELECT {', '.join(values.values())}"
        " FROM generate_series(1, CAST(:rows AS int)) AS n, (SELECT CAST(:rows AS bigint)) AS all_"
    )
    session.execute(text(statement), {"rows": rows})
    if "search_text" in values:
        index = f"ix_{table}_search_grams ON {table} USING gin (search_grams)"
        session.execute(text(f"CREATE INDEX {index}"))


def _any_value(column: Any) -> str:
    kind, choices = type(column.type).__name__.upper(), limits_of([column]).choices
    if choices:
        return f"'{choices[0]}'"
    return "'{}'" if kind == "ARRAY" else DEFAULTS[kind]


@contextmanager
def _filling(harness: Harness) -> Iterator[Any]:
    """A long transaction; then statistics as autovacuum would make them."""
    with harness.session() as session:
        session.execute(text("SET LOCAL statement_timeout = 0"))
        session.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
        session.execute(text(GRAMS))
        if harness.service.directory:
            _insert_people(session)
        yield session
    with harness.database.engine.connect() as connection:
        alone = connection.execution_options(isolation_level="AUTOCOMMIT")
        alone.execute(text("SET statement_timeout = 0"))
        alone.execute(text("VACUUM ANALYZE"))
        alone.execute(text("RESET statement_timeout"))


def _insert_people(session: Any) -> None:
    """Those of `PEOPLE`, and 200 account managers, a tenth of them in the director's department."""
    session.add(Department(id=TEAM, name="East", parent_id=None, deleted=False, version=1))
    for role, user in PEOPLE.items():
        session.add(
            Person(
                id=user.id,
                username=role,
                display_name=role,
                department_id=user.department_id,
                roles=[role],
                regions=[],
                industries=[],
                enabled=True,
                version=1,
            )  # fmt: skip
        )
    session.flush()
    department = f"CASE WHEN n % 10 = 0 THEN '{TEAM}'::uuid END"
    _insert(
        session, Person, 200, id="md5('user' || n % 200)::uuid", username="'user' || n",
        display_name="'Manager ' || n", department_id=department, roles="ARRAY['account_manager']",
        enabled="true",
    )  # fmt: skip


def _document(*texts: str) -> str:
    return " || ".join(f"lower({one}) || E'\\n'" for one in texts)


def insert_customers(session: Any, customers: int, owner: str) -> None:
    """Insert customers; their manager is this SQL expression of ``n``."""
    number = _number("KH")
    _insert(
        session, Customer, customers, id=_id("c"), number=number, name=NAME,
        name_key=f"lower({NAME})", region=REGION, manager_id=owner, phone=PHONE,
        level="(ARRAY['key_account', 'ordinary'])[1 + n % 2]", created_at=MOMENT,
        updated_at=MOMENT, status="CASE WHEN n % 97 = 0 THEN 'lost' ELSE 'normal' END",
        search_text=_document(NAME, number, f"replace({number}, '-', '')", PHONE, REGION),
    )  # fmt: skip


def fill(worlds: dict[str, Harness], customers: int, orders: int) -> None:
    """Insert the people and everything; the oldest records belong to the account manager."""
    manager = f"'{PEOPLE['account_manager'].id}'::uuid"
    owner = f"CASE WHEN n <= {MANAGED} THEN {manager} ELSE md5('user' || n % 200)::uuid END"
    phone, region, mobile = PHONE, REGION, PHONE.replace("7907", "7901")
    with _filling(worlds["customer"]) as session:
        insert_customers(session, customers, owner)
        _insert(
            session, SalesOrder, orders, id=_id("d"), order_no="'SO-' || n", status="6",
            customer_id=_id("c", f"1 + (n::bigint * 7919) % {customers}"), ordered_at=MOMENT,
            ordered_on=f"({MOMENT})::date",
            currency="CASE WHEN n % 1000 = 0 THEN 'USD' ELSE 'CNY' END",
            search_text=_document("'SO-' || n", "'SO' || n"),
        )  # fmt: skip
        _insert(
            session, Contact, customers, id=_id("9"), customer_id=_id("c"), name=PERSON,
            mobile=mobile, created_at=MOMENT, updated_at=MOMENT,
            search_text=_document(PERSON, mobile),
        )  # fmt: skip
    few = max(customers // 4, 1)
    creator = owner.replace(str(MANAGED), str(min(MANAGED, few)))
    with _filling(worlds["marketing"]) as session:
        number = _number("XS")
        _insert(
            session, Opportunity, few, id=_id("e"), number=number, customer_name=NAME,
            created_by=creator, assignee_id=creator, status="'developing'", created_at=MOMENT,
            stage="'qualification'", stage_type="'open'", currency="'CNY'", region=region,
            expected_amount="n % 100000", contact_phone=phone,
            search_text=_document(number, f"replace({number}, '-', '')", NAME, phone, region),
        )  # fmt: skip
    with _filling(worlds["service-desk"]) as session:
        number = _number("FW")
        _insert(
            session, ServiceRequest, few, id=_id("f"), number=number, summary=NAME,
            customer_id=_id("c"), created_by=creator, assignee_id=creator, created_at=MOMENT,
            updated_at=MOMENT, type="'complaint'", priority="'normal'", status="'archived'",
            search_text=_document(number, f"replace({number}, '-', '')", NAME),
        )  # fmt: skip
        _insert(
            session, Notification, few, id=_id("a"), recipient_id=creator, key="'key' || n",
            code="'customer-reassigned'", created_at=MOMENT, updated_at=MOMENT, params="'{}'",
        )  # fmt: skip
    with _filling(worlds["auth"]) as session:
        _insert(
            session, AuditEntry, customers, id=_id("b"), service="'customer'", occurred_at=MOMENT,
            action="(ARRAY['created', 'updated', 'deleted'])[1 + n % 3]", outcome="'done'",
            actor_kind="'user'", record_type="'customer'", record_id="n::text",
        )  # fmt: skip
    with _filling(worlds["reporting"]) as session:
        _insert(
            session, CustomerRef, customers, id=_id("c"), number=_number("KH"), name=NAME,
            manager_id=owner, region=region, level="'ordinary'", status="'normal'",
            created_at=MOMENT, deleted="false",
        )  # fmt: skip
        _insert(
            session, Sale, orders, id=_id("d"), kind="'order'", number="'SO-' || n", status="6",
            customer_id=_id("c", f"1 + (n::bigint * 7919) % {customers}"), occurred_at=MOMENT,
            currency="'CNY'",
        )  # fmt: skip
        names = ["customer_id", "currency", "year", *sums.NAMES]
        session.execute(insert(SaleSum).from_select(names, sums.by_period()))
        _insert(
            session, OpportunityRef, few, id=_id("e"), number=_number("XS"), customer_name=NAME,
            status="'developing'", stage="'qualification'", assignee_id=creator, currency="'CNY'",
            created_by=creator, created_at=MOMENT, deleted="false",
        )  # fmt: skip
        _insert(
            session, RequestRef, few, id=_id("f"), number=_number("FW"), type="'complaint'",
            customer_id=_id("c"), status="'archived'", created_by=creator, created_at=MOMENT,
        )  # fmt: skip
