"""What was acknowledged is there afterwards: with a full disk, after kills at any moment, and with any clock."""

import os
import random
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from mien.music.library.database import Database
from mien.music.library.library import Library
from mien.music.library.play_log import PlayEvent, PlayLog
from mien.music.library.taste_store import TasteStore
from mien.music.recommender.feedback import Rating
from tests.waiting import HANG_S

resource = pytest.importorskip("resource", reason="only POSIX limits the sizes of files")

WRITER = """
import itertools, sys
from datetime import UTC, datetime
from pathlib import Path
from mien.errors import MienError
from mien.music.library.database import Database
from mien.music.library.play_log import PlayEvent, PlayLog
from mien.music.library.taste_store import TasteStore
from mien.music.recommender.feedback import Rating

start, path = int(sys.argv[1]), Path(sys.argv[2])
try:
    with Database.open(path) as database:
        tastes, plays = TasteStore(database), PlayLog(database)
        for number in itertools.count(start):
            track = f"folder:{number:06}" + "x" * 100
            tastes.rate(track, Rating.LIKE, at=datetime.now(UTC))
            plays.add_play(track, PlayEvent.STARTED, position_s=0.0, at=datetime.now(UTC))
            print(track, flush=True)
except MienError as error:
    print("error:", error, flush=True)
"""


def write(path, start, *, limit=None):
    """A process that stores ratings and plays, and prints each that is stored."""
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(start), str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limit,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )


def stored(path):
    """The tracks that are rated, and those that were played, in a database that must be whole."""
    with sqlite3.connect(path) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    raw.close()
    with Database.open(path) as database:
        played = TasteStore(database).played_since(datetime.now(UTC) - timedelta(days=1))
        return set(TasteStore(database).ratings()), played


def test_a_full_disk_loses_nothing_that_was_acknowledged(tmp_path):
    path = tmp_path / "library.sqlite3"
    Database.open(path).close()
    limit_bytes = path.stat().st_size + 400_000
    process = write(path, 0, limit=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes)))
    said, errors = process.communicate(timeout=HANG_S)
    *acknowledged, error = said.splitlines()
    assert error.startswith("error: "), said[-500:] + errors
    assert "the disk is full" in error or "cannot be used" in error
    assert "Traceback" not in errors
    assert len(acknowledged) > 10
    rated, played = stored(path)
    assert set(acknowledged) <= rated
    assert set(acknowledged) <= played
    more = write(path, 900_000)  # with room again, it goes on
    first = more.stdout.readline().strip()
    more.kill()
    more.communicate(timeout=HANG_S)
    assert first in stored(path)[0]


def test_kills_lose_nothing_that_was_acknowledged(tmp_path):
    rng = random.Random(8)
    path = tmp_path / "library.sqlite3"
    acknowledged = set()
    for run in range(5):
        process = write(path, run * 100_000)
        lines = [process.stdout.readline() for _ in range(rng.randint(1, 60))]
        process.kill()
        rest, _ = process.communicate(timeout=HANG_S)
        whole = "".join(lines) + rest
        acknowledged |= set(whole[: whole.rfind("\n") + 1].split())
    rated, played = stored(path)
    assert acknowledged <= rated
    assert acknowledged <= played
    assert len(rated - acknowledged) <= 5  # the last of each run may have been stored without being told
    names = [one.name for one in tmp_path.iterdir()]
    assert all(name.startswith("library.sqlite3") for name in names)


CLOCKS = [
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2038, 1, 19, 3, 14, 7, tzinfo=UTC),
    datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),
    datetime(2106, 2, 7, 6, 28, 16, tzinfo=UTC),
]


@pytest.mark.parametrize("clock", CLOCKS, ids=str)
def test_any_clock_keeps_what_was_said(tmp_path, clock):
    path = tmp_path / "library.sqlite3"
    with Database.open(path) as database:
        tastes, plays = TasteStore(database), PlayLog(database)
        tastes.rate("folder:before", Rating.NEVER, at=datetime(2026, 11, 29, tzinfo=UTC))
        tastes.rate("folder:then", Rating.LIKE, at=clock)
        plays.add_play("folder:then", PlayEvent.STARTED, position_s=0.0, at=clock)
    with Database.open(path) as database:
        tastes = TasteStore(database)
        assert tastes.ratings() == {"folder:before": Rating.NEVER, "folder:then": Rating.LIKE}
        assert "folder:then" in tastes.played_since(datetime(1969, 12, 31, tzinfo=UTC))
        start = PlayLog(database).open_play()
        assert start is not None
        assert start.at == clock
        assert Library(database, starter=False).now_playing(at=clock) is None  # the track is not in the library
