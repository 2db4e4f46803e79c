"""Errors as the command line words them."""

from pathlib import Path

import pytest

from mien.cli.terminal.error_words import error_words
from mien.errors import AudioError, LibraryError, MienError, Remedy, SourceError


def test_an_error_is_its_subject_its_problem_and_its_remedy() -> None:
    error = AudioError("cannot be read (Permission denied)", "change its permissions", subject=Path("/music/a.mp3"))
    assert error_words(error) == "/music/a.mp3 cannot be read (Permission denied); change its permissions."


def test_a_remedy_that_is_a_command_ends_the_sentence_so_that_it_can_be_copied() -> None:
    error = SourceError("refused the password", Remedy.SIGN_IN, subject="home")
    assert error_words(error) == "“home” refused the password; run: mien source login home"


def test_a_command_without_a_subject_shows_what_to_put_there() -> None:
    assert error_words(SourceError("The password is gone", Remedy.SIGN_IN)).endswith("run: mien source login NAME")


def test_a_remedy_without_a_command_is_worded_as_it_is() -> None:
    error = LibraryError("The catalogue is out of date", Remedy.SCAN)
    assert error_words(error) == "The catalogue is out of date; bring the library up to date."


@pytest.mark.parametrize("remedy", Remedy)
def test_every_remedy_can_be_worded(remedy: Remedy) -> None:
    said = error_words(MienError("is wrong", remedy, subject="home"))
    assert said.startswith("“home” is wrong; ")
    assert "{" not in said
