"""What a scan did not find is away with its folder, or was deleted."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from mien.music.library.absence import find_absences
from mien.music.library.catalogue import CatalogueEntry
from mien.music.location import LocalFile, ServerFile
from mien.music.sources.source import SourceItem

ROOT = LocalFile(Path("/m"))


def at(path):
    return LocalFile(Path("/m") / path)


def entry(location, *, away=None, error=None):
    return CatalogueEntry(SourceItem("key", location, 1, 1), 1, 1, error, away)


def absences(known, found, unreadable=(), *, away=None):
    places = {path: at(folder) for path, folder in (away or {}).items()}
    entries = {at(path): entry(at(path), away=places.get(path)) for path in known}
    result = find_absences(entries, {at(path) for path in found}, {at(path) for path in unreadable}, root=ROOT)
    return (
        {str(file.path.relative_to("/m")): str(folder.path.relative_to("/m")) for file, folder in result.away.items()},
        {str(file.path.relative_to("/m")) for file in result.removed},
    )


ALBUMS = ["a/1", "a/2", "a/3", "b/1", "b/2", "b/3", "c/d/1"]


@pytest.mark.parametrize(
    ("missing", "away", "removed"),
    [
        ([], {}, set()),
        (ALBUMS, dict.fromkeys(ALBUMS, "."), set()),
        (["a/1"], {}, {"a/1"}),
        (["a/1", "a/2", "a/3"], dict.fromkeys(["a/1", "a/2", "a/3"], "a"), set()),
        (["c/d/1"], {"c/d/1": "c"}, set()),
        (["a/1", "a/2"], {"a/1": "a", "a/2": "a"}, set()),
        (["a/1", "b/1"], {}, {"a/1", "b/1"}),
        (["a/1", "a/2", "b/1", "b/2"], dict.fromkeys(["a/1", "a/2", "b/1", "b/2"], "."), set()),
    ],
)
def test_a_folder_without_music_or_with_less_than_half_is_away(missing, away, removed):
    assert absences(ALBUMS, set(ALBUMS) - set(missing)) == (away, removed)


def test_what_cannot_be_listed_or_read_is_away():
    assert absences(ALBUMS, ["a/1", "a/2", "b/2", "b/3", "c/d/1"], ["a", "b/1"]) == ({"a/3": "a", "b/1": "b/1"}, set())


def test_what_was_away_stays_away_and_is_not_lost_twice():
    before = {"a/1": "a", "a/2": "a"}
    assert absences(ALBUMS, ["b/1", "b/2", "b/3", "c/d/1", "a/3"], away=before) == (before, set())
    known = [f"x/{number}" for number in range(9)]
    before = {"x/0": "x", "x/1": "x"}
    assert absences(known, known[5:], away=before) == (before, {"x/2", "x/3", "x/4"})


def test_files_that_could_never_be_used_are_no_music():
    broken = {at("a/1"): entry(at("a/1"), error="is damaged")}
    assert find_absences(broken, set(), set(), root=ROOT).removed == (at("a/1"),)
    assert find_absences(broken, set(), {ROOT}, root=ROOT).removed == ()
    broken[at("b/1")] = entry(at("b/1"))
    assert find_absences(broken, {at("b/1")}, set(), root=ROOT).removed == (at("a/1"),)


def test_a_server_is_away_as_a_folder_is():
    root = ServerFile("home")
    songs = [ServerFile("home", PurePosixPath(f"artist/{number}.ogg")) for number in range(3)]
    result = find_absences({song: entry(song) for song in songs}, set(), set(), root=root)
    assert set(result.away.values()) == {root}
