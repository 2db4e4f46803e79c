"""The colour and the glyph of each expression, the same as on the page; distinct for colour-blind people too."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from mien.types import Emotion

GLYPHS: Final[Mapping[Emotion, tuple[str, str]]] = MappingProxyType(
    {
        Emotion.NEUTRAL: ("#8A8F98", "–"),
        Emotion.HAPPY: ("#E69F00", "●"),
        Emotion.SURPRISE: ("#56B4E9", "★"),
        Emotion.SAD: ("#0072B2", "■"),
        Emotion.FEAR: ("#CC79A7", "▼"),
        Emotion.DISGUST: ("#009E73", "◆"),
        Emotion.ANGRY: ("#D55E00", "▲"),
    }
)
"""Colour and glyph by expression, in the order in which they are stacked: neutral at the bottom."""
