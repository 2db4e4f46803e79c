"""Compute the teachers' mean predictions for all training rows, for distillation.

Each teacher predicts FER2013's original crop and its mirror image. The result is also the target for the detected crop
of the same face, so that the student learns to predict it from a crop of lower quality.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from training.data import Fer2013, Rows, digest
from training.folder import BEST, recipe_of
from training.model import pick_device
from training.train import load, predict


def write_teacher_predictions(runs: Sequence[Path], data: Fer2013, out: Path) -> None:
    """Write the teachers' mean predictions for the training rows, unless ``out`` already has them.

    The file has the arrays ``labels`` float32 [n, 7] and ``votes`` float32 [n, 8], and the fingerprint ``teachers`` of
    the teachers and the rows. Also prints the accuracy of each teacher and of their mean on PublicTest.

    Args:
        runs: The run folders of the teachers.
        data: FER2013.
        out: The ``.npz`` file to write.
    """
    training, public = data.training(), data.part("PublicTest")
    fingerprint = _fingerprint(runs, training)
    if _stored_fingerprint(out) == fingerprint:
        return
    truth = torch.from_numpy(public.labels)
    predicted, public_predicted = [], []
    for run in runs:
        recipe, model = load(run)
        model.to(pick_device())
        side_px = recipe.side_px
        predicted.append(predict(model, torch.from_numpy(training.images), side_px=side_px, mirror=True))
        public_predicted.append(predict(model, torch.from_numpy(public.images), side_px=side_px, mirror=True)[0])
        right = (public_predicted[-1].argmax(1) == truth).float().mean()
        print(f"teacher {run.name}: PublicTest {100 * right:.2f} % with mirror averaging", flush=True)
    right = (torch.stack(public_predicted).mean(0).argmax(1) == truth).float().mean()
    print(f"all {len(runs)} teachers: PublicTest {100 * right:.2f} %", flush=True)
    labels, votes = (torch.stack(parts).mean(0).numpy() for parts in zip(*predicted, strict=True))
    np.savez(out, labels=labels, votes=votes, teachers=fingerprint)


def _fingerprint(runs: Sequence[Path], training: Rows) -> str:
    for run in runs:
        recipe_of(run)  # raises an error if a teacher has not been trained
    return digest(training.images, *((run / BEST).read_bytes() for run in runs))


def _stored_fingerprint(path: Path) -> str | None:
    """The fingerprint in a file; None if the file or its fingerprint is missing."""
    if not path.exists():
        return None
    with np.load(path) as file:
        return str(file["teachers"]) if "teachers" in file.files else None
