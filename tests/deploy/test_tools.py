"""An unavailable tool skips a developer's test and fails continuous integration."""

from __future__ import annotations

import pytest

from tests.deploy import tools


def test_an_unavailable_tool_skips_locally_and_fails_in_ci(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no helm"):
        tools.skip_or_fail("no helm")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no helm"):
        tools.skip_or_fail("no helm")
