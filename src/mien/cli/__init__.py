"""The command line: one module or package per command, registered in ``app``."""

from mien.cli.app import main

__all__ = ["main"]
