"""What a radio can be about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class SongSeed:
    """A radio from the track with this id."""

    track_id: str


@dataclass(frozen=True, slots=True)
class ArtistSeed:
    """A radio from all tracks of the artist with this name."""

    name: str


@dataclass(frozen=True, slots=True)
class PlaylistSeed:
    """A radio from the tracks of the stored playlist with this name."""

    name: str


RadioSeeds: TypeAlias = SongSeed | ArtistSeed | PlaylistSeed
