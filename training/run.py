"""Run the complete training from FER2013 to exported networks: ``python -m training.run --data fer2013.csv``.

Detects and aligns the faces with mien's detector, trains the plan's teachers, if any, distils them into one student per
seed, trains the second cycle of each student, if the plan has one, and exports each student with its settings into its
folder (``runs/student-1-again/expression.onnx``). Finished parts are skipped, so the same command resumes after an
interruption. On a GPU a larger plan is used, in the folder ``runs/gpu``; see ``training.gpu`` for a plan that takes
minutes. The shipped network is not changed.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import torch

from training import export
from training.data import DATA_HELP, Fer2013, read
from training.detected import DetectedCrops
from training.exit_on_error import exit_on_error
from training.folder import BEST, LOG
from training.model import pick_device
from training.recipes import Plan, Recipe, plan_for
from training.teach import write_teacher_predictions
from training.train import train
from training.training_set import TrainingSet
from training.views import cores, detect_all


def run_plan(plan: Plan, data: Fer2013, detected: DetectedCrops, out: Path, *, only: str | None = None) -> list[Path]:
    """Train all networks of a plan, or only one of them.

    Args:
        plan: The networks.
        data: FER2013.
        detected: The crops of mien's detector for all rows.
        out: The output folder.
        only: The name of a single network to train; None for all.

    Returns:
        The folders of the students.

    Raises:
        ValueError: If FER2013 is incomplete, the plan has no network of this name, or a folder holds another run.
        FileNotFoundError: If a network that ``only`` depends on has not been trained.
    """
    public, home = data.part("PublicTest"), out / plan.folder
    if not len(public) or not len(data.training()):
        raise ValueError("FER2013 is incomplete: both Training and PublicTest must have rows")
    teachers = {home / name: recipe for name, recipe in plan.teachers.items()}
    students = {home / f"student-{seed}": replace(plan.student, seed=seed) for seed in plan.seeds}
    cycles = {run.with_name(f"{run.name}-again"): run for run in students} if plan.again is not None else {}
    names = [run.name for run in (*teachers, *students, *cycles)]
    if only is not None and only not in names:
        raise ValueError(f"the plan has no network {only!r}; it has {', '.join(names)}")
    for run, recipe in teachers.items():
        if only in (None, run.name):
            train(recipe, _training_set(data, detected, recipe), public, detected, out=run)
    predictions = home / "teachers.npz"
    for run, recipe in students.items():
        if only in (None, run.name):
            training_set = _training_set(data, detected, recipe)
            if teachers:
                write_teacher_predictions(list(teachers), data, predictions)
                training_set = training_set.distilled_from(predictions, weight=recipe.teacher_weight)
            train(recipe, training_set, public, detected, out=run)
    if plan.again is None:
        return list(students)
    for run, first in cycles.items():
        if only in (None, run.name):
            recipe = replace(plan.again, seed=students[first].seed)
            train(recipe, _training_set(data, detected, recipe), public, detected, out=run, start=first)
    return list(cycles)


def _training_set(data: Fer2013, detected: DetectedCrops, recipe: Recipe) -> TrainingSet:
    return TrainingSet.of(data.training(), detected, vote_weight=recipe.vote_weight, smoothing=recipe.smoothing)


def best_on_public(runs: list[Path]) -> Path:
    """The run with the best mean accuracy on the original and the detected crops of PublicTest."""

    def score(run: Path) -> float:
        lines = [json.loads(line) for line in (run / LOG).read_text().splitlines()]
        return max(line["public"] + line.get("public_own", 0.0) for line in lines)

    return max(runs, key=score)


def _is_newer(made: Path, source: Path) -> bool:
    return made.exists() and made.stat().st_mtime >= source.stat().st_mtime


def main() -> None:
    """Parse the command line and run the parts that are not finished."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help=DATA_HELP)
    parser.add_argument("--out", type=Path, default=Path("runs"), help="folder for checkpoints and logs")
    parser.add_argument("--only", help="train only this network of the plan")
    parser.add_argument("--threads", type=int, help="number of cores to use (default: all)")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    with exit_on_error():
        _run(arguments)


def _run(arguments: argparse.Namespace) -> None:
    data = read(arguments.data)
    print(*data.remarks(), sep="\n", flush=True)
    views_path = arguments.out / "views.npz"
    if not views_path.exists():
        detect_all(data, jobs=arguments.threads or cores()).save(views_path, data.rows.images)
    detected = DetectedCrops.read(views_path, data.rows.images)
    students = run_plan(plan_for(pick_device().type), data, detected, arguments.out, only=arguments.only)
    if arguments.only is None:
        for run in students:
            if not _is_newer(run / export.SETTINGS, run / BEST):
                export.pack(run, data)
        best = best_on_public(students)
        print(f"best on PublicTest: {best}")
        print(f"to ship it: python -m training.export {best} --data {arguments.data} --ship NAME")


if __name__ == "__main__":
    main()
