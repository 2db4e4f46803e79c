"""Chooses music that leads from a mood to a goal, with reasons: a pure function without clock or state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from mien.errors import NoMatchError, Remedy
from mien.music.recommender.filters import TrackFilter
from mien.music.recommender.goals import Goal, target
from mien.music.recommender.index import TrackIndex
from mien.music.recommender.likeness import Resemblance
from mien.music.recommender.list_builder import ListBuilder
from mien.music.recommender.preference import PreferenceScores
from mien.music.recommender.route import Route
from mien.music.recommender.taste import Taste
from mien.types import Mood, Station, Track

DEFAULT_COUNT: Final = 20
_MAX_COUNT: Final = 1000


def recommend(
    mood: Mood,
    tracks: Sequence[Track] | TrackIndex,
    *,
    count: int | None = None,
    minutes: float | None = None,
    goal: Goal = Goal.MATCH,
    track_filter: TrackFilter | None = None,
    preference: PreferenceScores | None = None,
    history: Sequence[str] = (),
    taste: Taste | None = None,
    rng: np.random.Generator | None = None,
) -> Station:
    """Choose tracks that lead from ``mood`` to the target of ``goal``, each track and song at most once.

    The route stays at the mood for a fifth of the list and then goes straight to the target. At each position the
    candidates are the nearest 512 tracks or more, with ``preference`` also the 1024 that it prefers, and with tracks to
    resemble also the 1024 that are most alike, without songs picked before. Unless the picks should resemble tracks or
    meet a preference, these are narrowed to the nearest that were not played lately (``nearest_first.nearest``),
    without short pieces where they would outnumber songs (``nearest_first.balanced``). u is the utility of a candidate,
    the sum of its ``score.UtilityTerms``; t is what ``taste`` adds to it. docs/decisions/0006-choosing.md gives the
    reasons.

    With ``rng`` the track is drawn with probability

    - b = softmax(u / s) without taste, where s = max(0.02, the distance range of the nearest candidates / 8);
    - 0.9 · mean(softmax((u + t) / s)) + 0.1 · b with taste, the mean over 16 samples of t, drawn once for the list.

    That probability is the pick's ``propensity``, b its ``baseline_propensity``. Without ``rng`` the track with the
    greatest u + mean(t) is picked, with propensity 1. A pick's ``score`` is min(1, exp(u + mean(t))).

    Args:
        mood: The mood to begin with.
        tracks: The tracks to choose from; those without features are left out. A ``TrackIndex`` saves building one.
        count: At most how many tracks to pick; 20 if neither this nor ``minutes`` is given.
        minutes: About how long the list should last.
        goal: Where to lead.
        track_filter: Conditions for the picks, and tracks to resemble.
        preference: What the picks should have besides the mood, weighed on the index of ``tracks``.
        history: Ids of played tracks, oldest first.
        taste: The listener's taste.
        rng: The source of randomness; None picks the best.

    Raises:
        NoMatchError: No track meets ``track_filter``.
    """
    track_index = _indexed(tracks)
    track_filter, goal = track_filter or TrackFilter(), Goal(goal)
    liked = track_index.rows_of(track_filter.like)
    builder = ListBuilder(
        track_index,
        route=Route(mood, target(goal, mood)),
        goal=goal,
        track_filter=track_filter,
        preference=preference,
        resemblance=Resemblance.to(track_index, liked) if liked.size else None,
        history=history,
        samples=taste.sample(track_index, rng) if taste is not None else None,
        rng=rng,
    )
    return _built(builder, count, minutes)


def recommend_path(
    start: str,
    end: str,
    tracks: Sequence[Track] | TrackIndex,
    *,
    count: int | None = None,
    minutes: float | None = None,
    track_filter: TrackFilter | None = None,
    history: Sequence[str] = (),
    taste: Taste | None = None,
    rng: np.random.Generator | None = None,
) -> Station:
    """Choose tracks that lead from one song to another in small steps of mood and sound, each song at most once.

    The list begins with the one and ends with the other. Between them, the mood goes straight from place to place, and
    the sound is to be like the first song at the beginning and like the last one at the end. The draw is as in
    ``recommend``.

    Args:
        start: The id of the first track.
        end: The id of the last track.
        tracks: The tracks to choose from, with both songs.
        count: At most how many tracks, both songs included; 20 if neither this nor ``minutes`` is given.
        minutes: About how long the list should last.
        track_filter: Conditions for the picks between.
        history: Ids of played tracks, oldest first.
        taste: The listener's taste.
        rng: The source of randomness; None picks the best.

    Raises:
        NoMatchError: Both are the same song, or one of them was not analysed; or nothing meets ``track_filter``.
    """
    track_index = _indexed(tracks)
    first, last = (_analysed_row(track_index, track_id) for track_id in (start, end))
    if track_index.songs[first] == track_index.songs[last]:
        raise NoMatchError("The path begins and ends with the same song", "name two different songs")
    moods = [Mood(*track_index.points[row].tolist()) for row in (first, last)]
    builder = ListBuilder(
        track_index,
        route=Route(moods[0], moods[1], hold_share=0),
        track_filter=track_filter or TrackFilter(),
        resemblance=Resemblance.between(track_index, first, last),
        history=history,
        samples=taste.sample(track_index, rng) if taste is not None else None,
        rng=rng,
    )
    return _built(builder, None if count is None else max(count, 2), minutes)


def recommend_radio(
    seeds: Sequence[str],
    tracks: Sequence[Track] | TrackIndex,
    *,
    mood: Mood | None = None,
    count: int | None = None,
    minutes: float | None = None,
    track_filter: TrackFilter | None = None,
    history: Sequence[str] = (),
    taste: Taste | None = None,
    rng: np.random.Generator | None = None,
) -> Station:
    """Choose tracks that sound like any of some, the seeds among them, with more variety than ``TrackFilter.like``.

    A single seed that was not played lately comes first, unless ``track_filter`` rules it out.

    Args:
        seeds: The ids of the tracks that the radio is about, such as a song or all songs of an artist.
        tracks: The tracks to choose from, with the seeds.
        mood: The mood to play for; by default the middle of the seeds' own.
        count: At most how many tracks; 20 if neither this nor ``minutes`` is given.
        minutes: About how long the list should last.
        track_filter: Conditions for the picks.
        history: Ids of played tracks, oldest first.
        taste: The listener's taste.
        rng: The source of randomness; None picks the best.

    Raises:
        NoMatchError: None of the seeds was analysed, or nothing meets ``track_filter``.
    """
    track_index = _indexed(tracks)
    rows = track_index.rows_of(seeds)
    if not rows.size:
        raise NoMatchError("None of this music was analysed yet", Remedy.SCAN)
    middle = mood or Mood(*track_index.points[rows].mean(axis=0).tolist())
    track_filter = track_filter or TrackFilter()
    builder = ListBuilder(
        track_index,
        route=Route(middle, middle),
        track_filter=track_filter,
        resemblance=Resemblance.around(
            track_index, rows, begin=len(seeds) == 1 and seeds[0] not in {*history, *track_filter.never}
        ),
        history=history,
        samples=taste.sample(track_index, rng) if taste is not None else None,
        rng=rng,
        shows_fit=mood is not None,
    )
    return _built(builder, count, minutes)


def _indexed(tracks: Sequence[Track] | TrackIndex) -> TrackIndex:
    return tracks if isinstance(tracks, TrackIndex) else TrackIndex.of(tracks)


def _built(builder: ListBuilder, count: int | None, minutes: float | None) -> Station:
    max_tracks = count if count is not None else DEFAULT_COUNT if minutes is None else _MAX_COUNT
    return builder.station(max_tracks, None if minutes is None else minutes * 60)


def _analysed_row(track_index: TrackIndex, track_id: str) -> int:
    row = track_index.row_of.get(track_id)
    if row is None:
        raise NoMatchError("was not analysed yet", Remedy.SCAN, subject=track_id)
    return row
