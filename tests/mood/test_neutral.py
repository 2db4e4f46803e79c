"""The neutral baseline: learned from a resting face, subtracted from every reading, stored as numbers."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.errors import NeutralError
from mien.face.features import BLENDSHAPES
from mien.mood.circumplex import mood_of
from mien.mood.logits import centred_logs, expression_of
from mien.mood.neutral import (
    EXPRESSION_DISTANCE,
    LEARN_S,
    MAX_DIFFERENCE,
    REST_DISTANCE,
    SHRINKAGE,
    TYPICAL_LOGS,
    NeutralBaseline,
    NeutralCalibration,
    from_json,
    relative_blendshapes,
    relative_expression,
    to_json,
)
from mien.types import Emotion
from tests.mood.faces import expression_with, look, looks

SAD_AT_REST = expression_with(np.array([0.05, 0.01, 0.05, 0.02, 0.6, 0.02, 0.25]))
SMILING = look(Emotion.HAPPY, 0.8)
RESTING = np.full(52, 0.1, np.float32)


def learned(readings, *, frames_per_s: float = 15, seconds: float = LEARN_S) -> NeutralBaseline:
    """The baseline learned from ``readings(index)``, pairs of expression and blendshapes."""
    calibration = NeutralCalibration()
    for index in range(round(seconds * frames_per_s) + 1):
        share = calibration.add(*readings(index), at_s=100 + index / frames_per_s)
    assert share == pytest.approx(1)
    return calibration.finish()


def trembling(index: int) -> np.ndarray:
    return (RESTING + np.random.default_rng(index).normal(0, 0.015, 52)).clip(0, 1).astype(np.float32)


@pytest.fixture(scope="module")
def sad_looking() -> NeutralBaseline:
    return learned(lambda index: (SAD_AT_REST, trembling(index)))


def at(distance: float) -> np.ndarray:
    """Blendshapes at a distance from the resting face, in the smile of one mouth corner."""
    return RESTING + distance * np.eye(52)[BLENDSHAPES.index("mouthSmileLeft")]


FAR = at(EXPRESSION_DISTANCE)
AT_REST = mood_of(expression_of(np.array(TYPICAL_LOGS), confident=True, model="test"))


def distance_between(one, other) -> float:
    here, there = mood_of(one), mood_of(other)
    return math.hypot(here.valence - there.valence, here.arousal - there.arousal)


def distance_from_origin(expression) -> float:
    mood = mood_of(expression)
    return math.hypot(mood.valence, mood.arousal)


class TestReading:
    @given(looks())
    def test_every_resting_face_reads_as_rest_at_rest(self, rest) -> None:
        neutral = learned(lambda index: (expression_with(rest), RESTING), frames_per_s=3)
        corrected = relative_expression(neutral, expression_with(rest), RESTING)
        assert corrected.top is Emotion.NEUTRAL
        assert distance_from_origin(corrected) == pytest.approx(math.hypot(AT_REST.valence, AT_REST.arousal), abs=1e-6)
        assert distance_from_origin(corrected) < 0.1

    @given(looks(), st.lists(st.floats(-0.7, 0.7), min_size=7, max_size=7), st.floats(0, REST_DISTANCE))
    def test_a_reading_that_varies_about_rest_stays_near_the_origin(self, rest, noise, distance) -> None:
        neutral = learned(lambda index: (expression_with(rest), RESTING), frames_per_s=3)
        logs = centred_logs(expression_with(rest)) + np.array(noise)
        seen = expression_of(logs, confident=True, model="test")
        assert distance_from_origin(relative_expression(neutral, seen, at(distance))) < 0.1

    @pytest.mark.parametrize("emotion", [Emotion.HAPPY, Emotion.ANGRY, Emotion.SURPRISE, Emotion.SAD])
    def test_a_clear_expression_stays(self, sad_looking, emotion) -> None:
        assert relative_expression(sad_looking, look(emotion, 0.93), FAR).top is emotion

    def test_a_smile_that_is_half_hidden_by_a_sad_face_comes_out(self, sad_looking) -> None:
        half = expression_with(np.array([0.04, 0.01, 0.04, 0.4, 0.42, 0.02, 0.07]))
        assert relative_expression(sad_looking, half, FAR).top is Emotion.HAPPY

    @pytest.mark.parametrize("rest", list(Emotion))
    @given(st.floats(0.4, 0.95))
    def test_a_face_that_has_moved_far_from_rest_never_becomes_more_neutral(self, rest, share) -> None:
        neutral = learned(lambda index: (look(rest, 0.9), RESTING), frames_per_s=3)
        for emotion in (Emotion.HAPPY, Emotion.SAD, Emotion.ANGRY, Emotion.SURPRISE):
            seen = look(emotion, share)
            corrected = relative_expression(neutral, seen, FAR)
            odds = [one.probabilities[Emotion.NEUTRAL] / one.probabilities[emotion] for one in (seen, corrected)]
            assert odds[1] <= odds[0] * math.exp(SHRINKAGE * MAX_DIFFERENCE) * 1.001

    def test_a_typical_face_changes_nothing(self) -> None:
        typical = NeutralBaseline(
            RESTING.astype(float), np.array(TYPICAL_LOGS), 100, learned(lambda i: (SMILING, RESTING)).model
        )
        for blendshapes in (RESTING, FAR):
            assert relative_expression(typical, SMILING, blendshapes).probabilities == pytest.approx(
                dict(SMILING.probabilities), abs=1e-6
            )

    @given(looks(), looks())
    def test_correction_of_an_expression_is_limited(self, rest, seen) -> None:
        neutral = learned(lambda index: (expression_with(rest), RESTING), frames_per_s=3)
        before = centred_logs(expression_with(seen))
        corrected = relative_expression(neutral, expression_with(seen), FAR)
        after = np.log(list(corrected.probabilities.values()))
        moved = (after - after.mean()) - before
        assert np.ptp(moved) <= 2 * SHRINKAGE * MAX_DIFFERENCE + 1e-6

    @given(looks(), looks(), st.floats(0, 1.5))
    def test_a_small_step_away_from_rest_changes_the_reading_little(self, rest, seen, distance) -> None:
        neutral = learned(lambda index: (expression_with(rest), RESTING), frames_per_s=3)
        here, there = (
            relative_expression(neutral, expression_with(seen), at(one)) for one in (distance, distance + 0.005)
        )
        assert distance_between(here, there) < 0.1

    def test_neutral_of_another_classifier_is_ignored(self, sad_looking) -> None:
        other = SAD_AT_REST.__class__(SAD_AT_REST.probabilities, True, "another")
        assert not sad_looking.fits(other)
        assert relative_expression(sad_looking, other, RESTING) == other

    def test_blendshapes_count_from_rest(self, sad_looking) -> None:
        assert relative_blendshapes(sad_looking, RESTING).max() < 0.02
        assert relative_blendshapes(sad_looking, np.ones(52, np.float32)) == pytest.approx(np.ones(52))
        assert relative_blendshapes(sad_looking, np.full(52, 0.55, np.float32)) == pytest.approx(
            np.full(52, 0.5), abs=0.02
        )

    @pytest.mark.parametrize("name", [name for name in BLENDSHAPES if name != "neutral"])
    def test_each_part_of_the_face_but_blinks_and_gaze_tells_rest_from_expressions(self, sad_looking, name) -> None:
        moved = (RESTING + 0.7 * (np.array(BLENDSHAPES) == name)).astype(np.float32)
        silent, speaking = (
            distance_from_origin(relative_expression(sad_looking, SAD_AT_REST, moved, speaking=speaking)) < 0.05
            for speaking in (False, True)
        )
        assert silent == name.startswith(("eyeBlink", "eyeLook"))
        assert speaking == name.startswith(("eyeBlink", "eyeLook", "jaw", "mouth"))


class TestLearning:
    def test_blinks_and_a_word_do_no_harm(self) -> None:
        def readings(index):
            blendshapes = trembling(index)
            if index % 15 < 2:
                blendshapes[9:11] = 0.8
            return (SAD_AT_REST if index % 15 >= 2 else look(Emotion.NEUTRAL), blendshapes)

        neutral = learned(readings)
        assert neutral.logs == pytest.approx(centred_logs(SAD_AT_REST), abs=0.01)
        assert neutral.blendshapes[9] == pytest.approx(0.1, abs=0.02)

    def test_a_face_that_moves_is_refused_in_one_sentence(self) -> None:
        def readings(index):
            blendshapes = trembling(index)
            blendshapes[44:46] = 0.5 + 0.5 * np.sin(index / 5)
            return (SMILING, blendshapes)

        with pytest.raises(NeutralError, match="moved too much; rest it"):
            learned(readings)

    @pytest.mark.parametrize("every", [10, 1000])
    def test_too_few_readings_are_refused_in_one_sentence(self, every) -> None:
        with pytest.raises(NeutralError, match="seen too little"):
            learned(lambda index: (SMILING, RESTING) if index % every == 5 else (None, None))

    def test_a_pause_or_a_clock_that_jumps_does_not_cut_it_short(self) -> None:
        calibration = NeutralCalibration()
        assert calibration.add(SMILING, RESTING, at_s=50) == 0
        assert calibration.add(SMILING, RESTING, at_s=3650) == pytest.approx(0.1)
        assert calibration.add(SMILING, RESTING, at_s=10) == pytest.approx(0.1)
        assert calibration.add(SMILING, RESTING, at_s=10.5) == pytest.approx(0.15)


class TestStoring:
    def test_saved_neutral_is_restored_unchanged(self, sad_looking) -> None:
        back = from_json(to_json(sad_looking))
        assert back.logs == pytest.approx(sad_looking.logs, abs=1e-3)
        assert back.blendshapes == pytest.approx(sad_looking.blendshapes, abs=1e-3)
        assert (back.readings, back.model) == (sad_looking.readings, sad_looking.model)
        assert back.fits(SAD_AT_REST)

    def test_saved_neutral_contains_only_numbers(self, sad_looking) -> None:
        stored = json.loads(to_json(sad_looking))
        flat = [*stored.pop("blendshapes"), *stored.pop("logs"), *stored.values()]
        assert all(isinstance(number, int | float) for number in flat)
        assert len(flat) == 52 + 7 + 3

    @pytest.mark.parametrize(
        "change",
        [
            {"blendshapes": [0.1] * 51},
            {"logs": [float("nan")] * 7},
            {"logs": [10**400] * 7},
            {"blendshapes": "picture"},
            {"readings": None},
        ],
    )
    def test_damaged_neutral_is_rejected(self, sad_looking, change) -> None:
        with pytest.raises(NeutralError, match="damaged"):
            from_json(json.dumps(json.loads(to_json(sad_looking)) | change))

    @pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"version": 1}', "[" * 100_000])
    def test_invalid_neutral_json_is_rejected(self, text) -> None:
        with pytest.raises(NeutralError, match="damaged"):
            from_json(text)

    def test_another_version_is_refused(self, sad_looking) -> None:
        with pytest.raises(NeutralError, match="another version"):
            from_json(json.dumps(json.loads(to_json(sad_looking)) | {"version": 2}))
