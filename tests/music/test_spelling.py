"""Files are found under any spelling of their names, but never a wrong one."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from mien.music.spelling import path_on_disk


@pytest.mark.parametrize("typed", ["Noël/Süß.mp3", "NOEL/suss.MP3", "Ｎoël/Süß.mp3"])
def test_a_path_in_another_spelling_is_found(tmp_path, typed):
    stored = tmp_path / unicodedata.normalize("NFD", "Noël") / "Süß.mp3"
    stored.parent.mkdir()
    stored.touch()
    assert path_on_disk(tmp_path / unicodedata.normalize("NFC", typed)) == stored


def test_a_path_that_exists_is_taken_as_it_is(tmp_path):
    for name in ("a", "A"):
        (tmp_path / name).touch()
    assert path_on_disk(tmp_path / "A") == tmp_path / "A"


def test_several_spellings_or_none_leave_the_path_as_it_is(tmp_path):
    (tmp_path / "Noel").touch()
    (tmp_path / "Noël").touch()
    for path in (tmp_path / "NOEL", tmp_path / "gone" / "x", Path("gone"), tmp_path / "a\0b"):
        assert path_on_disk(path) == path
