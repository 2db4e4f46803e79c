"""Continue the training of a student with teachers: ``python -m training.distil TEACHER... --start RUN --data ...``.

Views of all training rows are stored with the teachers' predictions, so that the teachers cost nothing in the student's
epochs, then the student learns from them. The same command resumes after an interruption, view by view and epoch by
epoch. The shipped network is not changed; ``python -m training.export`` exports the student.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch

from training.clock import Clock
from training.data import DATA_HELP, Fer2013, digest, read
from training.detected import DetectedCrops
from training.folder import BEST
from training.model import pick_device
from training.recipes import Recipe, distilled_student, second_cycle
from training.stored import Teacher, View, augmented_view, predict_ensemble, store_views
from training.train import load, train
from training.training_set import TrainingSet


def stored_views(
    training_set: TrainingSet, teachers: Sequence[Path], recipe: Recipe, folder: Path, *, count: int
) -> list[View]:
    """Read the views in ``folder`` and add the missing ones: first the original crops, then augmented ones.

    Args:
        training_set: The training rows, on the device of the teachers.
        teachers: The run folders of the teachers, which count equally.
        recipe: The student's recipe; its share of detected crops is used. The augmentation is that of the second cycle.
        folder: The folder of the views, one file for each view.
        count: The number of views.

    Returns:
        The views.

    Raises:
        ValueError: If the folder holds views of other teachers or other rows.
    """
    fingerprint = digest(training_set.views.cpu().numpy(), *((run / BEST).read_bytes() for run in teachers))
    folder.mkdir(parents=True, exist_ok=True)
    device = training_set.views.device
    networks: list[Teacher] = []
    views = []
    for number in range(count):
        path = folder / f"{number}.pt"
        if not path.exists():
            networks = networks or [_teacher(run, 1 / len(teachers), device) for run in teachers]
            view = _view(training_set, networks, recipe, number)
            torch.save({"view": tuple(view), "fingerprint": fingerprint}, path.with_suffix(".part"))
            path.with_suffix(".part").replace(path)
            print(f"view {number + 1} of {count}", flush=True)
        stored = torch.load(path, weights_only=True, map_location="cpu")
        if stored["fingerprint"] != fingerprint:
            raise ValueError(
                f"{path} was made with other teachers or rows; move {folder} away, or choose another --out"
            )
        views.append(View(*stored["view"]))
    return views


def _view(training_set: TrainingSet, teachers: Sequence[Teacher], recipe: Recipe, number: int) -> View:
    """The view of this number; its random numbers depend on nothing else."""
    if number == 0:
        return predict_ensemble(teachers, training_set.views[:, 0])
    generator = torch.Generator(training_set.views.device).manual_seed(1000 * recipe.seed + number)
    return augmented_view(
        training_set, teachers, second_cycle().jitter, own_share=recipe.own_share, generator=generator
    )


def _teacher(run: Path, share: float, device: torch.device) -> Teacher:
    recipe, model = load(run)
    return Teacher(model.to(device, memory_format=torch.channels_last), recipe.side_px, share)


def main() -> None:
    """Parse the command line, store the views and train the student."""
    from training.exit_on_error import exit_on_error

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("teachers", type=Path, nargs="+", metavar="TEACHER", help="run folder of a teacher")
    parser.add_argument("--start", type=Path, required=True, help="run folder of the student's initial weights")
    parser.add_argument("--data", type=Path, required=True, help=DATA_HELP)
    parser.add_argument("--views", type=Path, help="output of training.views; ignored if it is missing")
    parser.add_argument("--out", type=Path, default=Path("runs/distilled"), help="folder of the run")
    parser.add_argument("--count", type=int, default=6, help="number of stored views of each row (default 6)")
    parser.add_argument("--minutes", type=float, help="time limit of the student's training in minutes")
    arguments = parser.parse_args()
    with exit_on_error():
        data = read(arguments.data)
        has_views = arguments.views is not None and arguments.views.is_file()
        detected = DetectedCrops.read(arguments.views, data.rows.images) if has_views else None
        distil(
            arguments.teachers,
            data,
            detected,
            recipe=distilled_student(),
            start=arguments.start,
            out=arguments.out,
            count=arguments.count,
            minutes=arguments.minutes,
        )


def distil(
    teachers: Sequence[Path],
    data: Fer2013,
    detected: DetectedCrops | None,
    *,
    recipe: Recipe,
    start: Path,
    out: Path,
    count: int,
    minutes: float | None = None,
) -> None:
    """Store the views, then train the student, or resume either.

    Args:
        teachers: The run folders of the teachers.
        data: FER2013.
        detected: The crops of mien's detector for all rows; None if they are not available.
        recipe: The student's recipe.
        start: The run folder of the student's initial weights.
        out: The folder of the run; the views are beside it, in a folder whose name ends with ``-views``.
        count: The number of views.
        minutes: The time limit of the student's training in minutes.

    Raises:
        ValueError: If a folder holds another run, or views of other teachers.
        FileNotFoundError: If a run has not been trained.
    """
    training_set = TrainingSet.of(
        data.training(), detected, vote_weight=recipe.vote_weight, smoothing=recipe.smoothing
    ).to(pick_device())
    views = stored_views(training_set, teachers, recipe, out.with_name(f"{out.name}-views"), count=count)
    source = store_views(training_set, views, weight=recipe.teacher_weight)
    clock = None if minutes is None else Clock.of(60 * minutes)
    train(recipe, source, data.part("PublicTest"), detected, out=out, start=start, clock=clock)


if __name__ == "__main__":
    main()
