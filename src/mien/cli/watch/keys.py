"""Notices the key q, while a command shows something in the terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_GONE = "gone"  # what is heard when the terminal was closed, for good


class QuitKey:
    """Whether q was pressed, or the terminal closed; ``wait`` looks for it."""

    def __init__(self, key_within: Callable[[float], str]) -> None:
        self.wanted = False
        self._key_within = key_within

    def wait(self, duration_s: float) -> None:
        """Wait so long, or until q is pressed; 0 only looks."""
        end_s = time.monotonic() + duration_s
        while not self.wanted:
            left_s = max(0.0, end_s - time.monotonic())
            key = self._key_within(left_s)
            self.wanted = key in {"q", "Q", _GONE}
            if not key and time.monotonic() >= end_s:
                return


@contextmanager
def quit_key() -> Iterator[QuitKey]:
    """Listen to the keyboard without waiting for Enter; nothing is heard where the input is no terminal."""
    if not sys.stdin.isatty():
        yield QuitKey(_nothing_within)
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
            with suppress(termios.error):  # it may be closed by now
                termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _nothing_within(duration_s: float) -> str:
    time.sleep(duration_s)
    return ""


def _posix_key_within(duration_s: float) -> str:
    import os
    import select

    ready, _, _ = select.select([sys.stdin], [], [], duration_s)
    if not ready:
        return ""
    try:
        # Not sys.stdin.read, whose buffer select does not know.
        return os.read(sys.stdin.fileno(), 1).decode("ascii", "replace") or _GONE
    except OSError:
        return _GONE


def _windows_key_within(duration_s: float) -> str:
    import msvcrt

    end_s = time.monotonic() + duration_s
    while not msvcrt.kbhit():  # type: ignore[attr-defined,unused-ignore]
        if time.monotonic() >= end_s:
            return ""
        time.sleep(0.02)
    return str(msvcrt.getwch())  # type: ignore[attr-defined,unused-ignore]
