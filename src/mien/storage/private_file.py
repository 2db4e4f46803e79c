"""Writes files in one step, and keeps what is personal from other accounts: folders of mode 700, files of mode 600.

On Windows a person's data folder is theirs alone, and modes are left as they are.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

_FILE_MODE: Final = 0o600
_FOLDER_MODE: Final = 0o700
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO

_DATA_SUFFIXES: Final = (".json", ".toml", ".sqlite3")
"""A folder with other files than these is shared with something else, such as music that a server has to read."""


def write_privately(path: Path, text: str) -> None:
    """Write a file of mode 600 in place of an earlier one, which stays if writing fails; raises ``OSError`` then."""
    make_private_folder(path.parent)
    replace_file(path, text.encode(), mode=_FILE_MODE)


def replace_file(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Write a file beside ``path``, flush it to the disk and rename it, so that there is always a whole file.

    A link keeps its place, and what it points to is replaced.

    Args:
        path: The file, in a folder that exists.
        data: All of its content.
        mode: The new file's permissions; by default those of the file that it replaces, or as usual for a new one.

    Raises:
        OSError: It cannot be written; the earlier file stays as it was.
    """
    target = Path(os.path.realpath(path))
    if mode is None:
        with suppress(FileNotFoundError):
            mode = stat.S_IMODE(target.stat().st_mode)
    made = target.with_name(f".{secrets.token_hex(8)}{target.suffix}.mien")
    handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode or 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            made.chmod(mode)
        made.replace(target)
    except BaseException:
        made.unlink(missing_ok=True)
        raise


def create_privately(path: Path) -> None:
    """Create an empty file of mode 600 unless there is one, in a private folder; raises ``OSError`` if that fails.

    An earlier one becomes private. What SQLite writes beside a database has the database's mode.
    """
    make_private_folder(path.parent)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE))
    make_private(path)


def make_private(path: Path) -> None:
    """Take a file's permissions from everyone but its owner, if this account owns it and may."""
    with suppress(OSError):
        _restrict(path, path.stat(), _FILE_MODE)


def make_private_folder(folder: Path) -> None:
    """Create a folder of mode 700, or make an earlier one private; raises ``OSError`` if it cannot be created.

    A folder stays as it is if it holds anything but data files, for others may have to read that.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        folder.mkdir(mode=_FOLDER_MODE)
        return
    if not folder.is_dir():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(folder))
    with suppress(OSError):
        found = folder.stat()
        if found.st_mode & _OTHERS and all(_is_data(entry) for entry in folder.iterdir()):
            _restrict(folder, found, _FOLDER_MODE)


def _is_data(path: Path) -> bool:
    return any(suffix in path.name for suffix in _DATA_SUFFIXES) and path.is_file()


def _restrict(path: Path, found: os.stat_result, mode: int) -> None:
    if os.name == "posix" and found.st_mode & _OTHERS and found.st_uid == os.getuid():
        path.chmod(mode)
