"""The benchmark from frame to mood: what it counts, by the clock that it is given."""

from __future__ import annotations

from itertools import count

import numpy as np
import pytest
from numpy.typing import NDArray

from mien.bench.live import measure_live
from mien.bench.scenes import moving_faces, still_room
from mien.bench.timing import timing
from mien.face.reader import FaceReader


def test_every_face_is_read_in_every_frame_and_the_clock_is_the_one_given(smiling_person: NDArray[np.uint8]) -> None:
    ticks = count()
    scene = moving_faces([smiling_person], faces=2, count=10)
    found = measure_live(scene, faces=2, reader=FaceReader(), frames=6, warm_up=2, clock=lambda: next(ticks) / 1000)
    assert (found.frames, found.read, found.skipped) == (6, 6, 0)
    assert found.times_ms == pytest.approx(np.ones(6))  # the clock moves 1 ms each time somebody looks at it
    assert found.mean_ms == pytest.approx(1)


def test_where_nothing_moves_frames_are_skipped_but_not_all(smiling_person: NDArray[np.uint8]) -> None:
    room = still_room(moving_faces([smiling_person], count=1)[0], count=4)
    found = measure_live(room, faces=1, reader=FaceReader(), frames=30, warm_up=2)
    assert found.read == 30
    assert 20 <= found.skipped < 30


def test_a_frame_that_lacks_a_face_is_not_counted_as_read(smiling_person: NDArray[np.uint8]) -> None:
    scene = moving_faces([smiling_person], count=3)
    assert measure_live(scene, faces=2, reader=FaceReader(), frames=3, warm_up=0).read == 0


def test_times_are_summed_up_by_median_and_percentile() -> None:
    assert timing(list(range(101))).median_ms == 50
    assert timing(list(range(101))).p95_ms == 95
    with pytest.raises(ValueError, match="no times"):
        timing([])
