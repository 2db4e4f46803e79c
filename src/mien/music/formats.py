"""The music files that mien knows by their suffixes: one list for folders, ``mien hear`` and CUE sheets."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# fmt: off
AUDIO_SUFFIXES: Final = frozenset((
    ".3ga", ".aac", ".ac3", ".adts", ".aif", ".aifc", ".aiff", ".aiff-c", ".amr", ".ape", ".au", ".caf", ".dff", ".dsf",
    ".dts", ".flac", ".m4a", ".m4b", ".m4r", ".mka", ".mp1", ".mp2", ".mp3", ".mp4", ".mpa", ".mpc", ".mpga", ".mp+",
    ".oga", ".ogg", ".oma", ".opus", ".ra", ".shn", ".snd", ".spx", ".tak", ".tta", ".voc", ".w64", ".wav", ".wave",
    ".weba", ".webm", ".wma", ".wv",
))
# fmt: on
"""The suffixes of files that FFmpeg or libsndfile decode."""

_DRM: Final = "get it without protection from its shop, or rename it to {} if it has none"

LOCKED: Final = ("is locked by a copy protection (DRM)", "get it without protection from its shop")
"""The problem and the remedy of a file whose sound is encrypted."""

LOCKED_TAGS: Final = frozenset(("aavd", "drms", "enca"))
"""What MP4 files state as their codec if their sound is encrypted."""

UNPLAYABLE_SUFFIXES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        ".m4p": ("is locked by Apple's copy protection (DRM)", _DRM.format(".m4a")),
        ".aa": ("is locked by Audible's copy protection (DRM)", _DRM.format(".mp3")),
        ".aax": ("is locked by Audible's copy protection (DRM)", _DRM.format(".m4b")),
        ".aaxc": ("is locked by Audible's copy protection (DRM)", _DRM.format(".m4b")),
        **dict.fromkeys(
            (".kar", ".mid", ".midi", ".rmi"), ("has notes and no sound (MIDI)", "render it with a synthesiser to FLAC")
        ),
        **dict.fromkeys(
            (".it", ".mod", ".s3m", ".xm"), ("is a tracker module, which mien cannot play", "render it to FLAC")
        ),
    }
)
"""Why files with these suffixes cannot be played, and what to do: a problem and a remedy as in ``MienError``."""
