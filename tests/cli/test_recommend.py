"""``mien recommend`` from a real library of synthesised music."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from pathlib import Path

import pytest

from mien.mood.circumplex import COORDINATES
from mien.types import Emotion

STARTERLESS = {"MIEN_STARTER": "no"}


@pytest.fixture(scope="module")
def heard(mien_of, write_song, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Music, and beside it the home of somebody who has heard it: five pieces, from slow and low to fast and high."""
    folder = tmp_path_factory.mktemp("heard") / "music"
    for index in range(5):
        write_song(
            folder / f"Ana{index} - Piece {index}.flac", pitch_hz=150 * 2 ** (index / 3), beats_per_s=1.5 + 0.75 * index
        )
    assert mien_of(folder.parent / "home")("library", "add", folder).exit_code == 0
    return folder


@pytest.fixture
def library(heard: Path, home: Path) -> Path:
    """The five pieces, in the library of this test's own home."""
    shutil.copytree(heard.parent / "home", home)
    return heard


def lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_table_with_reasons(mien, library: Path) -> None:
    result = mien("recommend", "--mood", "happy", **STARTERLESS)
    assert result.exit_code == 0
    header, _, *rows = result.stdout.splitlines()
    assert header.split() == ["Title", "Artist", "Length", "Why"]
    assert len(rows) == 5
    for row in rows:
        assert "bpm" in row
        assert "0:12" in row


def test_json_names_the_file_and_the_reason(mien, library: Path) -> None:
    picks = lines(mien("recommend", "--mood", "sad", "--json", **STARTERLESS).stdout)
    assert len(picks) == 5
    for pick in picks:
        assert list(pick) == [
            *("id", "title", "artist", "album", "path", "duration_s"),
            *("valence", "arousal", "tempo_bpm", "score", "reason"),
        ]
        assert Path(pick["path"]).is_file()
        assert 0 <= pick["score"] <= 1
        assert pick["reason"]
    assert len({pick["id"] for pick in picks}) == 5
    (row, *_) = csv.DictReader(io.StringIO(mien("recommend", "--mood", "sad", "--csv", **STARTERLESS).stdout))
    assert list(row) == list(picks[0])


def test_the_nearest_piece_comes_first(mien, library: Path) -> None:
    for valence, arousal in ((-0.5, -0.9), (0.5, 0.9)):
        picks = lines(
            mien("recommend", "--valence", valence, "--arousal", arousal, "--json", "--seed", "0", **STARTERLESS).stdout
        )
        distances = [abs(pick["arousal"] - arousal) + abs(pick["valence"] - valence) for pick in picks]
        assert distances[0] <= sorted(distances)[1]


def test_a_photo_gives_the_mood(mien, library: Path, photo: Path) -> None:
    result = mien("recommend", "--photo", photo, "-n", "2", "--json", "--seed", "1", **STARTERLESS)
    assert result.exit_code == 0
    assert f"{photo} looks happy" in result.stderr
    assert len(lines(result.stdout)) == 2


def test_a_photo_without_a_face_says_what_to_do(mien, library: Path, empty_photo: Path) -> None:
    result = mien("recommend", "--photo", empty_photo, **STARTERLESS)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "shows no face" in result.stderr
    assert "--mood" in result.stderr


def test_m3u_is_a_playlist_with_absolute_paths(mien, library: Path, tmp_path: Path) -> None:
    result = mien("recommend", "--mood", "happy", "--m3u", **STARTERLESS)
    header, name, *entries = result.stdout.splitlines()
    assert (header, name) == ("#EXTM3U", "#PLAYLIST:mien")
    assert len(entries) == 10
    for info, path in zip(entries[::2], entries[1::2], strict=True):
        assert info.startswith("#EXTINF:12,Ana")
        assert " - Piece " in info
        assert Path(path).is_absolute()
        assert Path(path).parent == library


@pytest.mark.skipif(os.name != "posix", reason="names that are no text are POSIX's")
def test_m3u_keeps_a_path_that_is_not_valid_text(mien, tmp_path: Path, write_song) -> None:
    name = os.fsdecode(b"caf\xe9.wav")
    folder = tmp_path / "music"
    write_song(tmp_path / "song.wav")
    folder.mkdir()
    (tmp_path / "song.wav").rename(folder / name)
    mien("library", "add", folder)
    result = mien("recommend", "--mood", "happy", "--m3u", **STARTERLESS)
    assert result.exit_code == 0
    assert os.fsencode(folder / name) in result.stdout_bytes.splitlines()


@pytest.mark.skipif(os.name != "posix", reason="names of two lines are POSIX's")
def test_m3u_leaves_out_a_path_of_two_lines_and_says_so(mien, tmp_path: Path, write_song) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    write_song(tmp_path / "song.wav")
    (tmp_path / "song.wav").rename(folder / "one\ntwo.wav")
    mien("library", "add", folder)
    result = mien("recommend", "--mood", "happy", "--m3u", **STARTERLESS)
    assert result.stdout == "#EXTM3U\n#PLAYLIST:mien\n"
    assert "Left out" in result.stderr


