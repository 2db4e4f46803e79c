"""Holds the tracks that come with mien, which are always there and not in the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mien.music.library.track_rows import with_mood
from mien.music.location import Location
from mien.music.sources.source import Source, SourceItem
from mien.music.tagging.moods import MoodPoint
from mien.types import Cover, Track


class BundledTracks:
    """The tracks of a source that never changes, such as the starter library; they are read once."""

    def __init__(self, source: Source | None) -> None:
        """Read the tracks of ``source``; there are none if it is None."""
        self._source = source
        self._tracks: dict[str, tuple[SourceItem, Track]] = {}
        if source is not None:
            items = (found for found in source.items() if isinstance(found, SourceItem))
            scanned = [(item, source.read(item)) for item in items]
            self._tracks = {track.id: (item, track) for item, track in scanned}

    def __contains__(self, track_id: str) -> bool:
        return track_id in self._tracks

    def item(self, track_id: str) -> SourceItem | None:
        """The source's item of a track, None if the track is not bundled."""
        item, _ = self._tracks.get(track_id, (None, None))
        return item

    def track(self, track_id: str, corrections: Mapping[str, MoodPoint]) -> Track | None:
        """A track with its corrected mood, None if it is not bundled."""
        _, track = self._tracks.get(track_id, (None, None))
        return track and _corrected(track, corrections)

    def tracks(self, corrections: Mapping[str, MoodPoint]) -> list[Track]:
        """All tracks, with their corrected moods."""
        return [_corrected(track, corrections) for _, track in self._tracks.values()]

    def locations(self) -> dict[str, Location]:
        """The tracks' files, by track id."""
        return {track_id: item.location for track_id, (item, _) in self._tracks.items()}

    def cover(self, track_id: str) -> Cover | None:
        """A track's cover, None if it has none."""
        item = self.item(track_id)
        return None if item is None or self._source is None else self._source.cover(item)


def _corrected(track: Track, corrections: Mapping[str, MoodPoint]) -> Track:
    correction = corrections.get(track.id)
    if correction is None or track.features is None:
        return track
    return replace(track, features=with_mood(track.features, tagged=None, corrected=correction))
