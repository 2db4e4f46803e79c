"""The household's music and mien, for the stories."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mien.cli.app import app
from mien.config import load_settings
from mien.music.library.database import Database
from mien.music.library.library import Library
from tests.household.household import Household
from tests.music.conftest import Sounds, sounds  # noqa: F401 - a fixture


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def household(home: Path) -> Iterator[Household]:
    """A household without music yet, and a way to speak with its library while mien's commands use it too."""
    with Database.open(load_settings({"MIEN_HOME": str(home)}).library_path) as database:
        yield Household(database, Library(database, starter=False))


@pytest.fixture
def album(sounds: Sounds, tmp_path: Path) -> Callable[..., Path]:  # noqa: F811 - the fixture
    """Records songs, each another chord, and returns their folder."""
    count = 0

    def record(*names: str) -> Path:
        nonlocal count
        for name in names:
            count += 1
            chord = (47 + count, 51 + count, 54 + count)
            sounds.write(tmp_path / "music" / name, sounds.chords(chord, seconds=2))
        return tmp_path / "music"

    return record


@pytest.fixture
def mien(home: Path) -> Callable[..., Result]:
    """Runs a command line in this process: ``mien("library", "list")``."""

    def run(*arguments: str | Path) -> Result:
        result = CliRunner(env={"MIEN_HOME": str(home)}).invoke(app, list(map(str, arguments)), prog_name="mien")
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return run
