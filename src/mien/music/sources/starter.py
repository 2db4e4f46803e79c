"""The source for the starter library, the music that is installed with mien."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, BinaryIO

from mien.errors import AudioError, Remedy
from mien.music.location import LocalFile, open_file
from mien.music.names import genres_in
from mien.music.sources.source import BrokenFile, SourceItem, local_path
from mien.types import AudioFeatures, Cover, Track

_ALBUM = "mien starter library"


class StarterSource:
    """The pieces listed in a folder's ``manifest.json``, by default the package's; none if that is missing."""

    name = "starter"

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder if folder is not None else Path(str(files("mien.music"))) / "starter"
        manifest = self._folder / "manifest.json"
        tracks = json.loads(manifest.read_text(encoding="utf-8"))["tracks"] if manifest.is_file() else []
        self._entries: dict[str, dict[str, Any]] = {entry["key"]: entry for entry in tracks}

    def items(self) -> Iterator[SourceItem | BrokenFile]:
        """List the pieces, those whose files are missing as broken."""
        for key, entry in self._entries.items():
            path = self._folder / entry["file"]
            try:
                status = path.stat()
            except OSError:
                yield BrokenFile(LocalFile(path), "is missing from the starter library", Remedy.REINSTALL)
            else:
                yield SourceItem(key, LocalFile(path), status.st_size, status.st_mtime_ns)

    def read(self, item: SourceItem) -> Track:
        """Read a piece from the manifest, with the features that were measured when the library was made."""
        entry = self._entries.get(item.key)
        if entry is None:
            raise AudioError(f"The starter library has no piece “{item.key}”", Remedy.REINSTALL)
        features = AudioFeatures(
            tempo_bpm=float(entry["tempo_bpm"]),
            loudness_lufs=float(entry["loudness_lufs"]),
            valence=float(entry["valence"]),
            arousal=float(entry["arousal"]),
            arousal_confidence=float(entry["confidence"]),
            analyser_version=int(entry["analyser_version"]),
            tonic=entry.get("tonic"),
            minor=entry.get("minor"),
            valence_confidence=float(entry.get("valence_confidence", 0.0)),
            tags=tuple(entry.get("tags", ())),
            sound=b64decode(entry.get("sound", "")),
        )
        return Track(
            id=f"{self.name}:{item.key}",
            title=entry["title"],
            artist=entry["composer"],
            album=entry.get("album") or _ALBUM,
            duration_s=float(entry["duration_s"]),
            features=features,
            year=entry.get("year"),
            genres=genres_in([entry.get("genre", "")]),
            credit=f"{entry['licence']}. {entry['rendering']}",
        )

    def cover(self, item: SourceItem) -> Cover | None:  # noqa: ARG002 - part of the protocol
        """None: the pieces have no pictures."""
        return None

    def open(self, item: SourceItem, *, max_bytes: int | None = None) -> BinaryIO:  # noqa: ARG002 - a local file costs nothing
        """Open the file."""
        return open_file(local_path(item))
