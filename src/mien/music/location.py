"""The location of a piece of music: a file on this computer, which can be opened, or one on a music server."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Self

from mien.errors import AudioError, Remedy

_MAX_SERVER_PATH_LENGTH = 2000
_ROOT = PurePosixPath()


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file or folder on this computer."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.name

    @property
    def stem(self) -> str:
        """The name without its extension."""
        return self.path.stem

    @property
    def suffix(self) -> str:
        """The extension, with its dot."""
        return self.path.suffix

    @property
    def folder(self) -> LocalFile:
        """The folder that it is in."""
        return LocalFile(self.path.parent)

    def is_within(self, folder: Location) -> bool:
        """Whether this is ``folder`` itself or is in it, at any depth."""
        return isinstance(folder, LocalFile) and self.path.is_relative_to(folder.path)


@dataclass(frozen=True, slots=True)
class ServerFile:
    """A file or folder on a music server.

    Attributes:
        server: The name that the server was added with.
        path: The path below the server's root; empty for the root itself.
    """

    server: str
    path: PurePosixPath = _ROOT

    def __str__(self) -> str:
        return "/".join((f"{self.server}:", *self.path.parts))

    @classmethod
    def parse(cls, server: str, path: str) -> Self | None:
        """Take the path that a server gives for a file; None if it is empty, unprintable or contains ``..``."""
        return cls.exact(server, path.replace("\\", "/")) if path.isprintable() else None

    @classmethod
    def exact(cls, server: str, path: str) -> Self | None:
        """Take a path in the server's own spelling, in which a backslash is no separator.

        Bytes that are not valid text may be lone surrogates, as in ``os.fsdecode``. None if the path is empty, has
        other unprintable characters, or contains ``..``.
        """
        parts = PurePosixPath(path.strip("/")).parts
        printable = all(char.isprintable() or "\udc80" <= char <= "\udcff" for char in path)
        if not parts or ".." in parts or not printable or len(path) > _MAX_SERVER_PATH_LENGTH:
            return None
        return cls(server, PurePosixPath(*parts))

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.name

    @property
    def stem(self) -> str:
        """The name without its extension."""
        return self.path.stem

    @property
    def suffix(self) -> str:
        """The extension, with its dot."""
        return self.path.suffix

    @property
    def folder(self) -> ServerFile:
        """The folder that it is in; of the root, the root."""
        return ServerFile(self.server, self.path.parent)

    def is_within(self, folder: Location) -> bool:
        """Whether this is ``folder`` itself or is in it, at any depth."""
        return isinstance(folder, ServerFile) and self.server == folder.server and self.path.is_relative_to(folder.path)


Location = LocalFile | ServerFile


def open_file(path: Path) -> BinaryIO:
    """Open a file on this computer for reading; raises ``AudioError`` if it is gone, unreadable or no regular file."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would block
            raise AudioError("is not a file", Remedy.SCAN, subject=path)
        return path.open("rb")
    except OSError as error:
        raise AudioError(f"cannot be opened ({error.strerror})", Remedy.SCAN, subject=path) from error


def parse_location(text: str) -> Location:
    """Read back the text form of a location: ``/music/a.mp3`` is a local file, ``home:/a.mp3`` one on a server."""
    path = Path(text)
    if not path.is_absolute() and path.parts and path.parts[0].endswith(":"):
        return ServerFile(path.parts[0][:-1], PurePosixPath(*path.parts[1:]))
    return LocalFile(path)
