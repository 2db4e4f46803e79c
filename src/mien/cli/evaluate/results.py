"""The results of ``mien evaluate``: scores over all pictures, by group, by corruption and by size of the face."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from mien.cli.evaluate.dataset import LabelledImage, in_order

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mien.evaluation.everyday import EverydayScores
    from mien.evaluation.metrics import Scores
    from mien.evaluation.predictors import Prediction

Predictions = Sequence[tuple[LabelledImage, "Prediction"]]


@dataclass(frozen=True, slots=True)
class ConditionScore:
    """Accuracy 0..1 on crops that are all corrupted in one way; ``side_px`` is set if that is a smaller face."""

    name: str
    accuracy: float
    side_px: int | None = None


@dataclass(frozen=True, slots=True)
class FramedScore:
    """Crops classified directly and in a frame: faces ``found`` in the frame, and both accuracies 0..1 on those."""

    found: int
    as_crops: float
    framed: float

    @property
    def points_lost(self) -> float:
        """The percentage points of accuracy that detection and alignment cost."""
        return 100 * (self.as_crops - self.framed)


@dataclass(frozen=True, slots=True)
class GroupScore:
    """Scores of a group of pictures, such as "age" "40-59"; ``scores`` is None if no face was found.

    ``interval`` is the 95 % confidence interval of the accuracy.
    """

    column: str
    name: str
    pictures: int
    scores: Scores | None
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Scores over those of ``pictures`` in which a face was found.

    ``truth`` int64 [n] and ``probabilities`` float64 [n, 7] are the rows of those pictures.
    """

    model: str
    prior: str
    pictures: int
    scores: Scores
    truth: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    ms_a_picture: float
    crops: bool
    mirror: bool
    framing: FramedScore | None
    corrupted: tuple[ConditionScore, ...]
    smaller: tuple[ConditionScore, ...]
    groups: tuple[GroupScore, ...]
    everyday: tuple[EverydayScores, ...]

    @classmethod
    def of(
        cls,
        predictions: Predictions,
        groups: Mapping[str, Mapping[Path, str]],
        votes: Mapping[Path, tuple[int, ...]],
        *,
        model: str,
        prior: str,
        crops: bool,
        framed: bool,
        mirror: bool,
        by_lighting: bool,
    ) -> Self:
        """Score predictions, at least one of which must have a face.

        Args:
            predictions: The pictures and the predictions for them.
            groups: By column, the group of each picture.
            votes: How many of ten people chose each expression, for the pictures of which that is known.
            model: The name of the classifier.
            prior: The name of the prior that it classified under.
            crops: Whether the pictures are crops of faces.
            framed: Whether they were predicted in a frame too.
            mirror: Whether the predictions are means over mirror images.
            by_lighting: Whether to score thirds of the pictures by brightness and contrast.
        """
        from mien.evaluation.metrics import LIGHTING, score

        truth, probabilities = _rows((picture, prediction.plain) for picture, prediction in predictions)
        scores = score(truth, probabilities)
        parts = [part for column, names in groups.items() for part in _by_name(column, names, predictions)]
        if by_lighting:
            parts += [part for column in LIGHTING for part in _thirds(column, predictions)]
        return cls(
            model=model,
            prior=prior,
            pictures=len(predictions),
            scores=scores,
            truth=truth,
            probabilities=probabilities,
            ms_a_picture=1000 * sum(prediction.elapsed_s for _, prediction in predictions) / len(predictions),
            crops=crops,
            mirror=mirror,
            framing=_framing(predictions) if framed else None,
            corrupted=tuple(_conditions(predictions)),
            smaller=tuple(_sizes(predictions, scores.accuracy)),
            groups=tuple(parts),
            everyday=tuple(_everyday(predictions, votes)),
        )

    @property
    def share_found(self) -> float:
        """The share of pictures in which a face was found, 0..1."""
        return self.scores.count / self.pictures

    @property
    def accuracy_over_all(self) -> float:
        """The share of all pictures that were classified correctly, 0..1; pictures without a face count as errors."""
        return self.scores.accuracy * self.share_found

    @property
    def mean_corrupted(self) -> float:
        """The mean accuracy over the corruptions, 0..1."""
        return sum(condition.accuracy for condition in self.corrupted) / len(self.corrupted)

    def points_lost(self, accuracy: float) -> float:
        """The percentage points by which ``accuracy`` is below that of the unchanged crops."""
        return 100 * (self.scores.accuracy - accuracy)


