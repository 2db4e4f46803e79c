"""The benchmarks of places, of likeness and of duplicates, on libraries of which the answers are known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks import duplicates, placement, similar
from mien.types import AudioFeatures, Track


def album(name: str, count: int, *, centre: tuple[float, float], seed: int) -> list[Track]:
    """Tracks around a point of the plane, with a sound of the album's own."""
    rng = np.random.default_rng(seed)
    style = rng.integers(20, 200, 300)
    tracks = []
    for number, (v, a) in enumerate(np.clip(rng.normal(centre, 0.2, (count, 2)), -1, 1).tolist()):
        sound = np.clip(style + rng.normal(0, 15, 300), 0, 255).astype(np.uint8).tobytes()
        features = AudioFeatures(100.0, -18.0, v, a, 0.9, 4, sound=sound)
        tracks.append(Track(f"folder:{name}{number}", f"{name} {number}", name, name, 60.0 + 5 * number, features))
    return tracks


def cells(text: str, name: str) -> list[str]:
    (line,) = [line for line in text.splitlines() if line.startswith(f"| {name}")]
    return [cell.strip() for cell in line.strip("|").split("|")][1:]


def test_the_quadrants_of_dark_libraries_are_filled() -> None:
    albums = {name: album(name, 40, centre=(-0.5, 0.2), seed=seed) for seed, name in enumerate(("one", "two"))}
    text = placement.report(albums)
    count, *quadrants = cells(text, "all, mixed")
    assert count == "80"
    before, after = zip(*(map(int, cell.split(" → ")) for cell in quadrants), strict=True)
    assert max(before) > 60
    assert 15 <= min(after) <= max(after) <= 35
    assert "Rank correlation of places and estimates: 1.000 and 1.000" in text


def test_tracks_of_the_same_sound_are_found_and_chance_is_told() -> None:
    tracks = [track for seed in range(5) for track in album(f"album {seed}", 12, centre=(0, 0), seed=seed)]
    named = [replace(track, genres=(track.album,), artist="", title=track.id, album="") for track in tracks]
    chance, place, *by_sound = similar.precisions(named)
    assert abs(chance - 11 / 59) < 1e-6
    assert place < 0.4
    assert min(by_sound) > 0.9


def test_copies_misses_and_false_alarms_are_counted() -> None:
    first, second, third = album("one", 3, centre=(0, 0), seed=1)
    name, other = duplicates.VARIANT_NAMES[:2]
    tracks = {Path("first.flac"): first, Path("second.flac"): second, Path("third.flac"): third}
    tracks[Path("first.mp3")] = replace(first, id="folder:copy")
    tracks[Path("second.mp3")] = replace(second, id="folder:slower", duration_s=300.0)
    tracks[Path("third again.flac")] = replace(third, id="folder:again")
    copies = {Path("first.mp3"): (Path("first.flac"), name), Path("second.mp3"): (Path("second.flac"), other)}
    text = duplicates.report(tracks, copies, {})
    assert cells(text, name) == ["1 of 1"]
    assert cells(text, other) == ["0 of 1"]
    assert "False alarms: 1 of 15 pairs." in text
