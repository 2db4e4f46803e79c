"""A columnar index of a library's tracks, built once for each change, so that choosing is fast."""

from __future__ import annotations

import operator
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, TypeVar
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from mien.music.names import comparison_form, comparison_words, leading_artist
from mien.music.recommender.grid import Grid, cells_of
from mien.music.recommender.sounds import SoundIndex
from mien.types import AudioFeatures, Track

BUCKETS: Final = 24
"""The number of hash buckets for the words of a track's genre and tags."""

UNKNOWN_KEY: Final = -1

_Key = TypeVar("_Key", bound=Hashable)

_NOBODY: Final = frozenset(
    (
        *("", "unknown", "unknown artist", "unknown artists", "unknown performer", "no artist", "none", "n a", "na"),
        *("various", "various artists", "various artist", "various performers", "va", "v a", "artist", "null"),
        *("unbekannt", "unbekannter kunstler", "unbekannter interpret", "verschiedene", "verschiedene interpreten"),
        *("verschiedene kunstler", "diverse", "diverse interpreten", "diverse kunstler"),
    )
)
"""What programs write in place of an artist, in its comparison form without punctuation."""


@dataclass(frozen=True, slots=True, eq=False)
class TrackIndex:
    """The analysed tracks in columns of n rows, sorted by their cell of the plane.

    Attributes:
        tracks: The track of each row.
        points: float64 [n, 2], valence and arousal, -1..1.
        tempos: float32 [n], log2 of beats per minute; NaN without a beat.
        keys: int8 [n], steps from C on the circle of fifths, a minor key at its relative major; ``UNKNOWN_KEY`` if
            unknown.
        uncertainties: float32 [n], 1 - the confidence of the arousal.
        durations: float32 [n], seconds; 0 if unknown.
        by_length: int [n], the rows in the order of their durations.
        artists: int32 [n], equal numbers for equal leading artists; likewise ``albums``, ``songs``, ``languages``.
        genre_sets: int32 [n], the number of the track's genres together, in ``genres_of_set``.
        explicit: bool [n], whether the tags mark the track as explicit.
        words: uint8 [n, BUCKETS], how many of the track's words fall into each hash bucket.
        sounds: What the tracks sound like.
        spacing_factor: float32 [artists], 1 minus the square of the artist's share of all tracks: close
            to 0 for an artist of nearly all tracks, whose tracks cannot be spaced.
        grid: The spatial index of all rows.
        row_of: The row of each track id.
        artist_codes: The number of each artist.
        genres_of_set: The genres of each number in ``genre_sets``, as first written.
        language_names: The language of each number.
        source_tracks: The tracks that the index was built from, those not analysed included.
    """

    tracks: Sequence[Track]
    points: NDArray[np.float64]
    tempos: NDArray[np.float32]
    keys: NDArray[np.int8]
    uncertainties: NDArray[np.float32]
    durations: NDArray[np.float32]
    by_length: NDArray[np.intp]
    artists: NDArray[np.int32]
    albums: NDArray[np.int32]
    songs: NDArray[np.int32]
    genre_sets: NDArray[np.int32]
    languages: NDArray[np.int32]
    explicit: NDArray[np.bool_]
    words: NDArray[np.uint8]
    sounds: SoundIndex
    spacing_factor: NDArray[np.float32]
    grid: Grid
    row_of: Mapping[str, int]
    artist_codes: Mapping[str, int]
    genres_of_set: tuple[tuple[str, ...], ...]
    language_names: tuple[str, ...]
    source_tracks: Sequence[Track]

    @classmethod
    def of(cls, tracks: Sequence[Track]) -> TrackIndex:
        """Index ``tracks`` that can be offered; a million take some seconds."""
        analysed = [
            (track, track.features) for track in tracks if track.features is not None and track.features.offered
        ]
        points = np.array([(found.valence, found.arousal) for _, found in analysed], np.float64).reshape(-1, 2)
        cells = cells_of(points)
        order = np.argsort(cells, kind="stable")
        analysed = [analysed[row] for row in order.tolist()]
        known = [track for track, _ in analysed]
        features = [found for _, found in analysed]
        artists, artist_codes = _numbered(artist_of(track) for track in known)
        genre_sets, set_codes = _numbered(tuple(map(comparison_form, track.genres)) for track in known)
        written = {comparison_form(genre): genre for track in reversed(known) for genre in track.genres}
        languages, language_codes = _numbered(track.language.strip().casefold() for track in known)
        durations = np.array([track.duration_s for track in known], np.float32)
        share = np.bincount(artists, minlength=len(artist_codes)) / max(len(known), 1)
        return cls(
            tracks=known,
            points=points[order],
            tempos=_octaves(np.array([found.tempo_bpm for found in features], np.float32)),
            keys=np.array([_fifths(found) for found in features], np.int8),
            uncertainties=np.array([1 - found.arousal_confidence for found in features], np.float32),
            durations=durations,
            by_length=np.argsort(durations, kind="stable"),
            artists=artists,
            albums=_numbered(
                (artist_of(track), comparison_form(track.album)) if track.album else track.id for track in known
            )[0],
            songs=_numbered(song_of(track) for track in known)[0],
            genre_sets=genre_sets,
            languages=languages,
            explicit=np.array([track.explicit is True for track in known], np.bool_),
            words=_counted([(track, found) for track, found in analysed]),
            sounds=SoundIndex.of([found.sound for found in features]),
            spacing_factor=(1 - share**2).astype(np.float32),
            grid=Grid.of(np.arange(len(known)), cells[order]),
            row_of={track.id: row for row, track in enumerate(known)},
            artist_codes=artist_codes,
            genres_of_set=tuple(tuple(written[form] for form in forms) for forms in set_codes),
            language_names=tuple(map(str, language_codes)),
            source_tracks=tracks,
        )

    def __len__(self) -> int:
        return len(self.tracks)

    def is_built_from(self, tracks: Sequence[Track]) -> bool:
        """Whether it was built from these very objects in this order, and so is up to date."""
        return len(tracks) == len(self.source_tracks) and all(map(operator.is_, tracks, self.source_tracks))

    @property
    def genre_names(self) -> tuple[str, ...]:
        """Every genre once, as first written."""
        return tuple(dict.fromkeys(genre for genres in self.genres_of_set for genre in genres))

    def rows_of(self, ids: Iterable[str]) -> NDArray[np.intp]:
        """The rows of the tracks that are in the index, in the order of ``ids``."""
        return np.array([self.row_of[name] for name in ids if name in self.row_of], np.intp)

    def grid_of(self, allowed: NDArray[np.bool_]) -> Grid:
        """A grid of the rows with ``allowed`` bool [n]."""
        rows = np.flatnonzero(allowed)
        return Grid.of(rows, cells_of(self.points[rows]))


