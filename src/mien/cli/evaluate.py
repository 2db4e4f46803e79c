"""``mien evaluate``: how often expressions are read right, on pictures that people have labelled."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import click

from mien.cli.evaluation import Evaluation, as_json, show_evaluation
from mien.cli.examples import examples
from mien.cli.files import PHOTO_SUFFIXES, Failures, expand, is_folder
from mien.cli.output import write_json
from mien.cli.progress import progress
from mien.cli.settings import settings
from mien.errors import ImageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mien.types import Emotion, Expression, Image

    Read: TypeAlias = Callable[[Image], NDArray[np.float64] | None]


@click.command(epilog=examples("mien evaluate labelled/", "mien evaluate --crops --json fer2013/PrivateTest/"))
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--crops", is_flag=True, help="The pictures are face crops already: leave the detector out.")
@click.option("--mirror", is_flag=True, help="Read each picture and its mirror image, and take the mean.")
@click.option("--json", "wants_json", is_flag=True, help="Print one JSON object.")
def evaluate(folder: Path, crops: bool, mirror: bool, wants_json: bool) -> None:
    """Measure how often expressions are read right.

    DIR holds a folder for each expression: angry, disgust, fear, happy, sad, surprise, neutral; some may be missing.
    Prints accuracy, macro F1, expected calibration error (15 bins) and the confusion matrix. Without --crops a
    picture counts where a face is found, and accuracy over all pictures is printed too: there a face that was not
    found is a mistake.
    """
    failures = Failures()
    labelled = _labelled(folder, failures)
    model, read = _crop_reader(mirror=mirror) if crops else _face_reader(mirror=mirror)
    truth: list[Emotion] = []
    probabilities: list[NDArray[np.float64]] = []
    pictures, reading_s = 0, 0.0
    with progress(len(labelled), unit="picture") as advance:
        for done, (path, emotion) in enumerate(labelled):
            advance(done, f"{emotion}/{path.name}")
            with failures.tolerated(path):
                found, elapsed_s = _timed(read, path)
                pictures, reading_s = pictures + 1, reading_s + elapsed_s
                if found is not None:
                    truth.append(emotion)
                    probabilities.append(found)
    if not truth:
        remedy = "" if crops else "; if they are face crops already, add --crops"
        raise ImageError(f"No face was read in the {len(labelled)} pictures of {folder}{remedy}.")
    evaluation = Evaluation.of(
        truth,
        probabilities,
        model=model,
        pictures=pictures,
        ms_a_picture=1000 * reading_s / pictures,
        crops=crops,
        mirror=mirror,
    )
    if wants_json:
        write_json(as_json(evaluation))
    else:
        show_evaluation(evaluation)
    failures.conclude()


def _labelled(folder: Path, failures: Failures) -> list[tuple[Path, Emotion]]:
    from mien.types import Emotion

    names = f"name its folders {', '.join(Emotion)}"
    labelled: list[tuple[Path, Emotion]] = []
    for inner in sorted(path for path in folder.iterdir() if is_folder(path) and not path.name.startswith(".")):
        try:
            emotion = Emotion(inner.name.lower())
        except ValueError as error:
            raise ImageError(f"“{inner.name}” in {folder} is no expression; {names}.") from error
        labelled += [(path, emotion) for path in expand([inner], PHOTO_SUFFIXES, failures)]
    if not labelled:
        raise ImageError(f"{folder} holds no labelled pictures; {names}.")
    return labelled


def _timed(read: Read, path: Path) -> tuple[NDArray[np.float64] | None, float]:
    """What ``read`` says of a picture, and how long that took, decoding left out."""
    from mien.photo import read_photo

    image = read_photo(path)
    started_s = time.perf_counter()
    found = read(image)
    return found, time.perf_counter() - started_s


def _crop_reader(*, mirror: bool) -> tuple[str, Read]:
    """The network's name, and how it reads a face crop: gray, at the network's own size."""
    import cv2
    import numpy as np

    from mien.face.align import CROP_PX
    from mien.face.classify import default_classifier

    classifier = default_classifier(threads=settings().threads)

    def read(image: Image) -> NDArray[np.float64]:
        gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        if gray.shape != (CROP_PX, CROP_PX):
            gray = cv2.resize(gray, (CROP_PX, CROP_PX), interpolation=cv2.INTER_AREA)
        views = [gray, gray[:, ::-1]] if mirror else [gray]
        return _mean(classifier.classify(np.stack(views).astype(np.uint8)))

    return classifier.name, read


def _face_reader(*, mirror: bool) -> tuple[str, Read]:
    """The network's name, and how the biggest face in a picture is read; None where there is no face."""
    import numpy as np

    from mien.face.classify import default_classifier
    from mien.face.reader import FaceReader

    classifier = default_classifier(threads=settings().threads)
    reader = FaceReader(classifier=classifier, threads=settings().threads)

    def read(image: Image) -> NDArray[np.float64] | None:
        views = [image, np.ascontiguousarray(image[:, ::-1])] if mirror else [image]
        readings = [reader.read(view) for view in views]
        return _mean([found[0].expression for found in readings if found]) if any(readings) else None

    return classifier.name, read


def _mean(expressions: list[Expression]) -> NDArray[np.float64]:
    """The mean of the probabilities, [7], in the order of ``Emotion``."""
    import numpy as np

    from mien.types import Emotion

    rows = [[expression.probabilities[emotion] for emotion in Emotion] for expression in expressions]
    return np.asarray(np.mean(rows, axis=0), dtype=np.float64)
