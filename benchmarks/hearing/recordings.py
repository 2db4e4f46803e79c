"""Installed recordings: titles of plain meaning, how a mixed library spreads over the plane, and speech.

The titles are of music from Debian's packages wesnoth-1.16-music and singularity-music; what each title leads one to
expect was written down from its words alone, before any file was analysed.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np

from benchmarks.hearing.analyses import Analysed, hear_timed

FOLDERS = (
    Path("/usr/share/games/wesnoth/1.16/data/core/music"),
    Path("/usr/share/games/singularity/music"),
    Path("/usr/share/games/warzone2100/music"),
)
"""Debian's packages wesnoth-1.16-music, singularity-music and warzone2100-music."""

EXPECTED = MappingProxyType(
    {
        "battle": (-0.5, 1.0),
        "battle-epic": (-0.5, 1.0),
        "victory": (1.0, 0.7),
        "victory2": (1.0, 0.7),
        "defeat": (-1.0, -0.5),
        "defeat2": (-1.0, -0.5),
        "sad": (-1.0, -0.8),
        "love_theme": (0.7, -0.6),
        "frantic": (-0.5, 1.0),
        "frantic-old": (-0.5, 1.0),
        "suspense": (-0.6, 0.2),
        "silence": (0.0, -1.0),
        "vengeful": (-0.8, 0.8),
        "casualties_of_war": (-0.8, -0.5),
        "the_city_falls": (-0.7, 0.4),
        "the_king_is_dead": (-0.9, -0.6),
        "weight_of_revenge": (-0.7, 0.5),
        "silvan_sanctuary": (0.5, -0.8),
        "traveling_minstrels": (0.8, 0.4),
        "wanderer": (0.0, -0.4),
        "into_the_shadows": (-0.6, 0.0),
        "breaking_the_chains": (0.3, 0.8),
        "transience": (-0.3, -0.6),
        "heroes_rite": (0.4, 0.5),
        "siege_of_laurelmor": (-0.5, 0.8),
        "March Thee to Dis": (-0.6, 0.5),
        "Chimes They Fade": (-0.5, -0.7),
        "Media Threat": (-0.6, 0.5),
        "Enemy Unknown": (-0.6, 0.5),
        "Nebula": (0.0, -0.7),
        "Through Space": (0.0, -0.5),
        "A New Journey": (0.6, 0.2),
    }
)
"""The valence and arousal that a title leads one to expect."""

_LIVELY = ("battle", "battle-epic", "victory", "victory2", "frantic", "frantic-old", "March Thee to Dis")

_SPOKEN = (
    "The harbour opens at six in the morning, and the first boats leave before the sun is up.",
    "Please keep your ticket until the end of the journey, and show it when you are asked to.",
    "Chapter four. It had rained for three days when the letter came, and nobody wanted to open it.",
    "Good evening. Here is the news. The council has agreed on a new plan for the old bridge.",
)
_VOICES = ("en-gb", "en-us", "en-us+f3", "de", "fr+f2")
_WORDS_A_MINUTE = 160


def analyse_recordings() -> list[Analysed]:
    """All recordings of the three packages that are installed."""
    found = sorted(path for folder in FOLDERS for path in folder.rglob("*") if path.suffix in (".ogg", ".opus"))
    return [Analysed(path.stem, path, "", *hear_timed(path)) for path in found]


def speech_files(folder: Path) -> list[Path]:
    """Spoken texts, synthesised by espeak-ng, with one file for each voice; none if it is missing."""
    if shutil.which("espeak-ng") is None:
        return []
    files = []
    for voice in _VOICES:
        path = folder / f"speech-{voice.replace('+', '-')}.wav"
        if not path.exists():
            text = " ".join(_SPOKEN * 3)
            command = ["espeak-ng", "-v", voice, "-s", str(_WORDS_A_MINUTE), "-w", str(path), text]
            subprocess.run(command, check=True, capture_output=True)
        files.append(path)
    return files


def ranks(values: Sequence[float]) -> np.ndarray:
    """The rank of each value, float64, ties sharing their mean rank."""
    array = np.asarray(values, np.float64)
    return np.array([np.sum(array < value) + (np.sum(array == value) - 1) / 2 for value in array])


def lines(recordings: Sequence[Analysed]) -> list[str]:
    """Titles against their words, and how many recordings each quadrant holds."""
    if not recordings:
        return ["- recordings: none of the three packages is installed", ""]
    titled = [one for one in recordings if one.name in EXPECTED]
    found = []
    for axis, name in enumerate(("valence", "arousal")):
        expected = ranks([EXPECTED[one.name][axis] for one in titled])
        estimated = ranks([getattr(one.features, name) for one in titled])
        found.append(f"{name} {np.corrcoef(expected, estimated)[0, 1]:.2f}")
    places = [(one.features.valence > 0, one.features.arousal > 0) for one in recordings]
    quadrants = {"bright": (True, True), "tense": (False, True), "low": (False, False), "calm": (True, False)}
    shares = ", ".join(f"{name} {places.count(place) / len(places):.2f}" for name, place in quadrants.items())
    calm = ", ".join(
        f"{one.name} {one.features.arousal:+.2f} ({one.features.arousal_confidence:.2f})"
        for one in titled
        if one.name in _LIVELY
    )
    return [
        f"- {len(titled)} titles of plain meaning, rank correlation with expectation: {', '.join(found)}",
        f"- arousal (confidence) of what is called battle, victory, frantic or march: {calm}",
        f"- {len(recordings)} recordings by quadrant: {shares}; taken for speech: "
        f"{sum(one.features.is_speech for one in recordings)}",
        "",
    ]
