"""Output of commands: data on stdout, messages on stderr, colours in a terminal only."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


_UNLIMITED_COLUMNS = 10_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def console(*, stderr: bool = False) -> Console:
    """A console that wraps at the terminal's width, and does not wrap if its output is not a terminal.

    rich leaves colours out if there is no terminal or ``NO_COLOR`` is set.
    """
    from rich.console import Console

    on_terminal = (sys.stderr if stderr else sys.stdout).isatty()
    return Console(stderr=stderr, width=None if on_terminal else _UNLIMITED_COLUMNS, highlight=False, markup=False)


def table(*columns: str, numbers: tuple[str, ...] = ()) -> Table:
    """An empty table; the columns in ``numbers`` are right-aligned."""
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    return made


def show(content: Any) -> None:
    """Print a table, or anything else that rich can render, on stdout."""
    out = console()
    with out.capture() as capture:
        out.print(content)
    click.echo(capture.get(), nl=False)


def say(sentence: str) -> None:
    """Print a message for the user on stderr."""
    # Not click.echo, which would bypass a progress bar and garble it.
    sys.stderr.write(f"{escape_control(sentence)}\n")


def escape_control(text: str) -> str:
    """Escape control characters, which could move a terminal's cursor or change its colours, as ``ls`` does.

    File names and song titles are untrusted.
    """
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def write_json(value: Any) -> None:
    """Print a JSON value on one line of stdout."""
    unicode = (getattr(sys.stdout, "encoding", None) or "").lower().startswith("utf")
    click.echo(json.dumps(value, ensure_ascii=not unicode, allow_nan=False))
