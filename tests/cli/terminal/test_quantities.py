"""Counts and durations for people."""

import pytest

from mien.cli.terminal.quantities import clock_time, counted


def test_a_count_agrees_with_its_noun() -> None:
    assert [counted(count, "track") for count in (0, 1, 2)] == ["0 tracks", "1 track", "2 tracks"]


@pytest.mark.parametrize(
    ("duration_s", "words"),
    [(0, "0:00"), (5.9, "0:05"), (65, "1:05"), (3599, "59:59"), (3600, "1:00:00"), (7325, "2:02:05")],
)
def test_a_duration_is_minutes_and_seconds_and_hours_if_there_are_any(duration_s: float, words: str) -> None:
    assert clock_time(duration_s) == words
