"""``mien recommend --from --to`` and ``--radio``, with the starter library and stored tracks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mien.types import AudioFeatures, Track
from tests.stored_tracks import store_tracks


def picks(result) -> list[dict]:
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def bands(home: Path, tmp_path: Path) -> None:
    """Ten songs of each of three bands; one of them is named like a song of another."""
    names = [(f"{band} {number}", band) for band in ("Ash", "Birch", "Cedar") for number in range(10)]
    names[0] = ("Cedar", "Ash")
    tracks = [
        Track(
            f"folder:{row:02}",
            title,
            band,
            "",
            200.0,
            AudioFeatures(100.0, -18.0, row / 30 - 0.5, row % 10 / 10 - 0.5, 0.9, 4),
        )
        for row, (title, band) in enumerate(names)
    ]
    store_tracks(home / "library.sqlite3", tmp_path / "music", tracks)


class TestPath:
    def test_it_begins_and_ends_with_the_songs(self, mien) -> None:
        found = picks(mien("recommend", "--from", "moss", "--to", "Undertow", "-n", "8", "--json", "--seed", "1"))
        titles = [pick["title"] for pick in found]
        assert (titles[0], titles[-1], len(set(titles))) == ("Moss", "Undertow", 8)
        assert "57% of the way to “Undertow”" in found[4]["reason"]

    def test_it_can_be_stored_as_a_playlist(self, mien) -> None:
        assert mien("recommend", "--from", "Moss", "--to", "Undertow", "-n", "5", "--save", "evening").exit_code == 0
        shown = picks(mien("playlist", "show", "evening", "--json"))
        assert [shown[0]["title"], shown[-1]["title"]] == ["Moss", "Undertow"]

    def test_its_songs_need_not_be_chosen_from(self, mien, bands: None) -> None:
        found = picks(
            mien("recommend", "--from", "Moss", "--to", "Birch 3", "--json", "-n", "6", MIEN_STARTER_UNTIL="5")
        )
        assert [pick["id"].partition(":")[0] for pick in found] == ["starter", *["folder"] * 5]

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (["--from", "Moss"], "both --from and --to"),
            (["--to", "Moss"], "both --from and --to"),
            (["--from", "Moss", "--to", "Undertow", "--mood", "sad"], "without a mood"),
            (["--from", "Moss", "--to", "Undertow", "--radio", "Moss"], "without a mood"),
            (["--from", "Moss", "--to", "Undertow", "sad"], "without a mood"),
            (["--radio", "Moss", "--like", "Moss"], "without words or --like"),
        ],
    )
    def test_other_kinds_of_lists_do_not_go_with_it(self, mien, arguments: list[str], sentence: str) -> None:
        result = mien("recommend", *arguments)
        assert result.exit_code == 2
        assert sentence in result.stderr

    def test_one_song_makes_no_path(self, mien) -> None:
        result = mien("recommend", "--from", "Moss", "--to", "moss")
        assert (result.exit_code, result.stdout) == (1, "")
        assert "name two different songs" in result.stderr
        assert "did you mean 'Moss'?" in mien("recommend", "--from", "Mos", "--to", "Undertow").stderr


class TestRadio:
    def test_a_song_begins_its_radio(self, mien) -> None:
        result = mien("recommend", "--radio", "Moss", "--json", "-n", "6")
        assert "Radio from the song “Moss”" in result.stderr
        assert picks(result)[0]["title"] == "Moss"
        assert "your mood" not in picks(result)[1]["reason"]
        with_mood = picks(mien("recommend", "--radio", "Moss", "--mood", "happy", "--json", "-n", "6"))
        assert "your mood" in with_mood[1]["reason"]

    def test_an_artist_and_others_are_played(self, mien, bands: None) -> None:
        result = mien("recommend", "--radio", "BIRCH", "--json", "-n", "12", "--seed", "2", MIEN_STARTER="no")
        assert "Radio from the artist “Birch”, 10 tracks." in result.stderr
        artists = [pick["artist"] for pick in picks(result)]
        assert 2 <= artists.count("Birch") < 12

    def test_a_song_comes_before_an_artist_of_the_same_name(self, mien, bands: None) -> None:
        assert "Radio from the song “Cedar”" in mien("recommend", "--radio", "cedar", MIEN_STARTER="no").stderr

    def test_a_stored_playlist(self, mien, bands: None) -> None:
        mien("recommend", "--mood", "sad", "-n", "4", "--save", "blue", MIEN_STARTER="no")
        result = mien("recommend", "--radio", "blue", "--json", "-n", "8", MIEN_STARTER="no")
        assert "Radio from the playlist “blue”, 4 tracks." in result.stderr
        assert len(picks(result)) == 8

    def test_what_nobody_is_called_makes_no_radio(self, mien) -> None:
        result = mien("recommend", "--radio", "Mosss")
        assert result.exit_code == 1
        assert "There is no song, artist or playlist “Mosss”; did you mean 'Moss'?" in result.stderr


def test_more_like_a_song_that_is_not_chosen_from(mien, bands: None) -> None:
    """Songs like one of the starter library, out of a playlist without it."""
    mien("recommend", "--mood", "sad", "-n", "6", "--save", "blue", MIEN_STARTER="no")
    found = picks(mien("recommend", "--like", "Moss", "--playlist", "blue", "--json"))
    assert len(found) == 6
    assert all(pick["id"].startswith("folder:") for pick in found)
