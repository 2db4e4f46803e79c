"""Elapsed time on clocks that stand still or jump."""

import pytest

from mien.mood.timers import DeltaTimer, DwellTimer


def test_time_passes_between_calls_and_never_backwards() -> None:
    delta = DeltaTimer()
    assert [delta.update(at_s) for at_s in (50, 51, 50.5, 52.5, 52.5)] == [0, 1, 0, 2, 0]


def test_a_condition_lasts_from_the_call_at_which_it_came_true() -> None:
    dwell = DwellTimer()
    asked = [(False, 0), (True, 1), (True, 1.5), (True, 3), (False, 4), (True, 5), (True, 6)]
    assert [dwell.update(held, at_s=at_s) for held, at_s in asked] == pytest.approx([0, 0, 0.5, 2, 0, 0, 1])


def test_after_a_reset_it_has_just_begun() -> None:
    dwell = DwellTimer()
    dwell.update(True, at_s=0)
    assert dwell.update(True, at_s=9) == 9
    dwell.reset()
    assert [dwell.update(True, at_s=at_s) for at_s in (10, 11)] == [0, 1]
