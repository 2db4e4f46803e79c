"""The errors that mien raises on purpose; each message is one sentence that says what to do.

MienError
├── ConfigError     a setting is unknown or out of range
├── ImageError      a picture or video cannot be read
├── CameraError     a camera is missing, refused or in use
├── ModelError      a network is missing or damaged
├── AudioError      a sound file cannot be decoded
├── LibraryError    the catalogue cannot be opened or a folder cannot be added
│   └── TrackNotFoundError   no such track, or its file is gone
├── WishError       no music meets what was asked for
├── SourceError     a music server cannot be reached, says no, or answers what makes no sense
│   └── SlowSourceError      it did not answer in time
├── PlaylistError   a playlist cannot be read, written or played
├── NeutralError    a face at rest could not be learnt, kept or read back
└── ServerError     the server cannot start
"""

from __future__ import annotations


class MienError(Exception):
    """Anything that mien says no to; the command line prints its message without a traceback."""


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


class WishError(MienError):
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