def test_the_same_seed_chooses_the_same(mien, library: Path) -> None:
    def choose(seed: str) -> str:
        return mien("recommend", "--mood", "happy", "--json", "--seed", seed, **STARTERLESS).stdout

    assert choose("7") == choose("7")


def test_count_is_an_upper_limit(mien, library: Path) -> None:
    assert len(lines(mien("recommend", "--mood", "angry", "-n", "3", "--json", **STARTERLESS).stdout)) == 3
    assert len(lines(mien("recommend", "--mood", "angry", "-n", "99", "--json", **STARTERLESS).stdout)) == 5


def test_every_mood_by_name_is_its_point(mien, library: Path) -> None:
    for emotion in Emotion:
        by_name = mien("recommend", "--mood", emotion.upper(), "--json", "--seed", "0", **STARTERLESS)
        point = dict(zip(("--valence", "--arousal"), map(str, COORDINATES[emotion]), strict=True))
        words = [word for pair in point.items() for word in pair]
        by_point = mien("recommend", *words, "--json", "--seed", "0", **STARTERLESS)
        assert by_name.stdout == by_point.stdout != ""


def test_help_names_every_mood(mien) -> None:
    shown = " ".join(mien("recommend", "--help").stdout.split())
    for emotion in Emotion:
        assert emotion in shown


def test_a_missing_file_is_left_out(mien, library: Path) -> None:
    gone = library / "Ana0 - Piece 0.flac"
    elsewhere = gone.rename(library.parent / gone.name)
    try:
        result = mien("recommend", "--mood", "happy", "--json", **STARTERLESS)
    finally:
        elsewhere.rename(gone)
    assert result.exit_code == 0
    assert len(lines(result.stdout)) == 4
    assert str(gone) in result.stderr


def test_nothing_to_choose_from_says_how_to_add(mien) -> None:
    result = mien("recommend", "--mood", "happy", **STARTERLESS)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "mien library add DIR" in result.stderr


def test_minutes_and_a_goal(mien, library: Path) -> None:
    picks = lines(mien("recommend", "--mood", "sad", "--goal", "LIFT", "--json", **STARTERLESS).stdout)
    assert len(picks) == 5
    assert picks[-1]["reason"].endswith(("to a brighter mood", "from a brighter mood"))
    assert len(lines(mien("recommend", "--mood", "sad", "--minutes", "1", "--json", **STARTERLESS).stdout)) == 5


def test_more_like_this_gives_the_mood_too(mien, library: Path) -> None:
    picks = lines(mien("recommend", "--like", "Piece 4", "--never", "Piece 3", "--json", **STARTERLESS).stdout)
    assert {pick["title"] for pick in picks} == {"Piece 0", "Piece 1", "Piece 2"}
    missing = mien("recommend", "--like", "Piece 9", **STARTERLESS)
    assert missing.exit_code == 1
    assert "There is no track “Piece 9”; did you mean" in missing.stderr


def test_filters_that_nothing_passes_name_what_there_is(mien, library: Path) -> None:
    result = mien("recommend", "--mood", "happy", "--genre", "polka", **STARTERLESS)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "No music is known to be of the genre 'polka'; no track's tags state its genre" in result.stderr


def test_when_all_was_played_it_says_so(mien, library: Path) -> None:
    for number in range(5):
        assert mien("taste", "never", f"Piece {number}", **STARTERLESS).exit_code == 0
    result = mien("recommend", "--mood", "happy", **STARTERLESS)
    assert result.exit_code == 1
    assert "mien taste forget" in result.stderr
    assert mien("recommend", "--mood", "happy", "--fresh", "1", **STARTERLESS).exit_code == 1


def test_words_are_understood_and_said(mien, library: Path) -> None:
    result = mien("recommend", "slow", "and", "calm,", "no vocals, gribbly", "--json", **STARTERLESS)
    assert result.exit_code == 0, result.stderr
    assert "Understood: slow; calm; no vocals." in result.stderr
    assert "Not understood: “gribbly”." in result.stderr
    assert all("as asked: " in pick["reason"] for pick in lines(result.stdout))


def test_words_say_how_many(mien, library: Path) -> None:
    assert len(lines(mien("recommend", "2 happy songs", "--json", **STARTERLESS).stdout)) == 2
    assert len(lines(mien("recommend", "2 happy songs", "-n", "3", "--json", **STARTERLESS).stdout)) == 3


def test_words_for_music_that_is_not_there_are_left_out_and_said(mien, library: Path) -> None:
    result = mien("recommend", "happy reggae from the 80s", "--json", **STARTERLESS)
    assert len(lines(result.stdout)) == 5
    assert "No music here is: reggae, 1980 to 1989. That was left out." in result.stderr


@pytest.mark.parametrize("words", ["", "and the", "x" * 10_000, "\x00\x07"])
def test_words_without_a_meaning_are_one_sentence(mien, library: Path, words: str) -> None:
    result = mien("recommend", words, **STARTERLESS)
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert "Traceback" not in result.stderr


def test_a_mood_is_named_by_any_word_that_corrects_one(mien, library: Path) -> None:
    for word in ("melancholic", "Upbeat", "surprise"):
        assert mien("recommend", "--mood", word, "--json", **STARTERLESS).exit_code == 0
