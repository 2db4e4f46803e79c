"""Ctrl-C ends long work even where the exception for it got lost."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

import pytest

from mien.cli.terminal.interrupt import TERMINATION_SIGNALS, remember_interrupt
from mien.cli.terminal.progress import progress


def press_and_lose() -> None:
    """What a library written in C does when it meets an exception that it did not expect."""
    with contextlib.suppress(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_it_is_raised_at_once() -> None:
    reached: list[str] = []

    def work() -> None:
        with remember_interrupt():
            signal.raise_signal(signal.SIGINT)
            reached.append("the end")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert reached == []


def test_it_is_raised_again_where_it_was_lost() -> None:
    reached: list[str] = []

    def work() -> None:
        with progress(3, unit="file") as advance:
            press_and_lose()
            reached.append("the next piece")
            advance(1, "two")
            reached.append("the end")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert reached == ["the next piece"]


def test_it_is_raised_at_the_end_where_it_was_lost_in_the_last_piece() -> None:
    def work() -> None:
        with progress(1, unit="file"):
            press_and_lose()

    with pytest.raises(KeyboardInterrupt):
        work()


def test_without_ctrl_c_nothing_happens_and_the_handler_is_put_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with progress(1, unit="file") as advance:
        advance(1, "one")
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_a_process_that_ignores_ctrl_c_goes_on_ignoring_it() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with progress(1, unit="file") as advance:
            signal.raise_signal(signal.SIGINT)
            advance(1, "one")
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.fixture
def heeded(ending: signal.Signals) -> Iterator[None]:
    """Heed a signal even where these tests run under nohup, which ignores it."""
    before = signal.signal(ending, signal.SIG_DFL)
    yield
    signal.signal(ending, before)


@pytest.mark.parametrize("ending", TERMINATION_SIGNALS)
@pytest.mark.usefixtures("heeded")
def test_other_signals_count_as_ctrl_c_where_they_are_named(ending: signal.Signals) -> None:
    def work() -> None:
        with remember_interrupt(*TERMINATION_SIGNALS):
            signal.raise_signal(ending)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert signal.getsignal(ending) is signal.SIG_DFL
