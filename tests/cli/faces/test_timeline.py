"""The timeline of a video's expressions: correct means in constant memory, and a plot of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mien.cli.faces.timeline import BINS, MAX_TRACKS, Timeline
from mien.errors import ImageError
from mien.types import Emotion


def face(track: int, top: Emotion, *, p: float = 0.7, valence: float = 0.2) -> dict:
    rest = (1 - p) / (len(Emotion) - 1)
    return {
        "track": track,
        "probabilities": {str(emotion): p if emotion is top else rest for emotion in Emotion},
        "valence": valence,
        "arousal": -valence,
    }


@pytest.mark.parametrize("every_s", [0.04, 0.52, 7.0])
def test_means_stay_right_however_long_it_is(every_s: float) -> None:
    """Happy in the first half, sad in the second; away in the third quarter."""
    timeline, looks = Timeline(), 4000
    for look in range(looks):
        away = looks // 2 <= look < 3 * looks // 4
        top = Emotion.HAPPY if look < looks // 2 else Emotion.SAD
        timeline.add(look * every_s, [] if away else [face(1, top)])
    (lane,) = timeline.lanes(at_most=4)
    assert len(lane.valence) <= BINS
    assert lane.share == pytest.approx(0.75)
    assert np.all(np.diff(lane.edges_s) > 0)
    assert lane.edges_s[-1] == pytest.approx(looks * every_s, rel=0.01)
    middle_s = (lane.edges_s[:-1] + lane.edges_s[1:]) / 2 / (looks * every_s)
    quarter = np.floor(4 * middle_s)
    inside = np.abs(4 * middle_s - np.round(4 * middle_s)) > 0.02
    happy, sad = (lane.probabilities[:, list(Emotion).index(e)] for e in (Emotion.HAPPY, Emotion.SAD))
    np.testing.assert_allclose(happy[inside & (quarter < 2)], 0.7)
    assert np.isnan(happy[inside & (quarter == 2)]).all()
    np.testing.assert_allclose(sad[inside & (quarter == 3)], 0.7)


def test_of_many_faces_the_ones_seen_most_are_kept() -> None:
    timeline = Timeline()
    for look in range(300):
        timeline.add(look / 10, [face(1, Emotion.HAPPY), face(2 + look, Emotion.FEAR)])
    lanes = timeline.lanes(at_most=99)
    assert len(lanes) == MAX_TRACKS
    assert (lanes[0].track, lanes[0].share) == (1, pytest.approx(1))
    assert timeline.count == 301


def test_a_timeline_is_plotted(tmp_path: Path) -> None:
    from mien.cli.faces.timeline_plot import save_timeline

    timeline = Timeline()
    for look in range(60):
        mine = [] if 20 <= look < 30 else [face(1, list(Emotion)[look // 9], valence=np.sin(look / 9))]
        timeline.add(look / 2, [*mine, *([face(2, Emotion.NEUTRAL)] if look > 40 else [])])
    save_timeline(tmp_path / "film.png", timeline, title="film.mp4")
    with Image.open(tmp_path / "film.png") as picture:
        assert picture.format == "PNG"
        colours = {colour for _, colour in picture.convert("RGB").getcolors(1 << 20) or []}
    page = {(0xD5, 0x5E, 0), (0, 0x9E, 0x73), (0xCC, 0x79, 0xA7), (0xE6, 0x9F, 0), (0, 0x72, 0xB2), (0x56, 0xB4, 0xE9)}
    assert page <= colours, "the expressions have the page's colours"


def test_without_a_face_there_is_nothing_to_plot(tmp_path: Path) -> None:
    from mien.cli.faces.timeline_plot import save_timeline

    timeline = Timeline()
    timeline.add(0.0, [])
    with pytest.raises(ImageError, match="no face was seen"):
        save_timeline(tmp_path / "film.png", timeline, title="wall.mp4")


def test_a_plot_without_matplotlib_is_refused_before_the_work(mien, tmp_path: Path, monkeypatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result = mien("faces", "--plot", tmp_path / "film.png", tmp_path / "missing.mp4")
    assert result.exit_code == 1
    assert result.stderr == "Error: Plots need matplotlib, which is not installed; run: pip install 'mien[plots]'\n"


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_a_resumed_plot_equals_an_uninterrupted_one_without_other_videos(
    mien, film: Callable[..., Path], tmp_path: Path, suffix: str
) -> None:
    rows, path = tmp_path / f"rows.{suffix}", film("face.mp4", frames=40, empty=range(10, 20))
    other, wall = film("other.mp4", frames=20), film("wall.mp4", frames=20, empty=range(20))
    assert mien("faces", "--out", rows, "--plot", tmp_path / "whole.png", path).exit_code == 0
    whole = drawn(tmp_path / "whole.png")
    rows.write_bytes(rows.read_bytes()[: rows.stat().st_size // 2])
    assert mien("faces", "--out", rows, "--resume", other).exit_code == 0
    for name in ("stopped.png", "complete.png"):
        result = mien("faces", "--out", rows, "--resume", "--plot", tmp_path / name, path)
        assert (result.exit_code, result.stderr) == (0, f"{tmp_path / name} shows the expressions over time.\n")
        different = np.abs(drawn(tmp_path / name) - whole).max(axis=2) > 32
        # Where it was gone on, a face is found anew and may be read a little differently.
        assert different.mean() < 0.01, name
    nothing = mien("faces", "--out", rows, "--resume", "--plot", tmp_path / "wall.png", wall)
    assert nothing.exit_code == 1
    assert nothing.stderr == f"{wall}: There is nothing to plot: no face was seen in the video.\n"
    assert not (tmp_path / "wall.png").exists()


def drawn(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"), dtype=np.int16)


def test_a_plot_that_cannot_be_written_is_refused_before_the_work(mien, tmp_path: Path) -> None:
    (tmp_path / "old.png").write_bytes(b"kept until there is a new one")
    before = (tmp_path / "old.png").stat()
    for name, status in (("old.png", 1), ("new.png", 1), ("x" * 300 + ".png", 2)):
        rows = tmp_path / "rows.csv"
        result = mien("faces", "--out", rows, "--plot", tmp_path / name, tmp_path / "missing.mp4")
        assert result.exit_code == status, name
        assert rows.exists() == (status == 1)
        assert not (tmp_path / "new.png").exists()
        rows.unlink(missing_ok=True)
    assert f"{tmp_path / name} cannot be written (File name too long)." in result.stderr
    after = (tmp_path / "old.png").stat()
    assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
