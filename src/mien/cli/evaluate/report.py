"""Prints an evaluation: a summary, a shaded confusion matrix, and tables of conditions and groups."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import click

from mien.cli.evaluate.results import ConditionScore, Evaluation, GroupScore
from mien.cli.terminal.output import escape_control, show, table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mien.evaluation.everyday import EverydayScores

_LIGHTEST, _DARKEST = (222, 235, 247), (8, 69, 148)


def show_evaluation(evaluation: Evaluation) -> None:
    """Print an evaluation as tables."""
    for name, value in _summary(evaluation):
        click.echo(f"{name:<14}{value}")
    _show_confusion(evaluation.scores.confusion)
    if evaluation.everyday:
        _show_everyday(evaluation.everyday)
    if evaluation.corrupted:
        from mien.evaluation.corruptions import USUAL_SEVERITY

        mean = ConditionScore("mean", evaluation.mean_corrupted)
        _show_conditions(f"corrupted, severity {USUAL_SEVERITY}", (*evaluation.corrupted, mean), evaluation)
    if evaluation.smaller:
        _show_conditions("size of the face", evaluation.smaller, evaluation)
    for column, groups in groupby(evaluation.groups, key=lambda group: group.column):
        _show_groups(column, list(groups), crops=evaluation.crops)


def _summary(evaluation: Evaluation) -> list[tuple[str, str]]:
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
        ("80% coverage", f"{scores.selective_accuracy:.2%} accuracy without the least confident fifth"),
    ]
    if framing := evaluation.framing:
        lines.append(("framed", f"face found in {framing.found / evaluation.pictures:.1%} ({framing.found})"))
        if framing.found:
            both = f"{framing.framed:.2%}, the same rows as crops {framing.as_crops:.2%}"
            lines.append(("  accuracy", f"{both}: {framing.points_lost:.2f} points lost"))
    lines += [
        ("time", f"{evaluation.ms_a_picture:.2f} ms per picture"),
        ("prior", evaluation.prior),
        ("model", escape_control(evaluation.model) + (", mean of mirror images" if evaluation.mirror else "")),
    ]
    return lines


def _show_everyday(everyday: Sequence[EverydayScores]) -> None:
    from mien.types import Emotion

    names = tuple(str(emotion) for emotion in Emotion)
    numbers = ("pictures", "accuracy", "ECE", *names)
    rows = table("an ordinary day, people who agree", *numbers, numbers=numbers)
    for scores in everyday:
        recalls = [f"{recall:.1%}" if count else "" for recall, count in zip(scores.recalls, scores.rows, strict=True)]
        figures = (f"{scores.count}", f"{scores.accuracy:.2%}", f"{scores.calibration_error:.2%}")
        rows.add_row(f"at least {scores.agreement} of 10", *figures, *recalls)
    click.echo()
    show(rows)


def _show_conditions(title: str, conditions: Sequence[ConditionScore], evaluation: Evaluation) -> None:
    rows = table(title, "accuracy", "points lost", numbers=("accuracy", "points lost"))
    for condition in conditions:
        lost = evaluation.points_lost(condition.accuracy)
        rows.add_row(condition.name, f"{condition.accuracy:.2%}", f"{lost:.2f}")
    click.echo()
    show(rows)


def _show_groups(column: str, groups: Sequence[GroupScore], *, crops: bool) -> None:
    found = () if crops else ("face found",)  # crops need no detection
    numbers = ("pictures", *found, "accuracy", "95 % interval", "macro F1", "ECE")
    rows = table(escape_control(column), *numbers, numbers=numbers)
    for group in groups:
        scores, (low, high) = group.scores, group.interval
        share_found = () if crops else (f"{scores.count / group.pictures if scores else 0:.1%}",)
        figures = ("", "", "", "")
        if scores is not None:
            interval = f"{low:.1%} to {high:.1%}"
            figures = (
                f"{scores.accuracy:.2%}", interval, f"{scores.macro_f1:.2%}", f"{scores.calibration_error:.2%}",
            )  # fmt: skip
        rows.add_row(escape_control(group.name), f"{group.pictures}", *share_found, *figures)
    click.echo()
    show(rows)


def _show_confusion(confusion: NDArray[np.int64]) -> None:
    from rich.text import Text

    from mien.types import Emotion

    names = tuple(str(emotion) for emotion in Emotion)
    rows = table("true \\ predicted", *names, "right", numbers=(*names, "right"))
    for index, name in enumerate(names):
        counts = confusion[index]
        total = int(counts.sum())
        cells = [Text(f" {count} ", style=_shade(count / total) if count else "dim") for count in counts]
        rows.add_row(Text(name), *cells, Text(f"{counts[index] / total:.0%}" if total else ""))
    show(rows)


def _shade(share: float) -> str:
    """A background that is darker for a larger share, with text that is readable on it."""
    red, green, blue = (round(light + share * (dark - light)) for light, dark in zip(_LIGHTEST, _DARKEST, strict=True))
    return f"{'white' if share > 0.45 else 'black'} on rgb({red},{green},{blue})"
