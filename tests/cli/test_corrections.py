"""``mien corrections`` shows, undoes, exports and deletes what the page stored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mien.live.correction_store import CORRECTIONS_FILE, CorrectionStore
from mien.types import Emotion
from tests.mood.corrections import correction


@pytest.fixture
def stored(home: Path) -> Path:
    """The file of four corrections."""
    store = CorrectionStore(home / CORRECTIONS_FILE, network="a network")
    for step in (0.4, 0.3, 0.2, 0.1):
        store.add(correction(Emotion.NEUTRAL, (step, 0.0)))
    return home / CORRECTIONS_FILE


def test_none_yet(mien) -> None:
    assert mien("corrections", "show").stdout == "No corrections.\n"
    assert "nothing to undo" in mien("corrections", "undo").stderr


def test_what_was_learnt_is_shown(mien, stored: Path) -> None:
    shown = mien("corrections", "show").stdout
    assert shown == "Learnt from 4 corrections; you moved the point by 0.35 on average before, by 0.15 now.\n"
    assert json.loads(mien("corrections", "show", "--json").stdout) == {
        "corrections": 4,
        "distance_before": pytest.approx(0.35),
        "distance_now": pytest.approx(0.15),
    }


def test_the_export_is_the_file(mien, stored: Path) -> None:
    assert json.loads(mien("corrections", "export").stdout) == json.loads(stored.read_text())


def test_undo_and_delete(mien, stored: Path) -> None:
    assert mien("corrections", "undo").exit_code == 0
    assert mien("corrections", "show").stdout == "Learnt from 3 corrections.\n"
    assert mien("corrections", "delete").exit_code == 1
    assert stored.exists()
    assert "3 corrections deleted" in mien("corrections", "delete", "--yes").stderr
    assert not stored.exists()


def test_a_damaged_file_is_named_and_left_where_it_is(mien, stored: Path) -> None:
    stored.write_text("{")
    for command in ("show", "export"):
        result = mien("corrections", command)
        assert (result.exit_code, result.stdout) == (1, "")
        assert f"{stored} is damaged, so it is not used." in result.stderr
    assert stored.read_text() == "{"
