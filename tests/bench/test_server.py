"""The benchmark of the server: a real one, in a process of its own, with a few clients for a moment."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from mien.bench.scenes import moving_faces
from mien.bench.server import BenchServer, MemoryUse, ServedRates, first_reading_s, measure_clients, measure_memory
from mien.bench.timing import Timing


@pytest.fixture(scope="module")
def jpegs(smiling_person: NDArray[np.uint8]) -> list[bytes]:
    return moving_faces([smiling_person], count=12)


@pytest.fixture(scope="module")
def server() -> Iterator[BenchServer]:
    with BenchServer(classifier="mien", threads=2) as server:
        yield server


def test_a_client_gets_a_mood(server: BenchServer, jpegs: list[bytes]) -> None:
    assert first_reading_s(server, jpegs[0]) > 0


def test_every_client_is_served(server: BenchServer, jpegs: list[bytes]) -> None:
    served = measure_clients(server, jpegs, clients=3, duration_s=2.0, target_per_s=2.0)
    assert len(served.rates_per_s) == 3
    assert 0 < min(served.rates_per_s) <= max(served.rates_per_s) <= 2.5
    assert served.moods == 1
    assert 0 < served.latency.median_ms <= served.latency.p95_ms


def test_memory_is_taken_after_each_minute(server: BenchServer, jpegs: list[bytes]) -> None:
    memory = measure_memory(server, jpegs, minutes=2, frames_per_s=1)
    assert memory is not None
    assert len(memory.by_minute_mb) == 2
    assert memory.frames_per_minute == 60
    assert 50 < memory.by_minute_mb[0] < 1000


def test_a_server_that_cannot_start_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="did not start"), BenchServer(classifier="nobody", threads=2):
        pass


def test_the_arithmetic() -> None:
    assert ServedRates(10.0, (5.0, 10.0), Timing(1, 2), 1.0).evenness == 0.5
    assert ServedRates(10.0, (0.0, 0.0), Timing(1, 2), 1.0).evenness == 0
    assert MemoryUse(600, (100.0, 108.0, 103.0)).drift_mb == 3.0
