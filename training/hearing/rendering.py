"""Renders the labelled set with FluidSynth under several soundfonts, each file once, into a folder."""

from __future__ import annotations

import re
import subprocess
import zlib
from pathlib import Path
from types import MappingProxyType

from mien.music.analysis.decode import SAMPLE_RATE_HZ
from starter.midi import write_midi
from training.hearing.genres import GenrePiece

_DEBIAN = Path("/usr/share/sounds")
SOUNDFONTS = MappingProxyType(
    {
        "FluidR3": _DEBIAN / "sf2/FluidR3_GM.sf2",
        "TimGM6mb": _DEBIAN / "sf2/TimGM6mb.sf2",
        "MuseScore": _DEBIAN / "sf3/MuseScore_General_Lite.sf3",
    }
)
"""Debian's packages fluid-soundfont-gm, timgm6mb-soundfont and musescore-general-soundfont-small."""


def installed() -> dict[str, Path]:
    """The soundfonts that are on this machine."""
    return {name: path for name, path in SOUNDFONTS.items() if path.exists()}


def render_midi(midi: Path, soundfont: Path, cache: Path) -> Path:
    """The sound of a MIDI file, from the folder ``cache`` if it is there."""
    path = cache / soundfont.stem / f"{midi.stem}.flac"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".part")
        # mien hears nothing above 11 kHz; samples that a piece does not need are not loaded.
        settings = ["-g", "0.5", "-r", str(SAMPLE_RATE_HZ), "-o", "synth.dynamic-sample-loading=1"]
        command = ["fluidsynth", "-ni", "-q", *settings, "-T", "flac", "-F", str(partial)]
        subprocess.run([*command, str(soundfont), str(midi)], check=True, capture_output=True)
        partial.rename(path)
    return path


def render_piece(piece: GenrePiece, number: int, soundfont: Path, cache: Path) -> Path:
    """The sound of a piece, played by the ensemble of that number, from ``cache`` if it is there."""
    name = f"{re.sub('[^a-z0-9]+', '-', piece.name.lower())}-{number}"
    path = cache / soundfont.stem / f"{name}.flac"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        midi = path.with_suffix(".mid")
        write_midi(piece.score(number), midi, seed=zlib.crc32(piece.name.encode()) + number)
        render_midi(midi, soundfont, cache)
        midi.unlink()
    return path