def has_artist(track: Track) -> bool:
    """Whether a track names an artist: "[unknown]" and "Various Artists" are no artists."""
    return _is_somebody(track.artist)


@lru_cache(maxsize=65_536)
def _is_somebody(artist: str) -> bool:
    form = comparison_form(artist)
    return " ".join("".join(char if char.isalnum() else " " for char in form).split()) not in _NOBODY


def artist_of(track: Track) -> str:
    """The key of a track's leading artist; if it is unknown, the track's own id."""
    return comparison_form(leading_artist(track.artist)) if has_artist(track) else track.id


def song_of(track: Track) -> Hashable:
    """A key that is equal for the same song: leading artist and title; of an unknown artist, the track's own id."""
    return (artist_of(track), comparison_form(track.title)) if has_artist(track) else track.id


def _numbered(keys: Iterable[_Key]) -> tuple[NDArray[np.int32], dict[_Key, int]]:
    """Number the keys in the order of their first appearance: int32 [n], and the number of each key."""
    codes: dict[_Key, int] = {}
    return np.array([codes.setdefault(key, len(codes)) for key in keys], np.int32), codes


def _octaves(tempos_bpm: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.log2(tempos_bpm, out=np.full_like(tempos_bpm, np.nan), where=tempos_bpm > 0)


def _fifths(features: AudioFeatures) -> int:
    """Steps on the circle of fifths, seven semitones each; a minor key shares its relative major's step."""
    if features.tonic is None or features.minor is None:
        return UNKNOWN_KEY
    return 7 * (features.tonic + 3 * features.minor) % 12


def _counted(analysed: Sequence[tuple[Track, AudioFeatures]]) -> NDArray[np.uint8]:
    """How many words of each track fall into each bucket, by CRC-32, a hash that never changes: uint8 [n, BUCKETS]."""

    @cache
    def buckets(text: str) -> tuple[int, ...]:
        return tuple(crc32(word.encode("utf-8", "replace")) % BUCKETS for word in sorted(comparison_words(text)))

    counts = np.zeros((len(analysed), BUCKETS), np.uint8)
    for row, (track, found) in enumerate(analysed):
        for text in (*track.genres, *found.tags):
            for bucket in buckets(text):
                counts[row, bucket] += 1
    return counts
