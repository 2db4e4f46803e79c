"""Reading pictures: a real person, tilted, dark, small, twice, cut in half, and none."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from mien.capture.photo import read_photo
from mien.evaluation.framing import framed
from mien.face.detect import Detector
from mien.face.reader import FaceReader
from mien.mood.prior import Prior
from mien.types import Emotion, Expression, Image
from tests.face.pictures import darkened, placed, turned


class ShyClassifier:
    """Always neutral, and records its input."""

    name = "shy"

    def __init__(self) -> None:
        self.crops: list[NDArray[np.uint8]] = []

    def classify(self, crops: NDArray[np.uint8], *, prior: Prior = Prior.FER2013) -> list[Expression]:
        self.crops.extend(crops)
        certain = {emotion: float(emotion is Emotion.NEUTRAL) for emotion in Emotion}
        return [Expression(certain, confident=False, model=self.name) for _ in crops]


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(threads=2)


def test_a_smiling_person_is_happy(reader: FaceReader, smiling_person: Image) -> None:
    (reading,) = reader.read(smiling_person, time_s=3.5)
    assert reading.expression.top is Emotion.HAPPY
    assert reading.expression.confident
    assert reading.mood.valence > 0.4
    assert reading.mood.time_s == 3.5
    assert reading.face.track_id is None
    assert reading.face.confidence > 0.9
    assert reading.features.motion is None
    box = reading.face.box
    assert abs(box.x + box.width / 2 - 225) < 10
    assert abs(box.y + box.height / 2 - 124) < 12


@pytest.mark.parametrize("angle_deg", [-45, -20, 20, 45])
def test_a_tilted_head_is_as_happy(reader: FaceReader, smiling_person: Image, angle_deg: float) -> None:
    (reading,) = reader.read(turned(smiling_person, angle_deg))
    assert reading.expression.top is Emotion.HAPPY


@pytest.mark.parametrize("brightness", [0.4, 0.15])
def test_low_light_does_not_change_the_expression(reader: FaceReader, smiling_person: Image, brightness: float) -> None:
    (reading,) = reader.read(darkened(smiling_person, brightness))
    assert reading.expression.top is Emotion.HAPPY


@pytest.mark.parametrize("scale", [0.55, 0.75, 1.5, 3.0])
def test_near_and_far_faces_are_read(reader: FaceReader, smiling_person: Image, scale: float) -> None:
    x, y = (320 - 225 * scale, 240 - 124 * scale)
    (reading,) = reader.read(placed(smiling_person, x=x, y=y, scale=scale))
    assert reading.expression.top is Emotion.HAPPY
    assert reading.face.box.width == pytest.approx(91 * scale, rel=0.08)


def test_two_people_are_two_readings_the_nearer_first(reader: FaceReader, smiling_person: Image) -> None:
    near = placed(smiling_person, x=-60, y=0, scale=0.9)
    far = placed(smiling_person, x=340, y=60, scale=0.6)
    picture = np.concatenate([near[:, :320], far[:, 320:]], axis=1)
    readings = reader.read(picture)
    assert [reading.face.box.x < 320 for reading in readings] == [True, False]
    assert readings[0].face.box.area_px > readings[1].face.box.area_px
    assert [reading.expression.top for reading in readings] == [Emotion.HAPPY] * 2


@pytest.mark.parametrize("edge", ["left", "top", "bottom"])
def test_a_face_partly_out_of_the_picture_is_read(reader: FaceReader, smiling_person: Image, edge: str) -> None:
    part = {"left": smiling_person[:, 200:], "top": smiling_person[92:], "bottom": smiling_person[:155]}[edge]
    (reading,) = reader.read(np.ascontiguousarray(part))
    box = reading.face.box
    assert min(box.x, box.y, part.shape[0] - box.y - box.height) < 0


def test_half_a_face_is_read_or_ignored(reader: FaceReader, smiling_person: Image) -> None:
    for left in range(205, 270, 8):
        assert len(reader.read(np.ascontiguousarray(smiling_person[:, left:]))) <= 1


@pytest.mark.parametrize("angle_deg", [0, -15])
def test_a_face_whose_forehead_and_chin_are_cut_off_is_read(
    reader: FaceReader, detector: Detector, smiling_person: Image, angle_deg: float
) -> None:
    """The detector alone is uncertain about FER2013's crops: eyes to mouth, on a plain background."""
    head = turned(smiling_person[4:224, 116:336], angle_deg)
    gray = cv2.cvtColor(head[53:167, 53:167], cv2.COLOR_RGB2GRAY)
    frame = framed(cv2.resize(gray, (48, 48), interpolation=cv2.INTER_AREA).astype(np.uint8))
    assert detector.find(frame) == []
    (reading,) = reader.read(frame)
    assert reading.face.confidence > 0.5
    assert reading.expression.top is Emotion.HAPPY


@pytest.mark.parametrize("name", ["chelsea", "coffee", "rocket", "coins", "brick", "grass", "gravel", "page", "text"])
def test_no_faint_face_is_found_in_cats_cups_and_bricks(reader: FaceReader, name: str) -> None:
    picture = getattr(data, name)()
    image = picture if picture.ndim == 3 else cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB)
    assert reader.read(np.ascontiguousarray(image)) == []


