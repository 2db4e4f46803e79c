"""The benchmark of "my neutral" measures a gain if there is one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks import neutral, record
from mien.mood.neutral import TYPICAL_LOGS


@pytest.fixture
def people() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Log-probabilities of 700 pictures that are read well, neutral ones as a typical face at rest."""
    rng = np.random.default_rng(2)
    labels = np.arange(700) % 7
    logs = 2.5 * np.eye(7)[labels] + rng.normal(0, 0.4, (700, 7))
    logs[labels == 6] = TYPICAL_LOGS + rng.normal(0, 0.4, (100, 7))
    return logs - logs.mean(axis=1, keepdims=True), labels


def test_a_shift_is_taken_off_and_nothing_else(people: tuple[NDArray[np.float64], NDArray[np.int64]]) -> None:
    logs, labels = people
    without, shifted = (
        neutral.measure(logs, labels, "a network", strength, people=40, rest=5) for strength in (0.0, 1.2)
    )
    assert without.accuracy[1] == pytest.approx(without.accuracy[0], abs=0.05)
    assert shifted.accuracy[0] < without.accuracy[0] - 0.05
    assert shifted.accuracy[1] > shifted.accuracy[0] + 0.05
    table = neutral.report([without, shifted], np.array(TYPICAL_LOGS), people=40, rest=5)
    assert f"| 1.2 | {shifted.accuracy[0]:.1%} | {shifted.accuracy[1]:.1%} |" in table
    assert f"angry {TYPICAL_LOGS[0]:.2f}, disgust {TYPICAL_LOGS[1]:.2f}" in table


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    """Thirty rows of PublicTest, 14 of them neutral."""
    rng = np.random.default_rng(1)
    lines = ["emotion,pixels,Usage"]
    for number in range(30):
        label = 6 if number < 14 else 3
        lines.append(f"{label},{' '.join(map(str, rng.integers(0, 256, 48 * 48)))},PublicTest")
    path = tmp_path / "fer2013.csv"
    path.write_text("\n".join(lines))
    return path


def test_the_command_measures_and_keeps(
    csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(record, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(neutral, "PICTURES", 10)
    monkeypatch.setattr("sys.argv", ["neutral", "--data", str(csv), "--people", "2", "--rest", "4"])
    neutral.main()
    (kept,) = (tmp_path / "results").iterdir()
    assert capsys.readouterr().out == kept.read_text()
    assert "2 made-up people, 10 pictures each, at rest in 4 others" in kept.read_text()


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (("--people", "0"), "--people must be 1 or more"),
        (("--rest", "0"), "--rest must be from 1 to 4"),
        (("--rest", "5"), "--rest must be from 1 to 4: the number of neutral pictures"),
    ],
)
def test_options_that_leave_nothing_to_measure_are_refused(
    csv: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    option: tuple[str, str],
    words: str,
) -> None:
    monkeypatch.setattr("sys.argv", ["neutral", "--data", str(csv), *option])
    with pytest.raises(SystemExit):
        neutral.main()
    assert words in capsys.readouterr().err
