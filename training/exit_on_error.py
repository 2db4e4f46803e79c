"""A command that cannot go on says why in one sentence, without a traceback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from mien.errors import MienError


@contextmanager
def exit_on_error() -> Iterator[None]:
    """End the process with the sentence of an error that tells the user what to do."""
    try:
        yield
    except (OSError, ValueError, MienError) as error:
        sys.exit(str(error))
