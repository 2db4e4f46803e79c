"""Errors are values: a problem, a remedy and a subject."""

import pickle
from pathlib import Path

import pytest

from mien.errors import AudioError, MienError, Remedy, sentence


def test_an_error_keeps_its_parts() -> None:
    error = AudioError("cannot be opened", Remedy.SCAN, subject=Path("/music/a.mp3"))
    assert (error.problem, error.remedy, error.subject) == ("cannot be opened", Remedy.SCAN, Path("/music/a.mp3"))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MienError("cannot be read", subject=Path("/a.jpg")), "/a.jpg cannot be read."),
        (MienError("does not answer", "start it", subject="home"), "“home” does not answer; start it."),
        (MienError("The catalogue is damaged", "delete it"), "The catalogue is damaged; delete it."),
        (MienError("is unknown", "did you mean “port”?", subject="prot"), "“prot” is unknown; did you mean “port”?"),
    ],
)
def test_the_text_of_an_error_is_one_sentence(error: MienError, words: str) -> None:
    assert str(error) == words == sentence(error.problem, error.remedy, subject=error.subject)


def test_an_error_comes_back_whole_from_another_process() -> None:
    error = pickle.loads(pickle.dumps(AudioError("cannot be opened", Remedy.SCAN, subject=Path("/music/a.mp3"))))  # noqa: S301
    assert type(error) is AudioError
    assert (error.problem, error.remedy, error.subject) == ("cannot be opened", Remedy.SCAN, Path("/music/a.mp3"))
