"""Prevents core dumps: a copy of the memory of a program that crashed, which would hold frames of the camera."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress

_PR_SET_DUMPABLE = 4


def prevent_core_dumps() -> None:
    """Let the system write no core of this process or those that it starts, where the system has such a switch."""
    with suppress(ImportError, OSError, ValueError):
        import resource  # not on Windows

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        # The limit does not bind programs that the kernel hands the core to, such as systemd-coredump.
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
