"""``mien taste``: what a person likes: say it, see what it earns, take it back, take it along."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from mien.cli.stores import open_library, open_tastes
from mien.cli.terminal.examples import examples
from mien.cli.terminal.output import say, write_json
from mien.cli.terminal.quantities import counted
from mien.cli.terminal.rows import RowFormat, row_writer, style_options
from mien.cli.terminal.track_lookup import find_track

if TYPE_CHECKING:
    from mien.music.recommender.feedback import PlayOutcome, Rating
    from mien.music.recommender.off_policy import MeanEstimate
    from mien.types import Track

_EFFECTIVE_LEAST = 30


@click.group(epilog=examples('mien taste like "Moss"', "mien taste report", "mien taste undo"))
def taste() -> None:
    """See and steer what mien learns of your taste.

    It learns from what you hear to the end, skip, like and never want again; all of it stays on this computer.
    """


@taste.command(epilog=examples('mien taste like "Moss"'))
@click.argument("track")
def like(track: str) -> None:
    """Say that there should be more like a track.

    TRACK is an id, a title, "artist - title" or a file.
    """
    from mien.music.recommender.feedback import Rating

    _tell(track, Rating.LIKE, "More like {title} from now on.")


@taste.command(epilog=examples('mien taste never "Undertow"'))
@click.argument("track")
def never(track: str) -> None:
    """Say that a track should not come again.

    TRACK is an id, a title, "artist - title" or a file.
    """
    from mien.music.recommender.feedback import Rating

    _tell(track, Rating.NEVER, "{title} will not come again; to allow it: mien taste forget '{id}'")


@taste.command(epilog=examples('mien taste forget "Undertow"'))
@click.argument("track")
def forget(track: str) -> None:
    """Take back what was said of a track."""
    _tell(track, None, "What was said of {title} is forgotten.", unsaid="Nothing was said of {title}.")


@taste.command(epilog=examples("mien taste undo"))
def undo() -> None:
    """Forget the latest lesson.

    That is a word, a skip, or a track heard to the end.
    """
    from mien.errors import TrackNotFoundError

    with open_library() as catalogue, open_tastes() as tastes:
        undone = tastes.undo()
        if undone is None:
            say("There is nothing to undo.")
            return
        try:
            title = catalogue.track(undone.track_id).title
        except TrackNotFoundError:
            title = undone.track_id
    what = {"like": "that you like", "never": "that you never want", "finished": "that you heard out"}
    words = what.get(undone.what, "that you skipped")
    say(f"Forgotten: {words} {title} ({undone.at.astimezone():%d %B, %H:%M}).")


@taste.command(epilog=examples("mien taste reset", "mien taste reset --yes"))
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(yes: bool) -> None:
    """Delete all that was learnt, for good.

    With it goes the log that it was learnt from: every like, pick and play.
    """
    if not yes:
        click.confirm("Delete every like, pick and play for good?", abort=True, err=True)
    with open_tastes() as tastes:
        deleted = tastes.reset()
    say(f"{counted(deleted, 'entry') if deleted == 1 else f'{deleted} entries'} deleted; mien begins anew.")


@taste.command(epilog=examples("mien taste export > taste.jsonl"))
def export() -> None:
    """Print all that taste is learnt from, as lines of JSON."""
    with open_tastes() as tastes:
        for told in tastes.export():
            write_json(told)


@taste.command(epilog=examples("mien taste report", "mien taste report --json"))
@style_options
def report(style: str | None) -> None:
    """Say what learning earns.

    That is the share of each pick that was heard, with taste and without. What choosing without taste would have
    earned is estimated from the same picks and the probability that each was drawn with: by inverse propensity scoring
    (IPS), and self-normalised (SNIPS), with 95 % intervals.
    """
    with open_library() as catalogue, open_tastes() as tastes:
        outcomes = [one for one in tastes.outcomes(_by_id(catalogue.tracks())) if one.chosen is not None]
        learnt = tastes.taste(catalogue.tracks)
    if not outcomes:
        say("No pick was heard or skipped yet; play some music on the page first.")
        return
    rows, effective_sample_size = _policies(outcomes)
    with row_writer(style, LAYOUT) as write:
        for row in rows:
            write(row)
    feedback = counted(learnt.feedback_count, "lesson") if learnt is not None else "no lesson"
    say(f"{counted(len(outcomes), 'pick')} and {feedback}; without taste, they count as {effective_sample_size:.0f}.")
    if effective_sample_size < _EFFECTIVE_LEAST:
        say("That is too little to tell yet; listen on.")


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One policy, how it was estimated, and what it earns."""

    policy: str
    method: str
    estimate: MeanEstimate


def _policies(outcomes: list[PlayOutcome]) -> tuple[list[PolicyRow], float]:
    """What was earned, what would have been without taste, and how many picks the latter rests on."""
    import numpy as np

    from mien.music.recommender.off_policy import evaluate_policy, mean

    chosen = [one.chosen for one in outcomes if one.chosen is not None]
    shares = np.array([one.share for one in outcomes])
    found = evaluate_policy(
        shares, np.array([one.propensity for one in chosen]), np.array([one.baseline_propensity for one in chosen])
    )
    rows = [
        PolicyRow("as chosen", "mean", mean(shares)),
        PolicyRow("without taste", "IPS", found.ips),
        PolicyRow("without taste", "SNIPS", found.snips),
        PolicyRow("gain of taste", "IPS", found.gain),
    ]
    return rows, found.effective_sample_size


def _tell(wanted: str, rating: Rating | None, done: str, *, unsaid: str = "") -> None:
    with open_library() as catalogue, open_tastes() as tastes:
        track = find_track(catalogue, wanted)
        before = tastes.rate(track.id, rating, at=datetime.now(UTC))
    say((done if before or not unsaid else unsaid).format(title=track.title, id=track.id))


def _by_id(tracks: list[Track]) -> dict[str, Track]:
    return {track.id: track for track in tracks}


def _as_json(row: PolicyRow) -> dict[str, Any]:
    numbers = {"value": row.estimate.value, "low": row.estimate.low, "high": row.estimate.high}
    # JSON has no infinity: of one pick there is no interval.
    known = {name: round(number, 4) if math.isfinite(number) else None for name, number in numbers.items()}
    return {"policy": row.policy, "method": row.method, **known}


def _as_values(row: PolicyRow) -> Iterator[list[Any]]:
    yield list(_as_json(row).values())


def _as_cells(row: PolicyRow) -> Iterator[tuple[str, ...]]:
    found = row.estimate
    interval = f"{found.low:+.3f} to {found.high:+.3f}" if math.isfinite(found.high - found.low) else "unknown"
    yield (row.policy, row.method, f"{found.value:+.3f}" if math.isfinite(found.value) else "unknown", interval)


LAYOUT = RowFormat(
    as_json=_as_json,
    header=("policy", "method", "value", "low", "high"),
    as_values=_as_values,
    columns=("Choosing", "Estimate", "Share heard", "95 % interval"),
    numbers=("Share heard", "95 % interval"),
    as_cells=_as_cells,
)
