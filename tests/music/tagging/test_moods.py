"""What tags state of moods, languages and explicit words, in real files."""

from __future__ import annotations

import pytest

from mien.music.tagging.moods import own_words, stated_explicit, stated_language, stated_mood
from mien.music.tagging.read import read_tags

_ESTIMATE = {"mien_valence": ["-1"], "mien_arousal": ["1"], "mien_mood_source": ["estimate"]}


@pytest.mark.parametrize(
    ("fields", "mood"),
    [
        ({"valence": ["0.5"], "arousal": ["-0.25"]}, (0.5, -0.25)),
        ({"mien_valence": ["-1"], "mien_arousal": ["1"], "mood": ["happy"]}, (-1, 1)),
        (_ESTIMATE, None),
        (_ESTIMATE | {"mood": [own_words("-1", "1")]}, None),
        (_ESTIMATE | {"mood": ["happy"]}, (0.8, 0.5)),
        (_ESTIMATE | {"valence": ["0.5"], "arousal": ["0.5"]}, (0.5, 0.5)),
        ({"valence": ["7"], "arousal": ["3"]}, None),
        ({"valence": ["nan"], "arousal": ["0"]}, None),
        ({"valence": ["0.5"]}, None),
        ({"mood": ["Happy"]}, (0.8, 0.5)),
        ({"mood": ["happy; sad"]}, pytest.approx((0.1, 0.05))),
        ({"mood": ["ineffable"]}, None),
        ({}, None),
    ],
)
def test_a_mood_is_two_numbers_or_words(fields, mood):
    assert stated_mood(fields) == mood


def test_language_and_advisory():
    assert stated_language({"language": ["ENG"]}) == "eng"
    assert stated_language({"language": ["??"]}) == ""
    assert [stated_explicit({"itunesadvisory": [text]}) for text in ("1", "2", "")] == [True, False, None]


@pytest.mark.parametrize("suffix", ["mp3", "opus"])
def test_mood_and_language_are_read_from_files(sounds, tmp_path, suffix):
    path = sounds.write(
        tmp_path / f"song.{suffix}", sounds.tone(seconds=1), valence="0.25", arousal="-0.5", language="fra", title="Un"
    )
    tags = read_tags(path)
    assert (tags.mood, tags.language, tags.title) == ((0.25, -0.5), "fra", "Un")
