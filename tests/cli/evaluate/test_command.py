"""``mien evaluate`` with the real network on real and synthetic pictures."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mien.evaluation.framing import framed
from mien.evaluation.metrics import wilson_interval
from mien.face.align import align
from mien.face.reader import FaceReader
from mien.types import Emotion


@pytest.fixture
def labelled(tmp_path: Path, smiling_person: NDArray[np.uint8]) -> Path:
    """Four photographs: two happy ones labelled happy, one labelled sad, and one of a wall."""
    folder = tmp_path / "labelled"
    wall = np.full((200, 200, 3), 127, np.uint8)
    pictures = {"happy/a": smiling_person, "Happy/b": smiling_person[:, ::-1], "sad/c": smiling_person, "sad/d": wall}
    for name, picture in pictures.items():
        path = folder / f"{name.lower()}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(path)
    return folder


@pytest.fixture
def crops(tmp_path: Path, smiling_person: NDArray[np.uint8]) -> Path:
    """Six crops: five of one smile, four of them labelled happy, and one of noise."""
    (reading, *_) = FaceReader(threads=1).read(smiling_person)
    smile = align(smiling_person, reading.face.landmarks).astype(np.float64)
    noise = np.random.default_rng(1).integers(0, 256, (48, 48), np.uint8)
    pictures = {
        "happy/bright": smile,
        "happy/dark": 0.4 * smile,
        "happy/flat": 100 + 0.3 * smile,
        "happy/mirrored": smile[:, ::-1],
        "sad/bright": smile,
        "neutral/noise": noise,
    }
    folder = tmp_path / "crops"
    for name, picture in pictures.items():
        path = folder / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture.astype(np.uint8)).save(path)
    return folder


def test_photos_are_scored_after_face_detection(mien, labelled: Path) -> None:
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
    # 80 % of three rows are three: none can be left open.
    assert figures["accuracy_at_80_coverage"] == figures["accuracy"]
    assert not {"framed", "corruptions", "sizes", "groups"} & set(figures), "nobody asked for those"
    assert figures["ms_a_picture"] > 0


def test_crops_skip_face_detection(mien, labelled: Path) -> None:
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
        "80% coverage  66.67% accuracy without the least confident fifth",
        "ms per picture",
    ):
        assert words in shown
    (happy,) = [line for line in shown.splitlines() if line.startswith("happy ")]
    assert happy.split()[-1] == "100%"


def test_an_unknown_folder_name_is_refused_with_the_seven_names(mien, labelled: Path) -> None:
    (labelled / "joy").mkdir()
    result = mien("evaluate", labelled)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "“joy”" in result.stderr
    assert "angry, disgust, fear, happy, sad, surprise, neutral" in result.stderr


def test_a_folder_without_pictures_is_refused(mien, tmp_path: Path) -> None:
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


def test_an_unreadable_picture_is_reported_and_left_out(mien, labelled: Path) -> None:
    (labelled / "sad" / "broken.jpg").write_text("Dear all")
    result = mien("evaluate", "--json", labelled)
    assert result.exit_code == 1
    assert "broken.jpg" in result.stderr
    assert json.loads(result.stdout)["n"] == 4


def test_framed_reads_each_crop_twice(mien, crops: Path) -> None:
    figures = json.loads(mien("evaluate", "--framed", "--json", crops).stdout)
    reader = FaceReader(threads=1)
    right, as_crop = [], {"happy": 1, "sad": 0, "neutral": 0}
    for path in crops.glob("*/*.png"):
        readings = reader.read(framed(np.asarray(Image.open(path))))
        if readings:
            right.append((readings[0].expression.top == path.parent.name, as_crop[path.parent.name]))
    behind = figures["framed"]
    assert 1 <= behind["found"] == len(right) <= 5, "noise is no face"
    assert behind["share_found"] == pytest.approx(len(right) / 6, abs=1e-4)
    assert behind["accuracy_framed"] == pytest.approx(np.mean([framed for framed, _ in right]), abs=1e-4)
    assert behind["accuracy_as_crops"] == pytest.approx(np.mean([crop for _, crop in right]), abs=1e-4)
    lost = 100 * (behind["accuracy_as_crops"] - behind["accuracy_framed"])
    assert behind["points_lost"] == pytest.approx(lost, abs=0.02)
    # The other figures are those of the crops as they stand.
    plain = json.loads(mien("evaluate", "--crops", "--json", crops).stdout)
    assert {name: figures[name] for name in plain if name != "ms_a_picture"} == {
        name: value for name, value in plain.items() if name != "ms_a_picture"
    }
    shown = mien("evaluate", "--framed", crops).stdout
    assert f"framed        face found in {len(right) / 6:.1%} ({len(right)})" in shown
    assert "points lost" in shown


def test_framed_without_a_face_has_no_accuracy(mien, tmp_path: Path) -> None:
    (tmp_path / "sad").mkdir()
    Image.new("L", (48, 48), 90).save(tmp_path / "sad" / "plain.png")
    figures = json.loads(mien("evaluate", "--framed", "--json", tmp_path).stdout)
    assert figures["framed"] == {
        "found": 0, "share_found": 0.0, "accuracy_as_crops": None, "accuracy_framed": None, "points_lost": None,
    }  # fmt: skip
    assert "face found in 0.0% (0)" in mien("evaluate", "--framed", tmp_path).stdout


def test_corruptions_are_six_and_the_same_each_time(mien, crops: Path) -> None:
    alone = json.loads(mien("evaluate", "--crops", "--corruptions", "--json", crops).stdout)
    spoilt = alone["corruptions"]
    names = ["blur", "noise", "low light", "JPEG", "low resolution", "occlusion"]
    assert (spoilt["severity"], list(spoilt["accuracy"])) == (3, names)
    assert spoilt["mean"] == pytest.approx(np.mean(list(spoilt["accuracy"].values())), abs=1e-4)
    assert spoilt["points_lost"] == pytest.approx(100 * (alone["accuracy"] - spoilt["mean"]), abs=0.02)
    with_more = json.loads(mien("evaluate", "--crops", "--corruptions", "--by", "size", "--json", crops).stdout)
    assert with_more["corruptions"] == spoilt
    shown = mien("evaluate", "--crops", "--corruptions", crops).stdout
    assert "corrupted, severity 3" in shown
    (mean,) = [line for line in shown.splitlines() if line.startswith("mean ")]
    assert f"{spoilt['mean']:.2%}"[:4] in mean


def test_sizes_and_lighting_of_crops(mien, crops: Path) -> None:
    arguments = ("evaluate", "--crops", "--by", "size", "--by", "lighting", crops)
    figures = json.loads(mien(*arguments, "--json").stdout)
    assert [size["side_px"] for size in figures["sizes"]] == [48, 32, 24, 16, 12]
    assert figures["sizes"][0]["accuracy"] == figures["accuracy"]
    by_column: dict[str, list[dict[str, object]]] = {}
    for group in figures["groups"]:
        by_column.setdefault(group["column"], []).append(group)
    assert list(by_column) == ["brightness", "contrast"]
    for groups in by_column.values():
        assert sum(group["n"] for group in groups) == 6
    assert by_column["brightness"][0]["group"].startswith("dark (")
    assert by_column["contrast"][-1]["group"].startswith("strong (")
    shown = mien(*arguments).stdout
    assert "12 px" in shown
    assert "strong (" in shown
    assert "face found" not in shown, "crops hold nothing to find"


def test_identical_crops_are_in_one_third(mien, tmp_path: Path) -> None:
    (tmp_path / "sad").mkdir()
    for name in "abc":
        Image.new("L", (48, 48), 90).save(tmp_path / "sad" / f"{name}.png")
    figures = json.loads(mien("evaluate", "--crops", "--by", "lighting", "--json", tmp_path).stdout)
    assert [group["n"] for group in figures["groups"]] == [3, 3]


@pytest.mark.parametrize("options", [("--corruptions",), ("--by", "size"), ("--by", "lighting")])
def test_options_for_crops_need_crops(mien, labelled: Path, options: tuple[str, ...]) -> None:
    result = mien("evaluate", *options, labelled)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "add --crops" in result.stderr


def test_groups_are_scored_separately(mien, labelled: Path, tmp_path: Path) -> None:
    table = tmp_path / "groups.csv"
    # As Excel writes it: a mark in front, empty cells, an empty line at the end; d shows no face, c is in one group.
    table.write_text(
        "path,age,room\nhappy/a.png,9,bath\nhappy/b.png,10,\nsad/c.png,10,\nsad/d.png,,hall\n,,\n", "utf-8-sig"
    )
    result = mien("evaluate", "--groups", table, "--json", labelled)
    groups = {(group["column"], group["group"]): group for group in json.loads(result.stdout)["groups"]}
    assert list(groups) == [("age", "9"), ("age", "10"), ("room", "bath"), ("room", "hall")]
    ten = groups["age", "10"]
    assert (ten["n"], ten["found"], ten["share_found"], ten["accuracy"]) == (2, 2, 1, 0.5)
    assert ten["accuracy_95"] == pytest.approx(wilson_interval(1, 2), abs=1e-4)
    assert ten["macro_f1"] == pytest.approx((2 / 3 + 0) / 2, abs=1e-4)
    hall = groups["room", "hall"]
    assert (hall["n"], hall["found"], hall["accuracy"], hall["accuracy_95"]) == (1, 0, None, None)
    shown = mien("evaluate", "--groups", table, labelled).stdout
    (line,) = [line for line in shown.splitlines() if line.startswith("10 ")]
    assert line.split()[:6] == ["10", "2", "100.0%", "50.00%", "9.5%", "to"]
    (line,) = [line for line in shown.splitlines() if line.startswith("hall ")]
    assert line.split() == ["hall", "1", "0.0%"]


VOTES = "path,angry,disgust,fear,happy,sad,surprise,neutral\n"


def test_pictures_on_which_people_agree_are_scored_as_on_an_ordinary_day(mien, labelled: Path, tmp_path: Path) -> None:
    table = tmp_path / "votes.csv"
    rows = (
        "happy/a.png,0,0,0,9,0,0,1",
        "happy/b.png,0,0,0,7,0,0,2",
        "sad/c.png,0,0,0,0,3,3,3",
        "sad/d.png,0,0,0,0,9,0,0",
    )
    table.write_text(VOTES + "\n".join(rows) + "\n")
    figures = json.loads(mien("evaluate", "--prior", "everyday", "--votes", table, "--json", labelled).stdout)
    assert figures["prior"] == "everyday"
    eight, six = figures["everyday"]
    # d shows no face, and nobody agrees about c.
    assert (eight["agreement"], eight["n"], eight["accuracy"]) == (8, 1, 1)
    assert (six["agreement"], six["n"], six["accuracy"]) == (6, 2, 1)
    assert (eight["recall"]["happy"], eight["recall"]["sad"]) == (1, None)
    shown = mien("evaluate", "--votes", table, labelled).stdout
    assert "at least 8 of 10" in shown
    assert any(line.split() == ["prior", "fer2013"] for line in shown.splitlines())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("path,happy\nhappy/a.png,9\n", "has no column angry, disgust, fear, sad, surprise, neutral; add one for each"),
        (VOTES + "happy/a.png,0,0,0,9,0,0,many\n", "has votes for a.png that are not 10 or fewer in whole numbers"),
        (VOTES + "happy/a.png,0,0,0,9,0,9,9\n", "has votes for a.png that are not 10 or fewer"),
        (VOTES + "happy/a.png,0,0,0,-9,0,0,0\n", "has votes for a.png that are not 10 or fewer"),
    ],
)
def test_an_invalid_table_of_votes_is_refused(mien, labelled: Path, tmp_path: Path, text: str, words: str) -> None:
    table = tmp_path / "votes.csv"
    table.write_text(text)
    result = mien("evaluate", "--votes", table, labelled)
    assert (result.exit_code, result.stdout) == (1, "")
    assert words in result.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no header; begin it with path"),
        ("file,age\nhappy/a.png,9\n", "has no header; begin it with path"),
        ("path;age\nhappy/a.png;9\n", "separated by commas"),
        ("path\nhappy/a.png\n", "path and one or more columns"),
        ("path,age,age\nhappy/a.png,9,9\n", "has no header; begin it with path"),
        ("path,age\nhappy/a.png\n", "has 1 cells in line 2; give it 2"),
        ("path,age\n\nhappy/z.png,9\n", "names “happy/z.png” in line 3, which is not a labelled picture"),
        ("path,age\n../../etc/passwd,9\n", "which is not a labelled picture"),
        ("path,age\nhappy/a.png,9\nhappy/./a.png,10\n", "for the second time"),
        ('path,age\n"happy/a.png,9\n', "not a table of comma-separated values"),
        ("path,age\nhappy/a.png,\udcff\n", "not a table of comma-separated values in UTF-8"),
    ],
)
def test_an_invalid_table_of_groups_is_refused(mien, labelled: Path, tmp_path: Path, text: str, words: str) -> None:
    table = tmp_path / "groups.csv"
    table.write_bytes(text.encode("utf-8", "surrogateescape"))
    result = mien("evaluate", "--groups", table, labelled)
    assert (result.exit_code, result.stdout) == (1, "")
    assert words in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_names_of_groups_cannot_move_the_cursor(mien, labelled: Path, tmp_path: Path) -> None:
    table = tmp_path / "groups.csv"
    table.write_text("path,age\nhappy/a.png,\x1b[2Jold\n")
    assert "\\x1b[2Jold" in mien("evaluate", "--groups", table, labelled).stdout


def test_a_plot_is_written_after_the_figures(mien, labelled: Path, tmp_path: Path) -> None:
    path = tmp_path / "figures.PNG"
    result = mien("evaluate", "--plot", path, "--json", labelled)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["n"] == 4
    assert str(path) in result.stderr
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        assert picture.width > 2 * picture.height


def test_a_plot_that_cannot_be_written_is_refused_before_the_work(mien, labelled: Path, tmp_path: Path) -> None:
    for path, words in ((tmp_path / "a.pdf", "does not end in .png"), (tmp_path / "no" / "a.png", "does not exist")):
        result = mien("evaluate", "--plot", path, labelled)
        assert (result.exit_code, result.stdout) == (2, "")
        assert words in result.stderr


def test_a_plot_without_matplotlib_says_what_to_install(
    mien, labelled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)  # which Python takes for: it is not installed
    result = mien("evaluate", "--plot", tmp_path / "a.png", labelled)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "pip install 'mien[plots]'" in result.stderr
    assert not (tmp_path / "a.png").exists()