def test_an_empty_room_has_no_readings(reader: FaceReader, empty_room: Image) -> None:
    assert reader.read(empty_room) == []
    assert reader.read(np.zeros((480, 640, 3), dtype=np.uint8)) == []
    assert reader.read(np.full((1, 1, 3), 255, dtype=np.uint8)) == []


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((480, 640), dtype=np.uint8),
        np.zeros((480, 640, 4), dtype=np.uint8),
        np.zeros((480, 640, 3), dtype=np.float32),
        np.zeros((0, 640, 3), dtype=np.uint8),
        "photo.jpg",
    ],
)
def test_a_wrong_array_is_refused(reader: FaceReader, image: Image) -> None:
    with pytest.raises(ValueError, match="an image must"):
        reader.read(image)


@pytest.mark.parametrize("threads", [0, -1])
def test_less_than_one_thread_is_refused(threads: int) -> None:
    with pytest.raises(ValueError, match="at least one thread"):
        FaceReader(threads=threads)


def test_reading_does_not_change_or_keep_the_image(reader: FaceReader, smiling_person: Image) -> None:
    before = smiling_person.copy()
    first = reader.read(smiling_person)[0]
    reader.read(np.zeros((480, 640, 3), dtype=np.uint8))
    again = reader.read(smiling_person)[0]
    np.testing.assert_array_equal(smiling_person, before)
    np.testing.assert_array_equal(first.face.landmarks, again.face.landmarks)
    assert first.expression.probabilities == again.expression.probabilities


def test_a_read_only_mirrored_view_is_read(reader: FaceReader, smiling_person: Image) -> None:
    view = smiling_person[:, ::-1]
    view.flags.writeable = False
    (reading,) = reader.read(view)
    assert abs(reading.face.box.x + reading.face.box.width / 2 - (511 - 225)) < 10


def test_another_classifier_can_be_used(smiling_person: Image) -> None:
    shy = ShyClassifier()
    (reading,) = FaceReader(classifier=shy, threads=1).read(smiling_person)
    assert reading.expression.model == "shy"
    assert reading.mood.valence == 0
    face, mirrored = shy.crops
    np.testing.assert_array_equal(mirrored, face[:, ::-1])
    FaceReader(classifier=shy, threads=1, mirror=False).read(smiling_person)
    assert [crop.shape for crop in shy.crops] == [(48, 48)] * 3


def test_several_threads_share_a_reader(reader: FaceReader, smiling_person: Image, empty_room: Image) -> None:
    pictures = [smiling_person, empty_room, placed(smiling_person), turned(smiling_person, 30)]
    expected = [[reading.face.landmarks for reading in reader.read(picture)] for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(reader.read, pictures * 3))
    for index, readings in enumerate(found):
        for reading, landmarks in zip(readings, expected[index % 4], strict=True):
            np.testing.assert_array_equal(reading.face.landmarks, landmarks)


def test_making_a_reader_loads_nothing() -> None:
    program = """
import sys
import threading
opened = []
sys.addaudithook(lambda event, arguments: opened.append(str(arguments[0])) if event == "open" else None)
from mien.face.reader import FaceReader
FaceReader().follow()
print([name for name in opened if name.endswith((".tflite", ".onnx"))])
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


def test_faces_in_real_photographs_are_found(reader: FaceReader, shared_data: Path) -> None:
    """Photographs of one person have one face; the couples have two, the group four or more, the others none."""
    folder = shared_data / "faces"
    singles = sorted(folder.glob("img*.jpg"))
    assert len(singles) >= 20
    assert [path.name for path in singles if len(reader.read(read_photo(path))) != 1] == []
    for name, count in (("couple.jpg", 2), ("obama_biden.jpg", 2), ("nofaces.jpg", 0)):
        assert len(reader.read(read_photo(folder / name))) == count
    assert 4 <= len(reader.read(read_photo(folder / "selfie-many-people.jpg"))) <= 9


def test_the_face_of_a_photo_has_a_quality(reader: FaceReader, webcam_picture: Image) -> None:
    (good,) = reader.read(webcam_picture)
    (dark,) = reader.read((webcam_picture * 0.12).astype(np.uint8))
    assert good.features.quality is not None
    assert dark.features.quality is not None
    assert good.features.quality.score > 0.8 > dark.features.quality.score
    assert good.features.quality.hint is None


def test_a_closed_reader_has_ended_its_threads_and_can_be_used_again(smiling_person: Image) -> None:
    def workers() -> set[threading.Thread]:
        return {thread for thread in threading.enumerate() if thread.name.startswith("mien-face")} - before

    before = set(threading.enumerate())
    reader = FaceReader(threads=2)
    assert not workers()
    with reader:
        (reading,) = reader.read(smiling_person)
    assert not workers()
    (again,) = reader.read(smiling_person)
    assert again.expression == reading.expression
    reader.close()
    reader.close()
    assert not workers()
