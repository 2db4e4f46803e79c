"""Train and export a network within minutes on one GPU: ``make train-gpu DATA=fer2013.csv``.

``python3 -m training.gpu --data FER2013 --views runs/views.npz --out runs/gpu-minutes`` requires PyTorch, NumPy, Pillow
and onnx, but neither network access nor mien. ``python -m training.views`` writes the detected crops for ``--views``;
without them only FER2013's crops are used.

The time is divided into parts. First the teachers are trained, several at once, each within a fixed time slot in which
its learning rate decays. Then they predict targets for as many stored views as there is time for, and the student is
trained on these until the time is over. The first teacher has the student's architecture. It is exported first, and
then each network that is better on PublicTest, so that an interrupted command still leaves a network. Everything also
runs on a CPU, but more slowly.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from multiprocessing.process import BaseProcess
from pathlib import Path

import torch
from torch import nn

from training.clock import Clock
from training.data import DATA_HELP, Fer2013, Rows, read
from training.detected import DetectedCrops
from training.finetune import write_start
from training.folder import BEST, RECIPE
from training.model import ExpressionNet, parameter_count, pick_device
from training.recipes import MinutesPlan, Recipe, minutes_plan, recognition_teacher
from training.settings import settings_from
from training.stored import Teacher, generate_views, predict_ensemble, store_views
from training.train import TrainingRows, load, predict, public_scores, train
from training.training_set import TrainingSet
from training.write_onnx import write_onnx

BASELINE = "baseline"
"""The teacher with the student's architecture."""

NETWORK = "expression.onnx"
INPUTS = "inputs.pt"
"""The file that passes ``TrainingInputs`` to other processes; shared memory may be too small for them."""

RECOGNITION = "faceres"
"""The optional teacher that is fine-tuned from a face recognition network."""

GRACE_S = 5.0
"""How long a teacher may exceed its time slot, to be scored and saved, before it is terminated."""


@dataclass(frozen=True, slots=True)
class TrainingInputs:
    """The inputs of every training process: the training rows, PublicTest and the detected crops."""

    training_set: TrainingSet
    public: Rows
    detected: DetectedCrops | None


class Exporter:
    """Exports each network that is better on PublicTest than the previous one.

    Args:
        out: The folder that ``expression.onnx`` and ``expression.json`` are written into.
        recipe: How the network was trained.
        public: PublicTest, which chooses temperature and threshold.
        best: The accuracy to exceed.
    """

    def __init__(self, out: Path, recipe: Recipe, public: Rows, best: float = -1.0) -> None:
        self.best = best
        self._out = out
        self._recipe = recipe
        self._public = public

    def update(self, model: nn.Module, score: float) -> None:
        """Write ``model`` if its accuracy ``score`` is the best so far."""
        if score <= self.best or not isinstance(model, ExpressionNet):
            return
        self._out.mkdir(parents=True, exist_ok=True)
        path = self._out / NETWORK
        write_onnx(model, path)
        logits = predict(model, torch.from_numpy(self._public.images), exact=True)[0].log()
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        settings = settings_from(logits.numpy(), self._public.labels, name=self._out.name, sha256=sha256)
        settings |= {"precision": "float32", "parameters": parameter_count(model), "recipe": asdict(self._recipe)}
        temporary_path = path.with_suffix(".json.part")
        temporary_path.write_text(json.dumps(settings, indent=2) + "\n")
        temporary_path.replace(path.with_suffix(".json"))
        self.best = score
        print(f"exported {path}: {100 * score:.2f} % on PublicTest", flush=True)


