"""Words the error for a server that lacks a capability, and names the servers that have it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from mien.errors import SourceError

if TYPE_CHECKING:
    from mien.music.connections import Connections


def unable(name: str, problem: str, connections: Connections, *, can: Callable[[object], bool]) -> click.UsageError:
    """The error for a server that lacks a capability.

    Args:
        name: What the person calls the server.
        problem: What it cannot do, as the rest of a sentence that begins with its name.
        connections: The servers that were added.
        can: Whether a source or a player has the capability.
    """
    able = []
    for connection in connections.all():
        with suppress(SourceError):  # its plug-in or its password may be missing
            if any(can(client) for client in connections.clients(connection)):
                able.append(connection.name)
    if able:
        return click.UsageError(f"“{name}” {problem}; choose one of {', '.join(able)}.")
    return click.UsageError(f"“{name}” {problem}; add a server that can, such as an MPD, with: mien source add")
