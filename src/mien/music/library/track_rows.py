"""Converts tracks to rows of the database's tables and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import sqlalchemy as sa

from mien.errors import AudioError, clause
from mien.music.library.tables import CORRECTIONS, TRACKS
from mien.music.location import Location
from mien.music.sources.source import SourceItem
from mien.music.tagging.moods import MoodPoint
from mien.music.tagging.read import TAG_READER_VERSION
from mien.types import AudioFeatures, MoodOrigin, Track

_FEATURE_FIELDS = tuple(name for name in AudioFeatures.__dataclass_fields__ if name not in {"origin", "absolute"})
_FEATURE_COLUMNS = tuple("confidence" if name == "arousal_confidence" else name for name in _FEATURE_FIELDS)
_TRACK_FIELDS = tuple(name for name in Track.__dataclass_fields__ if name not in {"features", "tagged"})
_TAG_COLUMNS = ("tag_valence", "tag_arousal")
_CORRECTION_COLUMNS = ("corrected_valence", "corrected_arousal")
_COLUMN_NAMES = (*_TRACK_FIELDS, *_FEATURE_FIELDS, *_TAG_COLUMNS, *_CORRECTION_COLUMNS)

SELECT_TRACKS: sa.Select[Any] = sa.select(
    *(TRACKS.c[name] for name in (*_TRACK_FIELDS, *_FEATURE_COLUMNS, *_TAG_COLUMNS)),
    CORRECTIONS.c.valence.label(_CORRECTION_COLUMNS[0]),
    CORRECTIONS.c.arousal.label(_CORRECTION_COLUMNS[1]),
).outerjoin_from(TRACKS, CORRECTIONS, TRACKS.c.id == CORRECTIONS.c.track_id)
"""Selects tracks with their corrections, in the order of columns that ``track_of`` expects."""


class ScannedFile(NamedTuple):
    """The result of scanning a file.

    ``error`` is the reason why it cannot be played, None if it can; ``content_hash`` is None for a file on a server.
    """

    item: SourceItem
    track: Track
    error: AudioError | None = None
    content_hash: str | None = None


def row_of(scanned: ScannedFile, folder_ids: Mapping[Location, int]) -> dict[str, Any]:
    """A row for the table of tracks.

    Args:
        scanned: The scanned file.
        folder_ids: The ids of the folders that were added, by location.

    Returns:
        Values by column; ``folder_id`` is None if the file is in none of the folders.
    """
    item, track, error, content_hash = scanned
    features = track.features
    return {
        **tags_of(track),
        "folder_id": next((number for folder, number in folder_ids.items() if item.location.is_within(folder)), None),
        "path": item.location,
        "size_bytes": item.size_bytes,
        "changed_ns": item.changed_ns,
        "error": None if error is None else clause(error.problem, error.remedy),
        "content_hash": content_hash,
        "duration_s": track.duration_s,
        **{
            column: getattr(features, name) if features else None
            for name, column in zip(_FEATURE_FIELDS, _FEATURE_COLUMNS, strict=True)
        },
    }


def tags_of(track: Track) -> dict[str, Any]:
    """The values by column that come from a track's tags."""
    return {
        **{name: getattr(track, name) for name in _TRACK_FIELDS if name != "duration_s"},
        **dict(zip(_TAG_COLUMNS, track.tagged or (None, None), strict=True)),
        "tag_reader_version": TAG_READER_VERSION,
    }


def track_of(row: sa.Row[Any]) -> Track:
    """The track of a row of ``SELECT_TRACKS``, with its corrected, tagged or estimated mood."""
    values = dict(zip(_COLUMN_NAMES, row, strict=True))
    tagged, corrected = _pair(values, _TAG_COLUMNS), _pair(values, _CORRECTION_COLUMNS)
    track = Track(**{name: values[name] for name in _TRACK_FIELDS}, tagged=tagged)
    if values["analyser_version"] is None:
        return track
    # Early analysers did not estimate the confidence of the valence, nor keep the sound.
    values["valence_confidence"] = values["valence_confidence"] or 0.0
    values["sound"] = values["sound"] or b""
    features = AudioFeatures(**{name: values[name] for name in _FEATURE_FIELDS})
    return replace(track, features=with_mood(features, tagged=tagged, corrected=corrected))


def with_mood(features: AudioFeatures, *, tagged: MoodPoint | None, corrected: MoodPoint | None) -> AudioFeatures:
    """Replace an estimated mood by a better one.

    Args:
        features: What the analyser estimated.
        tagged: The mood that the file's tags state, if any; it takes precedence over the estimate.
        corrected: The mood that the user stated, if any; it takes precedence over both.
    """
    stated = corrected or tagged
    if stated is None:
        return features
    valence, arousal = stated
    return replace(
        features,
        valence=valence,
        arousal=arousal,
        arousal_confidence=1.0,
        valence_confidence=1.0,
        origin=MoodOrigin.PERSON if corrected else MoodOrigin.TAG,
    )


def _pair(values: Mapping[str, Any], names: tuple[str, str]) -> MoodPoint | None:
    valence, arousal = (values[name] for name in names)
    return None if valence is None or arousal is None else (valence, arousal)
