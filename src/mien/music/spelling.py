"""Finds files whose names are stored in another spelling than they are typed or written in a playlist."""

from __future__ import annotations

import os
from pathlib import Path

from mien.music.names import comparison_form


def path_on_disk(path: Path) -> Path:
    """The path as the disk spells it.

    A Mac stores "ë" in two characters, a keyboard types one; FAT does not tell case apart. Each part of the path that
    does not exist is replaced by the only one beside it with the same comparison form.

    Args:
        path: Any path.

    Returns:
        The path of a file or folder that exists; ``path`` itself if there is none, or several.
    """
    if os.path.lexists(path):
        return path
    found = Path(path.anchor)
    for part in path.relative_to(path.anchor).parts if path.anchor else path.parts:
        exact = found / part
        alike = [exact] if os.path.lexists(exact) else _alike(found, part)
        if len(alike) != 1:
            return path
        found = alike[0]
    return found


def _alike(folder: Path, name: str) -> list[Path]:
    form = comparison_form(name)
    try:
        return [folder / entry.name for entry in os.scandir(folder) if comparison_form(entry.name) == form]
    except (OSError, ValueError):  # a name with a zero byte is a ValueError
        return []
