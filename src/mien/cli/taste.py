"""``mien taste``: shows, changes, exports and evaluates the learnt taste."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from mien.cli.stores import open_stores, open_tastes
from mien.cli.terminal.examples import examples
from mien.cli.terminal.output import say, write_json
from mien.cli.terminal.quantities import counted
from mien.cli.terminal.rows import RowFormat, output_options, row_writer
from mien.cli.terminal.track_lookup import find_track

if TYPE_CHECKING:
    from mien.music.recommender.feedback import PlayOutcome, Rating
    from mien.music.recommender.off_policy import MeanEstimate
    from mien.types import Track

_MIN_EFFECTIVE_SAMPLE = 30


@click.group(epilog=examples('mien taste like "Moss"', "mien taste report", "mien taste undo"))
def taste() -> None:
    """Show and change what mien learns of your taste.

    It learns from what you hear to the end, skip, like and exclude; all of it stays on this computer.
    """


@taste.command(epilog=examples('mien taste like "Moss"'))
@click.argument("track")
def like(track: str) -> None:
    """Ask for more music like a track.

    TRACK is an id, a title, "artist - title" or a file.
    """
    from mien.music.recommender.feedback import Rating

    _rate(track, Rating.LIKE, "More like {title} from now on.")


@taste.command(epilog=examples('mien taste never "Undertow"'))
@click.argument("track")
def never(track: str) -> None:
    """Exclude a track from now on.

    TRACK is an id, a title, "artist - title" or a file.
    """
    from mien.music.recommender.feedback import Rating

    _rate(track, Rating.NEVER, "{title} will not be chosen again; to allow it: mien taste forget '{id}'")


@taste.command(epilog=examples('mien taste forget "Undertow"'))
@click.argument("track")
def forget(track: str) -> None:
    """Remove your rating of a track."""
    _rate(track, None, "Your rating of {title} is removed.", unrated="{title} has no rating.")


@taste.command(epilog=examples("mien taste undo"))
def undo() -> None:
    """Undo the latest feedback.

    That is a rating, a skip, or a track heard to the end.
    """
    from mien.errors import TrackNotFoundError

    with open_stores() as stores:
        catalogue, tastes = stores.library, stores.tastes
        undone = tastes.undo()
        if undone is None:
            say("There is nothing to undo.")
            return
        try:
            title = catalogue.track(undone.track_id).title
        except TrackNotFoundError:
            title = undone.track_id
    what = {"like": "that you like", "never": "that you exclude", "finished": "that you heard to the end"}
    words = what.get(undone.what, "that you skipped")
    say(f"Undone: {words} {title} ({undone.at.astimezone():%d %B, %H:%M}).")


@taste.command(epilog=examples("mien taste reset", "mien taste reset --yes"))
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(yes: bool) -> None:
    """Delete the learnt taste permanently.

    The log that it was learnt from is deleted too: every rating, pick and play.
    """
    if not yes:
        click.confirm("Delete every rating, pick and play permanently?", abort=True, err=True)
    with open_tastes() as tastes:
        deleted = tastes.reset()
    say(f"{'1 entry' if deleted == 1 else f'{deleted} entries'} deleted.")


@taste.command(epilog=examples("mien taste export > taste.jsonl"))
def export() -> None:
    """Print everything that taste is learnt from, as JSON lines."""
    with open_tastes() as tastes:
        for entry in tastes.export():
            write_json(entry)


@taste.command(epilog=examples("mien taste report", "mien taste report --json"))
@output_options
def report(output_format: str | None) -> None:
    """Evaluate whether taste makes better choices.

    Compares the mean share of each pick that was heard with taste and without. The latter is estimated from the same
    picks and the probability with which each was drawn: by inverse propensity scoring (IPS), and self-normalised
    (SNIPS), with 95 % intervals.
    """
    with open_stores() as stores:
        catalogue, tastes = stores.library, stores.tastes
        outcomes = [one for one in tastes.outcomes(_by_id(catalogue.tracks())) if one.recommended is not None]
        learnt = tastes.taste(catalogue.placed_tracks)
    if not outcomes:
        say("No pick was heard or skipped yet; play some music on the page first.")
        return
    rows, effective_sample_size = _policies(outcomes)
    with row_writer(output_format, LAYOUT) as write:
        for row in rows:
            write(row)
    feedback = f"{learnt.feedback_count if learnt is not None else 0} of feedback"
    picks = counted(len(outcomes), "pick")
    say(f"{picks} and {feedback}; effective sample size without taste: {effective_sample_size:.0f}.")
    if effective_sample_size < _MIN_EFFECTIVE_SAMPLE:
        say("That is too little for a conclusion; listen to more music.")


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A policy, how its mean reward was estimated, and the estimate."""

    policy: str
    method: str
    estimate: MeanEstimate


def _policies(outcomes: list[PlayOutcome]) -> tuple[list[PolicyRow], float]:
    """The estimates with and without taste, and the effective sample size of the latter."""
    import numpy as np

    from mien.music.recommender.off_policy import evaluate_policy, mean

    chosen = [one.recommended for one in outcomes if one.recommended is not None]
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


def _rate(wanted: str, rating: Rating | None, done: str, *, unrated: str = "") -> None:
    with open_stores() as stores:
        catalogue, tastes = stores.library, stores.tastes
        track = find_track(catalogue, wanted)
        before = tastes.rate(track.id, rating, at=datetime.now(UTC))
    say((done if before or not unrated else unrated).format(title=track.title, id=track.id))


def _by_id(tracks: list[Track]) -> dict[str, Track]:
    return {track.id: track for track in tracks}


def _as_json(row: PolicyRow) -> dict[str, Any]:
    numbers = {"value": row.estimate.value, "low": row.estimate.low, "high": row.estimate.high}
    # JSON has no infinity; a single pick has no interval.
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
