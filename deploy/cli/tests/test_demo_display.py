"""The output of the demonstration, and its pauses when it is played step by step."""

import io

from rich.console import Console

from kehu_cli.demo.display import Display


class Steps(io.StringIO):
    """Lines that are typed, with the output before each."""

    def __init__(self, shown: io.StringIO, *lines: str) -> None:
        super().__init__("".join(f"{line}\n" for line in lines))
        self._shown = shown
        self.seen: list[list[str]] = []

    def readline(self, size: int | None = -1, /) -> str:
        self.seen.append(self._shown.getvalue().splitlines())
        return super().readline(-1 if size is None else size)


def play(*lines: str, terminal: bool = False) -> tuple[Steps, list[str]]:
    """Play two tasks, the first of four pieces."""
    shown = io.StringIO()
    steps = Steps(shown, *lines)
    display = Display(Console(file=shown, force_terminal=terminal, no_color=True), steps)
    with display.task("letters written", 4) as report:
        display.print("writing")
        for done in (1, 2, 4):
            report(done)
    with display.task("letters posted"):
        display.print("posting")
    return steps, shown.getvalue().splitlines()


def test_each_task_waits_for_a_line_once_it_is_shown() -> None:
    steps, _ = play("", "")
    first, second = steps.seen
    assert first == ["  · letters written 4"]
    assert second[-1] == "  · letters posted"
    assert "posting" not in second


def test_a_number_lets_a_task_run_until_that_many_pieces_are_done() -> None:
    steps, shown = play("1", "3", "2", "", "")
    last = [seen[-1].strip() for seen in steps.seen]
    assert last == [
        "· letters written 4", "letters written: waiting at 1", "letters written: waiting at 4",
        "letters written: waiting at 4", "· letters posted",
    ]  # fmt: skip
    assert any(line.startswith("  ✓ letters posted") for line in shown)


def test_a_number_above_the_total_runs_the_whole_task() -> None:
    steps, _ = play("5", "")
    assert [seen[-1] for seen in steps.seen] == ["  · letters written 4", "  · letters posted"]


def test_after_the_last_line_no_task_waits() -> None:
    _, shown = play()
    assert [line.split(" (")[0] for line in shown] == [
        "  · letters written 4", "writing", "  ✓ letters written 4",
        "  · letters posted", "posting", "  ✓ letters posted",
    ]  # fmt: skip


def test_a_terminal_shows_no_bar_in_step_mode() -> None:
    steps, _ = play("", "", terminal=True)
    assert "letters written" in steps.seen[0][-1]
    assert len(steps.seen[0]) == 1


def test_without_steps_nothing_is_read() -> None:
    shown = io.StringIO()
    with Display(Console(file=shown)).task("letters posted"):
        pass
    assert shown.getvalue().startswith("  · letters posted\n  ✓ letters posted")
