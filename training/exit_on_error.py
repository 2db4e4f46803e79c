"""Report expected errors of a command as one message, without a traceback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from mien.errors import MienError


@contextmanager
def exit_on_error() -> Iterator[None]:
    """Exit with the error message if an expected error occurs."""
    try:
        yield
    except (OSError, ValueError, MienError) as error:
        sys.exit(str(error))
