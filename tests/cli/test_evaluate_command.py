"""``mien evaluate`` with the real network on real and made pictures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mien.types import Emotion


@pytest.fixture
def labelled(tmp_path: Path, smiling_person: NDArray[np.uint8]) -> Path:
    """Four photographs: two happy ones labelled so, one labelled sad, one of a wall."""
    folder = tmp_path / "labelled"
    wall = np.full((200, 200, 3), 127, np.uint8)
    pictures = {"happy/a": smiling_person, "Happy/b": smiling_person[:, ::-1], "sad/c": smiling_person, "sad/d": wall}
    for name, picture in pictures.items():
        path = folder / f"{name.lower()}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(path)
    return folder


def test_behind_the_detector(mien, labelled: Path) -> None:
    result = mien("evaluate", "--json", labelled)
    assert result.exit_code == 0
    figures = json.loads(result.stdout)
    assert (figures["n"], figures["found"], figures["share_found"]) == (4, 3, 0.75)
    assert figures["accuracy"] == pytest.approx(2 / 3, abs=1e-4)
    assert figures["accuracy_over_all"] == pytest.approx(2 / 4, abs=1e-4)
    # Happy: TP 2, FP 1 -> 4/5; sad: FN 1 -> 0.
    assert figures["macro_f1"] == pytest.approx(0.4, abs=1e-4)
    assert figures["expressions"] == [str(emotion) for emotion in Emotion]
    happy, sad = (figures["expressions"].index(name) for name in ("happy", "sad"))
    assert figures["confusion"][happy][happy] == 2
    assert figures["confusion"][sad][happy] == 1
    assert np.sum(figures["confusion"]) == 3
    assert 0 <= figures["ece"] <= 1
    assert figures["ms_a_picture"] > 0


def test_crops_leave_the_detector_out(mien, labelled: Path) -> None:
    figures = json.loads(mien("evaluate", "--crops", "--json", labelled).stdout)
    assert (figures["n"], figures["found"], figures["crops"]) == (4, 4, True)


def test_mirror_is_the_mean_of_both_sides(mien, tmp_path: Path) -> None:
    # A lopsided crop and its mirror image: alone they differ, under --mirror they cannot.
    crop = np.random.default_rng(3).integers(0, 255, (48, 48), np.uint8)
    confusions = {}
    for name, picture in (("as it is", crop), ("mirrored", crop[:, ::-1])):
        folder = tmp_path / name
        (folder / "fear").mkdir(parents=True)
        Image.fromarray(picture).save(folder / "fear" / "crop.png")
        figures = json.loads(mien("evaluate", "--crops", "--mirror", "--json", folder).stdout)
        assert figures["mirror"] is True
        confusions[name] = (figures["confusion"], figures["ece"])
    assert confusions["as it is"] == confusions["mirrored"]


def test_a_report_for_people(mien, labelled: Path) -> None:
    shown = mien("evaluate", labelled).stdout
    for words in (
        "pictures      4",
        "face found    75.0% (3)",
        "accuracy      66.67%",
        "over all    50.00%",
        "ms a picture",
    ):
        assert words in shown
    (happy,) = [line for line in shown.splitlines() if line.startswith("happy ")]
    assert happy.split()[-1] == "100%"


def test_an_unknown_folder_gets_the_seven_names(mien, labelled: Path) -> None:
    (labelled / "joy").mkdir()
    result = mien("evaluate", labelled)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "“joy”" in result.stderr
    assert "angry, disgust, fear, happy, sad, surprise, neutral" in result.stderr


def test_no_pictures_at_all(mien, tmp_path: Path) -> None:
    result = mien("evaluate", tmp_path)
    assert result.exit_code == 1
    assert "holds no labelled pictures" in result.stderr
    assert "surprise" in result.stderr


def test_no_face_anywhere_points_to_crops(mien, tmp_path: Path) -> None:
    (tmp_path / "sad").mkdir()
    Image.new("RGB", (60, 60)).save(tmp_path / "sad" / "dark.png")
    result = mien("evaluate", tmp_path)
    assert result.exit_code == 1
    assert "add --crops" in result.stderr


def test_a_broken_picture_is_named_and_left_out(mien, labelled: Path) -> None:
    (labelled / "sad" / "broken.jpg").write_text("Dear all")
    result = mien("evaluate", "--json", labelled)
    assert result.exit_code == 1
    assert "broken.jpg" in result.stderr
    assert json.loads(result.stdout)["n"] == 4
