"""Finds plug-ins by their entry points; mien's own sources, players and classifiers are found the same way."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

from mien.errors import FREE_MEMORY, MienError, is_short_of_memory


def plugin_names(group: str) -> list[str]:
    """The names of the plug-ins installed in an entry-point group, sorted; nothing is imported."""
    return sorted({entry.name for entry in entry_points(group=group)})


def load_plugin(group: str, name: str, *, kind: str, error: type[MienError]) -> Any:
    """Import a plug-in; raises an ``error`` if none of that name is installed, or if it cannot be imported.

    Args:
        group: The entry-point group, such as "mien.sources".
        name: The plug-in's name in the group.
        kind: What the plug-ins of the group are, for the error's message, such as "music source".
        error: The class of the error to raise.

    Returns:
        The object that the entry point names, usually a class or a factory function; it is not called.
    """
    for entry in entry_points(group=group, name=name):
        try:
            return entry.load()
        except Exception as reason:  # a plug-in's module may raise anything
            if is_short_of_memory(reason):
                raise error("There is too little memory to load it", FREE_MEMORY, subject=name) from reason
            words = " ".join(str(reason).split()) or type(reason).__name__
            problem = f"The plug-in “{name}” cannot be loaded ({words})"
            raise error(problem, "update or uninstall its package") from reason
    names = ", ".join(plugin_names(group))
    raise error(f"There is no {kind} called “{name}”", f"choose one of {names}" if names else "")
