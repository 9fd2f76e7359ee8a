"""A tool that cannot be had is no excuse where everything must be proved."""

from __future__ import annotations

import pytest

from tests.deploy import tools


def test_what_is_not_checked_is_skipped_by_a_developer_and_fails_in_ci(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no helm"):
        tools.give_up("no helm")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no helm"):
        tools.give_up("no helm")
