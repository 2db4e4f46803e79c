"""Films of faces that speak, and how they are read: the whole reader on photographs whose mouths move."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from benchmarks.resting import at_desk
from benchmarks.speaking_faces import CHIN, FOREHEAD, FaceWarp, FacialPose, speech
from benchmarks.talking import HELD, SpeakingFace, SpokenReading, judged, report, speaking_faces
from mien.capture.photo import read_photo
from mien.face.features import indices_starting_with
from mien.face.reader import FaceReader
from mien.types import Emotion, Image


@pytest.fixture(scope="module")
def reader() -> FaceReader:
    return FaceReader()


@pytest.fixture(scope="module")
def warp(reader: FaceReader, picture: Image) -> FaceWarp:
    return FaceWarp(picture, reader.read(picture)[0].face.landmarks)


@pytest.fixture(scope="module")
def picture(reader: FaceReader, smiling_person: Image) -> Image:
    return at_desk(reader, smiling_person)


def blendshapes(reader: FaceReader, picture: Image, *names: str) -> float:
    return float(reader.read(picture)[0].features.blendshapes[indices_starting_with(*names)].mean())


def test_a_face_that_is_not_moved_is_the_picture(warp: FaceWarp, picture: Image) -> None:
    assert np.abs(warp.posed(FacialPose()).astype(int) - picture).max() <= 2


@pytest.mark.parametrize(
    ("pose", "names", "sign"),
    [
        (FacialPose(jaw=1), ("jawOpen",), 1),
        (FacialPose(smile=-1), ("mouthSmile",), -1),
        (FacialPose(brows=-1), ("browDown",), 1),
        (FacialPose(wide=-1, jaw=0.5), ("mouthStretch", "mouthSmile"), -1),
    ],
)
def test_a_moved_part_is_read_as_moved(
    reader: FaceReader, warp: FaceWarp, picture: Image, pose: FacialPose, names: tuple[str, ...], sign: int
) -> None:
    change = blendshapes(reader, warp.posed(pose), *names) - blendshapes(reader, picture, *names)
    assert sign * change > 0.1


def test_the_rest_of_the_picture_stays(reader: FaceReader, warp: FaceWarp, picture: Image) -> None:
    points = reader.read(picture)[0].face.landmarks
    height_px = points[CHIN, 1] - points[FOREHEAD, 1]
    moved = np.abs(warp.posed(FacialPose(jaw=1, smile=1, brows=1)).astype(int) - picture).max(axis=2)
    rows, columns = np.nonzero(moved > 2)
    middle = points[:, :2].mean(axis=0)
    assert np.hypot(columns - middle[0], rows - middle[1]).max() <= 1.01 * height_px


def test_speech_opens_the_mouth_as_often_as_asked() -> None:
    jaws = np.array([pose.jaw for pose in speech(seconds=10, frames_per_s=30, syllables_per_s=4, seed=1)])
    peaks = (jaws[1:-1] > jaws[:-2]) & (jaws[1:-1] >= jaws[2:])
    assert abs(int(peaks.sum()) - 40) <= 1
    assert 0 <= jaws.min() < 0.05
    assert jaws.max() <= 0.9


@pytest.mark.long
def test_somebody_who_smiles_and_speaks_smiles(reader: FaceReader, picture: Image) -> None:
    (face,) = speaking_faces(reader, [("a smile", picture)])
    assert face.silent is Emotion.HAPPY
    assert face.corrected.kept == 1
    assert face.corrected.near == 1


@pytest.mark.long
def test_a_neutral_face_that_speaks_stays_where_it_was(reader: FaceReader, shared_data: Path) -> None:
    photo = at_desk(reader, read_photo(shared_data / "faces" / "obama_biden.jpg"))
    (face,) = speaking_faces(reader, [("a neutral face", photo)])
    assert face.silent is Emotion.NEUTRAL
    assert face.plain.near < 0.9
    assert face.corrected.near == 1


def test_a_picture_without_a_face_is_left_out(reader: FaceReader, picture: Image) -> None:
    pictures = [("nobody", np.full_like(picture, 90)), ("a smile", picture)]
    assert [face.name for face in islice(speaking_faces(reader, pictures), 1)] == ["a smile"]


def test_without_readings_nothing_is_near() -> None:
    assert judged([]) == SpokenReading(0.0, 0.0, 0.0)


def test_report_compares_uncorrected_with_corrected() -> None:
    faces = [SpeakingFace("a", SpokenReading(0.5, 0.6, 0.7), SpokenReading(1.0, 0.1, 0.9), Emotion.NEUTRAL)]
    text = report({"PublicTest": faces}, {"held": faces})
    assert "| PublicTest | 1 | 50.0% | 100.0% | 0 | 1 | 0.60 | 0.10 |" in text
    assert "| held | 1 | 70.0% | 90.0% | 70% | 90% |" in text
    assert set(HELD.values()) == {Emotion.HAPPY, Emotion.SURPRISE}
