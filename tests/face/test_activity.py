"""Activity of a face: speech, blinks, and the phases of an expression."""

from __future__ import annotations

import itertools
import math
import pickle
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mien.face.activity import MAX_GAP_S, ActivityReader
from mien.face.features import BLENDSHAPES, motion
from mien.face.reader import FaceReader
from mien.types import Activity, Frame, Image, Phase
from tests.face.acting import with_open_mouth, with_shut_eyes

Signal = Callable[[float], dict[str, float]]

RATES = (5, 15, 30)
RESTING = {"browDownLeft": 0.2, "browDownRight": 0.2, "eyeSquintLeft": 0.3, "eyeBlinkLeft": 0.1, "eyeBlinkRight": 0.12}
SMILE = ("mouthSmileLeft", "mouthSmileRight")
LIDS = ("eyeBlinkLeft", "eyeBlinkRight")


def face(shapes: dict[str, float]) -> np.ndarray:
    values = {**RESTING, **shapes}
    return np.array([values.get(name, 0.0) for name in BLENDSHAPES], dtype=np.float32)


def watch(signal: Signal, times_s: Sequence[float]) -> list[Activity]:
    """The activity for a signal at given times, with the motion that a follower would compute."""
    reader, before, found = ActivityReader(), None, []
    for last_s, at_s in itertools.pairwise([math.nan, *times_s]):
        now = face(signal(at_s))
        moved = motion(before, now, elapsed_s=at_s - last_s) if before is not None else None
        found.append(reader.update(now, moved, at_s))
        before = now
    return found


def sampled(signal: Signal, *, until_s: float, rate: int) -> list[tuple[float, Activity]]:
    times_s = [step / rate for step in range(round(until_s * rate))]
    return list(zip(times_s, watch(signal, times_s), strict=True))


def ramp(at_s: float, *points: tuple[float, float]) -> float:
    """The value at a time of a line through points (time, value)."""
    return float(np.interp(at_s, *zip(*points, strict=True)))


def talking(at_s: float, *, hertz: float, depth: float = 0.3, until_s: float = math.inf) -> dict[str, float]:
    jaw = depth / 2 * (1 - math.cos(2 * math.pi * hertz * (at_s - 1))) if 1 <= at_s < until_s else 0.0
    return {"jawOpen": jaw, "mouthLowerDownLeft": jaw, "mouthLowerDownRight": jaw}


def smiling(at_s: float) -> dict[str, float]:
    """Rest for two seconds, a smile that sets in within half a second, holds for three and fades within one."""
    return dict.fromkeys(SMILE, ramp(at_s, (2, 0.05), (2.5, 0.7), (5.5, 0.7), (6.5, 0.05)))


def blinking(at_s: float, *, starts_s: Sequence[float], lasts_s: float) -> dict[str, float]:
    """Lids that close for a third of the time, stay closed for a third, and reopen."""
    low = max(
        ramp(at_s - start_s, (0, 0), (lasts_s / 3, 1), (2 * lasts_s / 3, 1), (lasts_s, 0)) for start_s in starts_s
    )
    return dict.fromkeys(LIDS, 0.1 + 0.6 * low)


def runs(phases: Sequence[Phase]) -> list[Phase]:
    return [phase for phase, _ in itertools.groupby(phases)]


def rises(flags: Sequence[bool]) -> int:
    return sum(after and not before for before, after in itertools.pairwise([False, *flags]))


# -- speech ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "hertz"), [(5, 2), (5, 2.3), (15, 2), (15, 4), (15, 6), (30, 2), (30, 4), (30, 6), (30, 8)]
)
def test_a_mouth_that_moves_back_and_forth_speaks(rate: int, hertz: float) -> None:
    found = sampled(lambda at_s: talking(at_s, hertz=hertz, until_s=5), until_s=8, rate=rate)
    assert not any(one.speaking for at_s, one in found if at_s < 1.2)
    assert all(one.speaking for at_s, one in found if 2.6 <= at_s <= 5)
    assert not any(one.speaking for at_s, one in found if at_s > 6.5)


@pytest.mark.parametrize("rate", RATES)
def test_lips_alone_count_as_speech(rate: int) -> None:
    def mumbling(at_s: float) -> dict[str, float]:
        return dict.fromkeys(("mouthPucker", "mouthFunnel"), 0.2 + 0.2 * math.sin(2 * math.pi * 2.2 * at_s))

    assert all(one.speaking for at_s, one in sampled(mumbling, until_s=4, rate=rate) if at_s > 1.6)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(
    "signal",
    [
        pytest.param(lambda t: {"jawOpen": ramp(t, (1, 0), (1.2, 0.8))}, id="surprise"),
        pytest.param(lambda t: {"jawOpen": ramp(t, (1, 0), (1.3, 0.8), (2.3, 0.8), (2.6, 0))}, id="a gasp"),
        pytest.param(lambda t: talking(t, hertz=0.8, depth=0.6), id="chewing"),
        pytest.param(lambda t: talking(t, hertz=4, depth=0.05), id="a tremble"),
        pytest.param(smiling, id="a smile"),
    ],
)
def test_other_mouths_do_not_speak(signal: Signal, rate: int) -> None:
    assert not any(one.speaking for _, one in sampled(signal, until_s=8, rate=rate))


