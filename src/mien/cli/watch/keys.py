"""Listens for the key q while a command draws in the terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_CLOSED = "closed"  # stands for a key if the terminal was closed


class QuitKey:
    """Records in ``wanted`` whether q was pressed or the terminal was closed; ``wait`` listens for it."""

    def __init__(self, key_within: Callable[[float], str]) -> None:
        self.wanted = False
        self._key_within = key_within

    def wait(self, duration_s: float) -> None:
        """Wait for ``duration_s``, or until q is pressed; 0 only checks."""
        end_s = time.monotonic() + duration_s
        while not self.wanted:
            left_s = max(0.0, end_s - time.monotonic())
            key = self._key_within(left_s)
            self.wanted = key in {"q", "Q", _CLOSED}
            if not key and time.monotonic() >= end_s:
                return


@contextmanager
def quit_key() -> Iterator[QuitKey]:
    """Read single keys without Enter; if the input is not a terminal, no key is ever read."""
    if not sys.stdin.isatty():
        yield QuitKey(_no_key_within)
    elif sys.platform == "win32":
        yield QuitKey(_windows_key_within)
    else:
        import termios
        import tty

        before = termios.tcgetattr(sys.stdin)
        tty.setcbreak(sys.stdin)
        try:
            yield QuitKey(_posix_key_within)
        finally:
            with suppress(termios.error):  # the terminal may be closed by now
                termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _no_key_within(duration_s: float) -> str:
    time.sleep(duration_s)
    return ""


def _posix_key_within(duration_s: float) -> str:
    import os
    import select

    ready, _, _ = select.select([sys.stdin], [], [], duration_s)
    if not ready:
        return ""
    try:
        # Not sys.stdin.read: select does not know its buffer.
        return os.read(sys.stdin.fileno(), 1).decode("ascii", "replace") or _CLOSED
    except OSError:
        return _CLOSED


def _windows_key_within(duration_s: float) -> str:
    import msvcrt

    end_s = time.monotonic() + duration_s
    while not msvcrt.kbhit():  # type: ignore[attr-defined,unused-ignore]
        if time.monotonic() >= end_s:
            return ""
        time.sleep(0.02)
    return str(msvcrt.getwch())  # type: ignore[attr-defined,unused-ignore]
