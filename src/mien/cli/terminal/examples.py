"""Formats the examples at the end of a command's help."""

from __future__ import annotations


def examples(*lines: str) -> str:
    """An epilog with one command per line, which click prints without wrapping."""
    # click does not wrap a paragraph that begins with a backspace character.
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])
