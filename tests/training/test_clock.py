"""The time budget of a training run."""

import pytest

from training.clock import Clock


class Time:
    """A clock that is set by the test."""

    def __init__(self) -> None:
        self.time_s = 100.0

    def __call__(self) -> float:
        return self.time_s


def test_share_and_parts_follow_the_remaining_time() -> None:
    now = Time()
    clock = Clock.of(60.0, now)
    assert clock.share() == 0
    now.time_s += 15
    assert clock.share() == pytest.approx(0.25)
    assert clock.left_s() == pytest.approx(45)
    part = clock.part(1 / 3)
    assert (part.share(), part.length_s) == (0, pytest.approx(15))
    now.time_s += 15
    assert part.share() == pytest.approx(1)
    now.time_s += 100
    assert clock.share() > 1
    assert clock.left_s() == 0
    assert clock.part(0.5).share() >= 1, "a part that starts too late has no time left"
