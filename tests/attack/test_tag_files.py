"""Files whose tags were damaged at random from a seed: read in bounded text, or an error; never harmed by writing."""

import dataclasses
import random
from contextlib import suppress

import pytest

from mien.errors import AudioError
from mien.music.tagging.fields import fields_of
from mien.music.tagging.read import read_tags
from mien.music.tagging.write import is_writable_format, write_fields
from mien.types import AudioFeatures
from tests.servers import write_sound

KINDS = {
    ".mp3": "libmp3lame",
    ".flac": "flac",
    ".m4a": "aac",
    ".opus": "libopus",
    ".wav": "pcm_s16le",
    ".mka": "libmp3lame",
}
HEAVY = AudioFeatures(96.0, -18.0, 0.25, -0.5, 0.8, 1)
FILES = 150


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A tagged file of each kind, as bytes."""
    folder = tmp_path_factory.mktemp("whole")
    about = {"title": "Söng" * 20, "artist": "Ann", "album": "First", "genre": "Jazz", "date": "1999"}
    return {
        suffix: write_sound(folder / f"a{suffix}", seconds=0.2, codec=codec, rate=48_000, **about).read_bytes()
        for suffix, codec in KINDS.items()
    }


def damaged(rng, data):
    """A file with other bytes, other lengths, a part missing, or a part twice; mostly where its tags are."""
    made = bytearray(data)
    for _ in range(rng.randint(1, 12)):
        at = rng.randrange(min(len(made), rng.choice([64, 600, len(made)])))
        match rng.randrange(5):
            case 0:
                made[at] = rng.randrange(256)
            case 1:
                made[at : at + 4] = rng.choice([b"\xff" * 4, b"\x7f" * 4, b"\x00" * 4, b"\x80\x00\x00\x00"])
            case 2:
                del made[at : at + rng.randint(1, 40)]
            case 3:
                made[at:at] = made[max(0, at - 64) : at] * rng.randint(1, 20)
            case _:
                made[at:at] = rng.randbytes(rng.randint(1, 30))
        if len(made) < 16:
            break
    return bytes(made[: rng.choice([len(made), len(made), rng.randrange(len(made) + 1)])])


@pytest.mark.parametrize("suffix", KINDS)
def test_damaged_tags_are_bounded_text(whole, tmp_path, suffix):
    rng = random.Random(suffix)
    path = tmp_path / f"Ann - Song{suffix}"
    for _ in range(FILES):
        path.write_bytes(damaged(rng, whole[suffix]))
        tags = read_tags(path)
        texts = [text for text in dataclasses.astuple(tags) if isinstance(text, str)]
        assert tags.title
        assert all(text.isprintable() and len(text) <= 2000 for text in texts), texts
        assert tags.year is None or 1000 <= tags.year <= 2999
        assert tags.mood is None or all(-1 <= value <= 1 for value in tags.mood)


@pytest.mark.parametrize("suffix", [suffix for suffix in KINDS if suffix in {".mp3", ".flac"}])
def test_damaged_files_are_written_whole_or_not_at_all(whole, tmp_path, suffix):
    rng = random.Random(suffix)
    path = tmp_path / f"a{suffix}"
    assert is_writable_format(path)
    written = 0
    for _ in range(FILES):
        before = damaged(rng, whole[suffix])
        path.write_bytes(before)
        with suppress(AudioError):
            written += write_fields(path, fields_of(HEAVY))
        after = path.read_bytes()
        if after != before and len(before) > len(whole[suffix]) // 2:  # long enough to end in sound
            assert after[-200:] == before[-200:]
        assert [one.name for one in tmp_path.iterdir()] == [path.name]
    assert written
