"""Action units, as far as blendshapes have them."""

from __future__ import annotations

import numpy as np

from mien.face.action_units import ACTION_UNITS, action_units
from mien.face.features import BLENDSHAPES


def test_each_unit_is_the_mean_of_its_own_blendshapes() -> None:
    used = [[name for name in BLENDSHAPES if name.startswith(prefix)] for prefix in ACTION_UNITS.values()]
    assert {len(names) for names in used} == {1, 2}, "one in the middle, or left and right (upper and lower)"
    assert len({name for names in used for name in names}) == sum(map(len, used)), "none is used twice"


def test_one_side_counts_half() -> None:
    blendshapes = np.zeros(52, np.float32)
    blendshapes[BLENDSHAPES.index("mouthSmileLeft")] = 0.8
    blendshapes[BLENDSHAPES.index("jawOpen")] = 0.3
    found = action_units(blendshapes)
    assert {unit: round(value, 3) for unit, value in found.items() if value} == {"AU12": 0.4, "AU26": 0.3}
