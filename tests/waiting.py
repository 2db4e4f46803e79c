"""How tests wait: for a condition, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")

HANG_S = 240.0
"""The limit of every wait, in seconds. It only ends a test that hangs: no machine is so slow that it matters."""

_PAUSE_S = 0.02


def wait_until(ask: Callable[[], Answer], state: Callable[[], object] = lambda: "it never became true") -> Answer:
    """Ask until the answer is true, and return it.

    Args:
        ask: The condition, or what returns an empty answer until it holds.
        state: What to print if the condition never holds.

    Raises:
        AssertionError: The answer was still false after ``HANG_S``.
    """
    end_s = time.monotonic() + HANG_S
    while not (answer := ask()):
        assert time.monotonic() < end_s, state()
        time.sleep(_PAUSE_S)
    return answer
