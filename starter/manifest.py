"""Reads and writes the starter library's manifest: metadata and measurements of each sound file."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable
from pathlib import Path
from typing import TypedDict

from mien.music.analysis.estimate import hear
from starter.encode import RENDERING, SUFFIX
from starter.measure import loudness_lufs, read
from starter.score import Piece

VERSION = 1
FILE_NAME = "manifest.json"


class ManifestEntry(TypedDict):
    """A piece in the manifest; the fields from ``duration_s`` on are measured from its file, ``sound`` in base64."""

    key: str
    file: str
    title: str
    composer: str
    year: int
    source: str
    licence: str
    rendering: str
    duration_s: float
    loudness_lufs: float
    tempo_bpm: float
    valence: float
    arousal: float
    confidence: float
    valence_confidence: float
    tonic: int | None
    minor: bool | None
    tags: list[str]
    sound: str
    analyser_version: int


def entry_for(piece: Piece, folder: Path) -> ManifestEntry:
    """Measure the sound file of a piece in ``folder`` and return its entry."""
    path = folder / f"{piece.slug}{SUFFIX}"
    sound = read(path)
    heard = hear(path)
    return ManifestEntry(
        key=piece.slug,
        file=path.name,
        title=piece.title,
        composer=piece.composer,
        year=piece.year,
        source=piece.source,
        licence=piece.licence,
        rendering=RENDERING,
        duration_s=round(sound.duration_s, 2),
        loudness_lufs=round(loudness_lufs(sound.samples, sound.rate_hz), 2),
        tempo_bpm=round(heard.tempo_bpm, 1),
        valence=round(heard.valence, 3),
        arousal=round(heard.arousal, 3),
        confidence=round(heard.arousal_confidence, 3),
        valence_confidence=round(heard.valence_confidence, 3),
        tonic=heard.tonic,
        minor=heard.minor,
        tags=list(heard.tags),
        sound=b64encode(heard.sound).decode("ascii"),
        analyser_version=heard.analyser_version,
    )


def load(folder: Path) -> dict[str, ManifestEntry]:
    """The entries of a folder's manifest by key; empty if there is no manifest."""
    path = folder / FILE_NAME
    if not path.exists():
        return {}
    return {entry["key"]: entry for entry in json.loads(path.read_text(encoding="utf-8"))["tracks"]}


def save(entries: Iterable[ManifestEntry], folder: Path) -> None:
    """Write the manifest of ``folder``."""
    text = json.dumps({"version": VERSION, "tracks": list(entries)}, ensure_ascii=False, indent=2)
    (folder / FILE_NAME).write_text(text + "\n", encoding="utf-8")
