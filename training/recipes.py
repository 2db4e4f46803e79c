"""Everything that sets the result: the recipes of teachers and student, for a CPU and for a GPU."""

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
    """How one network is trained; written beside it.

    The first ``small_share`` of the epochs see pictures of ``small_side_px``: they cost half as much and teach nearly
    as well (Tan and Le 2021, arXiv:2104.00298). ``own_share`` is the chance that a row is seen as mien's own detector
    crops it, ``teacher_weight`` the share of a target that comes from the teachers, where there are any.
    ``batches_at_once`` are drawn and jittered together, which spares a GPU small steps; PublicTest is scored after
    every ``score_every`` epochs.
    """

    shape: Shape | Literal["mobilenet"] = "vgg"
    stages: Stages = STUDENT_STAGES
    dropout: float = 0.3
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
        """The untrained network; ``stages`` mean nothing to a mobilenet."""
        if self.shape == "mobilenet":
            return MobileNet(dropout=self.dropout)
        return ExpressionNet(self.stages, shape=self.shape, dropout=self.dropout)

    def side_at(self, epoch: float) -> int:
        """The side in pixels of the pictures in ``epoch``, counted from 0."""
        return self.small_side_px if epoch < self.small_share * self.epochs else self.side_px

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Recipe:
        """The recipe that was written with ``dataclasses.asdict`` and read back."""
        fields = dict(values)
        fields["stages"] = tuple(tuple(stage) for stage in fields["stages"])
        jitter: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in fields["jitter"].items()
        }
        return cls(**{**fields, "jitter": Jitter(**jitter)})


@dataclass(frozen=True, slots=True)
class Plan:
    """Teachers by name, the student they teach, and the seeds that the student is trained with.

    ``again`` is a second cycle of the student, which begins with what the first ended with and the learning rate high
    once more (Loshchilov and Hutter 2017, arXiv:1608.03983). ``folder`` keeps the networks of two plans apart.
    """

    teachers: Mapping[str, Recipe]
    student: Recipe
    again: Recipe | None = None
    seeds: tuple[int, ...] = (1, 2, 3)
    folder: str = "."


@dataclass(frozen=True, slots=True)
class MinutesPlan:
    """What is trained in a few minutes of one GPU (``training.gpu``); the clock, not the epochs, ends each part.

    Args:
        teachers: Recipes by name.
        student: The recipe of the network that is exported.
        jitter: How far the stored views stray, which teachers and student see alike.
        views: How many views of each row are stored at most.
        at_once: How many teachers are trained at the same time, each in a process of its own.
        teachers_share: The share of the time for training teachers, 0..1.
        answers_share: The share of what is left then for their answers.
        reserve_share: The share of what is left at last that the student leaves unused, for its last export.
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
    """What fits into a night of two cores ("cpu"); or what is reckoned, not measured, as hours of one GPU ("cuda")."""
    return _on_gpu() if device == "cuda" else _on_cpu()


def _on_cpu() -> Plan:
    """No teachers: those that two cores had trained before held the student back (``training/LOG.md``)."""
    student = Recipe(
        epochs=64,
        small_share=0.6,
        batch_size=256,
        learning_rate=0.05,
        muon_rate=0.05,
        warmup_epochs=1.0,
        teacher_weight=0.0,
    )
    again = replace(
        student,
        epochs=40,
        small_share=0.0,
        learning_rate=0.03,
        muon_rate=0.03,
        own_share=0.25,
        jitter=Jitter(noise_share=0.12, dim_share=0.08, jpeg_share=0.06, coarse_share=0.08, erase_share=0.3),
    )
    return Plan(teachers={}, student=student, again=again)


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
    """The fine-tuning of a face recognition network (``training.finetune``), at a low rate; not measured."""
    return Recipe(
        shape="mobilenet",
        stages=(),
        side_px=96,
        small_share=0.0,
        seed=21,
        epochs=12,
        learning_rate=0.02,
        warmup_epochs=0.5,
        own_share=0.25,
        mixup=0.1,
        jitter=Jitter(noise_share=0.06, dim_share=0.04, jpeg_share=0.04, coarse_share=0.06, erase_share=0.3),
    )


def minutes_plan() -> MinutesPlan:
    """What should fit into nine minutes of one large GPU; proven in little on a CPU, not measured on a GPU.

    The numbers of epochs are limits that the clock hardly lets anything reach. Batches are large, and eight of them are
    jittered together, because small steps leave a large GPU idle.
    """
    plan = _on_gpu()

    def in_minutes(recipe: Recipe) -> Recipe:
        return replace(recipe, batch_size=512, batches_at_once=8, score_every=5, warmup_epochs=2.0)

    student = in_minutes(replace(plan.student, own_share=0.25))
    light = Jitter(rotation_deg=4.0, scale=0.05, shift=0.03, coarse_share=0.05, dim_share=0.05, jpeg_share=0.05)
    teachers = {
        "baseline": replace(student, seed=10),
        **{name: in_minutes(plan.teachers[name]) for name in _MINUTES_TEACHERS},
    }
    return MinutesPlan(teachers, replace(student, jitter=light, warmup_epochs=1.0), student.jitter)


_MINUTES_TEACHERS = ("vgg-64", "vgg-96", "residual-64", "residual-112", "separable-112")
