"""Compares ``mien.face.track`` with the trackers of other projects on faces that cross.

    python -m benchmarks.tracking [--seeds 20] [--photos ONE.jpg OTHER.jpg]

Two or three people walk past each other. In the simulated scenes a face is 40 points; points are noisy, one detection
in ten is missing, and a face behind another is not detected. Their frames come evenly, at 7, 15 or 30 a second;
unevenly, after 1/30 to 1/3 s each; or evenly while everybody hides for 0.8 s. In the filmed scenes two photographed
faces are drawn in front of a blurred background, and ``FaceReader`` detects them in every frame. Every tracker gets the
same detections: mien and one norfair the points, the others boxes. A scene counts if every person has a single id.

The peers are optional: ``pip install trackers norfair`` into an environment with mien.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.record import circumstances
from benchmarks.walking_heads import draw_head, head_of
from mien.capture.photo import read_photo
from mien.face.reader import FaceReader
from mien.face.track import REMEMBER_S, FaceGeometry, Tracker
from mien.types import Image

Points = NDArray[np.float32]
Detections = list[tuple[int, Points]]
"""The faces of a frame: who it is, and its points [n, 2]."""

Film = list[tuple[float, Detections]]
"""The time and the faces of each frame."""

Update = Callable[[Detections, float], dict[int, int]]
"""Gives the id of each person, for the faces and the time of a frame."""

RATES_PER_S: Final = (7, 15, 30)
FILM_RATE_PER_S: Final = 15
DURATION_S: Final = 4.0
INTERVALS_S: Final = (1 / 30, 1 / 15, 1 / 7, 1 / 3)
SIZE_PX: Final = 90

WALKS: Final[tuple[Callable[[float], tuple[float, float]], ...]] = (
    lambda t: (100 + 100 * t, 200 + 5 * t),
    lambda t: (500 - 100 * t, 210 - 5 * t),
    lambda t: (300 + 3 * t, 320 - 60 * t),
)


@dataclass(slots=True)
class Result:
    """The result of a tracker.

    Attributes:
        scenes: The number of scenes.
        right: In how many of them every person has one id.
        surplus_ids: How many ids too many there are.
        update_us: The time of each update, in microseconds.
    """

    scenes: int = 0
    right: int = 0
    surplus_ids: int = 0
    update_us: list[float] = field(default_factory=list)


def mien(rate_per_s: float) -> Update:
    """Our own tracker."""
    del rate_per_s
    tracker = Tracker()

    def update(detections: Detections, at_s: float) -> dict[int, int]:
        ids = tracker.update([FaceGeometry.of(points) for _, points in detections], at_s=at_s)
        return {who: track_id for (who, _), track_id in zip(detections, ids, strict=True)}

    return update


def roboflow(name: str, **options: float) -> Callable[[float], Update]:
    """A tracker of the package ``trackers``: boxes, a Kalman filter, overlap."""
    trackers, sv = import_module("trackers"), import_module("supervision")

    def make(rate_per_s: float) -> Update:
        tracker = getattr(trackers, name)(
            lost_track_buffer=round(30 * REMEMBER_S), frame_rate=rate_per_s, minimum_consecutive_frames=1, **options
        )

        def update(detections: Detections, at_s: float) -> dict[int, int]:
            del at_s
            found = sv.Detections.empty()
            if detections:
                boxes = np.array([[*points.min(axis=0), *points.max(axis=0)] for _, points in detections])
                people = np.array([who for who, _ in detections])
                found = sv.Detections(xyxy=boxes, confidence=np.full(len(boxes), 0.9, np.float32), data={"who": people})
                found.class_id = np.zeros(len(boxes), int)
            tracked = tracker.update(found)
            if tracked.tracker_id is None or not len(tracked):
                return {}
            return {int(w): int(i) for w, i in zip(tracked.data["who"], tracked.tracker_id, strict=True) if i >= 0}

        return update

    return make


def norfair(*, boxes: bool) -> Callable[[float], Update]:
    """norfair: a Kalman filter for each corner of the box (overlap), or for each point (mean distance)."""
    module: Any = import_module("norfair")

    def apart(detection: Any, tracked: Any) -> float:
        distance = np.linalg.norm(detection.points - tracked.estimate, axis=1).mean()
        return float(distance / max(1.0, float(np.ptp(detection.points, axis=0).max())))

    def make(rate_per_s: float) -> Update:
        tracker = module.Tracker(
            distance_function="iou" if boxes else apart,
            distance_threshold=0.9 if boxes else 1.0,
            hit_counter_max=round(REMEMBER_S * rate_per_s),
            initialization_delay=0,
        )

        def update(detections: Detections, at_s: float) -> dict[int, int]:
            del at_s
            found = [
                module.Detection(
                    np.stack([points.min(axis=0), points.max(axis=0)]) if boxes else points.astype(np.float64), data=who
                )
                for who, points in detections
            ]
            objects = tracker.update(detections=found)
            return {tracked.last_detection.data: tracked.id for tracked in objects if tracked.last_detection in found}

        return update

    return make


def contestants() -> Iterator[tuple[str, Callable[[float], Update]]]:
    """Every tracker that is installed, by name."""
    yield "mien", mien
    makers: dict[str, Callable[[], Callable[[float], Update]]] = {
        "trackers SORT": lambda: roboflow("SORTTracker", minimum_iou_threshold=0.1),
        "trackers ByteTrack": lambda: roboflow("ByteTrackTracker", minimum_iou_threshold=0.1),
        "norfair, boxes": lambda: norfair(boxes=True),
        "norfair, points": lambda: norfair(boxes=False),
    }
    for name, make in makers.items():
        try:
            yield name, make()
        except ImportError as error:
            print(f"{name} is left out ({error}); to measure it: pip install trackers norfair")


def simulated(people: int, times_s: Sequence[float], *, seed: int, hide: bool = False) -> Film:
    """A simulated scene; with ``hide`` everybody is out of sight for 0.8 s, one after the other."""
    rng = np.random.default_rng(seed)
    common = np.random.default_rng(0).uniform(-0.5, 0.5, (40, 2))
    faces = [(common + rng.normal(0, 0.04, common.shape)) * SIZE_PX for _ in range(people)]
    film = []
    for at_s in times_s:
        places = [np.array(walk(at_s)) for walk in WALKS[:people]]
        seen = [
            (who, (face + places[who] + rng.normal(0, 1, face.shape)).astype(np.float32))
            for who, face in enumerate(faces)
            if rng.uniform() > 0.1
            and all(np.linalg.norm(places[who] - other) > 30 for other in places[:who])
            and not (hide and 0.3 + who <= at_s < 1.1 + who)
        ]
        rng.shuffle(seen)
        film.append((at_s, seen))
    return film


def even_times(rate_per_s: float) -> list[float]:
    """The times of the frames of four seconds."""
    return [index / rate_per_s for index in range(round(DURATION_S * rate_per_s))]


def uneven_times(seed: int) -> list[float]:
    """Four seconds of frames that come after 1/30 to 1/3 s each."""
    rng, times_s = np.random.default_rng(seed), [0.0]
    while times_s[-1] < DURATION_S:
        times_s.append(times_s[-1] + float(rng.choice(INTERVALS_S)))
    return times_s


def filmed(reader: FaceReader, heads: Sequence[Image], *, speed_px_per_s: float, seed: int) -> Film:
    """A film in which the second head passes in front of the first."""
    rng = np.random.default_rng(seed)
    room = cv2.GaussianBlur(rng.integers(0, 256, (240, 320, 3)).astype(np.uint8), (0, 0), 6).astype(np.float64)
    frames = []
    for index in range(round(200 / speed_px_per_s * FILM_RATE_PER_S)):
        moved_px = speed_px_per_s * index / FILM_RATE_PER_S
        places = [(60 + moved_px, 118.0, 95.0), (260 - moved_px, 122.0, 88.0)]
        scene = room
        for head, place in zip(heads, places, strict=True):
            scene = draw_head(scene, head, *place)
        picture = np.clip(scene + rng.normal(0, 2, scene.shape), 0, 255).astype(np.uint8)
        found: Detections = []
        for reading in reader.read(picture):
            center = reading.face.box.x + reading.face.box.width / 2
            near = [who for who, place in enumerate(places) if abs(place[0] - center) < 20]
            # While the two overlap, the identity is unknown: the face is tracked, but not scored.
            who = near[0] if len(near) == 1 and abs(places[0][0] - places[1][0]) > 50 else -1 - len(found)
            found.append((who, reading.face.landmarks[:, :2]))
        frames.append((index / FILM_RATE_PER_S, found))
    return frames


def measure(make: Callable[[float], Update], films: Sequence[Film]) -> Result:
    """Run a tracker on films; it gets the mean frame rate of each."""
    result = Result()
    for film in films:
        update = make((len(film) - 1) / (film[-1][0] - film[0][0]))
        ids: dict[int, set[int]] = defaultdict(set)
        for at_s, detections in film:
            started_s = time.perf_counter()
            found = update(detections, at_s)
            result.update_us.append(1e6 * (time.perf_counter() - started_s))
            for who, track_id in found.items():
                if who >= 0:
                    ids[who].add(track_id)
        people = {who for _, detections in film for who, _ in detections if who >= 0}
        surplus = sum(abs(len(ids[who]) - 1) for who in people)
        shared = len(people) > len(set().union(*ids.values()))
        result.scenes += 1
        result.surplus_ids += surplus
        result.right += surplus == 0 and not shared
    return result


def main() -> None:
    """Print a table for the simulated and the filmed scenes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20, help="simulated scenes of each kind")
    parser.add_argument("--photos", type=Path, nargs=2, help="photos of two people; else scikit-image's and its mirror")
    chosen = parser.parse_args()
    kinds = [(people, seed) for people in (2, 3) for seed in range(chosen.seeds)]
    even = [(rate, people, seed) for rate in RATES_PER_S for people, seed in kinds]
    scenes = {
        "even": [simulated(people, even_times(rate), seed=seed) for rate, people, seed in even],
        "uneven": [simulated(people, uneven_times(seed), seed=seed) for people, seed in kinds],
        "hiding": [simulated(people, even_times(rate), seed=seed, hide=True) for rate, people, seed in even],
        "filmed": _films(chosen.photos),
    }
    print("\n".join([*circumstances(), "", "| scenes | tracker | one id each | surplus ids | median us a frame |"]))
    print("|---|---|---:|---:|---:|")
    for name, make in list(contestants()):
        for kind, films in scenes.items():
            found = measure(make, films)
            middle = np.median(found.update_us)
            print(f"| {kind} | {name} | {found.right} of {found.scenes} | {found.surplus_ids} | {middle:.0f} |")


def _films(photos: Sequence[Path] | None) -> list[Film]:
    reader = FaceReader()
    if photos is not None:
        pictures = [read_photo(photo) for photo in photos]
    else:
        from skimage.data import astronaut

        one = np.asarray(astronaut(), dtype=np.uint8)
        broader = cv2.resize(np.ascontiguousarray(one[:, ::-1]), None, fx=1, fy=0.8)
        pictures = [one, (broader * 0.8).astype(np.uint8)]
    heads = [head_of(reader, picture) for picture in pictures]
    return [
        filmed(reader, order, speed_px_per_s=speed, seed=seed)
        for seed, speed in enumerate((50, 70, 100, 140))
        for order in (heads, heads[::-1])
    ]


if __name__ == "__main__":
    main()
