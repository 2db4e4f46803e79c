"""Training recipes: all hyperparameters of teachers and students, for a CPU and for a GPU."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from torch import nn

from training.augment import Jitter
from training.model import STUDENT_STAGES, ExpressionNet, Shape, Stages
from training.pretrained import MobileNet


@dataclass(frozen=True, slots=True)
class Recipe:
    """The hyperparameters of one network; stored in its run folder.

    The first ``small_share`` of the epochs use images of ``small_side_px``, which cost half as much and are nearly as
    effective (Tan and Le 2021, arXiv:2104.00298). ``own_share`` is the probability that mien's detected crop of a row
    is used, ``teacher_weight`` the weight of the teachers' predictions in the targets. ``batches_at_once`` batches are
    drawn and augmented together, which uses a GPU better. PublicTest is scored every ``score_every`` epochs.
    """

    shape: Shape | Literal["mobilenet"] = "vgg"
    stages: Stages = STUDENT_STAGES
    dropout: float = 0.3
    frozen_blocks: int = 0
    side_px: int = 48
    small_side_px: int = 36
    small_share: float = 0.5
    seed: int = 1
    epochs: int = 50
    batch_size: int = 128
    learning_rate: float = 0.1
    weight_decay: float = 5e-4
    momentum: float = 0.9
    muon_rate: float = 0.0
    muon_weight_decay: float = 0.02
    adam_rate: float = 0.0
    adam_weight_decay: float = 0.03
    warmup_epochs: float = 3.0
    ema_decay: float = 0.998
    vote_weight: float = 0.3
    smoothing: float = 0.05
    votes_loss: float = 0.5
    own_share: float = 0.35
    mixup: float = 0.0
    teacher_weight: float = 0.7
    batches_at_once: int = 1
    score_every: int = 1
    jitter: Jitter = field(default_factory=Jitter)

    def network(self) -> nn.Module:
        """The untrained network; ``stages`` is ignored for a mobilenet, ``frozen_blocks`` for all others."""
        if self.shape == "mobilenet":
            return MobileNet(dropout=self.dropout, frozen_blocks=self.frozen_blocks)
        return ExpressionNet(self.stages, shape=self.shape, dropout=self.dropout)

    def side_at(self, epoch: float) -> int:
        """The image side in pixels in ``epoch``, counted from 0."""
        return self.small_side_px if epoch < self.small_share * self.epochs else self.side_px

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Recipe:
        """A recipe from the JSON object of ``dataclasses.asdict``."""
        fields = dict(values)
        fields["stages"] = tuple(tuple(stage) for stage in fields["stages"])
        jitter: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in fields["jitter"].items()
        }
        return cls(**{**fields, "jitter": Jitter(**jitter)})


@dataclass(frozen=True, slots=True)
class Plan:
    """The networks of a complete training.

    Attributes:
        teachers: Recipes by name.
        student: The recipe of the student.
        again: The recipe of a second cycle, which starts from the student with a high learning rate again (Loshchilov
            and Hutter 2017, arXiv:1608.03983).
        seeds: The student's seeds.
        folder: The folder of the plan's runs, below the output folder.
    """

    teachers: Mapping[str, Recipe]
    student: Recipe
    again: Recipe | None = None
    seeds: tuple[int, ...] = (1, 2, 3)
    folder: str = "."


@dataclass(frozen=True, slots=True)
class MinutesPlan:
    """A training within minutes on one GPU (``training.gpu``); each part is limited by time instead of epochs.

    Attributes:
        teachers: Recipes by name.
        student: The recipe of the network that is exported.
        jitter: The augmentation of the stored views, which teachers and student share.
        views: The maximum number of stored views of each row.
        at_once: The number of teachers trained in parallel, each in its own process.
        teachers_share: The fraction of the time for training the teachers, 0..1.
        answers_share: The fraction of the remaining time for their predictions.
        reserve_share: The fraction of the time remaining after that which is reserved for the last export.
    """

    teachers: Mapping[str, Recipe]
    student: Recipe
    jitter: Jitter
    views: int = 20
    at_once: int = 3
    teachers_share: float = 0.5
    answers_share: float = 0.2
    reserve_share: float = 0.08


def plan_for(device: str) -> Plan:
    """The plan for a device: one night on two cores ("cpu"), or an estimated few hours on one GPU ("cuda")."""
    return _on_gpu() if device == "cuda" else _on_cpu()


def _on_cpu() -> Plan:
    """A plan without teachers: teachers small enough for a CPU made the student worse (``training/LOG.md``)."""
    return Plan(teachers={}, student=_cpu_student(), again=second_cycle())


def _cpu_student() -> Recipe:
    return Recipe(
        epochs=64,
        small_share=0.6,
        batch_size=256,
        learning_rate=0.05,
        muon_rate=0.05,
        warmup_epochs=1.0,
        teacher_weight=0.0,
    )


def second_cycle() -> Recipe:
    """The recipe of the student's second cycle on a CPU."""
    return replace(
        _cpu_student(),
        epochs=40,
        small_share=0.0,
        learning_rate=0.03,
        muon_rate=0.03,
        own_share=0.25,
        jitter=Jitter(noise_share=0.12, dim_share=0.08, jpeg_share=0.06, coarse_share=0.08, erase_share=0.3),
    )


