"""The log of picks and plays."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from mien.music.library.play_log import LoggedStart, PlayEvent, PlayLog
from mien.types import Mood, Pick, Reason, ReasonKind
from tests.fakes import track

NOON_IN_TOKYO = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=9)))


def test_picks_and_plays_are_logged_in_utc(database):
    log = PlayLog(database)
    reasons = (Reason(ReasonKind.AROUSAL, -0.5), Reason(ReasonKind.TEMPO, 72.4), Reason(ReasonKind.GOAL, "lift"))
    log.add_pick(Pick(track("a"), 0.8, 0.25, reasons, 0.125), Mood(0.1, -0.2, 0.9), at=NOON_IN_TOKYO)
    log.add_play("folder:a", PlayEvent.SKIPPED, position_s=12.5, at=NOON_IN_TOKYO)
    with database.transaction() as connection:
        (picked,) = connection.exec_driver_sql("SELECT * FROM picks").all()
        (played,) = connection.exec_driver_sql("SELECT * FROM plays").all()
    logged = "arousal=-0.5\ntempo=72.4\ngoal=lift"
    assert picked == (1, "2026-03-01 03:00:00.000000", "folder:a", 0.1, -0.2, 0.9, 0.8, 0.25, logged, 0.125)
    assert played == (1, "2026-03-01 03:00:00.000000", "folder:a", "skipped", 12.5)


def test_a_play_is_open_until_its_track_ends(database):
    log = PlayLog(database)
    assert log.open_play() is None
    log.add_play("folder:a", PlayEvent.STARTED, position_s=2.0, at=NOON_IN_TOKYO)
    log.add_play("folder:b", PlayEvent.SKIPPED, position_s=1.0, at=NOON_IN_TOKYO)
    assert log.open_play() == LoggedStart("folder:a", 2.0, NOON_IN_TOKYO)
    log.add_play("folder:a", PlayEvent.FINISHED, position_s=60.0, at=NOON_IN_TOKYO)
    assert log.open_play() is None
