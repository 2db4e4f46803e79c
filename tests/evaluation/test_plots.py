"""Plots show the figures that were measured, and are files that can be published."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from mien.errors import MienError
from mien.evaluation.plots import panels, save_panels, save_report


@pytest.fixture
def rows() -> tuple[np.ndarray, np.ndarray]:
    """Two hundred rows that are right about half of the time."""
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 7, 200)
    probabilities = rng.dirichlet(np.ones(7), 200)
    probabilities[np.arange(200), truth] += rng.random(200)
    return truth, probabilities / probabilities.sum(axis=1, keepdims=True)


def words(truth: np.ndarray, probabilities: np.ndarray, name: str) -> set[str]:
    """Every text in a panel."""
    axes = Figure().add_subplot()
    panels(truth, probabilities)[name](axes)
    labels = [*axes.get_xticklabels(), *axes.get_yticklabels(), axes.xaxis.label, axes.yaxis.label]
    return {*(text.get_text() for text in [*axes.texts, *labels, axes.title]), axes.get_title(loc="left")}


def test_a_report_is_one_picture_of_three_panels(rows: tuple[np.ndarray, np.ndarray], tmp_path: Path) -> None:
    path = tmp_path / "new" / "report.png"
    save_report(path, *rows, title="a network · 200 crops")
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        assert picture.width > 2.5 * picture.height
        assert "Software" not in picture.info
    before = path.read_bytes()
    save_report(path, *rows, title="a network · 200 crops")
    assert path.read_bytes() == before, "the same figures make the same file"


def test_each_panel_can_stand_alone(rows: tuple[np.ndarray, np.ndarray], tmp_path: Path) -> None:
    written = save_panels(tmp_path, *rows, title="")
    assert [path.name for path in written] == ["confusion.png", "reliability.png", "risk-coverage.png"]
    assert all(path.stat().st_size > 5_000 for path in written)


def test_panels_show_the_metrics() -> None:
    # Of five happy rows four are read right, one as sad; confidence falls from row to row, the last is wrong.
    truth = np.full(5, 3)
    probabilities = np.full((5, 7), 0.0)
    for row, confidence in enumerate((0.95, 0.9, 0.85, 0.8, 0.7)):
        probabilities[row, 3 if row < 4 else 4] = confidence
        probabilities[row, 0] = 1 - confidence
    confusion = words(truth, probabilities, "confusion")
    assert {"happy", "labelled", "80", "4", "20", "1", "Confusion: 80.0% right"} <= confusion
    # Five bins: four right rows in three of them, the wrong one by itself.
    ece = (0.05 + 0.1 + 0.15 + 0.2 + 0.7) / 5
    assert f"Reliability: ECE {ece:.1%}" in words(truth, probabilities, "reliability")
    assert "80% answered: 100.0% right" in words(truth, probabilities, "risk-coverage")


@pytest.mark.parametrize("truth", [[0], [6, 6], [0, 1, 2, 3, 4, 5, 6]])
def test_few_rows_are_drawn_without_complaint(truth: list[int], tmp_path: Path) -> None:
    save_report(tmp_path / "few.png", np.array(truth), np.eye(7)[truth], title="few")
    save_report(tmp_path / "wrong.png", np.array(truth), np.eye(7)[[(place + 1) % 7 for place in truth]], title="wrong")


def test_a_folder_in_place_of_the_file_is_an_error(rows: tuple[np.ndarray, np.ndarray], tmp_path: Path) -> None:
    with pytest.raises(MienError, match="cannot be written"):
        save_report(tmp_path, *rows, title="")


def test_no_rows_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one row"):
        save_report(tmp_path / "a.png", np.array([], dtype=np.int64), np.zeros((0, 7)), title="")
