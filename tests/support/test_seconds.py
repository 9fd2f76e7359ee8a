"""The seconds of each part are printed, for every outcome and any number of processes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from kehu_cli.catalogue import ROOT
from tests.support.seconds import part_of

TESTS = """
import time

def test_slow():
    time.sleep(0.3)

def test_wrong():
    assert False
"""


@pytest.mark.parametrize(
    ("test", "part"),
    [
        ("services/auth/tests/unit/test_x.py::test_a[x/y::z]", "services/auth"),
        ("libs/chassis/tests/test_x.py::test_a", "libs/chassis"),
        ("gateway/tests/test_x.py::test_a", "gateway"),
        ("test_x.py::test_a", "test_x.py"),
    ],
)
def test_a_part_is_a_package_or_a_top_level_folder(test: str, part: str) -> None:
    assert part_of(test) == part


@pytest.mark.parametrize("workers", ["0", "2"])
def test_seconds_are_printed_even_if_tests_fail(tmp_path: Path, workers: str) -> None:
    for part in ("auth", "customer"):
        folder = tmp_path / "services" / part
        folder.mkdir(parents=True)
        (folder / f"test_{part}.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text(f"[pytest]\npythonpath = {ROOT}\n")
    plugins = ["-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "tests.support.seconds"]
    done = subprocess.run(
        [sys.executable, "-P", "-m", "pytest", *plugins, "-n", workers],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    shown = re.findall(r"([0-9.]+) s +(\d+) tests  (\S+)", done.stdout)
    assert sorted((part, int(tests)) for _seconds, tests, part in shown) == [
        ("services/auth", 2),
        ("services/customer", 2),
    ]
    assert all(0.3 <= float(seconds) < 30 for seconds, _tests, _part in shown), shown
