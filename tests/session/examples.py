"""Frames and tracks for the tests of a session."""

from __future__ import annotations

from datetime import UTC, datetime

import cv2
import numpy as np

from tests.fakes import track

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
QUADRANTS = [
    track(f"{v:+}{a:+}".replace("+", "p").replace("-", "m"), valence=v, arousal=a) for v in (-1, 1) for a in (-1, 1)
]
"""A track in each quadrant of the plane."""


def jpeg_of(width_px: int = 64, height_px: int = 48) -> bytes:
    """A gray picture."""
    return cv2.imencode(".jpg", np.full((height_px, width_px, 3), 90, np.uint8))[1].tobytes()
