"""Every response of this service is as of one moment.

A report takes several queries: the rows, their number, the totals.  Events arrive between them, and
under READ COMMITTED each query would see another state, so that rows would not add up to the total.
"""

from sqlalchemy.orm import Session

from kehu_chassis import web


def session() -> Session:
    """The session of this request, whose queries all see what the first one sees."""
    current = web.session()
    if not current.in_transaction():
        current.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    return current
