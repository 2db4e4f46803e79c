"""Progress bars on stderr, shown in a terminal only; Ctrl-C ends the work they show."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from mien.cli.terminal.interrupt import remember_interrupt
from mien.cli.terminal.output import console, escape_control


class ProgressCallback(Protocol):
    """A function that updates a progress bar."""

    def __call__(self, done: float, words: str, *, total: float | None = None) -> None:
        """Update the bar; raises ``KeyboardInterrupt`` if Ctrl-C was pressed before and swallowed.

        Args:
            done: How many units are done.
            words: What is being done now.
            total: How many units there are; None if that has not changed.
        """
        ...


@contextmanager
def progress(total: float | None, *, unit: str, hidden: bool = False) -> Iterator[ProgressCallback]:
    """Show a bar with rate and time left on stderr if that is a terminal.

    Args:
        total: How many units there are; None while that is unknown.
        unit: The noun for one unit, such as "file".
        hidden: Show no bar, because rows that appear on the same terminal show the progress already.
    """
    shown = sys.stderr.isatty() and not hidden
    with remember_interrupt() as check, _bar(total, unit=unit) if shown else _no_bar() as update:

        def advance(done: float, words: str, *, total: float | None = None) -> None:
            check()
            update(done, escape_control(words), total)

        yield advance


@contextmanager
def _no_bar() -> Iterator[Callable[[float, str, float | None], None]]:
    yield lambda _done, _words, _total: None


@contextmanager
def _bar(total: float | None, *, unit: str) -> Iterator[Callable[[float, str, float | None], None]]:
    from rich import progress as rich_progress
    from rich.text import Text

    class Rate(rich_progress.ProgressColumn):
        """Units per second, or seconds per unit if that is the larger number."""

        def render(self, task: rich_progress.Task) -> Text:
            speed = task.finished_speed or task.speed
            if not speed:
                return Text("")
            return Text(f"{speed:.1f} {unit}s/s" if speed >= 1 else f"{1 / speed:.1f} s per {unit}")

    columns = (
        rich_progress.BarColumn(),
        rich_progress.MofNCompleteColumn(),
        Rate(),
        rich_progress.TimeRemainingColumn(compact=True),
        rich_progress.TextColumn("{task.description}", markup=False),
    )
    # By default rich redirects stdout to this console, which is stderr.
    out = console(stderr=True)
    with rich_progress.Progress(*columns, console=out, transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("", total=total)
        yield lambda done, words, total: bar.update(task, completed=done, description=words, total=total)
