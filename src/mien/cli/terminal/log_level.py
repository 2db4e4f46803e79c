"""The option ``--log-level``: how much a server says of what it does, on stderr.

Only mien's own loggers are set, since those of libraries would write headers and frames. What mien logs holds no
password, no token, no query of an address, nothing of a face.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any

import click

from mien.cli.terminal.output import escape_control

LEVELS = ("error", "warning", "info", "debug")


def log_level_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--log-level`` to a command, as its parameter ``log_level``."""
    return click.option(
        "--log-level",
        type=click.Choice(LEVELS),
        default="warning",
        show_default=True,
        help="How much to say on stderr of what the server does; never a password or a face.",
    )(command)


def configure_logging(level: str) -> None:
    """Write mien's log messages to stderr from this level on; with their times if more than warnings are wanted."""
    detailed = level in {"info", "debug"}
    handler = _StderrHandler()
    handler.setFormatter(_LineFormatter("%(asctime)s %(levelname)s %(message)s" if detailed else "%(message)s"))
    log = logging.getLogger("mien")
    log.handlers[:] = [handler]
    log.setLevel(level.upper())


class _StderrHandler(logging.Handler):
    """Writes to what stderr is at the time."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(f"{self.format(record)}\n")
        except Exception:  # a closed or full stderr must not end the server
            self.handleError(record)


class _LineFormatter(logging.Formatter):
    """Writes each message on one line: what others named, such as a path, cannot forge another line."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        return escape_control(super().formatMessage(record))
