"""Stores the user's ratings, and learns their taste from these and from the log of picks and plays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from mien.music.library.database import Database
from mien.music.library.play_log import PlayEvent
from mien.music.library.tables import PICKS, PLAYS, RATINGS
from mien.music.recommender.feedback import PlayEnd, PlayOutcome, Rating, RecommendedPlay, feedback_from, outcomes
from mien.music.recommender.listening import ListeningHistory
from mien.music.recommender.taste import Taste
from mien.types import Mood, Track

_ENDS = (PlayEvent.FINISHED, PlayEvent.SKIPPED)

_OFTEN = 3
"""A track that was heard to the end this often is a favourite."""

_SKIP_WITH_NEVER = timedelta(seconds=5)
"""A skip this soon after the rating "never" comes from the rating, and is deleted with it."""


@dataclass(frozen=True, slots=True)
class UndoneFeedback:
    """Feedback that was deleted: a rating, or the end of a play."""

    track_id: str
    what: Rating | PlayEvent
    at: datetime


class TasteStore:
    """The user's ratings and learnt taste; safe to use from several threads, and several processes on one database.

    Ratings and the log keep tracks that are removed, and count again when the tracks come back.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cached: tuple[object, Taste] | None = None

    def rate(self, track_id: str, rating: Rating | None, *, at: datetime) -> bool:
        """Store a rating in place of an earlier one.

        When a rating "never" goes, the skip that came with it goes too.

        Args:
            track_id: The track's id.
            rating: The rating; None deletes the earlier one.
            at: An aware time.

        Returns:
            Whether there was an earlier rating.
        """
        with self._database.transaction() as connection:
            same = RATINGS.c.track_id == track_id
            # Writing first waits for other writers, so that what is read next is current.
            connection.execute(sa.update(RATINGS).where(same).values(rating=RATINGS.c.rating))
            earlier = connection.execute(sa.select(RATINGS).where(same)).one_or_none()
            connection.execute(sa.delete(RATINGS).where(same))
            if earlier is not None and earlier.rating == Rating.NEVER != rating:
                soon = PLAYS.c.at.between(earlier.at, earlier.at + _SKIP_WITH_NEVER)
                skip = sa.and_(PLAYS.c.track_id == track_id, PLAYS.c.event == PlayEvent.SKIPPED, soon)
                connection.execute(sa.delete(PLAYS).where(skip))
            if rating is not None:
                connection.execute(sa.insert(RATINGS).values(track_id=track_id, rating=rating, at=at))
        return earlier is not None

    def ratings(self) -> dict[str, Rating]:
        """Every rating, by track id, the earliest first."""
        query = sa.select(RATINGS.c.track_id, RATINGS.c.rating).order_by(RATINGS.c.at)
        with self._database.transaction() as connection:
            return {row.track_id: Rating(row.rating) for row in connection.execute(query)}

    def never(self) -> frozenset[str]:
        """The ids of the tracks rated "never"."""
        return frozenset(track_id for track_id, rating in self.ratings().items() if rating is Rating.NEVER)

    def played_since(self, at: datetime) -> frozenset[str]:
        """The ids of the tracks that began to play at or after a time."""
        query = sa.select(PLAYS.c.track_id).where(PLAYS.c.event == PlayEvent.STARTED, PLAYS.c.at >= at)
        with self._database.transaction() as connection:
            return frozenset(connection.execute(query.distinct()).scalars())

    def listening(self) -> ListeningHistory:
        """The favourites, which are liked or were heard to the end three times, and the last plays."""
        finished = sa.func.sum(sa.case((PLAYS.c.event == PlayEvent.FINISHED, 1), else_=0))
        query = sa.select(PLAYS.c.track_id, sa.func.max(PLAYS.c.at).label("last"), finished.label("finished"))
        with self._database.transaction() as connection:
            plays = connection.execute(query.group_by(PLAYS.c.track_id)).all()
        ratings = self.ratings()
        often = {row.track_id for row in plays if row.finished >= _OFTEN and row.track_id not in ratings}
        liked = {track_id for track_id, rating in ratings.items() if rating is Rating.LIKE}
        return ListeningHistory(frozenset(liked | often), {row.track_id: row.last for row in plays})

    def outcomes(self, tracks: Mapping[str, Track]) -> list[PlayOutcome]:
        """The outcomes of plays, the earliest first.

        Args:
            tracks: The library's tracks, by id; plays of other tracks are left out.
        """
        with self._database.transaction() as connection:
            picks = connection.execute(sa.select(PICKS).order_by(PICKS.c.id)).all()
            plays = connection.execute(sa.select(PLAYS).where(PLAYS.c.event.in_(_ENDS)).order_by(PLAYS.c.id)).all()
        recommended = (
            RecommendedPlay(
                row.track_id,
                row.at,
                Mood(row.valence, row.arousal, row.mood_confidence),
                row.propensity,
                row.propensity if row.baseline_propensity is None else row.baseline_propensity,
            )
            for row in picks
        )
        ends = (
            PlayEnd(row.track_id, row.at, None if row.event == PlayEvent.FINISHED else row.position_s) for row in plays
        )
        return outcomes(recommended, ends, tracks)

    def taste(self, tracks: Callable[[], list[Track]]) -> Taste | None:
        """The taste learnt so far, None before the first feedback.

        It is computed again only after new feedback.

        Args:
            tracks: Returns the library's tracks; called only if the taste is computed.
        """
        version = self._feedback_version()
        if self._cached is None or self._cached[0] != version:
            by_id = {track.id: track for track in tracks()}
            self._cached = version, Taste.of(feedback_from(self.outcomes(by_id), self.ratings(), by_id))
        taste = self._cached[1]
        return taste if taste.feedback_count else None

    def undo(self) -> UndoneFeedback | None:
        """Delete the latest feedback and return it; None if there is none."""
        last_end = sa.select(PLAYS).where(PLAYS.c.event.in_(_ENDS)).order_by(PLAYS.c.at.desc(), PLAYS.c.id.desc())
        last_rating = sa.select(RATINGS).order_by(RATINGS.c.at.desc())
        with self._database.transaction() as connection:
            end = connection.execute(last_end.limit(1)).one_or_none()
            rating = connection.execute(last_rating.limit(1)).one_or_none()
            if rating is not None and (end is None or rating.at >= end.at):
                connection.execute(sa.delete(RATINGS).where(RATINGS.c.track_id == rating.track_id))
                return UndoneFeedback(rating.track_id, Rating(rating.rating), rating.at)
            if end is not None:
                connection.execute(sa.delete(PLAYS).where(PLAYS.c.id == end.id))
                return UndoneFeedback(end.track_id, PlayEvent(end.event), end.at)
        return None

    def reset(self) -> int:
        """Delete every rating, pick and play for good; returns their number."""
        with self._database.transaction() as connection:
            return sum(connection.execute(sa.delete(table)).rowcount for table in (RATINGS, PICKS, PLAYS))

    def export(self) -> Iterator[dict[str, Any]]:
        """Every rating, pick and play, one flat object each.

        ``kind`` is "rating", "pick" or "play", ``at`` an ISO 8601 time in UTC; the other keys are the columns.
        """
        with self._database.transaction() as connection:
            for kind, table in (("rating", RATINGS), ("pick", PICKS), ("play", PLAYS)):
                for row in connection.execute(sa.select(table).order_by(table.c.at)).mappings():
                    values = {name: value for name, value in row.items() if name != "id"}
                    yield {"kind": kind, **values, "at": row["at"].isoformat()}

    def _feedback_version(self) -> object:
        """A value that changes with every feedback."""
        count = sa.func.count()
        with self._database.transaction() as connection:
            plays = connection.execute(sa.select(count, sa.func.max(PLAYS.c.id)).select_from(PLAYS)).one()
            ratings = connection.execute(sa.select(count, sa.func.max(RATINGS.c.at)).select_from(RATINGS)).one()
        return tuple(plays), tuple(ratings)
