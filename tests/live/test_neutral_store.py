"""The store of "my neutral": one private file, written in one step, gone when it is deleted."""

import os
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from mien.errors import NeutralError
from mien.live.neutral_store import NeutralStore
from mien.mood.neutral import NeutralBaseline

ONE = NeutralBaseline(np.full(52, 0.25), np.zeros(7), 140, 1)
OTHER = NeutralBaseline(np.full(52, 0.5), np.zeros(7), 90, 1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "not yet there" / "neutral.json"


def test_a_saved_face_can_be_loaded_again(path: Path) -> None:
    assert NeutralStore(path).load() is None
    store = NeutralStore(path)
    store.save(ONE)
    store.save(OTHER)
    assert store.neutral is OTHER
    again = NeutralStore(path)
    assert again.load().readings == 90
    assert again.neutral.blendshapes == pytest.approx(OTHER.blendshapes)
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no modes")
def test_nobody_else_can_read_it_whatever_the_umask(path: Path) -> None:
    umask = os.umask(0)
    try:
        NeutralStore(path).save(ONE)
        path.chmod(0o644)
        NeutralStore(path).save(ONE)
    finally:
        os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_knows_when_it_was_saved(path: Path) -> None:
    store = NeutralStore(path)
    assert store.since is None
    before = datetime.now(UTC)
    store.save(ONE)
    assert store.since is not None
    assert abs((store.since - before).total_seconds()) < 60
    path.unlink()
    assert store.since is None
    in_memory = NeutralStore(None)
    in_memory.save(ONE)
    assert in_memory.since is None


def test_it_can_be_deleted_once(path: Path) -> None:
    store = NeutralStore(path)
    store.save(ONE)
    assert store.delete()
    assert store.neutral is None
    assert not path.exists()
    assert not store.delete()


def test_a_damaged_file_is_named_and_can_be_deleted(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"\xff\x00")
    store = NeutralStore(path)
    with pytest.raises(NeutralError, match="damaged"):
        store.load()
    assert store.neutral is None
    assert store.delete()


def test_an_unwritable_folder_is_named_and_the_face_stays_in_use(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = NeutralStore(tmp_path / "file" / "neutral.json")
    with pytest.raises(NeutralError, match="cannot be saved"):
        store.save(ONE)
    assert store.neutral is ONE


def test_without_a_path_it_is_held_in_memory() -> None:
    store = NeutralStore(None)
    assert store.load() is None
    store.save(ONE)
    assert store.neutral is ONE
    assert store.delete()
    assert not store.delete()
