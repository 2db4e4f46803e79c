"""The command line: one file a command, put together in ``app``."""

from mien.cli.app import main

__all__ = ["main"]
