"""Measures the error of head pose on photographed faces that are turned by a known angle.

    python -m benchmarks.pose [--save] PHOTO...

The face in each photo is turned in space: its mesh is rotated about the middle of the head, and the picture is drawn
onto the rotated mesh, triangle by triangle, over the blurred photo. All networks then read the new picture. The true
pose is the one read in the photo itself, rotated: what is measured is how faithfully a change of pose is read. The
drawn face is as deep as its mesh, so an error of scale in that depth is not seen here. The change of expression is half
the sum of the changes of its probabilities, at the 80th percentile, as in docs/decisions/0015-reading-quality.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.record import circumstances, save
from mien.capture.photo import read_photo
from mien.face.pose import head_pose, head_rotation, rotation_of
from mien.face.reader import FaceReader
from mien.types import HeadPose, Image

TURNS_DEG: Final = (-45, -30, -20, -10, 0, 10, 20, 30, 45)
FACE_PX: Final = 200
SCENE_PX: Final = 480
#: The middle of the head is this far behind the face, in widths of the face.
HEAD_DEPTH: Final = 0.5
#: Hair and ears are drawn on a ring round the face: this many times as wide, and this many widths farther away.
RING: Final = 1.3
RING_DEPTH: Final = 0.25

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TurnedFace:
    """One turned face: the pose that it was given, and the readings' poses, qualities and change of expression."""

    true: HeadPose
    read: HeadPose
    quality: float
    change: float


def measure(reader: FaceReader, photo: Image) -> list[TurnedFace | None]:
    """Turn the biggest face of a photo by each of ``TURNS_DEG`` to the side, then up; None where no face is read."""
    enlarged = _enlarged(photo, reader)
    if enlarged is None:
        return []
    reading = reader.read(enlarged)[0]
    landmarks = reading.face.landmarks.astype(np.float64)
    start = head_rotation(reading.face.landmarks)
    poses = [HeadPose(turn, 0, 0) for turn in TURNS_DEG] + [HeadPose(0, turn, 0) for turn in TURNS_DEG]
    found: list[TurnedFace | None] = []
    for pose in poses:
        turn = rotation_of(pose)
        seen = reader.read(turned(enlarged, landmarks, turn))
        if not seen or seen[0].features.head_pose is None or seen[0].features.quality is None:
            found.append(None)
            continue
        before, after = (one.expression.probabilities for one in (reading, seen[0]))
        change = sum(abs(before[emotion] - after[emotion]) for emotion in before) / 2
        true = head_pose(turn @ start)
        found.append(TurnedFace(true, seen[0].features.head_pose, seen[0].features.quality.score, change))
    return found