def _rows(
    answers: Iterable[tuple[LabelledImage, NDArray[np.float64] | None]],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Classes int64 [n] and probabilities float64 [n, 7] of the pictures that have an answer."""
    import numpy as np

    from mien.types import Emotion

    classes = {emotion: index for index, emotion in enumerate(Emotion)}
    answered = [(classes[picture.emotion], answer) for picture, answer in answers if answer is not None]
    truth = np.array([class_ for class_, _ in answered], dtype=np.int64)
    return truth, np.array([answer for _, answer in answered], dtype=np.float64).reshape(-1, len(Emotion))


def _accuracy(answers: Iterable[tuple[LabelledImage, NDArray[np.float64] | None]]) -> float:
    """The share of correct answers, 0..1; NaN if there are none."""
    from mien.evaluation.metrics import predicted_classes

    truth, probabilities = _rows(answers)
    return float((predicted_classes(probabilities) == truth).mean()) if len(truth) else float("nan")


def _framing(predictions: Predictions) -> FramedScore:
    found = [(picture, prediction) for picture, prediction in predictions if prediction.framed is not None]
    return FramedScore(
        found=len(found),
        as_crops=_accuracy((picture, prediction.plain) for picture, prediction in found),
        framed=_accuracy((picture, prediction.framed) for picture, prediction in found),
    )


def _conditions(predictions: Predictions) -> Iterator[ConditionScore]:
    for corruption in predictions[0][1].corrupted:
        answers = [(picture, prediction.corrupted[corruption]) for picture, prediction in predictions]
        yield ConditionScore(str(corruption), _accuracy(answers))


def _sizes(predictions: Predictions, accuracy_at_full_size: float) -> Iterator[ConditionScore]:
    from mien.face.align import CROP_PX

    sides_px = predictions[0][1].smaller
    if sides_px:
        yield ConditionScore(f"{CROP_PX} px", accuracy_at_full_size, CROP_PX)
    for side_px in sides_px:
        accuracy = _accuracy((picture, prediction.smaller[side_px]) for picture, prediction in predictions)
        yield ConditionScore(f"{side_px} px", accuracy, side_px)


def _everyday(predictions: Predictions, votes: Mapping[Path, tuple[int, ...]]) -> Iterator[EverydayScores]:
    """Scores for each agreement that at least one picture with a face and votes reaches."""
    import numpy as np

    from mien.evaluation.everyday import AGREEMENTS, everyday_scores

    rows = [(votes[picture.path], found.plain) for picture, found in predictions if picture.path in votes]
    known = [(counts, answer) for counts, answer in rows if answer is not None]
    if not known:
        return
    counts = np.array([counts for counts, _ in known], dtype=np.float64)
    probabilities = np.array([answer for _, answer in known], dtype=np.float64)
    for agreement in AGREEMENTS:
        if (counts.max(axis=1) >= agreement).any():
            yield everyday_scores(counts, probabilities, agreement=agreement)


def _by_name(column: str, names: Mapping[Path, str], predictions: Predictions) -> Iterator[GroupScore]:
    for name in in_order(names):
        inside = [(picture, prediction) for picture, prediction in predictions if names.get(picture.path) == name]
        if inside:
            yield _group(column, name, inside)


def _thirds(column: str, predictions: Predictions) -> Iterator[GroupScore]:
    import numpy as np

    from mien.evaluation.metrics import LIGHTING, thirds

    values = np.array(
        [prediction.brightness if column == "brightness" else prediction.contrast for _, prediction in predictions]
    )
    third_of = thirds(values)
    for third, word in enumerate(LIGHTING[column]):
        inside = [row for row, own in zip(predictions, third_of, strict=True) if own == third]
        if inside:
            span = values[third_of == third]
            yield _group(column, f"{word} ({span.min():.0f} to {span.max():.0f})", inside)


def _group(column: str, name: str, inside: Predictions) -> GroupScore:
    from mien.evaluation.metrics import score, wilson_interval

    truth, probabilities = _rows((picture, prediction.plain) for picture, prediction in inside)
    if not len(truth):
        return GroupScore(column, name, len(inside), None, (0.0, 1.0))
    scores = score(truth, probabilities)
    return GroupScore(column, name, len(inside), scores, wilson_interval(int(scores.confusion.trace()), scores.count))


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """The evaluation as one JSON object; rows of ``confusion`` are true classes, columns predicted ones."""
    from mien.types import Emotion

    scores = evaluation.scores
    return {
        "model": evaluation.model,
        "prior": evaluation.prior,
        "crops": evaluation.crops,
        "mirror": evaluation.mirror,
        "n": evaluation.pictures,
        "found": scores.count,
        "share_found": round(evaluation.share_found, 4),
        "accuracy": round(scores.accuracy, 4),
        "accuracy_over_all": round(evaluation.accuracy_over_all, 4),
        "macro_f1": round(scores.macro_f1, 4),
        "ece": round(scores.calibration_error, 4),
        "accuracy_at_80_coverage": round(scores.selective_accuracy, 4),
        "ms_a_picture": round(evaluation.ms_a_picture, 3),
        "expressions": [str(emotion) for emotion in Emotion],
        "confusion": scores.confusion.tolist(),
        **_extras(evaluation),
    }


def _extras(evaluation: Evaluation) -> dict[str, Any]:
    """The results of the options."""
    extras: dict[str, Any] = {}
    if framing := evaluation.framing:
        found = framing.found > 0
        extras["framed"] = {
            "found": framing.found,
            "share_found": round(framing.found / evaluation.pictures, 4),
            "accuracy_as_crops": round(framing.as_crops, 4) if found else None,
            "accuracy_framed": round(framing.framed, 4) if found else None,
            "points_lost": round(framing.points_lost, 2) if found else None,
        }
    if evaluation.corrupted:
        from mien.evaluation.corruptions import USUAL_SEVERITY

        extras["corruptions"] = {
            "severity": USUAL_SEVERITY,
            "accuracy": {condition.name: round(condition.accuracy, 4) for condition in evaluation.corrupted},
            "mean": round(evaluation.mean_corrupted, 4),
            "points_lost": round(evaluation.points_lost(evaluation.mean_corrupted), 2),
        }
    if evaluation.smaller:
        extras["sizes"] = [
            {"side_px": condition.side_px, "accuracy": round(condition.accuracy, 4)} for condition in evaluation.smaller
        ]
    if evaluation.everyday:
        extras["everyday"] = [_everyday_as_json(scores) for scores in evaluation.everyday]
    if evaluation.groups:
        extras["groups"] = [_group_as_json(group) for group in evaluation.groups]
    return extras


def _everyday_as_json(scores: EverydayScores) -> dict[str, Any]:
    from mien.types import Emotion

    recalls = zip(Emotion, scores.recalls.tolist(), scores.rows.tolist(), strict=True)
    return {
        "agreement": scores.agreement,
        "n": scores.count,
        "accuracy": round(scores.accuracy, 4),
        "ece": round(scores.calibration_error, 4),
        "recall": {str(emotion): round(recall, 4) if rows else None for emotion, recall, rows in recalls},
    }


def _group_as_json(group: GroupScore) -> dict[str, Any]:
    scores = group.scores
    return {
        "column": group.column,
        "group": group.name,
        "n": group.pictures,
        "found": scores.count if scores else 0,
        "share_found": round(scores.count / group.pictures, 4) if scores else 0.0,
        "accuracy": round(scores.accuracy, 4) if scores else None,
        "accuracy_95": [round(bound, 4) for bound in group.interval] if scores else None,
        "macro_f1": round(scores.macro_f1, 4) if scores else None,
        "ece": round(scores.calibration_error, 4) if scores else None,
    }
