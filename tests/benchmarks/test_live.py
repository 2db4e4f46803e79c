"""The comparison with peers: its table, with and without them."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.live import PeerTimes, ask, installed, table
from benchmarks.live_peers import PEERS
from mien.bench.live import LiveMeasurement
from mien.bench.start import StartTimes
from mien.bench.timing import Timing
from mien.cli.bench.live_report import BenchResults

OURS = BenchResults(frames={(640, 480, 1): LiveMeasurement(np.full(10, 8.0), 10, 0)}, start=StartTimes(0.02, 0.6, 0.8))


def test_a_ratio_says_how_many_times_as_long_a_peer_takes() -> None:
    names = list(PEERS)
    peers = [PeerTimes(name, 6.6, 9.0, Timing(80.0, 100.0), 10, 10) for name in names]
    rows = [line for line in table(OURS, peers).splitlines() if line.startswith("| ")]
    assert "| **mien, frame to mood** | 8.00 | 8.00 | 1 | 10 of 10 | 0.020 | 0.60 |" in rows
    for name in names:
        assert f"| {name} | 80.00 | 100.00 | 10.0 | 10 of 10 | 6.60 | 9.00 |" in rows


def test_peers_that_are_not_there_are_named() -> None:
    assert table(OURS, []).endswith(f"Not measured here: {', '.join(PEERS)}.")


def test_what_cannot_be_installed_or_run_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def refuse() -> Path:
        raise OSError("no network")

    assert installed({"fer": refuse, "mediapipe": lambda: tmp_path}) == {"mediapipe": tmp_path}
    assert ask("mediapipe's face mesh alone", Path(sys.executable), tmp_path) is None  # this Python has no mediapipe
    assert "left out" in capsys.readouterr().err