def test_a_mesh_that_flickers_is_not_speech() -> None:
    flickering = iter(itertools.cycle([0.1, 0.6]))
    assert not any(one.speaking for _, one in sampled(lambda _: {"jawOpen": next(flickering)}, until_s=5, rate=30)[30:])


@pytest.mark.parametrize("rate", [15, 30])
def test_speech_goes_on_through_a_short_silence(rate: int) -> None:
    def pausing(at_s: float) -> dict[str, float]:
        return {} if 4 <= at_s < 4.6 else talking(at_s, hertz=4)

    found = sampled(pausing, until_s=7, rate=rate)
    assert all(one.speaking for at_s, one in found if at_s > 2.6)


def test_speaking_is_not_an_expression() -> None:
    found = sampled(lambda at_s: talking(at_s, hertz=3, depth=0.8), until_s=6, rate=30)
    assert {one.phase for _, one in found} == {Phase.REST}


# -- blinks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("lasts_s", [0.3, 0.4])
def test_each_blink_is_seen_once(rate: int, lasts_s: float) -> None:
    starts_s = (1.03, 3.1, 4.5)
    found = sampled(lambda at_s: blinking(at_s, starts_s=starts_s, lasts_s=lasts_s), until_s=7, rate=rate)
    assert rises([one.blinking for _, one in found]) == len(starts_s)
    for start_s in starts_s:
        seen_s = next(at_s for at_s, one in found if at_s > start_s and one.blinking)
        assert start_s < seen_s < start_s + lasts_s + 1 / rate + 1e-9
    assert {one.phase for _, one in found} == {Phase.REST}


@given(start_s=st.floats(1, 1.2), lasts_s=st.floats(0.1, 0.4))
def test_every_blink_is_detected_at_thirty_frames_a_second(start_s: float, lasts_s: float) -> None:
    found = sampled(lambda at_s: blinking(at_s, starts_s=[start_s], lasts_s=lasts_s), until_s=3, rate=30)
    assert rises([one.blinking for _, one in found]) == 1


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(
    "signal",
    [
        pytest.param(lambda t: blinking(t, starts_s=[1.0], lasts_s=2.0), id="closed eyes"),
        pytest.param(lambda t: dict.fromkeys(LIDS, ramp(t, (1, 0.1), (2.5, 0.6), (4, 0.1))), id="tired eyes"),
        pytest.param(lambda t: blinking(t, starts_s=[1.0], lasts_s=0.3) | {LIDS[1]: 0.1}, id="a wink"),
        pytest.param(lambda t: dict.fromkeys(LIDS, 0.1 + 0.1 * math.sin(9 * t)), id="a flutter"),
    ],
)
def test_other_lids_do_not_blink(signal: Signal, rate: int) -> None:
    assert not any(one.blinking for _, one in sampled(signal, until_s=6, rate=rate))


def test_blinks_are_not_reported_at_two_frames_a_second() -> None:
    found = sampled(lambda at_s: blinking(at_s, starts_s=[0.9, 2.9], lasts_s=0.3), until_s=5, rate=2)
    assert not any(one.blinking for _, one in found)


# -- phases ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", RATES)
def test_a_smile_sets_in_holds_and_fades(rate: int) -> None:
    found = sampled(smiling, until_s=9, rate=rate)
    assert runs([one.phase for _, one in found]) == [Phase.REST, Phase.ONSET, Phase.APEX, Phase.OFFSET, Phase.REST]
    begins_s = {phase: next(at_s for at_s, one in found if one.phase is phase) for phase in list(Phase)[1:]}
    assert 2 < begins_s[Phase.ONSET] < 2.6
    assert 2.5 < begins_s[Phase.APEX] < 3.4
    assert 5.5 < begins_s[Phase.OFFSET] < 6.1
    assert next(at_s for at_s, one in found if at_s > 5 and one.phase is Phase.REST) < 7.1


def test_the_frame_rate_changes_no_phase() -> None:
    """At 5 and 30 readings a second, changes are detected within a quarter of a second of each other."""
    changes_s = []
    for rate in RATES:
        found = sampled(smiling, until_s=9, rate=rate)
        changes_s.append(
            [at_s for (_, before), (at_s, after) in itertools.pairwise(found) if before.phase is not after.phase]
        )
    assert np.ptp(np.array(changes_s), axis=0).max() < 0.25


def test_a_smile_in_the_first_frame_is_an_expression_and_not_rest() -> None:
    grin = dict.fromkeys((*SMILE, "cheekSquintLeft", "cheekSquintRight"), 0.9)
    assert sampled(lambda _: grin, until_s=1, rate=15)[0][1].phase is Phase.APEX