def train_in_minutes(
    plan: MinutesPlan,
    data: Fer2013,
    detected: DetectedCrops | None,
    out: Path,
    clock: Clock,
    *,
    recognition: Path | None = None,
) -> Path:
    """Train teachers and student within the time of ``clock`` and export the network that is best on PublicTest.

    Args:
        plan: The teachers and the student.
        data: FER2013.
        detected: The crops of mien's detector for all rows; None if they are not available.
        out: The folder for the networks.
        clock: The time limit.
        recognition: The ``.json`` of a face recognition network (``training.pretrained``), which is fine-tuned as an
            additional teacher.

    Returns:
        The folder of the exported network.

    Raises:
        ValueError: If ``out`` holds another run, FER2013 is incomplete, or the time was too short for any network.
    """
    public = data.part("PublicTest")
    if not len(public) or not len(data.training()):
        raise ValueError("FER2013 is incomplete: both Training and PublicTest must have rows")
    if (out / NETWORK).exists() or (out / BASELINE).exists():
        raise ValueError(f"{out} holds another run; move that folder away, or choose another --out")
    inputs = TrainingInputs(_training_set(data, detected, plan.student), public, detected)
    if recognition is not None:
        recipe = recognition_teacher()
        write_start(recognition, recipe, inputs.training_set, _start_of(out / RECOGNITION))
        plan = replace(plan, teachers={**plan.teachers, RECOGNITION: recipe})
    _train_teachers(plan, inputs, out, clock.part(plan.teachers_share))
    runs = [out / name for name in plan.teachers if (out / name / BEST).exists() and (out / name / RECIPE).exists()]
    _log(clock, f"{len(runs)} of {len(plan.teachers)} teachers trained")
    student = out / "student"
    _train_student(plan, inputs, runs, student, out, clock)
    if not (out / NETWORK).exists():
        raise ValueError(f"{clock.length_s:.0f} seconds were too short to train a network")
    _log(clock, f"best network on PublicTest: {out / NETWORK}")
    return out


def _start_of(run: Path) -> Path:
    """The folder of the initial weights of ``run``."""
    return run.with_name(f"{run.name}-start")


def _training_set(data: Fer2013, detected: DetectedCrops | None, recipe: Recipe) -> TrainingSet:
    return TrainingSet.of(data.training(), detected, vote_weight=recipe.vote_weight, smoothing=recipe.smoothing)


def _train_teachers(plan: MinutesPlan, inputs: TrainingInputs, out: Path, clock: Clock) -> None:
    """Train every teacher, ``plan.at_once`` at a time; failed teachers are reported and skipped."""
    shared = out / INPUTS
    out.mkdir(parents=True, exist_ok=True)
    torch.save(inputs, shared)
    names = list(plan.teachers)
    rounds = [names[start : start + plan.at_once] for start in range(0, len(names), plan.at_once)]
    for number, group in enumerate(rounds):
        slot = clock.part(1 / (len(rounds) - number))
        jobs = {name: (plan.teachers[name], shared, out, name, slot.start_s, slot.length_s) for name in group}
        if plan.at_once == 1:
            for arguments in jobs.values():
                _train_teacher(*arguments)
            continue
        context = multiprocessing.get_context("spawn")
        processes: dict[str, BaseProcess] = {
            name: context.Process(target=_train_teacher, args=arguments, daemon=True)
            for name, arguments in jobs.items()
        }
        for process in processes.values():
            process.start()
        grace = Clock.of(slot.left_s() + GRACE_S)
        for name, process in processes.items():
            process.join(grace.left_s())
            if process.is_alive():
                process.terminate()
                process.join()
            if process.exitcode != 0:
                print(f"teacher {name} failed or exceeded its time", file=sys.stderr, flush=True)
    shared.unlink()


def _train_teacher(recipe: Recipe, shared: Path, out: Path, name: str, start_s: float, length_s: float) -> None:
    """Train one teacher within its time slot; the baseline is also exported."""
    _prepare()
    inputs: TrainingInputs = torch.load(shared, weights_only=False)
    exporter = Exporter(out, recipe, inputs.public)
    start = _start_of(out / name)
    train(
        recipe,
        inputs.training_set,
        inputs.public,
        inputs.detected,
        out=out / name,
        start=start if start.exists() else None,
        clock=Clock(start_s, length_s),
        on_best=exporter.update if name == BASELINE else None,
        keeps_checkpoints=False,
    )


