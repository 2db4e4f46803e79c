"""Blendshapes and their motion."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.face.features import BLENDSHAPES, POINTS, BlendshapeNetwork, motion
from mien.face.reader import FaceReader
from mien.types import BLENDSHAPE_COUNT, Image

REST = np.zeros(BLENDSHAPE_COUNT, dtype=np.float32)


def changed(**by_name: float) -> np.ndarray:
    after = REST.copy()
    for name, value in by_name.items():
        after[BLENDSHAPES.index(name)] = value
    return after


def test_names_and_points_are_complete() -> None:
    assert len(BLENDSHAPES) == len(set(BLENDSHAPES)) == BLENDSHAPE_COUNT
    assert len(POINTS) == len(set(POINTS)) == 146
    assert list(POINTS) == sorted(POINTS)
    assert max(POINTS) < 478
    assert BLENDSHAPES[9] == "eyeBlinkLeft"
    assert BLENDSHAPES[25] == "jawOpen"


def test_left_and_right_are_all_paired() -> None:
    lefts = {name.removesuffix("Left") for name in BLENDSHAPES if name.endswith("Left")}
    rights = {name.removesuffix("Right") for name in BLENDSHAPES if name.endswith("Right")}
    assert lefts == rights


def test_a_smile_has_the_blendshapes_of_a_smile(smiling_person: Image, reader: FaceReader) -> None:
    blendshapes = reader.read(smiling_person)[0].features.blendshapes
    assert blendshapes.dtype == np.float32
    assert blendshapes.shape == (BLENDSHAPE_COUNT,)
    assert blendshapes.min() >= 0
    assert blendshapes.max() <= 1
    value = dict(zip(BLENDSHAPES, blendshapes, strict=True))
    assert min(value["mouthSmileLeft"], value["mouthSmileRight"]) > 0.7
    assert max(value["mouthFrownLeft"], value["eyeBlinkLeft"], value["eyeBlinkRight"], value["jawLeft"]) < 0.2


@pytest.mark.parametrize("scale", [0.2, 3.0])
def test_blendshapes_do_not_depend_on_size_and_place(smiling_person: Image, reader: FaceReader, scale: float) -> None:
    landmarks = reader.read(smiling_person)[0].face.landmarks
    network = BlendshapeNetwork(threads=1)
    np.testing.assert_allclose(network.read(landmarks * scale + 40), network.read(landmarks), atol=0.02)


def test_motion_belongs_to_the_part_that_moves() -> None:
    assert astuple(motion(changed(browInnerUp=1), REST, elapsed_s=1)) == pytest.approx((1, 0, 0, 0))
    blink = motion(REST, changed(eyeBlinkLeft=0.3, eyeBlinkRight=0.4), elapsed_s=0.5)
    assert astuple(blink) == pytest.approx((0, 1, 0, 0))
    assert astuple(motion(REST, changed(jawOpen=0.5), elapsed_s=0.25)) == pytest.approx((0, 0, 2, 0))
    smile = motion(REST, changed(mouthSmileLeft=0.3, mouthSmileRight=0.4), elapsed_s=0.25)
    assert astuple(smile) == pytest.approx((0, 0, 0, 2))


@given(st.integers(0, 2**32 - 1), st.floats(0.001, 10))
def test_motion_is_positive_and_shrinks_with_time(seed: int, elapsed_s: float) -> None:
    before, after = np.random.default_rng(seed).uniform(0, 1, (2, BLENDSHAPE_COUNT)).astype(np.float32)
    fast, slow = motion(before, after, elapsed_s=elapsed_s), motion(before, after, elapsed_s=2 * elapsed_s)
    assert min(astuple(fast)) > 0
    assert astuple(fast) == pytest.approx(tuple(2 * speed for speed in astuple(slow)), rel=1e-4)
    assert astuple(fast) == pytest.approx(astuple(motion(after, before, elapsed_s=elapsed_s)))


@pytest.mark.parametrize("elapsed_s", [0.0, -1.0])
def test_motion_needs_time(elapsed_s: float) -> None:
    with pytest.raises(ValueError, match="time to pass"):
        motion(REST, REST, elapsed_s=elapsed_s)
