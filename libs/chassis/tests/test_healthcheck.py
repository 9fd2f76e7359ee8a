"""The health check of the images."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from kehu_chassis import healthcheck
from kehu_chassis.observability import metrics
from kehu_chassis.runtime.probes import Probes, serve
from kehu_chassis.testing import Harness


@pytest.fixture
def bind(harness: Harness) -> Iterator[str]:
    """The probes of a consumer."""
    metrics.PROGRESS.labels("consume").set(time.time())
    server = serve(Probes(harness.service, harness.database, ["consume"]), "127.0.0.1:0")
    yield f"0.0.0.0:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def check(bind: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-S", healthcheck.__file__],
        env={**os.environ, "KEHU_PROBE_BIND": bind},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return done.returncode, done.stdout


def test_a_healthy_process_is_alive_and_ready(harness: Harness, bind: str) -> None:
    assert check(bind) == (0, "")
    metrics.PROGRESS.labels("consume").set(time.time() - 61)
    code, output = check(bind)
    assert code == 1 and output.startswith("/healthz ") and "no progress" in output
    metrics.PROGRESS.labels("consume").set(time.time())
    with harness.session() as session:
        session.execute(text("DROP TABLE alembic_version"))
    code, output = check(bind)
    assert code == 1 and output.startswith("/readyz ") and "not migrated" in output


def test_an_unreachable_process_is_not_healthy() -> None:
    code, output = check("0.0.0.0:1")
    assert code == 1 and "refused" in output
