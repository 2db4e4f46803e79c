"""Errors as the command line words them."""

import re
from pathlib import Path

import click
import pytest

from mien.cli.app import app
from mien.cli.terminal.error_words import error_words
from mien.errors import AudioError, MienError, Remedy, SourceError

SOURCE = Path(__file__).resolve().parents[3] / "src" / "mien"
CLI_TABLE = SOURCE / "cli" / "terminal" / "error_words.py"
PAGE_TABLE = SOURCE / "web" / "static" / "js" / "error-words.js"


def test_an_error_is_its_subject_its_problem_and_its_remedy() -> None:
    error = AudioError("cannot be read (Permission denied)", "change its permissions", subject=Path("/music/a.mp3"))
    assert error_words(error) == "/music/a.mp3 cannot be read (Permission denied); change its permissions."


def test_a_remedy_that_is_a_command_ends_the_sentence_so_that_it_can_be_copied() -> None:
    error = SourceError("refused the password", Remedy.SIGN_IN, subject="home")
    assert error_words(error) == "“home” refused the password; run: mien source login home"


def test_a_command_without_a_subject_shows_what_to_put_there() -> None:
    assert error_words(SourceError("The password is gone", Remedy.SIGN_IN)).endswith("run: mien source login NAME")


@pytest.mark.parametrize("table", [CLI_TABLE, PAGE_TABLE], ids=["cli", "page"])
def test_every_command_in_the_words_exists(table: Path) -> None:
    commands = re.findall(r": mien ((?:[a-z]+ ?)+)", table.read_text(encoding="utf-8"))
    assert commands
    for words in commands:
        command: click.Command | None = app
        for word in words.split():
            assert isinstance(command, click.Group), words
            command = command.get_command(click.Context(command), word)
            assert command is not None, words


@pytest.mark.parametrize("remedy", Remedy)
def test_every_remedy_can_be_worded(remedy: Remedy) -> None:
    error = MienError("is wrong", remedy, subject="home")
    said = error_words(error)
    assert said.startswith("“home” is wrong; ")
    assert "{" not in said
    assert said != str(error), "the command line has no words for this remedy"
