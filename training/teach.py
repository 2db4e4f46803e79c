"""What the teachers say of every training row, averaged: the targets that the student is taught with.

A teacher sees the crop as FER2013 gives it, and its mirror image. What it says holds for mien's own view of the same
face too: the student learns to say of a worse crop what the teachers saw in a better one.
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
    """Write ``labels`` float32 [n, 7] and ``votes`` float32 [n, 8] for the training rows, the mean of all ``runs``.

    ``teachers`` in the same file is the fingerprint of these teachers and these rows: where it is there already,
    nothing is done. Prints how good each teacher and their mean are on PublicTest.
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
        recipe_of(run)  # says which teacher has not been trained yet
    return digest(training.images, *((run / BEST).read_bytes() for run in runs))


def _stored_fingerprint(path: Path) -> str | None:
    """Whose words a file holds; None where there is no file, or one from before teachers signed."""
    if not path.exists():
        return None
    with np.load(path) as file:
        return str(file["teachers"]) if "teachers" in file.files else None
