"""The console of the commands."""

import io

from rich.table import Table

from kehu_cli.console import SafeConsole


def test_texts_do_not_command_the_terminal_but_styles_do() -> None:
    shown = io.StringIO()
    console = SafeConsole(file=shown, force_terminal=True, color_system="standard", width=60)
    console.print("[red]bad[/] \x1b]0;title\x07 \x9b2J\u202e")
    table = Table("head")
    table.add_row("\x1b[2Jcell")
    console.print(table)
    text = shown.getvalue()
    assert "\x1b[31mbad\x1b[0m \\u001b]0;title\\u0007 \\u009b2J\\u202e" in text
    assert "\\u001b[2Jcell" in text
