"""The benchmark of expression networks: ours and the stand-in in its table, a peer in a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import expressions, peers
from benchmarks.expressions import Measured
from mien.evaluation.metrics import score

CROPS = np.random.default_rng(5).integers(0, 256, (14, 48, 48)).astype(np.uint8)
LABELS = np.arange(14) % 7


def row(table: str, name: str) -> list[str]:
    (line,) = [line for line in table.splitlines() if line.startswith(f"| {name}")]
    return [cell.strip() for cell in line.strip("|").split("|")][1:]


def test_each_split_is_scored_for_itself() -> None:
    said = np.full((14, 7), 0.05)
    said[np.arange(14), LABELS] = 0.7  # PublicTest is read right ...
    said[10:] = np.roll(said[10:], 1, axis=1)  # ... and PrivateTest, the last four, wrong
    network = Measured("known", 1234567, np.linspace(1, 2, 14), said)
    table = expressions.report([network], LABELS, rows=10)
    public = score(LABELS[:10], said[:10])
    cells = row(table, "known")
    assert cells[:4] == ["1,234,567", "100.00", f"{100 * public.macro_f1:.1f}", f"{public.calibration_error:.3f}"]
    assert cells[4] == "0.00"
    assert cells[-2:] == ["1.50", "1.95"]


def test_ours_is_scored_and_the_stand_in_timed_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPFACE_HOME", "")  # which it sets, and which is so put back
    monkeypatch.setattr(expressions, "PEERS", {})
    table = expressions.report(expressions.measured(CROPS, Path(sys.executable), tmp_path), LABELS, rows=7)
    ours, stand_in = row(table, "**mien-expression"), row(table, "deepface, random weights")
    assert all(ours)
    assert stand_in[0] == "1,485,831"
    assert stand_in[1:7] == [""] * 6
    assert all(float(cell) > 0 for cell in stand_in[7:])


def test_a_peer_is_shown_every_crop_and_writes_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``peers.main``, as it runs in the peers' environment."""

    def reads_gray(threads: int) -> peers.Peer:
        return peers.Peer(lambda crop: np.full(7, crop.mean()), parameters=threads)

    monkeypatch.setitem(peers.PEERS, "gray", reads_gray)
    np.save(tmp_path / "crops.npy", CROPS)
    command = ["peers.py", "gray", str(tmp_path / "crops.npy"), str(tmp_path / "answers.npz"), "2"]
    monkeypatch.setattr("sys.argv", command)
    peers.main()
    with np.load(tmp_path / "answers.npz") as said:
        assert said["probabilities"][:, 3] == pytest.approx(CROPS.mean(axis=(1, 2)))
        assert (said["times_ms"] > 0).all()
        assert said["parameters"] == 2


def test_a_peer_that_fails_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"^fer \(Keras\) failed:"):
        expressions.ask("fer (Keras)", Path(sys.executable), tmp_path)  # no crops, and no TensorFlow here


def test_no_rows_are_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["expressions", "--data", "fer2013.csv", "--limit", "0"])
    with pytest.raises(SystemExit):
        expressions.main()
    assert "--limit must be 1 or more" in capsys.readouterr().err
