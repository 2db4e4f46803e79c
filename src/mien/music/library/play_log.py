"""Stores which tracks were picked and what was played: what taste is learnt from."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import sqlalchemy as sa

from mien.music.library.database import Database
from mien.music.library.tables import PICKS, PLAYS
from mien.types import Mood, Pick


class PlayEvent(StrEnum):
    """What happened to a track in the player."""

    STARTED = "started"
    FINISHED = "finished"
    SKIPPED = "skipped"


class LoggedStart(NamedTuple):
    """The start of a play, ``position_s`` seconds from the track's beginning."""

    track_id: str
    position_s: float
    at: datetime


class PlayLog:
    """A log of picks and plays. It keeps entries of tracks that are removed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_pick(self, pick: Pick, mood: Mood, *, at: datetime) -> None:
        """Log a pick that began to play.

        Args:
            pick: The pick.
            mood: The mood that it was chosen for.
            at: An aware time.
        """
        values = {
            "track_id": pick.track.id,
            "valence": mood.valence,
            "arousal": mood.arousal,
            "mood_confidence": mood.confidence,
            "score": pick.score,
            "propensity": pick.propensity,
            "baseline_propensity": pick.baseline_propensity,
            "reasons": tuple(map(str, pick.reasons)),
        }
        with self._database.transaction() as connection:
            connection.execute(sa.insert(PICKS).values(at=at, **values))

    def add_play(self, track_id: str, event: PlayEvent, *, position_s: float, at: datetime) -> None:
        """Log what happened to a track in the player.

        Args:
            track_id: The track's id.
            event: What happened.
            position_s: Where in the track it happened, in seconds from its beginning.
            at: An aware time.
        """
        values = {"track_id": track_id, "event": str(event), "position_s": position_s}
        with self._database.transaction() as connection:
            connection.execute(sa.insert(PLAYS).values(at=at, **values))

    def open_play(self) -> LoggedStart | None:
        """The latest start of a play, None if there is none or that track has since finished or been skipped."""
        latest = sa.select(PLAYS).where(PLAYS.c.event == PlayEvent.STARTED).order_by(PLAYS.c.id.desc()).limit(1)
        with self._database.transaction() as connection:
            start = connection.execute(latest).one_or_none()
            if start is None:
                return None
            after = sa.and_(PLAYS.c.track_id == start.track_id, PLAYS.c.id > start.id)
            ended = sa.select(PLAYS.c.id).where(PLAYS.c.event != PlayEvent.STARTED, after).limit(1)
            if connection.execute(ended).first() is not None:
                return None
        return LoggedStart(start.track_id, start.position_s, start.at)
