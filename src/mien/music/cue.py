"""Reads CUE sheets, which divide one sound file into tracks, and names each track by a path as MPD does.

The third track of ``album.cue`` has the path ``album.cue/track0003``, which is no file, whatever number the sheet gives
it. The manual of CDRWIN describes the format; times are in minutes, seconds and frames of 1/75 s.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Final, NamedTuple

from mien.errors import AudioError
from mien.music.formats import AUDIO_SUFFIXES
from mien.music.location import open_file
from mien.music.names import comparison_form
from mien.music.text import clean_text, decode_text

CUE_SUFFIX: Final = ".cue"

_MAX_BYTES = 1_000_000
_MAX_TRACKS = 999
_FRAMES_PER_S = 75
_TRACK, _DIGITS = "track", 4
_TRACK_NAME = re.compile(rf"{_TRACK}\d{{{_DIGITS}}}(?:\.\w+)?", re.ASCII)
_LINE = re.compile(r"\s*(\w+)\s*(.*?)\s*$")
_QUOTED = re.compile(r'"([^"]*)"|(\S+)')
_TIME = re.compile(r"(\d{1,4}):(\d{1,2}):(\d{1,2})")


@dataclass(frozen=True, slots=True)
class CueTrack:
    """A track of a CUE sheet.

    Attributes:
        number: Its place among the sheet's audio tracks, counted from 1 over all files; the sheet's own may repeat.
        file: The name of the sound file, as the sheet writes it.
        start_s: Where it begins in the file, in seconds.
        end_s: Where the next track of the file begins; None if it is the last.
        title: Empty if the sheet does not say.
        artist: The track's performer, or else the album's; empty if the sheet does not say.
    """

    number: int
    file: str
    start_s: float
    end_s: float | None = None
    title: str = ""
    artist: str = ""


@dataclass(frozen=True, slots=True)
class CueSheet:
    """A CUE sheet: its tracks, and what it says of the album; unknown texts are empty."""

    tracks: tuple[CueTrack, ...]
    album: str = ""
    artist: str = ""
    genre: str = ""
    date: str = ""


class CuePart(NamedTuple):
    """A track of a CUE sheet, and the sound file that it is in."""

    path: Path
    track: CueTrack
    sheet: CueSheet


def parse_cue(data: bytes) -> CueSheet:
    """Parse a CUE sheet in any common encoding; lines that mean nothing are ignored, so it may have no tracks."""
    sheet, file = CueSheet(()), ""
    tracks: list[CueTrack] = []
    begun: CueTrack | None = None
    begun_count, is_skipped = 0, False
    for line in decode_text(data[:_MAX_BYTES]).splitlines():
        found = _LINE.fullmatch(line)
        if found is None:
            continue
        command, rest = found[1].upper(), found[2]
        if command == "FILE":
            file, begun, is_skipped = _first_word(rest), None, False
        elif command == "TRACK":
            begun = _track(rest, file, begun_count + 1) if file and begun_count < _MAX_TRACKS else None
            begun_count, is_skipped = begun_count + (begun is not None), begun is None
        elif is_skipped:
            continue
        elif begun is not None and command in {"TITLE", "PERFORMER"}:
            text = clean_text(_first_word(rest))
            changed = replace(begun, title=text) if command == "TITLE" else replace(begun, artist=text)
            tracks = [changed if track is begun else track for track in tracks]
            begun = changed
        elif begun is not None and command == "INDEX" and rest.split()[:1] == ["01"]:
            time = _TIME.search(rest)
            if time is not None and begun not in tracks:
                minutes, seconds, frames = map(int, time.groups())
                begun = replace(begun, start_s=minutes * 60 + seconds + frames / _FRAMES_PER_S)
                tracks.append(begun)
        elif begun is None or not tracks:
            sheet = _with_album(sheet, command, rest)
    return replace(sheet, tracks=tuple(_with_ends(tracks, sheet)))


def divided_files(cue: Path, siblings: Iterable[Path]) -> dict[Path, list[CuePart]]:
    """The sound files that a CUE sheet divides into several tracks, with these tracks.

    Files that it lists whole, each with one track, are no parts of anything and are left out.

    Args:
        cue: The CUE sheet; one that cannot be read, or is no regular file, divides nothing.
        siblings: The files of its folder.

    Returns:
        The parts, in their order, by the path of the sound file.
    """
    try:
        with open_file(cue) as file:
            sheet = parse_cue(file.read(_MAX_BYTES))
    except (AudioError, OSError):
        return {}
    by_name = {comparison_form(path.name): path for path in siblings if path.suffix.lower() in AUDIO_SUFFIXES}
    parts: dict[Path, list[CuePart]] = {}
    for track in sheet.tracks:
        path = _sound_file(cue, track.file, by_name)
        if path is not None and (track.end_s is None or track.end_s > track.start_s):
            parts.setdefault(path, []).append(CuePart(path, track, sheet))
    return {path: found for path, found in parts.items() if len(found) > 1}


def with_parts(paths: Sequence[Path]) -> list[Path]:
    """Replace CUE sheets by the paths of their tracks, and leave out the sound files that they divide.

    A sheet that divides no file is left out; a sound file that is listed more than once is not.
    """
    divided: dict[Path, list[CuePart]] = {}
    tracks: dict[Path, list[Path]] = {}
    for cue in paths:
        if cue.suffix.lower() == CUE_SUFFIX:
            with suppress(OSError):
                found = divided_files(cue, list(cue.parent.iterdir()))
                divided |= found
                tracks[cue] = [track_path(cue, part.track) for parts in found.values() for part in parts]
    listed = (tracks.get(path, []) if path.suffix.lower() == CUE_SUFFIX else [path] for path in paths)
    return [path for several in listed for path in several if path not in divided]


def track_path(cue: Path, track: CueTrack) -> Path:
    """The path by which a track is known."""
    return cue / f"{_TRACK}{track.number:0{_DIGITS}}"


def is_track_path(path: PurePath) -> bool:
    """Whether a path has the form of a CUE sheet's track; nothing is opened."""
    return path.parent.suffix.lower() == CUE_SUFFIX and _TRACK_NAME.fullmatch(path.name) is not None


