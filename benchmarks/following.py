"""Measures how the music follows a face, in the real page: films with known changes before Chromium's fake camera.

    python -m benchmarks.following [--film twice] [--film five] [--music starter] [--music songs] [--trial]

Needs Chromium, and Playwright and scikit-image from ``mien[dev]``. The faces are photographs that scikit-image ships,
each chosen as the one that is read most surely as its expression. The starter pieces play as they are, about 47 s long,
and looped to songs of four minutes, which are made for the run. A track fits a mood within 0.6 of it on the plane.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import os
import shutil
import statistics
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import av
from playwright.sync_api import sync_playwright

from benchmarks import record
from benchmarks.browser import BROWSERS, FAKE_CAMERA_FLAGS, OFFLINE_FLAGS, THREADS
from benchmarks.films import enlarged, write_film
from mien.bench.server import BenchServer
from mien.face.reader import FaceReader
from mien.music.library.library import Library
from mien.types import Emotion, Image

FILMS: Final[Mapping[str, Sequence[tuple[Emotion, float]]]] = {
    "twice": ((Emotion.HAPPY, 45), (Emotion.SAD, 60), (Emotion.HAPPY, 60)),
    "five": (
        (Emotion.HAPPY, 45),
        (Emotion.SAD, 50),
        (Emotion.ANGRY, 50),
        (Emotion.NEUTRAL, 50),
        (Emotion.HAPPY, 50),
    ),
}
"""The expressions of each film, with their seconds."""

SONG_S: Final = 240
FITS: Final = 0.6
HELD_S: Final = 6.0
_SETTLED_S: Final = 10.0

#: Notes ten times a second what the page shows, from the moment at which the camera gives its film.
WATCH: Final = """
    globalThis.benchSeen = [];
    let beganMs = null;
    const { getUserMedia } = MediaDevices.prototype;
    MediaDevices.prototype.getUserMedia = async function (...options) {
      const stream = await getUserMedia.apply(this, options);
      beganMs ??= performance.now();
      return stream;
    };
    setInterval(() => {
      if (beganMs === null) return;
      const text = (selector) => document.querySelector(selector)?.textContent ?? "";
      const point = document.querySelector(".plane-point");
      benchSeen.push({
        at_s: (performance.now() - beganMs) / 1000,
        words: text(".mood-words"),
        mood: [Number(point.ariaValueNow) / 100, Number(point.dataset.arousal) / 100],
        playing: document.querySelector("audio[data-channel=current]").paused ? "" : text(".player-title"),
        next: text(".queue-title"),
        left: text(".player-undo p").includes("was left") ? text(".player-undo p") : "",
      });
    }, 100);
"""


@dataclass(frozen=True, slots=True)
class Look:
    """What the page showed at one moment: see ``WATCH``."""

    at_s: float
    words: str
    mood: tuple[float, float]
    playing: str
    next: str
    left: str


@dataclass(frozen=True, slots=True)
class FaceChange:
    """The seconds from a change of the face to the headline, the queue and the first music that fits; None if never."""

    to: Emotion
    headline_s: float | None
    queue_s: float | None
    music_s: float | None


@dataclass(frozen=True, slots=True)
class Followed:
    """How the music followed a film.

    Attributes:
        film: Its name.
        music: The name of the music.
        changes: The changes of the face.
        starts: How many tracks began.
        mismatched: How many of them contradicted a mood that had held for six seconds.
        cuts: How many songs were cut.
        lasting_s: The length of the film.
    """

    film: str
    music: str
    changes: tuple[FaceChange, ...]
    starts: int
    mismatched: int
    cuts: int
    lasting_s: float


def main() -> None:
    """Measure, print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--film", action="append", choices=list(FILMS), help="this film alone; may be repeated")
    parser.add_argument("--music", action="append", choices=["starter", "songs"], help="this music alone")
    parser.add_argument("--trial", action="store_true", help="keep nothing")
    options = parser.parse_args()
    text = report(list(measure(options.film or list(FILMS), options.music or ["starter", "songs"])))
    print(text)
    if not options.trial:
        record.save("following", text)


