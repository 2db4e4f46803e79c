"""Remembers Ctrl-C and similar signals, because code written in C may swallow the ``KeyboardInterrupt``."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

TERMINATION_SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Signals besides SIGINT that ask a program to end: from the system, and from a terminal that closes."""


@contextmanager
def remember_interrupt(*others: signal.Signals) -> Iterator[Callable[[], None]]:
    """Yield a function that raises ``KeyboardInterrupt`` if Ctrl-C was pressed in the body and then swallowed.

    PyAV, for example, sometimes swallows it. ``others`` are signals that are treated like Ctrl-C. Signals that the
    process ignores, in the background of a shell or under ``nohup``, stay ignored.
    """
    interrupted = False

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        nonlocal interrupted
        interrupted = True
        raise KeyboardInterrupt

    def check() -> None:
        if interrupted:
            raise KeyboardInterrupt

    defaults = {signal.SIGINT: signal.default_int_handler, **dict.fromkeys(others, signal.SIG_DFL)}
    before = {number: handler for number, handler in defaults.items() if signal.getsignal(number) is handler}
    for number in before:
        signal.signal(number, interrupt)
    try:
        yield check
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    check()
