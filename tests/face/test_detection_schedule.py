"""The search plan: when the detector looks at the whole frame, at a tile, and for faint faces."""

from __future__ import annotations

import pytest

from mien.face.detect import FAINT_MARGINS, Tile
from mien.face.detection_schedule import (
    FALLBACK_EVERY_S,
    WHOLE_FRAME_EVERY_S,
    WHOLE_FRAME_EVERY_WHEN_MISSING_S,
    DetectionPlan,
    FaceCounts,
    FaintFaces,
    IntervalTimer,
    WholeFrame,
)

NOBODY = FaceCounts(in_sight=0, missing=0)
ONE = FaceCounts(in_sight=1, missing=0)
ONE_OF_TWO = FaceCounts(in_sight=1, missing=1)


def started(*, max_faces: int = 2, width_px: int = 320, height_px: int = 240) -> DetectionPlan:
    plan = DetectionPlan(max_faces=max_faces)
    plan.start(width_px=width_px, height_px=height_px)
    return plan


def test_an_interval_is_due_at_first_after_it_passed_and_after_the_clock_jumped_back() -> None:
    timer = IntervalTimer()
    assert timer.is_due(5.0, interval_s=1)
    timer.reset(5.0)
    assert [timer.is_due(at_s, interval_s=1) for at_s in (5.0, 5.9, 6.0, 4.9)] == [False, False, True, True]


@pytest.mark.parametrize(
    ("counts", "every_s"), [(ONE, WHOLE_FRAME_EVERY_S), (ONE_OF_TWO, WHOLE_FRAME_EVERY_WHEN_MISSING_S)]
)
def test_the_whole_frame_is_searched_more_often_while_a_face_is_missing(counts: FaceCounts, every_s: float) -> None:
    plan = started()
    assert plan.first_search(0.0, counts, urgent=False) == WholeFrame()
    assert not plan.is_due(0.9 * every_s, counts)
    assert plan.first_search(0.9 * every_s, counts, urgent=False) is None
    assert plan.is_due(every_s, counts)
    assert plan.first_search(every_s, counts, urgent=False) == WholeFrame()


def test_an_urgent_search_does_not_wait() -> None:
    plan = started()
    assert [plan.first_search(at_s, ONE, urgent=True) for at_s in (0.0, 0.01, 0.02)] == [WholeFrame()] * 3


def test_a_new_size_is_searched_at_once() -> None:
    plan = started()
    plan.first_search(0.0, ONE, urgent=False)
    plan.start(width_px=240, height_px=320)
    assert plan.first_search(0.01, ONE, urgent=False) == WholeFrame()


def test_closer_searches_look_for_faint_faces_with_each_margin_in_turn() -> None:
    plan = started()
    searches = [plan.fallback_search(index * FALLBACK_EVERY_S, NOBODY) for index in range(len(FAINT_MARGINS) + 1)]
    assert searches == [FaintFaces(margin) for margin in (*FAINT_MARGINS, FAINT_MARGINS[0])]
    assert plan.fallback_search(len(FAINT_MARGINS) * FALLBACK_EVERY_S + 0.1, NOBODY) is None


def test_a_large_frame_is_searched_tile_by_tile_while_there_is_room() -> None:
    plan = started(width_px=640, height_px=480)
    found = []
    for index in range(60):
        search = plan.first_search(index / 10, ONE, urgent=False)
        if isinstance(search, Tile):
            found.append(search)
    assert len(found) >= 8
    assert len(set(found)) == 4
    assert found[:4] == found[4:8]
    full = FaceCounts(in_sight=2, missing=0)
    assert all(plan.first_search(6 + index / 10, full, urgent=False) in {None, WholeFrame()} for index in range(20))
