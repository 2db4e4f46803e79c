"""The combined networks: several faces at the same time, in several threads."""

from __future__ import annotations

from dataclasses import replace
from threading import Barrier

import cv2
import numpy as np
import pytest

from mien.face.detect import Detection
from mien.face.mesh import Mesh, MeshNetwork, RotatedSquare
from mien.face.pipeline import FaceNetworks, Pipeline
from mien.face.reader import FaceReader
from mien.mood.prior import Prior
from mien.types import Image
from tests.waiting import HANG_S


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("faces", [0, 1, 2, 3, 5])
def test_meshes_keep_the_order_of_the_faces_with_any_number_of_threads(
    reader: FaceReader, smiling_person: Image, faces: int, threads: int
) -> None:
    box = reader.read(smiling_person)[0].face.box
    part = smiling_person[int(box.y) - 40 : int(box.y) + 140, int(box.x) - 40 : int(box.x) + 140]
    row = np.concatenate([cv2.resize(part, (180, 180))] * max(1, faces), axis=1)
    landmarks = [reading.face.landmarks for reading in reader.read(row)][:faces]
    assert len(landmarks) == faces
    meshes = Pipeline(None, threads=threads, prior=Prior.EVERYDAY, mirror=True).next_meshes(row, landmarks)
    for before, mesh in zip(landmarks, meshes, strict=True):
        assert mesh is not None
        np.testing.assert_allclose(mesh.landmarks[:, :2], before[:, :2], atol=5)


def test_a_face_that_is_gone_has_no_mesh(reader: FaceReader, smiling_person: Image) -> None:
    (reading,) = reader.read(smiling_person)
    there = reading.face.landmarks
    gone = there + np.array([250, 250, 0], dtype=np.float32)
    found = Pipeline(None, threads=2, prior=Prior.EVERYDAY, mirror=True).next_meshes(
        smiling_person, [gone, there, gone]
    )
    assert [mesh is not None for mesh in found] == [False, True, False]


class Meeting(MeshNetwork):
    """A mesh network that waits until a number of callers read at the same time."""

    def __init__(self, callers: int) -> None:
        super().__init__(threads=1)
        self._barrier = Barrier(callers)

    def detect(self) -> list[Detection]:
        """A search that waits for the other callers as well."""
        self._barrier.wait(timeout=HANG_S)
        return []

    def read(self, image: Image, square: RotatedSquare, *, alone: bool = True) -> Mesh:
        self._barrier.wait(timeout=HANG_S)
        assert not alone
        return super().read(image, square, alone=alone)


class MeetingPipeline(Pipeline):
    def __init__(self) -> None:
        super().__init__(None, threads=2, prior=Prior.EVERYDAY, mirror=True)
        self.meeting = Meeting(2)

    @property
    def networks(self) -> FaceNetworks:
        return replace(super().networks, mesh=self.meeting)


def test_two_meshes_are_fitted_at_the_same_time(reader: FaceReader, smiling_person: Image) -> None:
    (reading,) = reader.read(smiling_person)
    found = MeetingPipeline().next_meshes(smiling_person, [reading.face.landmarks] * 4)
    assert all(mesh is not None for mesh in found)


def test_a_search_runs_while_a_face_is_tracked(reader: FaceReader, smiling_person: Image) -> None:
    (reading,) = reader.read(smiling_person)
    pipeline = MeetingPipeline()
    waiting = pipeline.detect_meanwhile(pipeline.meeting.detect)
    (mesh,) = pipeline.next_meshes(smiling_person, [reading.face.landmarks], detecting=True)
    assert waiting is not None
    assert waiting.result() == []
    assert mesh is not None


def test_a_single_thread_has_no_search_meanwhile() -> None:
    assert Pipeline(None, threads=1, prior=Prior.EVERYDAY, mirror=True).detect_meanwhile(list) is None
