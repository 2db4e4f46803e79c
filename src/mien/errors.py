"""The exceptions that mien raises on purpose. Each states the problem, its subject and a remedy.

MienError
├── ConfigError     a setting is unknown or out of range
├── ImageError      a picture or video cannot be read
├── CameraError     a camera is missing, in use, or access to it is denied
├── ModelError      a network is missing or damaged
├── AudioError      a sound file cannot be used, perhaps only now
│   └── UndecodableError     it was read and cannot be decoded, which lasts until it changes
├── LibraryError    the catalogue cannot be opened, or a folder cannot be added
│   └── TrackNotFoundError   a track does not exist, or its file is gone
├── NoMatchError    no music meets the conditions
├── RequestError    a request for music in words cannot be understood
├── SourceError     a music server cannot be reached, refuses a request, or sends an invalid answer
│   ├── SlowSourceError      it did not answer in time
│   └── SourceClosedError    the connection was cut because mien ends
├── PlaylistError   a playlist cannot be read, written or played
├── NeutralError    a neutral baseline could not be learnt, stored or loaded
├── CorrectionError a person's corrections could not be stored or loaded
└── WebServerError  the page's server cannot start
"""

from __future__ import annotations

import errno
from enum import StrEnum
from typing import Final


class Remedy(StrEnum):
    """A remedy that the command line words as a command and the page in its own way.

    The value is the wording of ``str(error)``, an imperative clause without a full stop. Where a remedy concerns a
    server, a playlist or a folder, the error's ``subject`` is its name or path.
    """

    REINSTALL = "reinstall mien"
    INSTALL_DEEPFACE = "install mien with its extra deepface"
    INSTALL_PLOTS = "install mien with its extra plots"
    CHOOSE_DATA_FOLDER = "choose a folder of yours for what mien stores"
    ADD_FOLDER = "add its folder again"
    LIST_FOLDERS = "see which folders were added"
    SCAN = "bring the library up to date"
    ADD_SERVER = "add a music server"
    SIGN_IN = "sign in to it again"
    SIGN_IN_WITH_NAME = "sign in with a name and a password"
    SIGN_IN_WITH_KEY = "sign in with an API key"
    NAME_MUSIC_FOLDER = "say where its music folder is on this computer"
    TRUST_CERTIFICATE = "if you trust it, add the server again with the file of its certificate"
    ADD_MUSIC = "add music to the library"
    IMPORT_PLAYLIST = "import a playlist first"
    SHOW_PLAYLIST = "see which of its tracks are missing"
    REMOVE_PLAYLIST = "choose another name, or remove the other playlist first"
    OVERWRITE = "choose another name, or overwrite it on purpose"
    CHOOSE_PORT = "choose another port"
    CHOOSE_HOST = "choose another address"


_FILE_REMEDIES: Final = {
    errno.ENOENT: "check its name",
    errno.ENOTDIR: "check its name",
    errno.ENAMETOOLONG: "check its name",
    errno.EISDIR: "name a file in it",
    errno.EACCES: "change its permissions",
    errno.EPERM: "change its permissions",
    errno.ELOOP: "check what it links to",
}


FREE_MEMORY: Final = "close other programs, and try again"
"""The remedy for a lack of memory, as in ``MienError``."""

_MEMORY_SIGNS: Final = ("bad_alloc", "bad allocation", "allocate memory", "out of memory", "failed to map segment")
_PROBE_BYTES: Final = 32 * 1024 * 1024


class MienError(Exception):
    """Base class of mien's exceptions. The command line prints one as a sentence, without a traceback.

    Attributes:
        problem: What is wrong. With a ``subject`` it continues a sentence that begins with the subject ("cannot be
            read (Permission denied)"); without one it is a clause of its own ("The catalogue is damaged").
        remedy: What to do about it, as an imperative clause without a full stop ("change its permissions"), or a
            ``Remedy``; empty if nothing can be done.
        subject: What the error is about; None if it is about nothing in particular. A path or another value is
            printed as it is, a string, such as the name of a server, in quotation marks.
    """

    def __init__(self, problem: str, remedy: Remedy | str = "", *, subject: object = None) -> None:
        super().__init__(problem, remedy, subject)
        self.problem = problem
        self.remedy = remedy
        self.subject = subject

    def __str__(self) -> str:
        return sentence(self.problem, self.remedy, subject=self.subject)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.problem, self.remedy, self.subject)