def _on_gpu() -> Plan:
    student = Recipe(
        epochs=200, batch_size=256, learning_rate=0.05, muon_rate=0.05, mixup=0.2, small_share=0.0, teacher_weight=0.7
    )
    teacher = replace(student, epochs=100, own_share=0, dropout=0.4)
    wide: Stages = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512))
    deep: Stages = ((64, 64), (128, 128), (256, 256), (512, 512))
    light: Stages = ((48, 48), (96, 96), (160, 160, 160), (256, 256))
    return Plan(
        teachers={
            "vgg-64": replace(teacher, stages=wide, side_px=64, seed=11),
            "vgg-96": replace(teacher, stages=wide, side_px=96, seed=12),
            "residual-64": replace(teacher, shape="residual", stages=deep, side_px=64, seed=13),
            "residual-112": replace(teacher, shape="residual", stages=deep, side_px=112, seed=14),
            "separable-64": replace(teacher, shape="separable", stages=light, side_px=64, seed=15),
            "separable-112": replace(teacher, shape="separable", stages=light, side_px=112, seed=16),
        },
        student=replace(student, stages=((48,), (80, 80), (160, 160, 160), (288, 288, 288))),
        folder="gpu",
    )


def recognition_teacher() -> Recipe:
    """The recipe for fine-tuning a face recognition network (``training.finetune``) on two cores."""
    return Recipe(
        shape="mobilenet",
        stages=(),
        frozen_blocks=4,
        side_px=96,
        small_share=0.0,
        seed=21,
        epochs=12,
        adam_rate=6e-4,
        warmup_epochs=0.5,
        ema_decay=0.996,
        own_share=0.25,
        mixup=0.2,
        jitter=Jitter(noise_share=0.06, dim_share=0.04, jpeg_share=0.04, coarse_share=0.06, erase_share=0.3),
    )


def distilled_student() -> Recipe:
    """The recipe for continuing a student's training with teachers, on two cores (``training.distil``).

    Its augmentation is applied to stored views, which were augmented with the jitter of the second cycle before.
    """
    return replace(
        second_cycle(),
        seed=5,
        epochs=16,
        learning_rate=0.015,
        muon_rate=0.015,
        warmup_epochs=0.5,
        own_share=0.5,
        teacher_weight=0.7,
        jitter=LIGHT_JITTER,
    )


#: For views that have been augmented before.
LIGHT_JITTER = Jitter(rotation_deg=4.0, scale=0.05, shift=0.03, coarse_share=0.05, dim_share=0.05, jpeg_share=0.05)


def minutes_plan() -> MinutesPlan:
    """A plan for nine minutes on one large GPU.

    The numbers of epochs are upper limits that are rarely reached in the time. Batches are large, and eight of them are
    augmented together, because small operations leave a large GPU idle.
    """
    plan = _on_gpu()

    def in_minutes(recipe: Recipe) -> Recipe:
        return replace(recipe, batch_size=512, batches_at_once=8, score_every=5, warmup_epochs=2.0)

    student = in_minutes(replace(plan.student, own_share=0.25))
    teachers = {
        "baseline": replace(student, seed=10),
        **{name: in_minutes(plan.teachers[name]) for name in _MINUTES_TEACHERS},
    }
    return MinutesPlan(teachers, replace(student, jitter=LIGHT_JITTER, warmup_epochs=1.0), student.jitter)


_MINUTES_TEACHERS = ("vgg-64", "vgg-96", "residual-64", "residual-112", "separable-112")