def cue_part(path: Path) -> CuePart | None:
    """The part of a file that a track's path stands for; None if it is another path, or if there is no such track."""
    cue = path.parent
    if not is_track_path(path) or not cue.is_file():
        return None
    number = int(path.name[len(_TRACK) :][:_DIGITS])
    try:
        siblings = list(cue.parent.iterdir())
    except OSError:
        return None
    parts = (part for several in divided_files(cue, siblings).values() for part in several)
    return next((part for part in parts if part.track.number == number), None)


def _sound_file(cue: Path, name: str, by_name: dict[str, Path]) -> Path | None:
    """The file that a sheet names, in its own folder only.

    Case and composition may differ, and so may the suffix: a FLAC that was made of a WAV keeps its sheet.
    """
    bare = name.replace("\\", "/").rpartition("/")[2]
    if found := by_name.get(comparison_form(bare)):
        return found
    for stem in (Path(bare).stem, cue.stem):
        alike = [path for form, path in by_name.items() if form.rpartition(".")[0] == comparison_form(stem)]
        if len(alike) == 1:
            return alike[0]
    return None


def _track(rest: str, file: str, number: int) -> CueTrack | None:
    """The audio track that a line begins; None if it is another kind of track, or has no number of its own."""
    written, _, kind = rest.partition(" ")
    if not (written.isascii() and written.isdecimal() and 0 < int(written) <= _MAX_TRACKS):
        return None
    return CueTrack(number, file, 0.0) if kind.strip().upper() in {"AUDIO", ""} else None


def _with_album(sheet: CueSheet, command: str, rest: str) -> CueSheet:
    """The sheet with what a line outside of all tracks says of the album."""
    if command == "REM":
        command, _, rest = rest.partition(" ")
    text = clean_text(_first_word(rest))
    match command.upper():
        case "TITLE":
            return replace(sheet, album=text)
        case "PERFORMER":
            return replace(sheet, artist=text)
        case "GENRE":
            return replace(sheet, genre=text)
        case "DATE":
            return replace(sheet, date=text)
    return sheet


def _with_ends(tracks: list[CueTrack], sheet: CueSheet) -> Iterator[CueTrack]:
    following: list[CueTrack | None] = [*tracks[1:], None]
    for track, after in zip(tracks, following, strict=False):
        same_file = after is not None and after.file == track.file
        end_s = after.start_s if after is not None and same_file else None
        yield replace(track, end_s=end_s, artist=track.artist or sheet.artist)


def _first_word(text: str) -> str:
    """The first word, or everything between the quotation marks."""
    found = _QUOTED.match(text)
    return (found[1] if found[1] is not None else found[2]) if found is not None else ""