def measure(films: Sequence[str], musics: Sequence[str]) -> Iterator[Followed]:
    """Play each film with each music."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "library.sqlite3"
        if "songs" in musics:
            print("making songs …", file=sys.stderr)
            make_songs(Path(folder) / "songs")
            with Library.open(library, starter=False) as opened:
                opened.add(Path(folder) / "songs")
                if not any(track.features for track in opened.tracks()):
                    sys.exit("The songs cannot be heard; see mien doctor.")
        faces = surest_faces()
        for film in films:
            shown = [(faces[emotion], seconds) for emotion, seconds in FILMS[film]]
            path = write_film(Path(folder) / f"{film}.mjpeg", shown)
            for music in musics:
                print(f"{film}, {music} …", file=sys.stderr)
                with BenchServer(
                    classifier="mien", threads=THREADS, library_path=library if music == "songs" else None
                ) as server:
                    looks, moods = watch(server.url, path, FILMS[film])
                yield followed(film, music, looks, moods)


def surest_faces() -> dict[Emotion, Image]:
    """For each expression of the films the face that is read most surely as it, of those that scikit-image ships."""
    from skimage import data

    wanted = {emotion for film in FILMS.values() for emotion, _ in film}
    best: dict[Emotion, tuple[float, Image]] = {}
    with FaceReader() as reader:
        for picture in map(enlarged, data.lfw_subset()[:100]):
            readings = reader.read(picture)
            if len(readings) != 1:
                continue
            expression = readings[0].expression
            share = expression.probabilities[expression.top]
            if expression.top in wanted and share > best.get(expression.top, (0.0,))[0]:
                best[expression.top] = share, picture
    return {emotion: picture for emotion, (_, picture) in best.items()}


def make_songs(folder: Path) -> None:
    """Loop each starter piece to a song of four minutes, without encoding it again."""
    folder.mkdir()
    for piece in sorted(Path(str(files("mien.music"))).glob("starter/*.mp3")):
        with av.open(str(piece)) as source:
            sound = source.streams.audio[0]
            packets = [(packet.pts, bytes(packet)) for packet in source.demux(sound) if packet.pts is not None]
            step = packets[1][0] - packets[0][0]
            with av.open(str(folder / piece.name), "w") as song:
                song.metadata.update(title=piece.stem, artist=f"Artist of {piece.stem}")
                looped = song.add_stream_from_template(sound)
                time_base = sound.time_base or Fraction(1, sound.rate)
                count = math.ceil(SONG_S / float(step * time_base))
                for index in range(count):
                    packet = av.Packet(packets[index % len(packets)][1])
                    packet.pts = packet.dts = index * step
                    packet.duration, packet.time_base, packet.stream = step, time_base, looped
                    song.mux(packet)


def watch(url: str, film: Path, scenes: Sequence[tuple[Emotion, float]]) -> tuple[list[Look], dict[str, Any]]:
    """What the page shows during the film, and the mood of each track by its title."""
    browser_path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser_path is None:
        sys.exit("There is no Chromium; install it, for example: sudo apt-get install chromium")
    with urllib.request.urlopen(f"{url}api/v1/tracks") as answer:  # noqa: S310  our own server
        tracks = json.load(answer)["tracks"]
    with sync_playwright() as playwright:
        sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        flags = [*OFFLINE_FLAGS, *FAKE_CAMERA_FLAGS, f"--use-file-for-fake-video-capture={film}", *sandbox]
        browser = playwright.chromium.launch(executable_path=browser_path, args=flags)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.add_init_script(WATCH)
        page.goto(url)
        page.get_by_role("button", name="Turn on the camera").click()
        page.wait_for_function("() => benchSeen.length > 0", timeout=60_000)
        page.wait_for_timeout(1000 * sum(seconds for _, seconds in scenes))
        seen = page.evaluate("benchSeen")
        browser.close()
    looks = [Look(**{**look, "mood": tuple(look["mood"])}) for look in seen]
    return looks, {track["title"]: (track["valence"], track["arousal"]) for track in tracks}


def followed(film: str, music: str, looks: Sequence[Look], moods: Mapping[str, Any]) -> Followed:
    """How the music followed a film, from what the page showed."""
    scenes = FILMS[film]
    ends_s = [sum(seconds for _, seconds in scenes[: index + 1]) for index in range(len(scenes))]
    changes, held = [], []
    for index, ((emotion, seconds), end_s) in enumerate(zip(scenes, ends_s, strict=True)):
        begin_s = end_s - seconds
        scene = [look for look in looks if begin_s <= look.at_s < end_s]
        settled = [look for look in scene if look.at_s >= end_s - _SETTLED_S]
        mood = tuple(statistics.fmean(values) for values in zip(*(look.mood for look in settled), strict=True))
        held.append((begin_s, end_s, mood))
        if index == 0:
            continue
        words = {look.words for look in settled}
        changes.append(
            FaceChange(
                emotion,
                _first_s(begin_s, (look for look in scene if look.words in words)),
                _first_s(begin_s, (look for look in scene if _apart(moods, look.next, mood) <= FITS)),
                _first_s(begin_s, (look for look in scene if _apart(moods, look.playing, mood) <= FITS)),
            )
        )
    starts = [later for early, later in itertools.pairwise(looks) if _began(early, later)]
    mismatched = sum(
        _apart(moods, start.playing, mood) > FITS
        for start in starts
        for begin_s, end_s, mood in held
        if begin_s + HELD_S <= start.at_s < end_s
    )
    cuts = sum(later.left not in ("", early.left) for early, later in itertools.pairwise(looks))
    return Followed(film, music, tuple(changes), len(starts), mismatched, cuts, ends_s[-1])


def _began(early: Look, later: Look) -> bool:
    return later.playing not in ("", early.playing)


def _first_s(begin_s: float, looks: Iterator[Look]) -> float | None:
    look = next(looks, None)
    return None if look is None else look.at_s - begin_s


def _apart(moods: Mapping[str, Any], title: str, mood: Sequence[float]) -> float:
    if title not in moods:
        return float("inf")
    return float(sum((one - other) ** 2 for one, other in zip(moods[title], mood, strict=True)) ** 0.5)


def report(results: Sequence[Followed]) -> str:
    """The results as Markdown."""
    lines = [
        "# How the music follows a face",
        "",
        *record.circumstances(),
        "- headless Chromium with its fake camera, the server on the same machine; the policy is promptly; seconds "
        "from a change of the face; a track fits within 0.6 of the mood",
        "",
        "| film, music | change to | headline s | queue s | first fitting music s |",
        "|---|---|--:|--:|--:|",
    ]
    lines += [
        f"| {one.film}, {one.music} | {change.to} | {_cell(change.headline_s)} | {_cell(change.queue_s)} "
        f"| {_cell(change.music_s)} |"
        for one in results
        for change in one.changes
    ]
    lines += [
        "",
        "| film, music | minutes | changes | tracks begun | mismatched | songs cut |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {one.film}, {one.music} | {one.lasting_s / 60:.1f} | {len(one.changes)} | {one.starts} | {one.mismatched} "
        f"| {one.cuts} |"
        for one in results
    ]
    return "\n".join(lines)


def _cell(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds:.1f}"


if __name__ == "__main__":
    main()