def _enlarged(photo: Image, reader: FaceReader) -> Image | None:
    """The surroundings of the biggest face as a square with a face of ``FACE_PX``; None without a face."""
    readings = reader.read(photo)
    if not readings:
        return None
    box = readings[0].face.box
    scale = FACE_PX / box.width
    x, y = box.x + box.width / 2, box.y + box.height / 2
    cut = np.array([[scale, 0, SCENE_PX / 2 - scale * x], [0, scale, SCENE_PX / 2 - scale * y]])
    size = (SCENE_PX, SCENE_PX)
    return np.asarray(cv2.warpAffine(photo, cut, size, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8)


def turned(picture: Image, landmarks: Points, turn: Points) -> Image:
    """Draw a face as it looks after a rotation.

    Args:
        picture: uint8 [height, width, 3] RGB.
        landmarks: The mesh of the face, float64 [478, 3].
        turn: The rotation, float64 [3, 3], in the axes of the mesh.

    Returns:
        The picture of the same size, with a blurred copy of the photo behind the face.
    """
    face = landmarks[:468]
    middle, width = face.mean(axis=0), np.ptp(face[:, 0])
    outline = face[cv2.convexHull(face[:, :2].astype(np.float32), returnPoints=False)[:, 0]]
    around = middle + (outline - middle) * np.array([RING, RING, 1]) + np.array([0, 0, RING_DEPTH * width])
    points = np.concatenate([face, around])
    pivot = middle + np.array([0, 0, HEAD_DEPTH * width])
    after = (points - pivot) @ turn.T + pivot
    drawn = np.asarray(cv2.GaussianBlur(picture, (0, 0), 25), dtype=np.uint8)
    triangles = _triangles(points[:, :2])
    for triangle in sorted(triangles, key=lambda corners: -after[corners, 2].mean()):
        _draw(drawn, picture, points[triangle, :2], after[triangle, :2])
    return drawn


def _triangles(points: Points) -> list[list[int]]:
    """The Delaunay triangles of points [n, 2] as indices."""
    single = points.astype(np.float32)
    left, top = np.floor(single.min(axis=0)).astype(int) - 2
    right, bottom = np.ceil(single.max(axis=0)).astype(int) + 2
    plane = cv2.Subdiv2D((int(left), int(top), int(right - left), int(bottom - top)))
    for point in single:
        plane.insert((float(point[0]), float(point[1])))
    index = {(float(x), float(y)): number for number, (x, y) in enumerate(single)}
    corners = [[(x, y) for x, y in row.reshape(3, 2).tolist()] for row in np.asarray(plane.getTriangleList())]
    return [[index[corner] for corner in triangle] for triangle in corners if all(c in index for c in triangle)]


def _draw(drawn: Image, picture: Image, source: Points, target: Points) -> None:
    """Draw one triangle of ``picture`` into ``drawn``, unless it is seen from behind."""
    (ax, ay), (bx, by) = source[1] - source[0], source[2] - source[0]
    (cx, cy), (dx, dy) = target[1] - target[0], target[2] - target[0]
    if (ax * by - ay * bx) * (cx * dy - cy * dx) <= 0:
        return
    left, top = np.maximum(np.floor(target.min(axis=0)).astype(int) - 1, 0)
    right, bottom = np.minimum(np.ceil(target.max(axis=0)).astype(int) + 2, drawn.shape[1::-1])
    if right <= left or bottom <= top:
        return
    corner = np.array([left, top])
    matrix = cv2.getAffineTransform(source.astype(np.float32), (target - corner).astype(np.float32))
    size = (int(right - left), int(bottom - top))
    part = cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    mask = np.zeros(size[::-1], np.uint8)
    cv2.fillConvexPoly(mask, np.round(target - corner).astype(np.int32), 1)
    drawn[top:bottom, left:right][mask == 1] = part[mask == 1]


def report(found: Sequence[Sequence[TurnedFace | None]]) -> str:
    """The results as Markdown: a row for each turn."""
    lines = [
        "| turn | faces read | median error | 95th percentile | median read | median quality | change of expression |",
        "|---|---|---|---|---|---|---|",
    ]
    for axis, name in enumerate(("yaw", "pitch")):
        errors: list[float] = []
        for place, turn in enumerate(TURNS_DEG):
            faces = [one for row in found if (one := row[axis * len(TURNS_DEG) + place]) is not None]
            if not faces:
                lines.append(f"| {name} {turn:+d}° | 0 of {len(found)} | | | | | |")
                continue
            off = [_angle(one.read, axis) - _angle(one.true, axis) for one in faces]
            errors += np.abs(off).tolist()
            lines.append(
                f"| {name} {turn:+d}° | {len(faces)} of {len(found)} | {np.median(np.abs(off)):.1f}° "
                f"| {np.percentile(np.abs(off), 95):.1f}° | {turn + np.median(off):+.1f}° "
                f"| {np.median([one.quality for one in faces]):.2f} "
                f"| {np.percentile([one.change for one in faces], 80):.2f} |"
            )
        if errors:
            lines.append(
                f"| {name}, all | {len(errors)} | {np.median(errors):.1f}° | {np.percentile(errors, 95):.1f}° | | | |"
            )
    return "\n".join(lines)


def _angle(pose: HeadPose, axis: int) -> float:
    return (pose.yaw_deg, pose.pitch_deg)[axis]


def main() -> None:
    """Parse the command line, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", nargs="+", type=Path, metavar="PHOTO", help="its biggest face should be frontal")
    parser.add_argument("--save", action="store_true", help="write the table to benchmarks/results")
    arguments = parser.parse_args()
    with FaceReader() as reader:
        rows = [row for path in arguments.photos if (row := measure(reader, read_photo(path)))]
    text = "\n".join([*circumstances(), "", report(rows)])
    print(text)
    if arguments.save:
        print(save("pose", f"# Head pose on turned photographs\n\n{text}"))


if __name__ == "__main__":
    main()
