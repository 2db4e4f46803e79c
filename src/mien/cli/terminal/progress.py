"""Shows how far long work is, on stderr and only to a person, and lets Ctrl-C end it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from mien.cli.terminal.interrupt import remembered_interrupt
from mien.cli.terminal.output import console, harmless


class ProgressCallback(Protocol):
    """Moves a progress bar."""

    def __call__(self, done: float, words: str, *, total: float | None = None) -> None:
        """Say how many units are done, what comes next, and, where it has become known, how many there are.

        Raises ``KeyboardInterrupt`` when Ctrl-C was pressed before, and nothing came of it.
        """
        ...


@contextmanager
def progress(total: float | None, *, unit: str, hidden: bool = False) -> Iterator[ProgressCallback]:
    """A bar on stderr with rate and time left, while a person looks there; nothing otherwise.

    ``total`` units in all, None while that is unknown. ``hidden`` keeps the bar away where rows that appear on the
    same terminal show the progress already.
    """
    shown = sys.stderr.isatty() and not hidden
    with remembered_interrupt() as check, _bar(total, unit=unit) if shown else _nothing() as move:

        def advance(done: float, words: str, *, total: float | None = None) -> None:
            check()
            move(done, harmless(words), total)

        yield advance


@contextmanager
def _nothing() -> Iterator[Callable[[float, str, float | None], None]]:
    yield lambda _done, _words, _total: None


@contextmanager
def _bar(total: float | None, *, unit: str) -> Iterator[Callable[[float, str, float | None], None]]:
    from rich import progress as rich_progress
    from rich.text import Text

    class Rate(rich_progress.ProgressColumn):
        """How many units a second, or seconds a unit where that is easier to read."""

        def render(self, task: rich_progress.Task) -> Text:
            speed = task.finished_speed or task.speed
            if not speed:
                return Text("")
            return Text(f"{speed:.1f} {unit}s/s" if speed >= 1 else f"{1 / speed:.1f} s a {unit}")

    columns = (
        rich_progress.BarColumn(),
        rich_progress.MofNCompleteColumn(),
        Rate(),
        rich_progress.TimeRemainingColumn(compact=True),
        rich_progress.TextColumn("{task.description}", markup=False),
    )
    # rich would send stdout to this console too, which is stderr: data must stay where it belongs.
    out = console(stderr=True)
    with rich_progress.Progress(*columns, console=out, transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("", total=total)
        yield lambda done, words, total: bar.update(task, completed=done, description=words, total=total)