def _train_student(
    plan: MinutesPlan, inputs: TrainingInputs, runs: Sequence[Path], student: Path, out: Path, clock: Clock
) -> None:
    """Train the student on stored views with the teachers' predictions, or on the labels if there is no teacher."""
    device = pick_device()
    training_set = inputs.training_set.to(device)
    teachers = [_teacher(run, 1 / len(runs), device) for run in runs]
    baseline_score = -1.0
    start = out / BASELINE if out / BASELINE in runs else None
    if start is not None:
        recipe, model = load(start)
        scores = public_scores(model.to(device), inputs.public, inputs.detected, side_px=recipe.side_px)
        baseline_score = sum(scores.values()) / len(scores)
    recipe = plan.student
    exporter = Exporter(out, recipe, inputs.public, best=baseline_score)
    source: TrainingRows = training_set
    if teachers:
        _log(clock, f"all teachers: PublicTest {100 * _mirrored_accuracy(teachers, inputs.public, device):.2f} %")
        answers_clock = clock.part(plan.answers_share)
        generator = torch.Generator(device).manual_seed(recipe.seed)
        views = []
        for view in generate_views(
            training_set, teachers, plan.jitter, own_share=recipe.own_share, generator=generator
        ):
            views.append(view)
            if len(views) == plan.views or answers_clock.share() >= 1:
                break
        _log(clock, f"{len(views)} views with teacher predictions")
        source = store_views(training_set, views, weight=recipe.teacher_weight)
    train(
        recipe,
        source,
        inputs.public,
        inputs.detected,
        out=student,
        start=start,
        clock=clock.part(1 - plan.reserve_share),
        on_best=exporter.update,
        keeps_checkpoints=False,
    )
    _log(clock, "student trained")


def _teacher(run: Path, share: float, device: torch.device) -> Teacher:
    recipe, model = load(run)
    return Teacher(model.to(device, memory_format=torch.channels_last), recipe.side_px, share)


def _mirrored_accuracy(teachers: Sequence[Teacher], public: Rows, device: torch.device) -> float:
    predicted = predict_ensemble(teachers, torch.from_numpy(public.images).to(device)).labels
    return float((predicted.argmax(1).numpy() == public.labels).mean())


def _prepare() -> None:
    """Enable the fastest GPU kernels; the number of CPU threads is unchanged."""
    torch.backends.cudnn.benchmark = True
    torch.set_float32_matmul_precision("high")


def _log(clock: Clock, words: str) -> None:
    print(f"{clock.now() - clock.start_s:6.1f} s: {words}", flush=True)


def main() -> None:
    """Parse the command line, train and export."""
    clock_start_s = time.monotonic()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help=DATA_HELP)
    parser.add_argument("--views", type=Path, help="output of training.views; ignored if it is missing")
    parser.add_argument(
        "--out", type=Path, default=Path("runs/gpu-minutes"), help="folder for the networks, new or empty"
    )
    parser.add_argument("--minutes", type=float, default=9.0, help="time limit in minutes (default 9)")
    parser.add_argument(
        "--recognition", type=Path, metavar="JSON", help="a face recognition network, for an additional teacher"
    )
    arguments = parser.parse_args()
    if not arguments.minutes > 0:
        parser.error("--minutes must be more than 0")
    clock = Clock(clock_start_s, 60 * arguments.minutes)
    try:
        _run(arguments, clock)
    except (OSError, ValueError) as error:  # training.exit_on_error would import mien
        sys.exit(str(error))


def _run(arguments: argparse.Namespace, clock: Clock) -> None:
    data = read(arguments.data)
    print(*data.remarks(), sep="\n", flush=True)
    has_views = arguments.views is not None and arguments.views.is_file()
    detected = DetectedCrops.read(arguments.views, data.rows.images) if has_views else None
    _log(clock, f"data read, {'with' if has_views else 'without'} detected crops")
    _prepare()
    train_in_minutes(minutes_plan(), data, detected, arguments.out, clock, recognition=arguments.recognition)
    print(
        f"to export it as int8, on a CPU: python -m training.export {arguments.out / 'student'} --data {arguments.data}"
    )


if __name__ == "__main__":
    main()
