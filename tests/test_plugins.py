"""Plug-ins are found by their entry points."""

from pathlib import Path

import pytest

from mien.errors import LibraryError
from mien.plugins import load_plugin, plugin_names
from tests.broken_plugin import install_broken_plugin


def test_names_are_sorted_and_there_is_one_of_each() -> None:
    names = plugin_names("mien.sources")
    assert names == sorted(set(names))
    assert "folder" in names


def test_a_plugin_is_what_its_entry_point_names() -> None:
    from mien.music.sources.folder import FolderSource

    assert load_plugin("mien.sources", "folder", kind="music source", error=LibraryError) is FolderSource


def test_an_unknown_plugin_is_an_error_that_names_those_there_are() -> None:
    with pytest.raises(LibraryError, match="There is no music source called “tape”; choose one of folder, "):
        load_plugin("mien.sources", "tape", kind="music source", error=LibraryError)


def test_a_group_without_plugins_has_nothing_to_choose() -> None:
    with pytest.raises(LibraryError, match=r"There is no radio called “fm”\.$"):
        load_plugin("mien.radios", "fm", kind="radio", error=LibraryError)


def test_an_unimportable_plugin_is_an_error_that_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(install_broken_plugin(tmp_path))
    with pytest.raises(LibraryError) as error:
        load_plugin("mien.sources", "bad", kind="music source", error=LibraryError)
    problem = "The plug-in “bad” cannot be loaded (tape heads are dirty)"
    assert (error.value.problem, error.value.remedy) == (problem, "update or uninstall its package")
