"""The report of a network with known scores; PrivateTest is scored only on request."""

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mien.face.align import align
from mien.face.reader import FaceReader
from tests.training.networks import write_network
from training import report
from training.network import Network


@pytest.fixture
def network(tmp_path: Path) -> Path:
    return write_network(tmp_path / "brightness.onnx")


def plain(label: int, shift: int = 0) -> NDArray[np.uint8]:
    """A uniform crop that the network classifies as ``label``."""
    return np.full((48, 48), round(255 * (label + 0.5) / 7) + shift, np.uint8)


@pytest.fixture(scope="module")
def face(smiling_person: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A real crop, gray uint8 [48, 48]."""
    (reading, *_) = FaceReader(threads=1).read(smiling_person)
    return align(smiling_person, reading.face.landmarks)


@pytest.fixture
def fer2013(tmp_path: Path, face: NDArray[np.uint8]) -> Path:
    """Ten rows with FER+'s votes: three of Training, five of PublicTest, two of PrivateTest.

    The network classifies four rows of PublicTest correctly. The incorrect one is a real face, the only one that can be
    detected in a frame. The last row is also in Training.
    """
    predicted = int(face.mean() / 255 * 7)
    public = [(0, plain(0)), (1, plain(1)), (6, plain(6)), ((predicted + 1) % 7, face), (2, plain(2))]
    private = [(0, plain(3)), (0, plain(4))]
    training = [(2, plain(2)), (3, plain(3, shift=1)), (4, plain(4, shift=1))]
    rows = [("Training", row) for row in training] + [("PublicTest", row) for row in public]
    rows += [("PrivateTest", row) for row in private]
    path = tmp_path / "fer2013.csv"
    lines = [f"{label},{' '.join(map(str, crop.ravel()))},{usage}" for usage, (label, crop) in rows]
    path.write_text("\n".join(["emotion,pixels,Usage", *lines]))
    # The first three rows of PublicTest have the gray eighths 0, 1 and 7; two of these match the votes.
    none = "4,4,0,0,0,0,0,0,0,0"
    votes = [none] * 3 + ["9,0,0,0,0,0,0,0,0,1", "0,2,0,8,0,0,0,0,0,0", "0,0,0,0,0,0,0,10,0,0", none, none] + [none] * 2
    header = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
    (tmp_path / "fer2013new.csv").write_text("\n".join([header, *(f"x,fer.png,{row}" for row in votes)]))
    return path


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """A function that runs ``python -m training.report`` in this process and returns its stdout."""

    def run(*arguments: object) -> str:
        monkeypatch.setattr(sys, "argv", ["report", "--threads", "1", *map(str, arguments)])
        report.main()
        return capsys.readouterr().out

    return run


def cells(table: str, measure: str) -> list[str]:
    """The cells of a row of a Markdown table."""
    (row,) = [line for line in table.splitlines() if line.startswith(f"| {measure} |")]
    return [cell.strip() for cell in row.strip("|").split("|")][1:]


def test_report_prints_each_figure_with_its_command(run, fer2013: Path, network: Path, tmp_path: Path) -> None:
    shown = run("--data", fer2013, "--network", network, "--json", tmp_path / "figures.json")
    assert "by-brightness, 0.00 M parameters; 5 rows of PublicTest" in shown
    assert "PrivateTest" not in shown
    assert cells(shown, "accuracy") == ["80.00 %", "`mien evaluate --crops`"]
    assert cells(shown, "accuracy, mean of mirror images") == ["80.00 %", "`mien evaluate --crops --mirror`"]
    without = "accuracy without the rows whose picture stands in Training"
    assert cells(shown, without) == ["75.00 % (4 rows)", "`make train-report`"]
    assert cells(shown, "FER+, label of the majority") == ["66.67 % (3 rows)", "`make train-report`"]
    assert cells(shown, "face found in a frame of 640x480") == ["20.00 %", "`mien evaluate --framed`"]
    assert cells(shown, "accuracy of those rows as crops")[0] == "0.00 %"
    figures = json.loads((tmp_path / "figures.json").read_text())["PublicTest"]
    assert figures["accuracy"] == pytest.approx(0.8)
    assert figures["ferplus"] == figures["ferplus_mirror"] == pytest.approx(2 / 3)
    assert figures["framed_points_lost"] == pytest.approx(-100 * figures["framed_accuracy"])
    corrupted = [value for key, value in figures.items() if re.fullmatch(r"corrupted_(?!mean|points).*", key)]
    assert len(corrupted) == 6
    assert figures["corrupted_mean"] == pytest.approx(np.mean(corrupted))
    assert figures["corrupted_points_lost"] == pytest.approx(100 * (0.8 - figures["corrupted_mean"]))
    # Uniform crops keep their gray when resized; in low light they are darker, and only black is classified correctly.
    assert figures["size_12_px"] == pytest.approx(0.8)
    assert figures["corrupted_low_light"] < 0.5
    assert figures["forward_ms"] > 0
    # Uniform crops have no contrast, so the strong third has only the incorrect row, the face.
    assert (figures["contrast_flat"], figures["contrast_medium"], figures["contrast_strong"]) == (1, None, 0)


def test_private_test_is_scored_with_final_only(run, fer2013: Path, network: Path) -> None:
    shown = run("--data", fer2013, "--network", network, "--final")
    assert "2 rows of PrivateTest" in shown
    public, private, _ = cells(shown, "accuracy")
    assert (public, private) == ("80.00 %", "0.00 %")
    assert cells(shown, "FER+, label of the majority")[1] == "not known"
    assert cells(shown, "face found in a frame of 640x480")[1] == "0.00 %"
    assert cells(shown, "points lost behind the detector")[1] == ""


def test_report_without_votes(run, fer2013: Path, tmp_path: Path) -> None:
    # A network without the votes output, then data without FER+'s file.
    without_votes = write_network(tmp_path / "without-votes.onnx", votes=False)
    assert cells(run("--data", fer2013, "--network", without_votes), "FER+, label of the majority")[0] == "not known"
    fer2013.with_name("fer2013new.csv").unlink()
    with_votes = write_network(tmp_path / "with-votes.onnx")
    shown = run("--data", fer2013, "--network", with_votes)
    assert cells(shown, "FER+, label of the majority")[0] == "not known"
    assert cells(shown, "accuracy")[0] == "80.00 %"


def test_seeds_report_has_mean_and_spread(run, fer2013: Path, network: Path, tmp_path: Path) -> None:
    # The second network predicts the next class for each gray: at most the brightest row is correct.
    other = write_network(tmp_path / "other.onnx", offset=1 / 7)
    first, second = (
        np.mean(Network(path).labels(crops).argmax(axis=1) == labels)
        for path in (network, other)
        for crops, labels in [public_rows(fer2013)]
    )
    shown = run("--data", fer2013, "--seeds", network, other, "--json", tmp_path / "seeds.json")
    spread = 100 * abs(first - second) / np.sqrt(2)
    middle = 50 * (first + second)
    expected = f"{middle:.2f} ± {spread:.2f} % ({100 * first:.2f}, {100 * second:.2f})"
    assert cells(shown, "accuracy") == [expected]
    assert shown.startswith("2 networks, by-brightness, by-brightness: mean")
    assert cells(shown, "accuracy without the rows whose picture stands in Training") != []
    assert cells(shown, "face found in a frame of 640x480") == ["20.00 ± 0.00 % (20.00, 20.00)"]
    for path in (network, other):
        run("--data", fer2013, "--network", path, "--json", path.with_suffix(".alone.json"))
    alone = [json.loads(path.with_suffix(".alone.json").read_text())["PublicTest"] for path in (network, other)]
    for key, measure in (
        ("framed_points_lost", "points lost behind the detector"),
        ("corrupted_points_lost", "points lost under the six corruptions, mean"),
    ):
        points = [of[key] for of in alone]
        spread = f"{np.mean(points):.2f} ± {np.std(points, ddof=1):.2f} ({points[0]:.2f}, {points[1]:.2f})"
        assert cells(shown, measure) == [spread]
    assert [of["accuracy"] for of in json.loads((tmp_path / "seeds.json").read_text())["PublicTest"]] == [first, second]
    assert "PrivateTest" not in shown


def public_rows(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    rows = report.read(path).part("PublicTest")
    return rows.images, rows.labels


def test_plots_for_the_model_card(run, fer2013: Path, network: Path, tmp_path: Path) -> None:
    run("--data", fer2013, "--network", network, "--plots", tmp_path / "images")
    assert sorted(path.name for path in (tmp_path / "images").iterdir()) == [
        "confusion.png", "reliability.png", "risk-coverage.png",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--network", "{home}/none.onnx"], "none.onnx is missing; write both files with"),
        (["--network", "{home}/bare.onnx"], "bare.json is missing"),
        (["--network", "{home}/odd.onnx"], "odd.json is damaged"),
        (["--data", "{home}/none.csv"], "none.csv is missing"),
        (["--seeds", "{home}/odd.onnx"], "2"),
        (["--threads", "0"], "2"),
    ],
)
def test_invalid_arguments_exit_with_a_message(
    run, fer2013: Path, network: Path, tmp_path: Path, arguments: list[str], words: str
) -> None:
    (tmp_path / "bare.onnx").write_bytes(network.read_bytes())
    (tmp_path / "odd.onnx").write_bytes(network.read_bytes())
    (tmp_path / "odd.json").write_text('{"name": "odd"}')
    with pytest.raises(SystemExit) as left:
        run("--data", fer2013, "--network", network, *(word.format(home=tmp_path) for word in arguments))
    assert words in str(left.value)


def test_batching_and_mirroring_do_not_change_probabilities(network: Path) -> None:
    opened = Network(network, threads=1)
    crops = np.random.default_rng(2).integers(0, 256, (300, 48, 48), np.uint8)
    crops[::2] //= 3
    together = opened.labels(crops)
    assert together.sum(axis=1) == pytest.approx(np.ones(300))
    assert together[280:281] == pytest.approx(opened.labels(crops[280:281]), abs=1e-4)
    assert opened.labels(crops, mirror=True) == pytest.approx(together, abs=1e-3)
    assert opened.votes(crops).shape == (300, 8)
