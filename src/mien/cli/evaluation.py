"""What ``mien evaluate`` found, and how it is shown: a summary and a shaded confusion matrix, or JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import click

from mien.cli.output import show, table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mien.evaluate import Scores
    from mien.types import Emotion

_LIGHTEST, _DARKEST = (222, 235, 247), (8, 69, 148)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Scores over the pictures in which a face was read, and how many of ``pictures`` those are."""

    model: str
    pictures: int
    scores: Scores
    ms_a_picture: float
    crops: bool
    mirror: bool

    @classmethod
    def of(cls, truth: Sequence[Emotion], probabilities: Sequence[NDArray[np.float64]], **about: Any) -> Self:
        """Score the rows that were read."""
        import numpy as np

        from mien.evaluate import score
        from mien.types import Emotion

        places = {emotion: place for place, emotion in enumerate(Emotion)}
        return cls(scores=score(np.array([places[e] for e in truth]), np.stack(probabilities)), **about)

    @property
    def share_found(self) -> float:
        """The share of pictures in which a face was read, 0..1."""
        return self.scores.count / self.pictures

    @property
    def accuracy_over_all(self) -> float:
        """The share of all pictures that were read right, 0..1: without a face, a picture is wrong."""
        return self.scores.accuracy * self.share_found


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """The evaluation as one JSON object; rows of ``confusion`` are true, columns are what was said."""
    from mien.types import Emotion

    scores = evaluation.scores
    return {
        "model": evaluation.model,
        "crops": evaluation.crops,
        "mirror": evaluation.mirror,
        "n": evaluation.pictures,
        "found": scores.count,
        "share_found": round(evaluation.share_found, 4),
        "accuracy": round(scores.accuracy, 4),
        "accuracy_over_all": round(evaluation.accuracy_over_all, 4),
        "macro_f1": round(scores.macro_f1, 4),
        "ece": round(scores.calibration_error, 4),
        "ms_a_picture": round(evaluation.ms_a_picture, 3),
        "expressions": [str(emotion) for emotion in Emotion],
        "confusion": scores.confusion.tolist(),
    }


def show_evaluation(evaluation: Evaluation) -> None:
    """Print the figures and the confusion matrix for people."""
    scores = evaluation.scores
    lines = [("pictures", f"{evaluation.pictures}")]
    if not evaluation.crops:
        lines.append(("face found", f"{evaluation.share_found:.1%} ({scores.count})"))
    lines.append(("accuracy", f"{scores.accuracy:.2%}"))
    if not evaluation.crops:
        lines.append(("  over all", f"{evaluation.accuracy_over_all:.2%}"))
    lines += [
        ("macro F1", f"{scores.macro_f1:.2%}"),
        ("ECE, 15 bins", f"{scores.calibration_error:.2%}"),
        ("time", f"{evaluation.ms_a_picture:.2f} ms a picture"),
        ("model", evaluation.model + (", mean of mirror images" if evaluation.mirror else "")),
    ]
    for name, value in lines:
        click.echo(f"{name:<14}{value}")
    _show_confusion(scores.confusion)


def _show_confusion(confusion: NDArray[np.int64]) -> None:
    from rich.text import Text

    from mien.types import Emotion

    names = tuple(str(emotion) for emotion in Emotion)
    rows = table("true \\ read", *names, "right", numbers=(*names, "right"))
    for place, name in enumerate(names):
        counts = confusion[place]
        total = int(counts.sum())
        cells = [Text(f" {count} ", style=_shade(count / total) if count else "dim") for count in counts]
        rows.add_row(Text(name), *cells, Text(f"{counts[place] / total:.0%}" if total else ""))
    show(rows)


def _shade(share: float) -> str:
    """Darker for more of a row; the text stays readable whatever the terminal's own colours."""
    red, green, blue = (round(light + share * (dark - light)) for light, dark in zip(_LIGHTEST, _DARKEST, strict=True))
    return f"{'white' if share > 0.45 else 'black'} on rgb({red},{green},{blue})"
