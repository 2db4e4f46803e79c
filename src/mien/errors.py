"""The errors that mien raises on purpose: each says what is wrong, with what, and what to do.

MienError
├── ConfigError     a setting is unknown or out of range
├── ImageError      a picture or video cannot be read
├── CameraError     a camera is missing, refused or in use
├── ModelError      a network is missing or damaged
├── AudioError      a sound file cannot be decoded
├── LibraryError    the catalogue cannot be opened or a folder cannot be added
│   └── TrackNotFoundError   no such track, or its file is gone
├── NoMatchError    no music meets what was asked for
├── SourceError     a music server cannot be reached, says no, or answers what makes no sense
│   └── SlowSourceError      it did not answer in time
├── PlaylistError   a playlist cannot be read, written or played
├── NeutralError    a face at rest could not be learnt, kept or read back
└── ServerError     the server cannot start
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path


class Remedy(StrEnum):
    """What a person can do about an error, where the command line and the page say it in words of their own.

    The value is the plain wording that a program sees in ``str(error)``.
    """

    ADD_SERVER = "add a music server"
    SIGN_IN = "sign in to it again"
    NAME_MUSIC_FOLDER = "say where its music folder is on this computer"
    ADD_FOLDER = "add its folder again"
    SCAN = "bring the library up to date"


class MienError(Exception):
    """Anything that mien refuses; the command line prints it as one sentence, without a traceback.

    Attributes:
        problem: What is wrong. With a ``subject`` it is the rest of a sentence that begins with it ("cannot be read
            (Permission denied)"); without one it is a clause of its own ("The catalogue is damaged").
        remedy: What to do about it, as a clause in the imperative ("change its permissions"), or a ``Remedy``; empty
            if nothing can be done.
        subject: What the error is about, such as a file's path or a server's name; None if nothing in particular.
    """

    def __init__(self, problem: str, remedy: Remedy | str = "", *, subject: Path | str | None = None) -> None:
        super().__init__(problem, remedy, subject)
        self.problem = problem
        self.remedy = remedy
        self.subject = subject

    def __str__(self) -> str:
        return sentence(self.problem, self.remedy, subject=self.subject)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.problem, self.remedy, self.subject)


def sentence(problem: str, remedy: str = "", *, subject: Path | str | None = None) -> str:
    """Put the parts of an error into one sentence that ends with a full stop.

    Args:
        problem: As in ``MienError``.
        remedy: A clause in the imperative; left out if empty.
        subject: What the sentence begins with, if anything.
    """
    if subject is None and not remedy:
        return problem
    said = problem if subject is None else f"{subject} {problem}"
    if remedy:
        said = f"{said.rstrip('.')}; {remedy}"
    return said if said.endswith((".", "?", "!")) else f"{said}."


def _rebuild(kind: type[MienError], problem: str, remedy: Remedy | str, subject: Path | str | None) -> MienError:
    return kind(problem, remedy, subject=subject)


class ConfigError(MienError):
    """A setting is unknown or out of range."""


class ImageError(MienError):
    """A picture or video cannot be read."""


class CameraError(MienError):
    """A camera is missing, refused or in use."""


class ModelError(MienError):
    """A network is missing or damaged."""


class AudioError(MienError):
    """A sound file cannot be decoded."""


class LibraryError(MienError):
    """The catalogue cannot be opened, or a folder cannot be added."""


class TrackNotFoundError(LibraryError):
    """There is no such track, or its file is gone."""


class NoMatchError(MienError):
    """No music meets what was asked for."""


class SourceError(MienError):
    """A music server cannot be reached, says no, or answers what makes no sense."""


class SlowSourceError(SourceError):
    """A music server did not answer in time."""


class PlaylistError(MienError):
    """A playlist cannot be read, written or played."""


class NeutralError(MienError):
    """A face at rest could not be learnt, kept or read back."""


class ServerError(MienError):
    """The server cannot start."""
