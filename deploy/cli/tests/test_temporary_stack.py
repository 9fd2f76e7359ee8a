"""The demonstration without a running Kehu: it starts a temporary one and removes it."""

from collections.abc import Iterator

import pytest

from kehu_cli.stack import leftovers
from tests.support.kehu import Kehu
from tests.support.stack import state_folder


@pytest.fixture
def kehu() -> Iterator[Kehu]:
    """A state directory in which nothing runs."""
    with state_folder() as folder:
        command = Kehu(folder)
        yield command
        command.run("down")
        assert leftovers.find(folder / "demo") == []


def test_a_demonstration_on_a_temporary_stack_is_not_disturbed_by_a_second_one(kehu: Kehu) -> None:
    with kehu.start("demo") as demo:
        demo.wait_for("people hired and signed in")
        second = kehu.run("demo")
        assert second.returncode == 1
        assert "already being played" in second.stderr
        assert demo.end() == 0, demo.text()
    assert "Every figure agrees with the input." in demo.text()
    assert leftovers.find(kehu.folder / "demo") == []
    assert not (kehu.folder / "demo").exists()


def test_down_and_reset_clean_up_after_a_killed_demonstration(kehu: Kehu) -> None:
    with kehu.start("demo") as demo:
        demo.wait_for("all processes ready")
        demo.process.kill()
        demo.process.wait()
    assert leftovers.find(kehu.folder / "demo")
    result = kehu.run("down")
    assert result.returncode == 0, result.stdout + result.stderr
    assert leftovers.find(kehu.folder / "demo") == []
    assert kehu.run("down").stdout == "Nothing is running.\n"
    assert kehu.run("reset", "--yes").returncode == 0
    assert not (kehu.folder / "demo").exists()
