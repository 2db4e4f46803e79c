"""Makes Ctrl-C, and what means the same, stick: code written in C may lose the exception that Python raises for it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

ENDINGS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
"""The signals besides Ctrl-C's that ask a program to end: of the system, and of a terminal that closes."""


@contextmanager
def remembered_interrupt(*others: signal.Signals) -> Iterator[Callable[[], None]]:
    """Give a function that raises ``KeyboardInterrupt`` if Ctrl-C was pressed in the body and the body went on.

    PyAV, for one, sometimes swallows it. ``others`` are signals that count as Ctrl-C. A process that ignores one of
    them, in the background of a shell or under ``nohup``, goes on doing so.
    """
    pressed = False

    def press(_signal: int, _frame: FrameType | None) -> None:
        nonlocal pressed
        pressed = True
        raise KeyboardInterrupt

    def check() -> None:
        if pressed:
            raise KeyboardInterrupt

    usual = {signal.SIGINT: signal.default_int_handler, **dict.fromkeys(others, signal.SIG_DFL)}
    before = {number: handler for number, handler in usual.items() if signal.getsignal(number) is handler}
    for number in before:
        signal.signal(number, press)
    try:
        yield check
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    check()
