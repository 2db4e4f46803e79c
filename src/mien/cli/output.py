"""How commands speak: data on stdout, notes and progress on stderr, colours only where a person looks."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


class Advance(Protocol):
    """Moves a progress bar."""

    def __call__(self, done: float, words: str, *, total: float | None = None) -> None:
        """Say how many units are done, what comes next, and, where it has become known, how many there are."""
        ...


_UNLIMITED_COLUMNS = 10_000


def console(*, stderr: bool = False) -> Console:
    """A console that wraps at the terminal's width, and nowhere when its output goes elsewhere.

    Colours are rich's business: none when there is no terminal or ``NO_COLOR`` is set.
    """
    from rich.console import Console

    on_terminal = (sys.stderr if stderr else sys.stdout).isatty()
    return Console(stderr=stderr, width=None if on_terminal else _UNLIMITED_COLUMNS, highlight=False, markup=False)


def table(*columns: str, numbers: tuple[str, ...] = ()) -> Table:
    """An empty table; the columns in ``numbers`` are set flush right."""
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    return made


def show(content: Any) -> None:
    """Print a table, or anything that rich can show, on stdout."""
    out = console()
    with out.capture() as capture:
        out.print(content)
    click.echo(capture.get(), nl=False)


def say(sentence: str) -> None:
    """A sentence for the person, on stderr."""
    click.echo(sentence, err=True)


def write_json(value: Any) -> None:
    """One JSON value on one line of stdout."""
    unicode = (getattr(sys.stdout, "encoding", None) or "").lower().startswith("utf")
    click.echo(json.dumps(value, ensure_ascii=not unicode, allow_nan=False))


@contextmanager
def progress(total: float | None, *, unit: str, hidden: bool = False) -> Iterator[Advance]:
    """A bar on stderr with rate and time left, while a person looks there; nothing otherwise.

    ``total`` units in all, None while that is unknown. ``hidden`` keeps the bar away where rows that appear on the
    same terminal show the progress already.
    """
    if hidden or not sys.stderr.isatty():
        yield lambda done, words, *, total=None: None  # noqa: ARG005
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        """How many units a second, or seconds a unit where that is easier to read."""

        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            if not speed:
                return Text("")
            return Text(f"{speed:.1f} {unit}s/s" if speed >= 1 else f"{1 / speed:.1f} s a {unit}")

    remaining = TimeRemainingColumn(compact=True)
    columns = (BarColumn(), MofNCompleteColumn(), Rate(), remaining, TextColumn("{task.description}", markup=False))
    # rich would send stdout to this console too, which is stderr: data must stay where it belongs.
    with Progress(*columns, console=console(stderr=True), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("", total=total)

        def advance(done: float, words: str, *, total: float | None = None) -> None:
            bar.update(task, completed=done, description=words, total=total)

        yield advance
