"""mien is killed in the middle of scans: every track, like, correction and play is in place afterwards.

``python -m tests.household.stress`` does the same a hundred times.
"""

from __future__ import annotations

import random

from tests.household.kills import finish, kill_scans


def test_nothing_is_lost_when_scans_are_killed(household, home, album):
    music = album(*(f"song {number}.wav" for number in range(8)))
    household.library.add(music, workers=0)
    tracks = {track.id for track in household.library.tracks()}
    kill_scans(household, home, music, kills=4, rng=random.Random(4))
    finish(household, home, music)
    words = household.words()
    assert {title: words[title] for title in household.said} == household.said
    assert len(household.said) == 4
    assert {track.id for track in household.library.tracks()} == tracks
    assert (household.unheard(), household.library.away()) == ([], [])
