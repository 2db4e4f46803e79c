"""One language also after corrections: headline, bars, label and point say the same, wherever the point was moved."""

from __future__ import annotations

import math

import pytest

from mien.live.correction_store import CorrectionStore
from mien.live.reader import LiveResult
from mien.mood.circumplex import COORDINATES, EXPRESSION_WORDS, describe
from mien.mood.correction import Correction, Point, reading_id
from mien.mood.settled import LEAD, agrees
from mien.types import Emotion
from tests.live.test_reader import Camera, me

CALM: Point = (0.6, -0.5)
GRID = [(-0.9, 0.9), (-0.8, -0.3), (-0.3, 0.0), (0.0, 0.0), (0.1, -0.9), (0.3, 0.3), (0.5, -0.5), (0.9, 0.6)]


class Person:
    """A person before a camera who corrects the mood."""

    def __init__(self) -> None:
        self.camera = Camera()
        self.store = CorrectionStore(None, network="fake")
        self.camera.shift_of = self.store.shift_of

    def says(self, target: Point, live: LiveResult) -> None:
        assert live.correctable is not None
        assert live.mood is not None
        self.store.add(
            Correction(
                features=live.correctable.features,
                uncorrected=live.correctable.uncorrected,
                shown=(live.mood.valence, live.mood.arousal),
                target=target,
                reading=reading_id(live.correctable.model),
                neutral=0,
                at_s=live.time_s,
            )
        )


def assert_one_language(live: LiveResult) -> None:
    assert live.settled is not None
    assert live.mood is not None
    (face,) = live.faces
    shown, named = live.shown(face), live.settled.named
    assert live.words_of(face) == live.words
    assert agrees(named, live.mood)
    if named is None:
        assert not shown.expression.confident
        assert live.words in ("not sure", describe(live.mood))
    else:
        assert live.words == EXPRESSION_WORDS[named]
        probabilities = shown.expression.probabilities
        assert probabilities[named] >= max(probabilities.values()) - LEAD


@pytest.mark.parametrize("shown", [Emotion.HAPPY, Emotion.NEUTRAL, Emotion.SAD, Emotion.ANGRY])
@pytest.mark.parametrize("target", GRID)
def test_every_frame_after_corrections_says_one_thing(shown: Emotion, target: Point) -> None:
    person = Person()
    person.camera.frames_per_s = 8
    live = person.camera.shows(me(shown), for_s=3)[-1]
    assert live.mood is not None
    left = [math.dist((live.mood.valence, live.mood.arousal), target)]
    for _ in range(2):
        person.says(target, live)
        frames = person.camera.shows(me(shown), for_s=6)
        for frame in frames:
            assert_one_language(frame)
        live = frames[-1]
        assert live.mood is not None
        left.append(math.dist((live.mood.valence, live.mood.arousal), target))
    assert left[1] <= 0.5 * left[0] + 0.03
    assert left[2] <= left[1] + 0.03


@pytest.mark.parametrize("meant", [Emotion.HAPPY, Emotion.NEUTRAL, Emotion.SAD, Emotion.ANGRY, Emotion.SURPRISE])
def test_a_frowning_face_that_means_something_else_is_called_that_and_its_bars_show_it(meant: Emotion) -> None:
    person = Person()
    live = person.camera.shows(me(Emotion.ANGRY), for_s=3)[-1]
    for _ in range(3):
        person.says(COORDINATES[meant], live)
        live = person.camera.shows(me(Emotion.ANGRY), for_s=8)[-1]
    assert live.words == EXPRESSION_WORDS[meant]
    assert live.shown(live.faces[0]).expression.top is meant


def test_a_mood_that_no_expression_shows_has_the_words_of_its_point() -> None:
    person = Person()
    live = person.camera.shows(me(Emotion.NEUTRAL), for_s=3)[-1]
    for _ in range(3):
        person.says(CALM, live)
        live = person.camera.shows(me(Emotion.NEUTRAL), for_s=8)[-1]
    assert live.words in ("calm", "very calm")
    assert live.words_of(live.faces[0]) == live.words
