"""Which files a command reads, and the errors that do not stop it."""

from pathlib import Path

import click
import pytest

from mien.cli.terminal.files import Failures, expand
from mien.errors import AudioError, ModelError, Remedy


def test_folders_are_expanded_and_files_are_taken_as_they_are(tmp_path: Path) -> None:
    for name in ("b.MP3", "a.mp3", ".hidden.mp3", "notes.txt", "inner/c.mp3", ".git/d.mp3"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    named = tmp_path / "notes.txt"
    failures = Failures()
    found = expand([named, tmp_path], frozenset({".mp3"}), failures, noun="sound file")
    assert found == [named, *(tmp_path / name for name in ("a.mp3", "b.MP3", "inner/c.mp3"))]
    assert failures.errors == []


def test_a_folder_without_such_files_is_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    failures = Failures()
    assert expand([tmp_path], frozenset({".mp3"}), failures, noun="sound file") == []
    assert [error.subject for error in failures.errors] == [tmp_path]
    assert capsys.readouterr().err == f"{tmp_path} holds no sound file that mien can read; name another folder.\n"


def test_an_error_about_a_file_is_collected_and_the_command_ends_with_status_1(
    capsys: pytest.CaptureFixture[str],
) -> None:
    failures = Failures()
    failures.conclude()
    error = AudioError("is empty", "copy it again", subject=Path("/music/a.mp3"))
    with failures.tolerate(Path("/music/a.mp3")):
        raise error
    assert failures.errors == [error]
    assert capsys.readouterr().err == "/music/a.mp3 is empty; copy it again.\n"
    with pytest.raises(click.exceptions.Exit) as ended:
        failures.conclude()
    assert ended.value.exit_code == 1


def test_an_error_without_a_subject_gets_the_path_in_front(capsys: pytest.CaptureFixture[str]) -> None:
    failures = Failures()
    with failures.tolerate(Path("/films/a.mp4")):
        raise AudioError("There is nothing to play", "choose another file")
    assert capsys.readouterr().err == "/films/a.mp4: There is nothing to play; choose another file.\n"


def test_an_error_about_mien_itself_is_not_collected() -> None:
    with pytest.raises(ModelError), Failures().tolerate(Path("/music/a.mp3")):
        raise ModelError("The network is missing", Remedy.REINSTALL)
