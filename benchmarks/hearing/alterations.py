"""How much an estimate changes when a file is altered in a way that a listener would call the same music."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from benchmarks.hearing.analyses import Analysed
from mien.music.analysis.estimate import hear
from mien.types import AudioFeatures

Sound = NDArray[np.float32]
"""float32 [samples, channels] at full scale -1..1."""


class Alteration(NamedTuple):
    """A way to alter a sound; the file is written with ``rate`` times its sampling rate, which shifts its pitch."""

    alter: Callable[[Sound, int], Sound]
    rate: float = 1.0


def _silence(sound: Sound, rate_hz: int) -> Sound:
    pause = np.zeros((5 * rate_hz, sound.shape[1]), np.float32)
    return np.concatenate([sound, pause])


def _center(sound: Sound, _rate_hz: int) -> Sound:
    channels = np.zeros((len(sound), 6), np.float32)
    channels[:, 2] = sound.mean(axis=1)
    return channels


def _middle(seconds: float) -> Callable[[Sound, int], Sound]:
    def cut(sound: Sound, rate_hz: int) -> Sound:
        begin = max(0, len(sound) // 2 - round(seconds * rate_hz / 2))
        return sound[begin : begin + round(seconds * rate_hz)]

    return cut


def _unaltered(sound: Sound, _rate_hz: int) -> Sound:
    return sound


ALTERATIONS = MappingProxyType(
    {
        "50 dB quieter": Alteration(lambda sound, _: sound * 10 ** (-50 / 20)),
        "24 dB louder, clipped": Alteration(
            lambda sound, _: np.clip(sound / np.abs(sound).max() * 10 ** (24 / 20), -1, 1)
        ),
        "50 cents lower": Alteration(_unaltered, 2 ** (-50 / 1200)),
        "A = 432 Hz": Alteration(_unaltered, 432 / 440),
        "one channel inverted": Alteration(lambda sound, _: np.stack([sound.mean(1), -sound.mean(1)], axis=1)),
        "5.1, music in the center": Alteration(_center),
        "5 s of silence added": Alteration(_silence),
        "20 s of it": Alteration(_middle(20)),
        "3 s of it": Alteration(_middle(3)),
    }
)


def table(pieces: Sequence[Analysed], folder: Path) -> list[str]:
    """How far each alteration moves the estimates: the largest difference, the kept keys, the change of confidence.

    Args:
        pieces: The files to alter.
        folder: Where altered files may be written.
    """
    lines = [
        f"Altered copies of {len(pieces)} held-out pieces, median and largest difference:",
        "",
        "| alteration | valence | arousal | same key | confidence |",
        "|---|---|---|---|---|",
    ]
    for name, alteration in ALTERATIONS.items():
        lines.append(f"| {name} | {_row([(one, _altered(one.path, alteration, folder)) for one in pieces])} |")
    return [*lines, ""]


def _row(pairs: Sequence[tuple[Analysed, AudioFeatures]]) -> str:
    cells = []
    for axis in ("valence", "arousal"):
        apart = [abs(getattr(one.features, axis) - getattr(other, axis)) for one, other in pairs]
        cells.append(f"{np.median(apart):.3f}, {max(apart):.3f}")
    keyed = [(one.features, other) for one, other in pairs if one.features.tonic is not None]
    same = sum((one.tonic, one.minor) == (other.tonic, other.minor) for one, other in keyed)
    confidence = np.mean([other.arousal_confidence - one.features.arousal_confidence for one, other in pairs])
    return " | ".join([*cells, f"{same} of {len(keyed)}", f"{confidence:+.2f}"])


def _altered(path: Path, alteration: Alteration, folder: Path) -> AudioFeatures:
    sound, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    altered = folder / "altered.wav"
    soundfile.write(altered, alteration.alter(sound, rate_hz), round(rate_hz * alteration.rate), subtype="FLOAT")
    return hear(altered)