def sentence(problem: str, remedy: str = "", *, subject: object = None) -> str:
    """Join the parts of an error into one sentence that ends with a full stop.

    Args:
        problem: As in ``MienError``.
        remedy: An imperative clause; omitted if empty.
        subject: As in ``MienError``.

    Returns:
        For example "/music/a.mp3 cannot be read (Permission denied); change its permissions."
    """
    text = clause(problem, remedy, subject=subject)
    return text if text.endswith((".", "?", "!")) else f"{text}."


def clause(problem: str, remedy: str = "", *, subject: object = None) -> str:
    """Join the parts of an error as ``sentence`` does, without the full stop: for a remedy that ends in a command.

    Args:
        problem: As in ``MienError``.
        remedy: An imperative clause; omitted if empty.
        subject: As in ``MienError``.
    """
    shown = f"“{subject}”" if isinstance(subject, str) else subject
    text = problem if subject is None else f"{shown} {problem}"
    return f"{text.rstrip('.')}; {remedy}" if remedy else text


def file_remedy(error: OSError) -> str:
    """What to do about a file that the system does not open, as an imperative clause; empty if unknown."""
    return _FILE_REMEDIES.get(error.errno or 0, "")


def is_short_of_memory(error: BaseException) -> bool:
    """Whether an error comes from a lack of memory, which libraries report in many ways, or not at all."""
    words = str(error).lower()
    if isinstance(error, MemoryError) or any(sign in words for sign in _MEMORY_SIGNS):
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    try:
        bytearray(_PROBE_BYTES)
    except MemoryError:
        return True
    return False


def network_error(error: BaseException, *, subject: object) -> ModelError:
    """The error for a network that is there and cannot be loaded: it is damaged, or there is too little memory.

    Args:
        error: What loading it raised.
        subject: Its file.
    """
    if is_short_of_memory(error):
        return ModelError("There is too little memory to load a network", FREE_MEMORY)
    return ModelError("is damaged", Remedy.REINSTALL, subject=subject)


def _rebuild(kind: type[MienError], problem: str, remedy: Remedy | str, subject: object) -> MienError:
    return kind(problem, remedy, subject=subject)


class ConfigError(MienError):
    """A setting is unknown or out of range."""


class ImageError(MienError):
    """A picture or video cannot be read."""


class CameraError(MienError):
    """A camera is missing, in use, or access to it is denied."""


class ModelError(MienError):
    """A network is missing or damaged."""


class AudioError(MienError):
    """A sound file cannot be used; unless it is an ``UndecodableError``, another try may succeed."""


class UndecodableError(AudioError):
    """A sound file was read and cannot be decoded: no other try succeeds until the file changes."""


class LibraryError(MienError):
    """The catalogue cannot be opened, or a folder cannot be added."""


class TrackNotFoundError(LibraryError):
    """A track does not exist, or its file is gone."""


class NoMatchError(MienError):
    """No music meets the conditions."""


class RequestError(MienError):
    """A request for music in words cannot be understood."""


class SourceError(MienError):
    """A music server cannot be reached, refuses a request, or sends an invalid answer."""


class SlowSourceError(SourceError):
    """A music server did not answer in time."""


class SourceClosedError(SourceError):
    """The connection to a music server was cut, because mien ends."""


class PlaylistError(MienError):
    """A playlist cannot be read, written or played."""


class NeutralError(MienError):
    """A neutral baseline could not be learnt, stored or loaded."""


class CorrectionError(MienError):
    """A person's corrections of their mood could not be stored or loaded."""


class WebServerError(MienError):
    """The server cannot start."""
