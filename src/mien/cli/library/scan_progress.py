"""Shows how far a scan of music is, and what it changed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from mien.cli.terminal.files import with_path
from mien.cli.terminal.output import say
from mien.cli.terminal.progress import progress
from mien.cli.terminal.quantities import counted

if TYPE_CHECKING:
    from mien.music.library.library import ScanProgress, ScanReport


def scan_with_progress(scan: Callable[..., ScanReport]) -> ScanReport:
    """Run ``scan(progress=…)`` behind a bar for each of its stages; Ctrl-C says how far it came."""
    from mien.music.library.library import ScanStage

    reached = "before the first file"
    try:
        with ExitStack() as bars:
            # How many files there are is known with the first report, so each stage's bar begins without an end.
            shown: ScanStage | None = None
            advance = bars.enter_context(progress(None, unit="file"))

            def report(state: ScanProgress) -> None:
                nonlocal advance, reached, shown
                if shown not in {None, state.stage}:
                    bars.close()  # a bar of its own, for tags are read a thousand times as fast as sound
                    advance = bars.enter_context(progress(None, unit="file"))
                shown = state.stage
                if shown is ScanStage.SOUND:
                    reached = f"after {state.done} of {counted(state.total, 'file')}"
                words = state.location.name if shown is ScanStage.SOUND else "reading tags"
                advance(state.done, words, total=state.total)

            return scan(progress=report)
    except KeyboardInterrupt:
        say(f"Stopped {reached}; what was heard is kept. Run the same command to go on.")
        raise


def say_scan_report(place: Path | str, report: ScanReport) -> None:
    """Say what changed, and which files cannot be used: music that is broken is no failure of the command."""
    changes = {"added": report.added, "changed": report.changed, "removed": report.removed}
    words = [f"{count} {name}" for name, count in changes.items() if count]
    if report.unchanged:
        words.append(f"{report.unchanged} unchanged")
    say(f"{place}: {', '.join(words) or 'no music'}.")
    if report.broken:
        say(f"{counted(len(report.broken), 'file')} cannot be used:")
    for broken in report.broken:
        say(f"  {with_path(broken.location, broken.reason)}")
