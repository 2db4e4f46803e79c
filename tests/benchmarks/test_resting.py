"""The benchmark of faces at rest: its films and its table."""

from __future__ import annotations

import itertools

import numpy as np

from benchmarks.resting import FRAMES_PER_S, Minute, RestingGroup, film, report


def test_a_film_shows_the_picture_with_small_changes_that_its_seed_sets() -> None:
    picture = np.tile(np.linspace(40, 200, 160).astype(np.uint8)[:, None, None], (1, 160, 3))
    frames = list(film(picture, seconds=1, seed=1))
    assert [frame.time_s for frame in frames] == [index / FRAMES_PER_S for index in range(FRAMES_PER_S)]
    for frame, next_frame in itertools.pairwise(frames):
        assert np.abs(frame.image.astype(int) - picture).mean() < 16
        assert (frame.image != next_frame.image).any()
    again, other = (next(film(picture, seconds=1, seed=seed)).image for seed in (1, 2))
    assert (frames[0].image == again).all()
    assert (frames[0].image != other).any()


def test_the_table_weighs_films_alike_and_names_what_was_left_out() -> None:
    minutes = (Minute("a", 1.0, 1.0, 0.1, -0.02, 0.0), Minute("b", 0.9, 0.5, 0.4, -0.3, 0.1))
    table = report({"rows": RestingGroup(minutes, 3), "photographs": RestingGroup((), 1)}, seconds=60, agreement=10)
    assert "| rows | 2 | 75.0% | 1 | 3 |" in table
    assert "| photographs | 0 | 0.0% | 0 | 1 |" in table
    assert "| b | 90% | 50% | 0.40 | -0.30 | +0.10 |" in table
