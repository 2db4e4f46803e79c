"""Ctrl-C ends long work even if the exception for it is swallowed."""

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


def test_an_interrupt_is_raised_at_once() -> None:
    reached: list[str] = []

    def work() -> None:
        with remember_interrupt():
            signal.raise_signal(signal.SIGINT)
            reached.append("the end")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert reached == []


def test_a_swallowed_interrupt_is_raised_by_the_check() -> None:
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


def test_an_interrupt_swallowed_last_is_raised_at_the_end() -> None:
    def work() -> None:
        with progress(1, unit="file"):
            press_and_lose()

    with pytest.raises(KeyboardInterrupt):
        work()


def test_without_an_interrupt_the_handler_is_restored() -> None:
    before = signal.getsignal(signal.SIGINT)
    with progress(1, unit="file") as advance:
        advance(1, "one")
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_an_ignored_interrupt_stays_ignored() -> None:
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
def test_named_signals_count_as_interrupts(ending: signal.Signals) -> None:
    def work() -> None:
        with remember_interrupt(*TERMINATION_SIGNALS):
            signal.raise_signal(ending)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert signal.getsignal(ending) is signal.SIG_DFL
