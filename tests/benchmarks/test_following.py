"""The benchmark of following: what it makes of what a page showed, and the songs that it plays."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from benchmarks import following
from benchmarks.following import Look, followed, make_songs, report

BRIGHT, LOW = (0.8, 0.5), (-0.5, -0.2)
MOODS = {"Bright": (0.7, 0.4), "Low": (-0.4, -0.3)}


def looks(*, headline_s: float, queue_s: float, music_s: float) -> list[Look]:
    """What a page shows for the film that changes twice, if it follows each change after these seconds."""
    shown = []
    for tenth in range(1650):
        at_s = tenth / 10

        def follows(after_s: float, at_s: float = at_s) -> bool:
            """Whether the low scene, from 45 to 105 s, is what is shown."""
            return 45 <= at_s - after_s < 105

        shown.append(
            Look(
                at_s,
                words="Sad" if follows(headline_s) else "Happy",
                mood=LOW if follows(1) else BRIGHT,
                playing="Low" if follows(music_s) else "Bright",
                next="Low" if follows(queue_s) else "Bright",
                left="it was left" if 45 + music_s <= at_s < 55 + music_s else "",
            )
        )
    return shown


def test_the_seconds_from_each_change_are_measured() -> None:
    found = followed("twice", "songs", looks(headline_s=3, queue_s=5, music_s=15), MOODS)
    for change in found.changes:
        assert (change.headline_s, change.queue_s, change.music_s) == pytest.approx((3, 5, 15), abs=0.11)
    assert (found.starts, found.mismatched, found.cuts) == (2, 0, 1)
    assert "| twice, songs | sad | 3.0 | 5.0 | 15.0 |" in report([found])


def test_a_start_that_contradicts_a_mood_that_held_is_counted() -> None:
    late = [
        look if not 60 <= look.at_s < 62 else Look(look.at_s, look.words, look.mood, "Low", look.next, look.left)
        for look in looks(headline_s=3, queue_s=5, music_s=1000)
    ]
    found = followed("twice", "songs", late, MOODS)
    assert (found.starts, found.mismatched) == (2, 1), "the bright track begins again while the face is sad"


def test_songs_are_the_starter_pieces_for_four_minutes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "SONG_S", 60)
    make_songs(tmp_path / "songs")
    songs = sorted((tmp_path / "songs").iterdir())
    assert len(songs) == 30
    with av.open(str(songs[0])) as song:
        assert song.duration is not None
        assert song.duration / av.time_base == pytest.approx(60, abs=0.5)
        assert sum(frame.samples for frame in song.decode(audio=0)) > 59 * song.streams.audio[0].rate
