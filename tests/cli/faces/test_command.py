"""``mien faces`` on a real photograph, a video of it, and files that are neither."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from benchmarks.stand_in import make_stand_in
from mien.types import Emotion

FEX_FACE_BOX = ("FaceRectX", "FaceRectY", "FaceRectWidth", "FaceRectHeight", "FaceScore")
FEX_EMOTIONS = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")


@pytest.fixture
def video(tmp_path: Path, smiling_person: NDArray[np.uint8]) -> Path:
    """Two seconds at ten frames a second: a smiling person in the first, a gray wall in the second."""
    path = tmp_path / "clip.mp4"
    wall = np.full_like(smiling_person, 120)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=Fraction(10))
        stream.width, stream.height, stream.pix_fmt = 512, 512, "yuv420p"
        stream.bit_rate = 4_000_000
        for index in range(20):
            frame = av.VideoFrame.from_ndarray(smiling_person if index < 10 else wall, format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_smiling_person_is_happy(mien, photo: Path) -> None:
    result = mien("faces", photo)
    assert result.exit_code == 0
    header, _, row = result.stdout.splitlines()
    assert header.split() == ["File", "Time", "Face", "Expression", "Valence", "Arousal", "Head"]
    assert str(photo) in row
    assert " happy " in row


def test_json_has_exactly_the_promised_shape(mien, photo: Path) -> None:
    (line,) = lines(mien("faces", "--json", photo).stdout)
    assert list(line) == ["path", "time_s", "faces"]
    assert line["path"] == str(photo)
    assert line["time_s"] is None
    (face,) = line["faces"]
    keys = ["track", "box", "expression", "probabilities", "valence", "arousal", "confident", "motion"]
    assert list(face) == [*keys, "quality", "head_pose", "gaze"]
    assert face["quality"] > 0.9
    assert list(face["head_pose"]) == ["yaw_deg", "pitch_deg", "roll_deg"]
    assert max(map(abs, face["head_pose"].values())) < 10
    assert list(face["gaze"]) == ["horizontal_deg", "vertical_deg", "looking_at_screen"]
    assert face["track"] is None
    assert face["motion"] is None
    assert face["expression"] == "happy"
    assert face["confident"] is True
    assert list(face["probabilities"]) == [str(emotion) for emotion in Emotion]
    assert sum(face["probabilities"].values()) == pytest.approx(1, abs=0.001)
    assert face["valence"] > 0.4
    x, y, width, height = face["box"]
    # The astronaut's face lies about (225, 120) in the picture of 512 by 512.
    assert x < 225 < x + width
    assert y < 120 < y + height


def test_action_units_come_in_the_columns_of_py_feat(mien, photo: Path, empty_photo: Path) -> None:
    result = mien("faces", "--csv", "--action-units", photo, empty_photo)
    assert result.exit_code == 0
    smiling, wall = csv.DictReader(io.StringIO(result.stdout))
    assert list(smiling)[:8] == [*FEX_FACE_BOX, "Pitch", "Roll", "Yaw"]
    units = {name: value for name, value in smiling.items() if name.startswith("AU")}
    assert len(units) == 20
    assert float(units["AU12"]) > 0.3 > float(units["AU04"])
    assert (units["AU11"], units["AU23"], units["AU25"]) == ("", "", "")
    assert float(smiling["happiness"]) > 0.5
    assert sum(float(smiling[name]) for name in FEX_EMOTIONS) == pytest.approx(1, abs=0.001)
    assert all(abs(float(smiling[name])) < np.radians(10) for name in ("Pitch", "Roll", "Yaw"))
    assert float(smiling["gaze_angle"]) >= abs(float(smiling["gaze_yaw"])) - 1e-4
    assert (smiling["input"], smiling["frame"]) == (str(photo), "0")
    assert wall["input"] == str(empty_photo)
    assert not any(wall[name] for name in set(wall) - {"input", "frame"})
    assert not {"valence", "arousal"} & set(smiling), "py-feat takes a file with these for one of its second detector"


def test_action_units_are_columns_of_csv_only(mien, photo: Path) -> None:
    for options in ([], ["--json"]):
        result = mien("faces", "--action-units", *options, photo)
        assert result.exit_code == 2
        assert "--csv" in result.stderr


def test_csv_is_a_row_a_face_under_a_header(mien, photo: Path, empty_photo: Path) -> None:
    result = mien("faces", "--csv", photo, empty_photo)
    smiling, wall = csv.DictReader(io.StringIO(result.stdout))
    assert smiling["expression"] == "happy"
    assert smiling["time_s"] == ""
    assert smiling["confident"] == "true"
    assert float(smiling["happy"]) > 0.5
    assert wall["path"] == str(empty_photo)
    assert set(wall.values()) == {str(empty_photo), ""}


def test_no_face_is_a_result(mien, empty_photo: Path) -> None:
    assert lines(mien("faces", "--json", empty_photo).stdout) == [
        {"path": str(empty_photo), "time_s": None, "faces": []}
    ]
    result = mien("faces", empty_photo)
    assert result.exit_code == 0
    assert "no face" in result.stdout


def test_unreadable_files_are_reported_and_the_others_are_read(mien, photo: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.jpg").write_text("Dear all")
    (tmp_path / "half.jpg").write_bytes(photo.read_bytes()[:200])
    (tmp_path / "empty.png").touch()
    (tmp_path / "noise.mp4").write_bytes(b"no video" * 99)
    bad = [tmp_path / name for name in ("letter.jpg", "half.jpg", "empty.png", "noise.mp4", "missing.jpg")]
    result = mien("faces", "--json", *bad, photo)
    assert result.exit_code == 1
    assert [line["path"] for line in lines(result.stdout)] == [str(photo)]
    complaints = result.stderr.splitlines()
    assert len(complaints) == len(bad)
    for path, complaint in zip(bad, complaints, strict=True):
        assert complaint.startswith(str(path))
        assert complaint.count(path.name) == 1


def test_a_jpeg_without_its_end_is_read_with_a_note(mien, photo: Path, tmp_path: Path) -> None:
    data = photo.read_bytes()
    (tmp_path / "cut.jpg").write_bytes(data[: int(len(data) * 0.9)])
    result = mien("faces", "--json", tmp_path / "cut.jpg")
    assert result.exit_code == 0
    (found,) = lines(result.stdout)
    assert [face["expression"] for face in found["faces"]] == ["happy"]
    assert result.stderr.splitlines() == [
        f"{tmp_path / 'cut.jpg'} is cut off; it was read as far as it goes. Copy it again from the original."
    ]


def test_heic_pictures_in_a_folder_are_read(mien, photo: Path, tmp_path: Path) -> None:
    pillow_heif = pytest.importorskip("pillow_heif", reason="pillow-heif, which makes HEIC, is not installed")
    (tmp_path / "phone").mkdir()
    with Image.open(photo) as picture:
        pillow_heif.from_pillow(picture.convert("RGB")).save(tmp_path / "phone" / "IMG_1.HEIC", quality=90)
    result = mien("faces", "--json", tmp_path / "phone")
    assert (result.exit_code, result.stderr) == (0, "")
    (found,) = lines(result.stdout)
    assert [face["expression"] for face in found["faces"]] == ["happy"]


def test_folders_are_searched_in_order_without_hidden_files(
    mien, photo: Path, empty_photo: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "holiday"
    for name in ("b.PNG", "a/c.png", ".hidden.png", ".trash/d.png", "notes.txt"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(empty_photo.read_bytes())
    result = mien("faces", "--json", folder)
    assert result.exit_code == 0
    assert [line["path"] for line in lines(result.stdout)] == [str(folder / "b.PNG"), str(folder / "a" / "c.png")]


def test_a_folder_without_pictures_is_reported(mien, tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "program.ts").write_text("const a = 1;")
    result = mien("faces", tmp_path / "bare")
    assert result.exit_code == 1
    assert "bare holds no picture or video that mien can read; name another folder." in result.stderr


def test_a_folder_that_cannot_be_listed_is_reported(barred_command, tmp_path: Path, empty_photo: Path) -> None:
    locked = tmp_path / "album" / "locked"
    locked.mkdir(parents=True)
    (tmp_path / "album" / "a.png").write_bytes(empty_photo.read_bytes())
    locked.chmod(0)
    try:
        result = barred_command("faces", "--json", tmp_path / "album")
    finally:
        locked.chmod(0o700)
    assert result.returncode == 1
    assert "cannot be listed" in result.stderr
    assert len(lines(result.stdout)) == 1


def test_a_video_is_read_at_intervals(mien, video: Path) -> None:
    read = lines(mien("faces", "--json", video).stdout)
    assert [line["time_s"] for line in read] == pytest.approx([0, 0.5, 1.0, 1.5], abs=0.06)
    assert [len(line["faces"]) for line in read] == [1, 1, 0, 0]
    assert read[0]["faces"][0]["expression"] == "happy"
    shown = mien("faces", video).stdout
    assert "0.50 s" in shown
    assert "no face" in shown


def test_every_option_zero_reads_every_frame(mien, video: Path) -> None:
    assert len(lines(mien("faces", "--json", "--every", "0", video).stdout)) == 20
    assert len(lines(mien("faces", "--json", "--every", "1", video).stdout)) == 2


@pytest.mark.parametrize(
    ("suffix", "codec", "form"),
    [
        ("ts", "mpeg2video", "mpegts"),
        ("mts", "mpeg2video", "mpegts"),
        ("M2TS", "mpeg2video", "mpegts"),
        ("3gp", "mpeg4", "3gp"),
        ("wmv", "wmv2", "asf"),
        ("flv", "flv1", "flv"),
        ("vob", "mpeg2video", "vob"),
    ],
)
def test_videos_of_every_format_are_found_in_a_folder(mien, tmp_path: Path, suffix: str, codec: str, form: str) -> None:
    path = tmp_path / f"film.{suffix}"
    with av.open(str(path), "w", format=form) as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 176, 144, "yuv420p"
        for _ in range(25):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.full((144, 176, 3), 90, np.uint8), "rgb24")))
        container.mux(stream.encode())
    (tmp_path / "page.ts").write_text("const answer: number = 42;\n" * 20)
    result = mien("faces", "--json", tmp_path)
    assert (result.exit_code, result.stderr) == (0, "")
    assert [line["path"] for line in lines(result.stdout)] == [str(path)] * 2
    assert [line["time_s"] for line in lines(result.stdout)] == pytest.approx([0, 0.52], abs=0.05)


def test_orientation_is_honoured(mien, smiling_person: NDArray[np.uint8], tmp_path: Path) -> None:
    path = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter clockwise to show it
    Image.fromarray(np.rot90(smiling_person)).save(path, exif=exif, quality=95)
    (line,) = lines(mien("faces", "--json", path).stdout)
    assert line["faces"][0]["expression"] == "happy"


def test_a_missing_network_is_reported_once_and_ends_the_command(
    environment: dict[str, str], repository: Path, photo: Path, tmp_path: Path
) -> None:
    source = shutil.copytree(repository / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    (source / "mien" / "models" / "expression.onnx").unlink()
    result = subprocess.run(
        [sys.executable, "-c", "from mien.cli import main; main()", "faces", photo, photo],
        env=environment | {"PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("expression.onnx") == 1


def test_deepface_with_a_stand_in_network_reads_the_same_face(mien, photo: Path, tmp_path: Path) -> None:
    make_stand_in(tmp_path)
    ours = json.loads(mien("faces", "--json", photo).stdout)
    theirs = json.loads(mien("faces", "--json", "--classifier", "deepface", photo, DEEPFACE_HOME=str(tmp_path)).stdout)
    assert [face["box"] for face in theirs["faces"]] == [face["box"] for face in ours["faces"]]
    assert theirs["faces"][0]["probabilities"] != ours["faces"][0]["probabilities"]
    by_setting = mien("faces", "--json", photo, MIEN_CLASSIFIER="deepface", DEEPFACE_HOME=str(tmp_path))
    assert json.loads(by_setting.stdout) == theirs


def test_an_unknown_classifier_is_refused_with_the_names_of_the_others(mien, photo: Path) -> None:
    result = mien("faces", "--classifier", "oracle", photo)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "“oracle” is not one of deepface, mien." in result.stderr
    result = mien("faces", photo, MIEN_CLASSIFIER="oracle")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Error: There is no classifier called “oracle”; choose one of deepface, mien.\n"
