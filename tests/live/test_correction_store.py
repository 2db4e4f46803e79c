"""The store of corrections: one private file; one that cannot be used is set aside, and none is ever lost."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path
from threading import Thread

import pytest

from mien.errors import CorrectionError
from mien.live import correction_store
from mien.live.correction_file import stored_network
from mien.live.correction_store import CorrectionStore
from mien.types import Emotion
from tests.mood.corrections import MODEL, correction, features
from tests.waiting import HANG_S

NETWORK = "a network"
ONE = correction(Emotion.SAD, (0.4, 0.1), at_s=1.0)
OTHER = correction(Emotion.HAPPY, (-0.2, 0.3), at_s=2.0)
FACE = features(Emotion.SAD)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "not yet there" / "corrections.json"


def filled(path: Path | None) -> CorrectionStore:
    store = CorrectionStore(path, network=NETWORK)
    store.load()
    store.add(ONE)
    store.add(OTHER)
    return store


def shift(store: CorrectionStore) -> tuple[float, float]:
    return store.shift_of(MODEL, None).at(FACE)


def test_what_was_learnt_is_exactly_the_same_after_a_restart(path: Path) -> None:
    before = filled(path)
    again = CorrectionStore(path, network=NETWORK)
    again.load()
    assert shift(again) == shift(before) != (0, 0)
    assert list(path.parent.iterdir()) == [path]
    assert stored_network(path) == NETWORK


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no modes")
def test_nobody_else_can_read_it_whatever_the_umask(path: Path) -> None:
    umask = os.umask(0)
    try:
        filled(path)
    finally:
        os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_undo_restores_exactly_what_was_before(path: Path) -> None:
    store = CorrectionStore(path, network=NETWORK)
    assert not store.undo()
    store.add(ONE)
    before, content = shift(store), path.read_bytes()
    store.add(OTHER)
    assert shift(store) != before
    assert store.undo()
    assert shift(store) == before
    assert path.read_bytes() == content
    assert store.undo()
    assert shift(store) == (0, 0)


def test_deleted_corrections_are_gone(path: Path) -> None:
    store = filled(path)
    assert store.delete() == 2
    assert not path.exists()
    assert shift(store) == (0, 0)
    assert store.delete() == 0


def test_corrections_under_another_prior_stay_but_do_not_count(path: Path) -> None:
    store = filled(path)
    other = store.personal("fake-uniform", None)
    assert (other.count, other.shift.at(FACE)) == (0, (0, 0))
    assert store.personal(MODEL, None).count == 2


def damaged(content: str) -> list[bytes]:
    stored = json.loads(content)
    first = stored["corrections"][0]

    def changed(**change: object) -> bytes:
        return json.dumps(stored | {"corrections": [first | change]}).encode()

    return [
        b"",
        b"\xff\x00",
        content[: len(content) // 2].encode(),
        b"[" * 100_000,
        b"null",
        json.dumps(stored | {"corrections": {}}).encode(),
        changed(target=[2.0, 0.0]),
        changed(target=[0.0]),
        changed(blendshapes=[0.0] * 51),
        changed(expressions=[0.0] * 7),
        changed(answers=[1e999] * 15),
        changed(name="Eve"),
    ]


@pytest.mark.parametrize("case", range(12))
def test_a_damaged_file_is_set_aside_and_not_used(path: Path, case: int) -> None:
    filled(path)
    content = damaged(path.read_text())[case]
    path.write_bytes(content)
    assert_set_aside(path, content, "is damaged")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 99}, "another version"),
        ({"version": 99, "corrections": "new"}, "another version"),
        ({"features": 99}, "another version"),
        ({"network": "b network"}, r"another network \(b network\)"),
    ],
)
def test_a_file_of_another_version_or_network_is_set_aside(path: Path, change: dict[str, object], words: str) -> None:
    filled(path)
    content = json.dumps(json.loads(path.read_text()) | change).encode()
    path.write_bytes(content)
    assert_set_aside(path, content, words)


def assert_set_aside(path: Path, content: bytes, words: str) -> None:
    store = CorrectionStore(path, network=NETWORK)
    with pytest.raises(CorrectionError, match=words) as refused:
        store.load()
    assert str(refused.value).count(". ") == 0
    assert store.summary().problem is refused.value
    assert shift(store) == (0, 0)
    (aside,) = path.parent.iterdir()
    assert aside.name in str(refused.value)
    store.add(ONE)
    assert aside.read_bytes() == content
    again = CorrectionStore(path, network=NETWORK)
    again.load()
    assert len(again.corrections) == 1


def test_a_file_that_cannot_be_set_aside_is_never_overwritten(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.mkdir()
    path.write_bytes(b"{")

    def refuse(self: Path, target: Path) -> Path:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "rename", refuse)
    store = CorrectionStore(path, network=NETWORK)
    with pytest.raises(CorrectionError, match="Read-only"):
        store.load()
    with pytest.raises(CorrectionError, match="not stored"):
        store.add(ONE)
    assert shift(store) != (0, 0)
    assert path.read_bytes() == b"{"


def test_a_file_that_is_only_looked_at_stays_where_it_is(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"{")
    with pytest.raises(CorrectionError, match="not used"):
        CorrectionStore(path, network=NETWORK, read_only=True).load()
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("strerror", ["No space left on device", "Read-only file system"])
def test_a_correction_that_cannot_be_stored_is_still_learnt_from(
    path: Path, monkeypatch: pytest.MonkeyPatch, strerror: str
) -> None:
    store = CorrectionStore(path, network=NETWORK)
    store.add(ONE)
    content = path.read_bytes()

    def fail(path: Path, text: str) -> None:
        raise OSError(28, strerror)

    monkeypatch.setattr(correction_store, "write_privately", fail)
    before = shift(store)
    with pytest.raises(CorrectionError, match=strerror):
        store.add(OTHER)
    assert shift(store) != before
    assert path.read_bytes() == content
    monkeypatch.undo()
    store.add(ONE)
    again = CorrectionStore(path, network=NETWORK)
    again.load()
    assert len(again.corrections) == 3


def test_a_folder_in_its_place_is_named(path: Path) -> None:
    path.mkdir(parents=True)
    store = CorrectionStore(path, network=NETWORK)
    with pytest.raises(CorrectionError, match="cannot be read"):
        store.load()
    with pytest.raises(CorrectionError, match="not stored"):
        store.add(ONE)
    assert shift(store) != (0, 0)
    for change in (store.delete, store.undo):
        with pytest.raises(CorrectionError, match="cannot be read"):
            change()
    assert path.is_dir()


def test_a_file_that_could_not_be_read_for_a_while_is_used_again(path: Path, monkeypatch) -> None:
    first = CorrectionStore(path, network=NETWORK)
    first.add(ONE)
    store = CorrectionStore(path, network=NETWORK)
    with monkeypatch.context() as broken:
        broken.setattr(type(path), "read_bytes", lambda _: (_ for _ in ()).throw(OSError(5, "Input/output error")))
        with pytest.raises(CorrectionError, match="cannot be read"):
            store.load()
        with pytest.raises(CorrectionError, match="cannot be read"):
            store.delete()
        with pytest.raises(CorrectionError, match="not stored"):
            store.add(ONE)
    store.load()
    store.add(ONE)
    again = CorrectionStore(path, network=NETWORK)
    again.load()
    assert len(again.corrections) == 3


def test_the_summary_compares_the_first_with_the_last() -> None:
    store = CorrectionStore(None, network=NETWORK)
    assert (store.summary().count, store.summary().distance_before) == (0, None)
    for step in (0.4, 0.3, 0.2, 0.1):
        store.add(correction(Emotion.NEUTRAL, (step, 0.0)))
    summary = store.summary()
    assert (summary.count, summary.distance_before, summary.distance_now) == (
        4,
        pytest.approx(0.35),
        pytest.approx(0.15),
    )


def test_what_another_program_changes_is_seen_and_not_undone_by_the_next_save(path: Path) -> None:
    page, command = filled(path), CorrectionStore(path, network=NETWORK)
    command.load()
    assert command.undo()
    assert (len(page.corrections), page.summary().count, page.personal(MODEL, None).count) == (1, 1, 1)
    page.add(OTHER)
    assert len(command.corrections) == 2
    assert command.delete() == 2
    assert shift(page) == (0, 0)
    page.add(ONE)
    assert [one.at_s for one in command.corrections] == [ONE.at_s]


def test_no_correction_is_lost_when_programs_save_at_the_same_time(path: Path) -> None:
    stores = [CorrectionStore(path, network=NETWORK) for _ in range(4)]
    path.parent.mkdir()

    def give(store: CorrectionStore) -> None:
        for _ in range(10):
            store.add(ONE)

    threads = [Thread(target=give, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(HANG_S)
    assert [len(store.corrections) for store in stores] == [40] * 4


def test_a_file_that_is_damaged_meanwhile_is_set_aside_and_what_was_learnt_stays(path: Path) -> None:
    store = filled(path)
    path.write_bytes(b"{")
    assert len(store.corrections) == 2
    problem = store.summary().problem
    assert problem is not None
    assert "is damaged" in str(problem)
    (aside,) = path.parent.iterdir()
    assert aside.read_bytes() == b"{"
    store.add(ONE)
    again = CorrectionStore(path, network=NETWORK)
    again.load()
    assert len(again.corrections) == 3


def test_what_could_not_be_saved_survives_a_change_by_another_program(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = filled(path)

    def fail(path: Path, text: str) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(correction_store, "write_privately", fail)
        with pytest.raises(CorrectionError):
            store.add(correction(Emotion.ANGRY, (0.1, 0.1), at_s=3.0))
    other = CorrectionStore(path, network=NETWORK)
    other.load()
    other.undo()
    assert [one.at_s for one in store.corrections] == [ONE.at_s, 3.0]
