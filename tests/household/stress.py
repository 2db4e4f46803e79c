"""Kills scans and pulls the drive many times, and prints what is in place afterwards.

    python -m tests.household.stress [--kills 100] [--pulls 5] [--songs 24]

It takes about five minutes, and ends with the exit status 1 if anything was lost.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from mien.config import load_settings
from mien.music.library.database import Database
from mien.music.library.library import Library
from mien.music.library.watch import FolderWatch
from tests.household.household import Household
from tests.household.kills import finish, kill_scans
from tests.music.conftest import Sounds


def main() -> None:
    """Do it, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100, help="how many scans are killed")
    parser.add_argument("--pulls", type=int, default=5, help="how often the drive is pulled while a server scans it")
    parser.add_argument("--songs", type=int, default=24, help="how many songs the household has")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments")
    options = parser.parse_args()
    rng, begin_s = random.Random(options.seed), time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        home, music = Path(scratch) / "home", Path(scratch) / "music"
        sounds = Sounds()
        for number in range(options.songs):
            sounds.write(music / f"song {number:02}.wav", sounds.tone(150 + 20 * number, seconds=1))
        with Database.open(load_settings({"MIEN_HOME": str(home)}).library_path) as database:
            household = Household(database, Library(database, starter=False))
            household.library.add(music)
            tracks = {track.id for track in household.library.tracks()}
            alive = kill_scans(
                household, home, music, kills=options.kills, rng=rng, say=lambda line: sys.stderr.write(f"{line}\n")
            )
            pull_drive(household, music, pulls=options.pulls, rng=rng)
            finish(household, home, music)
            said = household.said
            found, available = household.words(), {track.id for track in household.library.available()}
            whole = sum(found.get(title) == words for title, words in said.items())
            rows = {
                "scans killed": f"{options.kills}, {alive} of them alive",
                "drive pulled": str(options.pulls),
                "tracks in place": f"{len(tracks & available)} of {len(tracks)}",
                "songs with all that was said": f"{whole} of {len(said)}",
                "plays in place": f"{sum(one[2] for one in found.values())} of {sum(one[2] for one in said.values())}",
                "not analysed": str(len(household.unheard())),
                "minutes": f"{(time.monotonic() - begin_s) / 60:.1f}",
            }
            lost = whole < len(said) or bool(household.unheard()) or available != tracks
    sys.stdout.write("".join(f"{name:<30} {value}\n" for name, value in rows.items()))
    sys.exit(lost)


def pull_drive(household: Household, music: Path, *, pulls: int, rng: random.Random) -> None:
    """Take the folder away and bring it back at random moments, while a server's thread scans it all the time."""
    drawer = music.with_name("drawer")
    watch = FolderWatch(household.library, period_s=0.05)
    watch.start()
    try:
        for _ in range(pulls):
            time.sleep(rng.uniform(0.1, 2))
            music.rename(drawer)
            time.sleep(rng.uniform(0.1, 1))
            drawer.rename(music)
    finally:
        watch.stop()


if __name__ == "__main__":
    main()
