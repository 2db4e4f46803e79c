"""``mien library`` with a real catalogue, real music and a real Ctrl-C."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.waiting import HANG_S

MAIN = [sys.executable, "-c", "from mien.cli import main; main()"]


@pytest.fixture
def music(tmp_path: Path, write_song) -> Path:
    folder = tmp_path / "music"
    write_song(folder / "one.flac")
    write_song(folder / "two.ogg", pitch_hz=330)
    return folder


def listed(mien) -> list[dict]:
    return [json.loads(line) for line in mien("library", "list", "--json").stdout.splitlines()]


def test_add_list_remove(mien, music: Path) -> None:
    added = mien("library", "add", music)
    assert (added.exit_code, added.stdout) == (0, "")
    assert added.stderr == f"{music}: 2 added.\n"
    assert listed(mien) == [{"path": str(music), "tracks": 2, "away": 0}]
    (row,) = csv.DictReader(io.StringIO(mien("library", "list", "--csv").stdout))
    assert row == {"path": str(music), "tracks": "2", "away": "0"}
    assert str(music) in mien("library", "list").stdout

    removed = mien("library", "remove", music)
    assert removed.exit_code == 0
    assert "2 tracks are removed" in removed.stderr
    assert listed(mien) == []
    assert (music / "one.flac").exists()


def test_adding_again_analyses_only_new_files(mien, music: Path, write_song) -> None:
    mien("library", "add", music)
    assert mien("library", "add", music).stderr == f"{music}: 2 unchanged.\n"
    write_song(music / "three.wav")
    (music / "one.flac").unlink()
    assert mien("library", "add", music).stderr == f"{music}: 1 added, 1 removed, 1 unchanged.\n"


def test_what_is_away_is_said_and_stays_until_it_is_forgotten(mien, music: Path) -> None:
    mien("library", "add", music)
    disk = music.rename(music.with_name("disk"))
    said = f"{music} is away with 2 tracks, kept but not offered until it is back.\n"
    for command in (("library", "list", "--json"), ("library", "list")):
        away = mien(*command)
        assert (away.exit_code, said in away.stderr) == (1, True)
    assert json.loads(mien("library", "list", "--json").stdout) == {"path": str(music), "tracks": 2, "away": 2}
    assert mien("library", "add", music).exit_code == 1
    assert "two" not in mien("recommend", "--mood", "calm").stdout

    music.mkdir()  # an empty mount point
    added = mien("library", "add", music)
    assert (added.exit_code, added.stderr.splitlines()[:2]) == (1, [f"{music}: 2 away.", said.strip()])

    music.rmdir()
    disk.rename(music)
    assert (mien("library", "list").exit_code, listed(mien)[0]["away"]) == (0, 0)
    assert mien("library", "forget", "--missing").stderr == "Nothing is away.\n"
    for song in music.iterdir():
        song.unlink()
    assert mien("library", "add", music).exit_code == 1
    assert mien("library", "forget").exit_code == 2
    assert mien("library", "forget", "--missing").stderr == "2 tracks removed from the library.\n"
    assert (mien("library", "list").exit_code, listed(mien)[0]["tracks"]) == (0, 0)


def test_unusable_files_are_listed_with_their_reasons(mien, music: Path) -> None:
    (music / "empty.mp3").touch()
    (music / "letter.mp3").write_text("Dear all")
    result = mien("library", "add", music)
    assert result.exit_code == 0
    summary, heading, *broken = result.stderr.splitlines()
    assert summary == f"{music}: 2 added."
    assert heading == "2 files cannot be used:"
    assert [line.split()[0] for line in broken] == [str(music / "empty.mp3"), str(music / "letter.mp3")]
    assert "is empty" in broken[0]


def test_a_missing_folder_does_not_stop_the_others(mien, music: Path, tmp_path: Path) -> None:
    result = mien("library", "add", tmp_path / "nowhere", music / "one.flac", music)
    assert result.exit_code == 1
    nowhere, file, added = result.stderr.splitlines()
    assert nowhere.startswith(str(tmp_path / "nowhere"))
    assert file.startswith(str(music / "one.flac"))
    assert added == f"{music}: 2 added."


def test_a_folder_without_music_is_reported(mien, tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    assert mien("library", "add", tmp_path / "bare").stderr == f"{tmp_path / 'bare'}: no music.\n"


def test_an_empty_library_says_how_to_fill_it(mien) -> None:
    result = mien("library", "list")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "mien library add DIR" in result.stderr


def test_removing_an_unknown_folder_is_refused(mien, music: Path) -> None:
    result = mien("library", "remove", music)
    assert result.exit_code == 1
    assert "was not added" in result.stderr


def test_a_damaged_library_is_refused_and_not_changed(command, home: Path, music: Path) -> None:
    home.mkdir()
    (home / "library.sqlite3").write_bytes(b"not a database at all" * 99)
    result = command("library", "add", music)
    assert result.returncode == 1
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert (home / "library.sqlite3").read_bytes() == b"not a database at all" * 99


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are POSIX's")
def test_ctrl_c_keeps_what_was_heard_and_says_so(mien, environment: dict[str, str], tmp_path: Path, write_song) -> None:
    import pty

    folder = tmp_path / "records"
    first = write_song(folder / "00.wav", duration_s=50)
    for index in range(1, 30):
        shutil.copyfile(first, folder / f"{index:02}.wav")
    ours, theirs = pty.openpty()
    with subprocess.Popen([*MAIN, "library", "add", folder], env=environment, stderr=theirs) as process:
        os.close(theirs)
        seen = b""
        while not re.search(rb"\b[2-9]/30.*\.wav", seen):  # past the tags, and into the sound
            seen += os.read(ours, 4096)
        process.send_signal(signal.SIGINT)
        rest = b""
        while piece := _read(ours):
            rest += piece
        assert process.wait(timeout=HANG_S) == 130, (seen + rest).decode()
    os.close(ours)
    stopped = re.search(r"Stopped after (\d+) of 30 files; the results so far are kept", (seen + rest).decode())
    assert stopped
    assert "Traceback" not in rest.decode()
    assert int(stopped[1]) >= 2
    assert listed(mien)[0]["tracks"] == 30  # with their tags

    for path in sorted(folder.iterdir())[20:]:
        path.unlink()
    after = re.search(r"(\d+) added, 10 removed, (\d+) unchanged", mien("library", "add", folder).stderr)
    assert after
    # Two workers may hear them in another order, and the file at hand may have been kept just before it was counted.
    assert int(after[1]) + int(after[2]) == 20
    assert int(after[2]) >= 1


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # the other end is closed
        return b""


def test_moods_are_written_into_files_on_request_only(mien, music: Path) -> None:
    before = {path.name: path.read_bytes() for path in music.iterdir()}
    mien("library", "add", music)
    shown = mien("library", "write-moods", "--dry-run")
    assert shown.stdout == f"{music / 'one.flac'}\n"
    assert "1 file to write; 0 with a mood in their tags already, 1 neither MP3 nor FLAC." in shown.stderr
    refused = mien("library", "write-moods", music)
    assert (refused.exit_code, "pass --yes" in refused.stderr) == (2, True)
    assert {path.name: path.read_bytes() for path in music.iterdir()} == before

    written = mien("library", "write-moods", "--yes", music)
    assert written.exit_code == 0
    assert "1 written, 0 had theirs already, 0 left alone." in written.stderr
    assert b"MIEN_MOOD_SOURCE=estimate" in (music / "one.flac").read_bytes()
    assert (music / "two.ogg").read_bytes() == before["two.ogg"]
    assert mien("library", "add", music).stderr == f"{music}: 2 unchanged.\n"

    mien("library", "correct", music / "one.flac", "--mood", "sad")
    mien("library", "write-moods", "--yes", music / "one.flac")
    assert b"MIEN_MOOD_SOURCE=person" in (music / "one.flac").read_bytes()
    mien("library", "remove", music)
    mien("library", "add", music)
    mien("library", "correct", music / "one.flac", "--undo")
    assert "1 with a mood in their tags already" in mien("library", "write-moods", "--yes").stderr
