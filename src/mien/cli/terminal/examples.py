"""The examples at the end of a command's help."""

from __future__ import annotations


def examples(*lines: str) -> str:
    """An epilog that shows ``lines`` as they are; the first word of each is ``mien``."""
    # click leaves a paragraph that begins with a backspace character unwrapped.
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])
