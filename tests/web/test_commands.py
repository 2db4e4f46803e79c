"""The commands of the live channel: which are accepted, and which are refused, each with one sentence."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.web.commands import (
    MAX_COMMAND_CHARS,
    CorrectMood,
    LearnNeutral,
    SelectFace,
    SetSteadiness,
    StopLearning,
    parse_command,
)
from mien.web.decoder import BadRequestError
from mien.web.responses import text_of

COMMANDS = {
    '{"type": "select", "face": 3}': SelectFace(3),
    '{"face": null, "type": "select"}': SelectFace(None),
    '{"type": "steadiness", "value": 1}': SetSteadiness(1.0),
    '{"type": "steadiness", "value": 0.25}': SetSteadiness(0.25),
    '{"type": "learn_neutral"}': LearnNeutral(),
    '{"type": "stop_learning"}': StopLearning(),
    '{"type": "correct", "valence": -1, "arousal": 0.5, "ago_s": 2.5}': CorrectMood(-1.0, 0.5, 2.5),
    '{"type": "correct", "valence": 0, "arousal": 0}': CorrectMood(0.0, 0.0, 0.0),
}


@pytest.mark.parametrize("text", COMMANDS)
def test_a_command_is_decoded(text):
    assert parse_command(text) == COMMANDS[text]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", "JSON"),
        ("hello", "JSON"),
        ('{"type": "steadiness", "value": NaN}', "JSON"),
        ("[" * MAX_COMMAND_CHARS, "object"),
        ("null", "object"),
        ("[]", "object"),
        ("{}", "type"),
        ('{"type": "reading"}', "type"),
        ('{"type": ["select"]}', "type"),
        ('{"type": "select"}', "face"),
        ('{"type": "select", "face": "3"}', "face"),
        ('{"type": "select", "face": true}', "face"),
        ('{"type": "select", "face": 1.0}', "face"),
        ('{"type": "select", "face": 1e300}', "face"),
        ('{"type": "select", "face": 99999999999999999999}', "face"),
        ('{"type": "select", "face": 1, "name": "Eve"}', "name"),
        ('{"type": "steadiness"}', "value"),
        ('{"type": "steadiness", "value": -0.01}', "value"),
        ('{"type": "steadiness", "value": 1e999}', "value"),
        ('{"type": "steadiness", "value": null}', "value"),
        ('{"type": "learn_neutral", "seconds": 1}', "seconds"),
        ('{"type": "correct", "valence": 0}', "arousal"),
        ('{"type": "correct", "valence": 1.01, "arousal": 0}', "valence"),
        ('{"type": "correct", "valence": 0, "arousal": 0, "ago_s": -1}', "ago_s"),
        ('{"type": "correct", "valence": 0, "arousal": 0, "ago_s": 31}', "ago_s"),
        ('{"type": "stop_learning", "\\ud800": 1}', "JSON"),
        (" " * (MAX_COMMAND_CHARS + 1), "characters"),
    ],
)
def test_an_invalid_command_is_refused_with_a_sentence(text, names):
    with pytest.raises(BadRequestError, match=names) as refused:
        parse_command(text)
    assert str(refused.value).endswith(".")
    text_of({"message": str(refused.value)}).encode()


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers(), max_size=3)
kinds = st.sampled_from(["select", "steadiness", "learn_neutral", "stop_learning"]) | values


@given(st.fixed_dictionaries({"type": kinds}, optional={"face": values, "value": values, "x": values}))
def test_any_object_is_decoded_or_refused(value):
    with suppress(BadRequestError, ValueError):  # text_of refuses NaN
        parse_command(text_of(value))


@given(st.text())
def test_any_text_is_decoded_or_refused(text):
    with suppress(BadRequestError):
        parse_command(text)
