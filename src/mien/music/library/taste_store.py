"""Keeps what a person said and did with their music: the queries that taste is learnt from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from mien.music.library.database import Database
from mien.music.library.tables import PICKS, PLAYS, RATINGS
from mien.music.recommender.feedback import PlayEnd, PlayOutcome, Rating, RecommendedPlay, feedback_from, outcomes
from mien.music.recommender.taste import Taste
from mien.types import Mood, Track

_ENDS = ("finished", "skipped")

_SAME_BREATH = timedelta(seconds=5)
"""How soon after "never" a skip of that track belongs to it: who takes back the one did not mean the other."""


@dataclass(frozen=True, slots=True)
class UndoneFeedback:
    """The latest lesson, which is now forgotten: what was said or done ("like", "never", "finished", "skipped")."""

    track_id: str
    what: str
    at: datetime


class TasteStore:
    """One person's verdicts, picks and plays, in the library's database; safe to use from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: tuple[object, Taste] | None = None

    def rate(self, track_id: str, rating: Rating | None, *, at: datetime) -> bool:
        """Keep a verdict in place of an earlier one, or with None take it back; whether there was one before.

        When "never" is taken back, the skip that went with it is forgotten too.
        """
        with self._database.transaction() as connection:
            same = RATINGS.c.track_id == track_id
            # To write first is to wait for one's turn: what is read then cannot have become outdated.
            connection.execute(sa.update(RATINGS).where(same).values(rating=RATINGS.c.rating))
            old = connection.execute(sa.select(RATINGS).where(same)).one_or_none()
            connection.execute(sa.delete(RATINGS).where(same))
            if old is not None and old.rating == Rating.NEVER != rating:
                with_it = PLAYS.c.at.between(old.at, old.at + _SAME_BREATH)
                skips = sa.delete(PLAYS).where(PLAYS.c.track_id == track_id, PLAYS.c.event == "skipped", with_it)
                connection.execute(skips)
            if rating is not None:
                values = {"track_id": track_id, "rating": rating, "at": at}
                connection.execute(sa.insert(RATINGS).values(values))
        return old is not None

    def ratings(self) -> dict[str, Rating]:
        """What was said of each track, the earliest first."""
        with self._database.transaction() as connection:
            rows = connection.execute(sa.select(RATINGS.c.track_id, RATINGS.c.rating).order_by(RATINGS.c.at))
            return {track_id: Rating(rating) for track_id, rating in rows}

    def never(self) -> frozenset[str]:
        """The ids of tracks that must not come."""
        return frozenset(name for name, rating in self.ratings().items() if rating is Rating.NEVER)

    def played_since(self, at: datetime) -> frozenset[str]:
        """The ids of tracks that began to play since then."""
        query = sa.select(PLAYS.c.track_id).where(PLAYS.c.event == "started", PLAYS.c.at >= at)
        with self._database.transaction() as connection:
            return frozenset(connection.execute(query.distinct()).scalars())

    def outcomes(self, tracks: Mapping[str, Track]) -> list[PlayOutcome]:
        """How each play ended, the earliest first, of the tracks that there still are."""
        with self._database.transaction() as connection:
            picks = connection.execute(sa.select(PICKS).order_by(PICKS.c.id)).all()
            plays = connection.execute(sa.select(PLAYS).where(PLAYS.c.event.in_(_ENDS)).order_by(PLAYS.c.id)).all()
        chosen = (
            RecommendedPlay(
                row.track_id,
                row.at,
                Mood(row.valence, row.arousal, row.mood_confidence),
                row.propensity,
                row.propensity if row.baseline_propensity is None else row.baseline_propensity,
            )
            for row in picks
        )
        ended = (PlayEnd(row.track_id, row.at, None if row.event == "finished" else row.position_s) for row in plays)
        return outcomes(chosen, ended, tracks)

    def taste(self, tracks: Callable[[], list[Track]]) -> Taste | None:
        """What was learnt so far, None before the first lesson; it is worked out again only after a new one."""
        stamp = self._stamp()
        if self._known is None or self._known[0] != stamp:
            by_id = {track.id: track for track in tracks()}
            self._known = stamp, Taste.of(feedback_from(self.outcomes(by_id), self.ratings(), by_id))
        taste = self._known[1]
        return taste if taste.feedback_count else None

    def undo(self) -> UndoneFeedback | None:
        """Forget the latest lesson, and say which it was; None when there is none."""
        play = sa.select(PLAYS).where(PLAYS.c.event.in_(_ENDS)).order_by(PLAYS.c.at.desc(), PLAYS.c.id.desc()).limit(1)
        said = sa.select(RATINGS).order_by(RATINGS.c.at.desc()).limit(1)
        with self._database.transaction() as connection:
            played, spoken = connection.execute(play).one_or_none(), connection.execute(said).one_or_none()
            if spoken is not None and (played is None or spoken.at >= played.at):
                connection.execute(sa.delete(RATINGS).where(RATINGS.c.track_id == spoken.track_id))
                return UndoneFeedback(spoken.track_id, spoken.rating, spoken.at)
            if played is not None:
                connection.execute(sa.delete(PLAYS).where(PLAYS.c.id == played.id))
                return UndoneFeedback(played.track_id, played.event, played.at)
        return None

    def reset(self) -> int:
        """Delete every verdict, pick and play for good; how many rows there were."""
        with self._database.transaction() as connection:
            return sum(connection.execute(sa.delete(table)).rowcount for table in (RATINGS, PICKS, PLAYS))

    def export(self) -> Iterator[dict[str, Any]]:
        """Everything that was kept, one flat object each: ``kind`` is rating, pick or play; times in UTC."""
        with self._database.transaction() as connection:
            for kind, table in (("rating", RATINGS), ("pick", PICKS), ("play", PLAYS)):
                for row in connection.execute(sa.select(table).order_by(table.c.at)).mappings():
                    told = {name: value for name, value in row.items() if name != "id"}
                    yield {"kind": kind, **told, "at": row["at"].isoformat()}

    def _stamp(self) -> object:
        """What changes with every lesson."""
        count = sa.func.count()
        with self._database.transaction() as connection:
            plays = connection.execute(sa.select(count, sa.func.max(PLAYS.c.id)).select_from(PLAYS)).one()
            said = connection.execute(sa.select(count, sa.func.max(RATINGS.c.at)).select_from(RATINGS)).one()
        return tuple(plays), tuple(said)
