"""Measures "more like this": how many of the ten tracks most like one are of its soundtrack, and how long that takes.

    python -m benchmarks.similar DIR…

Each folder is a soundtrack (the recorded results are those of the folders that ``benchmarks.placement`` names). If
VGMIDI is in ../shared/data/music/vgmidi, each of its nine game series, rendered with FluidSynth, is one more. At most
``MAX_TRACKS`` tracks of each are drawn, several times, so that the large ones do not make it easy.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from benchmarks import folders, record
from mien.music.library.library import Library
from mien.music.recommender.filters import TrackFilter
from mien.music.recommender.index import TrackIndex
from mien.music.recommender.recommend import recommend
from mien.music.recommender.sounds import SoundIndex
from mien.music.sound_code import decode_sound
from mien.types import Mood, Track
from training.hearing.rendering import installed, render_midi
from training.hearing.vgmidi import rated_pieces

NEAREST = 10
MAX_TRACKS = 20
DRAWS = 8
LARGE = 100_000

Chooser: TypeAlias = Callable[[TrackIndex, int], Sequence[int]]


def main() -> None:
    """Analyse, compare, print and store the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    folders.add_arguments(parser)
    options = parser.parse_args()
    text = report(folders.analysed(options) | series(options))
    print(text)
    record.save("similar", text)


def series(options: argparse.Namespace) -> dict[str, list[Track]]:
    """The pieces of VGMIDI by game series; empty without VGMIDI or a soundfont."""
    pieces, soundfonts = rated_pieces(), sorted(installed().values())
    if not pieces or not soundfonts:
        return {}
    series_of = {render_midi(piece.midi, soundfonts[0], options.cache).name: piece.series for piece in pieces}
    with Library.open(options.cache / "renderings.sqlite3", starter=False) as library:
        library.add(options.cache / soundfonts[0].stem, workers=options.workers)
        files = library.files()
        tracks = [track for track in library.tracks() if track.features is not None]
    found: dict[str, list[Track]] = {}
    for track in tracks:
        found.setdefault(series_of[files[track.id].name], []).append(track)
    return found


def report(soundtracks: Mapping[str, Sequence[Track]]) -> str:
    """The results as Markdown."""
    count = sum(map(len, soundtracks.values()))
    rows = np.array([precisions(drawn(soundtracks, seed)) for seed in range(DRAWS)]).mean(axis=0)
    names = ("chance", *CHOOSERS)
    lines = ["# More like this", "", *record.circumstances()]
    lines += [
        f"- {count} tracks of {len(soundtracks)} soundtracks, at most {MAX_TRACKS} of each in each of {DRAWS} draws",
        "",
        f"| by | of the {NEAREST} nearest, of the same soundtrack |",
        "|---|---|",
    ]
    lines += [f"| {name} | {share:.3f} |" for name, share in zip(names, rows, strict=True)]
    build_s, query_s = speed(LARGE)
    lines += [
        "",
        f"{LARGE:,} tracks: {build_s:.2f} s to build the index of sounds, {1000 * query_s:.0f} ms to compare one.",
    ]
    return "\n".join(lines)


def drawn(soundtracks: Mapping[str, Sequence[Track]], seed: int) -> list[Track]:
    """At most ``MAX_TRACKS`` tracks of each soundtrack, which is their genre from here on; no other tags remain."""
    rng = np.random.default_rng(seed)
    return [
        replace(tracks[row], title=tracks[row].id, artist="", album="", genres=(name,))
        for name, tracks in soundtracks.items()
        for row in rng.permutation(len(tracks))[:MAX_TRACKS].tolist()
    ]


def precisions(tracks: Sequence[Track]) -> list[float]:
    """The shares of the same soundtrack by chance and by each chooser, for tracks that are not alone in theirs."""
    # The names of the soundtracks must not help.
    named = {track.id: track.genres[0] for track in tracks}
    index = TrackIndex.of([replace(track, genres=()) for track in tracks])
    of = np.array([named[track.id] for track in index.tracks])
    asked = [row for row in range(len(index)) if (of == of[row]).sum() > 1]
    found = [float(np.mean([((of == of[row]).sum() - 1) / (len(index) - 1) for row in asked]))]
    for choose in CHOOSERS.values():
        found.append(float(np.mean([np.mean(of[list(choose(index, row))] == of[row]) for row in asked])))
    return found


def by_place(index: TrackIndex, row: int) -> Sequence[int]:
    """The nearest on the plane."""
    return nearest(-np.hypot(*(index.points - index.points[row]).T), row)


def by_strengths(index: TrackIndex, row: int) -> Sequence[int]:
    """The highest cosines of the strengths of MusiCNN's tags."""
    sounds = [decode_sound(code.tobytes()) for code in index.sounds.codes]
    strengths = np.stack([sound.strengths for sound in sounds if sound is not None])
    strengths /= np.linalg.norm(strengths, axis=1, keepdims=True)
    return nearest(strengths @ strengths[row], row)


def by_sound(index: TrackIndex, row: int) -> Sequence[int]:
    """The most similar sounds."""
    return nearest(index.sounds.similarities(np.array([row]))[:, 0], row)


def by_recommendation(index: TrackIndex, row: int) -> Sequence[int]:
    """The list that ``mien recommend --like`` gives."""
    mood = Mood(*index.points[row].tolist())
    only = TrackFilter(like=(index.tracks[row].id,))
    station = recommend(mood, index, count=NEAREST, track_filter=only, rng=np.random.default_rng(row))
    return [index.row_of[pick.track.id] for pick in station.picks]


def nearest(similarities: NDArray[np.floating], row: int) -> list[int]:
    """The rows with the highest similarities, without ``row`` itself."""
    return [other for other in np.argsort(-similarities).tolist() if other != row][:NEAREST]


CHOOSERS: dict[str, Chooser] = {
    "place on the plane": by_place,
    "cosine of the strengths": by_strengths,
    "**SoundIndex**": by_sound,
    "**recommend --like**": by_recommendation,
}


def speed(count: int) -> tuple[float, float]:
    """The seconds to index random sounds, and to compare all with one (median of ten)."""
    codes = [row.tobytes() for row in np.random.default_rng(0).integers(0, 256, (count, 300), dtype=np.uint8)]
    begin = time.perf_counter()
    sounds = SoundIndex.of(codes)
    build_s = time.perf_counter() - begin
    took = []
    for row in range(10):
        begin = time.perf_counter()
        sounds.similarities(np.array([row]))
        took.append(time.perf_counter() - begin)
    return build_s, float(np.median(took))


if __name__ == "__main__":
    main()
