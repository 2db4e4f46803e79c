"""mien reads a face, works out the mood and plays music for it.

    import mien
    readings = mien.FaceReader().read(mien.read_photo("me.jpg"))
    readings[0].expression.top, readings[0].mood.valence

Names are imported when they are first used, so that ``import mien`` itself is fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mien.capture.photo import read_photo
    from mien.errors import MienError
    from mien.face.reader import FaceReader
    from mien.live.reader import LiveReader
    from mien.music.analysis.estimate import hear
    from mien.music.library.library import Library
    from mien.music.recommender.recommend import recommend
    from mien.types import AudioFeatures, Emotion, Expression, Mood, Pick, Reading, Station, Track

__version__ = "0.1.0"

_MODULES = {
    "AudioFeatures": "mien.types",
    "Emotion": "mien.types",
    "Expression": "mien.types",
    "FaceReader": "mien.face.reader",
    "Library": "mien.music.library.library",
    "LiveReader": "mien.live.reader",
    "MienError": "mien.errors",
    "Mood": "mien.types",
    "Pick": "mien.types",
    "Reading": "mien.types",
    "Station": "mien.types",
    "Track": "mien.types",
    "hear": "mien.music.analysis.estimate",
    "read_photo": "mien.capture.photo",
    "recommend": "mien.music.recommender.recommend",
}

__all__ = [  # noqa: RUF022  grouped: faces, music, values
    "FaceReader",
    "LiveReader",
    "read_photo",
    "hear",
    "Library",
    "recommend",
    "AudioFeatures",
    "Emotion",
    "Expression",
    "Mood",
    "Pick",
    "Reading",
    "Station",
    "Track",
    "MienError",
]


def __getattr__(name: str) -> object:
    if name in _MODULES:
        return getattr(import_module(_MODULES[name]), name)
    raise AttributeError(f"module 'mien' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