@pytest.mark.parametrize("rate", RATES)
def test_a_face_that_always_frowns_a_little_rests(rate: int) -> None:
    frown = dict.fromkeys(("browDownLeft", "browDownRight"), 0.6)
    assert {one.phase for _, one in sampled(lambda _: frown, until_s=5, rate=rate)} == {Phase.REST}


def test_gaze_and_lids_are_not_an_expression() -> None:
    def looking_round(at_s: float) -> dict[str, float]:
        side = 0.5 + 0.5 * math.sin(2 * at_s)
        return {"eyeLookInLeft": side, "eyeLookOutRight": side, **blinking(at_s, starts_s=[1.0], lasts_s=3.0)}

    assert {one.phase for _, one in sampled(looking_round, until_s=6, rate=30)} == {Phase.REST}


# -- clocks and memory -----------------------------------------------------------------------------------------------


def busy(at_s: float) -> dict[str, float]:
    return {**smiling(at_s), **talking(at_s, hertz=3), **blinking(at_s, starts_s=[1.51, 4.22], lasts_s=0.3)}


JUMPS_S = (0.0, -1e-3, -5.0, -1e5, MAX_GAP_S + 0.1, 1e5, math.nan, math.inf, -math.inf)


@given(jumps_s=st.lists(st.sampled_from(JUMPS_S), min_size=1, max_size=4), place=st.integers(1, 200))
@example(jumps_s=[2.1, -5.0, 0.0], place=147)  # the sums differ in their last digit
def test_a_clock_that_jumps_or_stands_still_changes_nothing(jumps_s: list[float], place: int) -> None:
    times_s = [step / 30 for step in range(240)]
    faces = [face(busy(at_s)) for at_s in times_s]
    moved = [None, *(motion(before, now, elapsed_s=1 / 30) for before, now in itertools.pairwise(faces))]
    calm, jumpy = ActivityReader(), ActivityReader()
    offset_s, differences = 0.0, 0
    for index, at_s in enumerate(times_s):
        said = jumpy.update(faces[index], moved[index], at_s + offset_s)
        differences += said != calm.update(faces[index], moved[index], at_s)
        for jump_s in jumps_s if index == place else ():
            assert jumpy.update(faces[0], None, at_s + offset_s + jump_s) == said
            offset_s += jump_s if math.isfinite(jump_s) else 0.0
        if index == place and not math.isfinite(jumps_s[-1]):
            assert jumpy.update(faces[0], None, at_s + offset_s) == said
    assert differences <= 3  # a large float knows time less exactly, so a limit may be passed a frame later


def test_memory_does_not_grow_with_time() -> None:
    reader, sizes = ActivityReader(), []
    for step in range(15 * 60 * 60):
        at_s = step / 15
        shapes = np.full(len(BLENDSHAPES), 0.3 + 0.3 * math.sin(20 * at_s), dtype=np.float32)
        reader.update(shapes, None, at_s)
        if step % (15 * 60) == 15 * 59:
            sizes.append(len(pickle.dumps(reader)))
    assert max(sizes) < 1.2 * sizes[0] < 2000


# -- a real face, made to act ----------------------------------------------------------------------------------------


def acted(reader: FaceReader, pictures: Sequence[Image], *, rate: int = 15) -> list[Activity]:
    follower, activity, found = reader.follow(), ActivityReader(), []
    for index, picture in enumerate(pictures):
        (reading,) = follower.read(Frame(picture, index, index / rate))
        found.append(activity.update(reading.features.blendshapes, reading.features.motion, index / rate))
    return found


def test_a_photograph_that_speaks_and_then_gapes(reader: FaceReader, webcam_picture: Image) -> None:
    landmarks = reader.read(webcam_picture)[0].face.landmarks
    half, wide = (with_open_mouth(webcam_picture, landmarks, amount) for amount in (0.4, 0.7))
    talk = [half, wide, half, webcam_picture, webcam_picture] * 6  # three times a second, for two
    found = acted(reader, [webcam_picture] * 4 + talk + [wide] * 30)
    assert not any(one.speaking for one in found[:6])
    assert all(one.speaking for one in found[24:34])
    assert not any(one.speaking for one in found[-10:])


def test_a_photograph_that_blinks_and_then_closes_its_eyes(reader: FaceReader, webcam_picture: Image) -> None:
    landmarks = reader.read(webcam_picture)[0].face.landmarks
    half, shut = (with_shut_eyes(webcam_picture, landmarks, amount) for amount in (0.5, 1.0))
    blink = [half, shut, shut, half]
    found = acted(reader, [webcam_picture] * 5 + blink + [webcam_picture] * 10 + [shut] * 15)
    assert rises([one.blinking for one in found]) == 1
    assert found[10].blinking
