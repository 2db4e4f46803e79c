"""A household's library, and what its people said about their songs, which no accident may lose."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mien.music.library.database import Database
from mien.music.library.library import Library
from mien.music.library.play_log import PlayEvent
from mien.music.library.taste_store import TasteStore
from mien.music.recommender.feedback import Rating
from mien.types import Mood, MoodOrigin

_BEGIN = datetime(2026, 5, 1, 12, tzinfo=UTC)


class Household:
    """Says things about songs, and tells later what of it is in place.

    Attributes:
        library: The library, without the starter pieces.
        said: What was said about each song, as ``words`` gives it.
    """

    def __init__(self, database: Database, library: Library) -> None:
        self.library = library
        self._tastes = TasteStore(database)
        self.said: dict[str, tuple[float | None, str | None, int]] = {}

    def speak(self, title: str) -> None:
        """Correct, rate and play the song with this title; each song differently."""
        (track,) = [track for track in self.library.tracks() if track.title == title]
        count = len(self.said) + 1
        at, rating = _BEGIN + timedelta(minutes=count), Rating.LIKE if count % 2 else Rating.NEVER
        self.library.correct(track.id, Mood(count / 64, -count / 64), at=at)
        self._tastes.rate(track.id, rating, at=at)
        for _ in range(count):
            self.library.record_play(track.id, PlayEvent.STARTED, position_s=0, at=at)
        self.said[title] = (count / 64, rating, count)

    def words(self) -> dict[str, tuple[float | None, str | None, int]]:
        """The corrected valence, the rating and the number of plays of each song that can be played, by its title."""
        ratings, plays = self._tastes.ratings(), [row for row in self._tastes.export() if row["kind"] == "play"]
        found = {}
        for one in self.library.available():
            track = self.library.track(one.id)
            features = track.features
            corrected = features.valence if features and features.origin is MoodOrigin.PERSON else None
            count = sum(row["track_id"] == track.id for row in plays)
            found[track.title] = (corrected, ratings.get(track.id), count)
        return found

    def unheard(self) -> list[str]:
        """The titles of the songs that were not analysed."""
        return [track.title for track in self.library.tracks() if track.features is None]
