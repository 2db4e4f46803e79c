"""The verifier: separates faces clearly from other things, and accepts faces of which the mesh is uncertain."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mien.face.mesh import PRESENCE_LOGIT, VERIFIER_LOGIT, Mesh, RotatedSquare
from mien.face.verifier import VerifierNetwork
from mien.types import Image


@pytest.fixture(scope="module")
def network() -> VerifierNetwork:
    return VerifierNetwork(threads=2)


def test_a_face_and_a_wall_are_far_apart(network: VerifierNetwork, smiling_person: Image, empty_room: Image) -> None:
    assert network.read(smiling_person, RotatedSquare(225, 124, 160, 0)) > VERIFIER_LOGIT + 10
    for picture, square in (
        (smiling_person, RotatedSquare(420, 380, 150, 0)),
        (empty_room, RotatedSquare(300, 200, 160, 0.2)),
    ):
        assert network.read(picture, square) < 0
    assert network.read(smiling_person, RotatedSquare(-900, 2000, 300, 0)) < 0


def test_either_network_may_accept_a_face() -> None:
    doubted = Mesh(np.zeros((478, 3), dtype=np.float32), PRESENCE_LOGIT - 3)
    assert not doubted.is_face
    assert doubted.confidence < 0.5
    verified = replace(doubted, verifier_logit=VERIFIER_LOGIT + 2)
    assert verified.is_face
    assert verified.confidence > 0.8
    assert replace(doubted, presence_logit=PRESENCE_LOGIT).confidence == pytest.approx(0.5)
