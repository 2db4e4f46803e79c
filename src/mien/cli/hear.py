"""``mien hear``: valence, arousal, tempo, key and loudness of music files, one row per file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mien.cli.terminal.examples import examples
from mien.cli.terminal.files import Failures, expand
from mien.cli.terminal.param_types import AnyPath
from mien.cli.terminal.progress import progress
from mien.cli.terminal.rows import RowFormat, output_options, row_writer
from mien.errors import AudioError

if TYPE_CHECKING:
    from mien.types import AudioFeatures


@dataclass(frozen=True, slots=True)
class HeardFile:
    """A music file and its features."""

    path: Path
    features: AudioFeatures


@click.command(
    epilog=examples("mien hear song.wav", "mien hear --csv music/ > moods.csv", "mien hear --json *.mp3 | jq .valence")
)
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=AnyPath())
@output_options
def hear(files: tuple[Path, ...], output_format: str | None) -> None:
    """Estimate the mood, tempo, key and loudness of music.

    Valence runs from -1 (unpleasant) to 1 (pleasant), arousal from -1 (calm) to 1 (excited). Both are estimates from
    three excerpts; valence is the less accurate one. A CUE sheet stands for the tracks into which it divides a file.
    Files that cannot be decoded are reported on stderr, and the exit status is then 1.
    """
    from mien.music.analysis.estimate import hear as analyse
    from mien.music.cue import CUE_SUFFIX, with_parts
    from mien.music.formats import AUDIO_SUFFIXES, UNPLAYABLE_SUFFIXES

    failures = Failures()
    suffixes = AUDIO_SUFFIXES | UNPLAYABLE_SUFFIXES.keys() | {CUE_SUFFIX}
    found = with_parts(expand(files, suffixes, failures, noun="sound file"))
    rows_appear = output_format is not None and sys.stdout.isatty()
    with row_writer(output_format, LAYOUT) as write, progress(len(found), unit="file", hidden=rows_appear) as advance:
        for done, path in enumerate(found):
            advance(done, path.name)
            with failures.tolerate(path):
                if unplayable := UNPLAYABLE_SUFFIXES.get(path.suffix.lower()):
                    raise AudioError(*unplayable, subject=path)
                write(HeardFile(path, analyse(path)))
    failures.conclude()


def _as_json(heard: HeardFile) -> dict[str, Any]:
    features = heard.features
    return {
        "path": str(heard.path),
        "valence": round(features.valence, 4),
        "arousal": round(features.arousal, 4),
        "valence_confidence": round(features.valence_confidence, 4),
        "confidence": round(features.arousal_confidence, 4),
        "tempo_bpm": round(features.tempo_bpm, 1),
        "key": _key(features),
        "loudness_lufs": round(features.loudness_lufs, 1),
        "tags": list(features.tags),
    }


_PITCHES = ("C", "C sharp", "D", "E flat", "E", "F", "F sharp", "G", "A flat", "A", "B flat", "B")


def _key(features: AudioFeatures) -> str:
    """The key in words; empty if it is not clear."""
    if features.tonic is None:
        return ""
    return f"{_PITCHES[features.tonic]} {'minor' if features.minor else 'major'}"


def _as_values(heard: HeardFile) -> Iterator[list[Any]]:
    yield ["; ".join(value) if isinstance(value, list) else value for value in _as_json(heard).values()]


def _as_cells(heard: HeardFile) -> Iterator[tuple[str, ...]]:
    from mien.mood.circumplex import describe
    from mien.types import Mood

    features = heard.features
    yield (
        str(heard.path),
        f"{features.valence:+.2f}",
        f"{features.arousal:+.2f}",
        f"{features.tempo_bpm:.0f} bpm" if features.tempo_bpm else "no beat",
        _key(features),
        f"{features.loudness_lufs:.1f} LUFS",
        describe(Mood(features.valence, features.arousal)),
    )


LAYOUT = RowFormat(
    as_json=_as_json,
    header=(
        "path",
        "valence",
        "arousal",
        "valence_confidence",
        "confidence",
        "tempo_bpm",
        "key",
        "loudness_lufs",
        "tags",
    ),
    as_values=_as_values,
    columns=("File", "Valence", "Arousal", "Tempo", "Key", "Loudness", "Sounds"),
    numbers=("Valence", "Arousal", "Tempo", "Loudness"),
    as_cells=_as_cells,
)
