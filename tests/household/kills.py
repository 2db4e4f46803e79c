"""Kills scans of a household's music in the middle, and tells whether all is in place afterwards."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from mien.config import load_settings
from mien.music.library.scan import FileCheck
from tests.household.household import Household

_SCAN = [sys.executable, "-c", "from mien.cli import main; main()", "library", "add", "--again"]


def kill_scans(
    household: Household,
    home: Path,
    music: Path,
    *,
    kills: int,
    rng: random.Random,
    say: Callable[[str], object] = lambda _line: None,
    longest_s: float = 4.0,
) -> int:
    """Begin scans that analyse everything again, kill each at a random moment, and say something between them.

    Args:
        household: Speaks about one song after each kill.
        home: Where mien stores its data.
        music: The folder, which was added.
        kills: How many scans are killed.
        rng: Draws the moments.
        say: Called with a line on progress.
        longest_s: The latest moment, in seconds after the start.

    Returns:
        How many scans were alive when they were killed.
    """
    titles = sorted(track.title for track in household.library.tracks())
    alive = 0
    for number in range(kills):
        environment = os.environ | {"MIEN_HOME": str(home)}
        with subprocess.Popen(
            [*_SCAN, str(music)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            time.sleep(rng.uniform(0, longest_s))
            alive += process.poll() is None
            process.kill()
        if number < len(titles):
            household.speak(titles[number])
        if number % 10 == 9:
            say(f"{number + 1} of {kills} scans killed")
    return alive


def finish(household: Household, home: Path, music: Path) -> None:
    """Scan once more, undisturbed; raises ``AssertionError`` if the database is damaged."""
    household.library.add(music, workers=0, check=FileCheck.CONTENT)
    path = load_settings({"MIEN_HOME": str(home)}).library_path
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
