"""Regions of the plane, and how they change: after a dwell time, without flicker."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.mood.circumplex import NEUTRAL_RADIUS, depth_in, region_of
from mien.mood.region import MARGIN, RegionHysteresis
from mien.mood.smooth import Steadiness
from mien.types import Mood, Region

points = st.builds(Mood, st.floats(-1, 1), st.floats(-1, 1))
DWELL_S = Steadiness().dwell_s
CENTRES = {
    Region.TENSE: Mood(-0.6, 0.6),
    Region.EXCITED: Mood(0.6, 0.6),
    Region.SAD: Mood(-0.6, -0.6),
    Region.CALM: Mood(0.6, -0.6),
    Region.NEUTRAL: Mood(0, 0),
}


@pytest.mark.parametrize(("region", "mood"), CENTRES.items())
def test_each_region_is_where_the_page_writes_its_name(region, mood) -> None:
    assert region_of(mood) is region
    assert depth_in(region, mood) > 0
    assert all(depth_in(other, mood) < 0 for other in Region if other is not region)


@given(points)
def test_every_mood_lies_in_one_region(mood) -> None:
    assert depth_in(region_of(mood), mood) >= 0
    if math.hypot(mood.valence, mood.arousal) < NEUTRAL_RADIUS:
        assert region_of(mood) is Region.NEUTRAL


@given(st.lists(points, min_size=2, max_size=60))
def test_a_region_holds_for_the_dwell_time_at_least(moods) -> None:
    hysteresis = RegionHysteresis()
    regions = [hysteresis.update(mood, at_s=index / 15, dwell_s=DWELL_S) for index, mood in enumerate(moods)]
    changes_s = [index / 15 for index in range(1, len(regions)) if regions[index] is not regions[index - 1]]
    assert all(later - sooner >= DWELL_S for sooner, later in itertools.pairwise(changes_s))


@given(
    st.sampled_from([m for r, m in CENTRES.items() if r is not Region.NEUTRAL]), st.lists(st.floats(-1, 1), max_size=60)
)
def test_a_mood_that_trembles_at_a_border_stays(centre, tremors) -> None:
    hysteresis = RegionHysteresis()
    hysteresis.update(centre, at_s=0, dwell_s=Steadiness(0).dwell_s)
    for index, tremor in enumerate(tremors):
        region = hysteresis.update(
            Mood(MARGIN * 0.99 * tremor, centre.arousal), at_s=1 + index, dwell_s=Steadiness(0).dwell_s
        )
        assert region in {region_of(centre), region_of(Mood(-centre.valence, centre.arousal))}
        assert region is region_of(centre) or tremors[0] == 0


@pytest.mark.parametrize("value", [0, 0.5, 1])
def test_a_mood_that_has_moved_is_followed_after_the_dwell_time(value) -> None:
    hysteresis, dwell_s = RegionHysteresis(), Steadiness(value).dwell_s
    seen = [
        (CENTRES[Region.SAD], 0),
        (CENTRES[Region.EXCITED], 1),
        (CENTRES[Region.EXCITED], 1 + 0.9 * dwell_s),
        (CENTRES[Region.EXCITED], 1 + 1.1 * dwell_s),
    ]
    regions = [hysteresis.update(mood, at_s=at_s, dwell_s=dwell_s) for mood, at_s in seen]
    assert regions == [Region.SAD, Region.SAD, Region.SAD, Region.EXCITED]


def test_no_mood_has_no_region_and_the_next_one_its_own_at_once() -> None:
    hysteresis = RegionHysteresis()
    seen = [(None, 0), (CENTRES[Region.SAD], 1), (None, 2), (CENTRES[Region.CALM], 2.1)]
    regions = [hysteresis.update(mood, at_s=at_s, dwell_s=DWELL_S) for mood, at_s in seen]
    assert regions == [None, Region.SAD, None, Region.CALM]
