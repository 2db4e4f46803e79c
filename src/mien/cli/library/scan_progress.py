"""Shows the progress of a scan for music, and what it changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from mien.cli.terminal.error_words import error_words
from mien.cli.terminal.output import say
from mien.cli.terminal.progress import progress
from mien.cli.terminal.quantities import counted
from mien.errors import MienError

if TYPE_CHECKING:
    from mien.music.library.catalogue import AwayFolder
    from mien.music.library.scan import ScanProgress, ScanReport


def scan_with_progress(scan: Callable[..., ScanReport]) -> ScanReport:
    """Run ``scan(progress=…)`` with a bar for each of its stages; after Ctrl-C, say how far it got."""
    from mien.music.library.scan import ScanStage

    reached = "before the first file"
    try:
        with ExitStack() as bars:
            # The number of files is known from the first report on, so each bar begins without a total.
            shown: ScanStage | None = None
            advance = bars.enter_context(progress(None, unit="file"))

            def report(state: ScanProgress) -> None:
                nonlocal advance, reached, shown
                if shown not in {None, state.stage}:
                    bars.close()  # the stages differ in speed a thousandfold
                    advance = bars.enter_context(progress(None, unit="file"))
                shown = state.stage
                if shown is ScanStage.SOUND:
                    reached = f"after {state.done} of {counted(state.total, 'file')}"
                words = state.location.name if shown is ScanStage.SOUND else "reading tags"
                advance(state.done, words, total=state.total)

            return scan(progress=report)
    except KeyboardInterrupt:
        say(f"Stopped {reached}; the results so far are kept. Run the same command to resume.")
        raise


def say_scan_report(scanned: Path | str, report: ScanReport) -> None:
    """Print what a scan changed and which files cannot be used; those are no failure of the command."""
    changes = {
        "added": report.added,
        "changed": report.changed,
        "moved": report.moved,
        "back": report.returned,
        "removed": report.removed,
        "away": sum(one.track_count for one in report.away),
    }
    words = [f"{count} {name}" for name, count in changes.items() if count]
    if report.unchanged:
        words.append(f"{report.unchanged} unchanged")
    say(f"{scanned}: {', '.join(words) or 'no music'}.")
    say_away(report.away)
    if report.broken:
        say(f"{counted(len(report.broken), 'file')} cannot be used:")
    for broken in report.broken:
        say(f"  {broken.location}  {error_words(MienError(broken.problem, broken.remedy))}")


def say_away(away: Sequence[AwayFolder]) -> None:
    """Print which folders and servers are away, and what happens to their tracks."""
    for one in away:
        tracks = counted(one.track_count, "track")
        say(f"{one.location} is away with {tracks}, kept but not offered until it is back.")
    if away:
        say("To remove from the library what is away: mien library forget --missing")
