"""From FER2013 to the network that mien ships: ``python -m training.run --data fer2013.csv --out runs``.

Crops with mien's own detector, trains the teachers where the plan has any, lets them teach the student, once for each
seed, lets the student go through a second cycle where the plan has one, and exports the student that is best on
PublicTest. Every step is left out where its result is there already, so the same command goes on after an
interruption. A GPU gets the larger plan; nothing else differs.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import torch

from training import export
from training.data import DATA_HELP, Fer2013, read
from training.lessons import Lessons
from training.model import pick_device
from training.recipes import Plan, Recipe, plan_for
from training.teach import teach
from training.train import train
from training.views import Views, take


def run_plan(plan: Plan, data: Fer2013, own: Views, out: Path, *, only: str | None = None) -> list[Path]:
    """Train all of ``plan``, or only the network that is called ``only``; the folders of the students."""
    public = data.part("PublicTest")
    teachers = {out / name: recipe for name, recipe in plan.teachers.items()}
    students = {out / f"student-{seed}": replace(plan.student, seed=seed) for seed in plan.seeds}
    for run, recipe in teachers.items():
        if only in (None, run.name):
            train(recipe, _lessons(data, own, recipe), public, own, out=run)
    taught = out / "teachers.npz"
    for run, recipe in students.items():
        if only in (None, run.name):
            lessons = _lessons(data, own, recipe)
            if teachers:
                if not taught.exists():
                    teach(list(teachers), data, taught)
                lessons = lessons.taught_by(taught, weight=recipe.teacher_weight)
            train(recipe, lessons, public, own, out=run)
    if plan.again is None:
        return list(students)
    cycles = {run.with_name(f"{run.name}-again"): run for run in students}
    for run, first in cycles.items():
        if only in (None, run.name):
            recipe = replace(plan.again, seed=students[first].seed)
            train(recipe, _lessons(data, own, recipe), public, own, out=run, start=first)
    return list(cycles)


def _lessons(data: Fer2013, own: Views, recipe: Recipe) -> Lessons:
    return Lessons.of(data.training(), own, vote_weight=recipe.vote_weight, smoothing=recipe.smoothing)


def best_on_public(runs: list[Path]) -> Path:
    """The run whose kept epoch did best on PublicTest, on both views alike."""

    def score(run: Path) -> float:
        lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
        return max(line["public"] + line.get("public_own", 0.0) for line in lines)

    return max(runs, key=score)


def main() -> None:
    """Parse the command line and do all that is not done yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help=DATA_HELP)
    parser.add_argument("--out", type=Path, default=Path("runs"), help="folder for checkpoints and logs")
    parser.add_argument("--only", help="train this one network of the plan and stop")
    parser.add_argument("--threads", type=int, help="cores to use; all by default")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    arguments.out.mkdir(parents=True, exist_ok=True)
    data = read(arguments.data)
    print(*data.remarks(), sep="\n", flush=True)
    views_path = arguments.out / "views.npz"
    if not views_path.exists():
        take(data).save(views_path)
    plan = plan_for(pick_device().type)
    students = run_plan(plan, data, Views.read(views_path), arguments.out, only=arguments.only)
    if arguments.only is None:
        export.ship(best_on_public(students), data)


if __name__ == "__main__":
    main()
