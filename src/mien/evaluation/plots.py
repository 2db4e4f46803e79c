"""Plots the evaluation of a classifier: confusion matrix, reliability diagram and risk-coverage curve.

Needs matplotlib, the extra ``plots``. Blue and vermilion are from the palette of Okabe and Ito (2008), which
people with any kind of colour vision can tell apart; shapes or words repeat what colours say.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from mien.errors import MienError, Remedy
from mien.evaluation.metrics import (
    SELECTIVE_COVERAGE,
    Classes,
    Probabilities,
    Scores,
    accuracy_at_coverage,
    expected_calibration_error,
    reliability,
    risk_coverage,
    score,
    wilson_interval,
)
from mien.types import Emotion

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    Panel: TypeAlias = Callable[[Axes], None]

_BLUE: Final = "#0072B2"
_VERMILION: Final = "#D55E00"
_INK: Final = "#222222"
_FAINT: Final = "#8C8C8C"
_GRID: Final = "#E8E8E8"
_FOOT: Final = "#C9CDD2"
_PANEL_INCHES: Final = (4.6, 4.9)
_DPI: Final = 150
_STYLE: Final = {
    "font.size": 9.5,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.edgecolor": _FAINT,
    "axes.labelcolor": _INK,
    "text.color": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def require_matplotlib() -> None:
    """Raise ``MienError`` if matplotlib is not installed; call it before hours of work."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise MienError("Plots need matplotlib, which is not installed", Remedy.INSTALL_PLOTS) from error


def save_report(path: Path, truth: Classes, probabilities: Probabilities, *, title: str) -> None:
    """Write a PNG with the confusion matrix, the reliability diagram and the risk-coverage curve, side by side.

    Args:
        path: The file to write.
        truth: True classes in the order of ``Emotion``, int64 [n].
        probabilities: float64 [n, 7].
        title: What to write below the plots.

    Raises:
        ValueError: If there is no row.
        MienError: If matplotlib is missing or the file cannot be written.
    """
    _save(path, panels(truth, probabilities), title=title)


def save_panels(folder: Path, truth: Classes, probabilities: Probabilities, *, title: str) -> list[Path]:
    """Write each panel to a separate PNG; see ``save_report``.

    Args:
        folder: The folder to write to; it is created.
        truth: True classes in the order of ``Emotion``, int64 [n].
        probabilities: float64 [n, 7].
        title: What to write below each panel.

    Returns:
        The paths of the files.
    """
    written = []
    for name, panel in panels(truth, probabilities).items():
        path = folder / f"{name}.png"
        _save(path, {name: panel}, title=title)
        written.append(path)
    return written


def panels(truth: Classes, probabilities: Probabilities) -> dict[str, Panel]:
    """The functions that draw each panel into given axes, by name."""
    scores = score(truth, probabilities)
    return {
        "confusion": lambda axes: _draw_confusion(axes, scores),
        "reliability": lambda axes: _draw_reliability(axes, truth, probabilities),
        "risk-coverage": lambda axes: _draw_risk_coverage(axes, truth, probabilities),
    }


def _save(path: Path, drawn: dict[str, Panel], *, title: str) -> None:
    save_figure(path, lambda: _figure(drawn, title=title))


def save_figure(path: Path, draw: Callable[[], Figure]) -> None:
    """Write the figure that ``draw`` makes as a PNG in the common style; raises ``MienError`` as ``save_report``."""
    require_matplotlib()
    import matplotlib

    with matplotlib.rc_context(_STYLE):
        figure = draw()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            figure.savefig(path, format="png", dpi=_DPI, facecolor="white", metadata={"Software": None})
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise MienError(
                f"cannot be written ({reason})", "name a file in a folder of yours", subject=path
            ) from error


def _figure(drawn: dict[str, Panel], *, title: str) -> Figure:
    from matplotlib.figure import Figure  # not pyplot, which would look for a display

    width, height = _PANEL_INCHES
    figure = Figure(figsize=(width * len(drawn), height))
    for column, panel in enumerate(drawn.values(), start=1):
        panel(figure.add_subplot(1, len(drawn), column))
    figure.set_layout_engine("constrained", w_pad=0.14, h_pad=0.1)
    figure.supxlabel(title, x=0.01, ha="left", fontsize=8.5, color=_FAINT)
    return figure


def _draw_confusion(axes: Axes, scores: Scores) -> None:
    """Draw the confusion matrix, shaded by the share of a row; the cells show shares and counts."""
    names = [str(emotion) for emotion in Emotion]
    totals = scores.confusion.sum(axis=1, keepdims=True)
    shares = np.divide(scores.confusion, totals, out=np.zeros(scores.confusion.shape), where=totals > 0)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="equal")
    for row, column in np.argwhere(scores.confusion > 0):
        ink = "white" if shares[row, column] > 0.55 else _INK
        weight = "bold" if row == column else "normal"
        share, count = f"{100 * shares[row, column]:.0f}", f"{scores.confusion[row, column]}"
        axes.text(column, row - 0.1, share, ha="center", va="center", color=ink, fontweight=weight)
        axes.text(column, row + 0.27, count, ha="center", va="center", color=ink, fontsize=6.5)
    axes.set_xticks(range(len(names)), names, rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set(xlabel="predicted (per cent of the row; pictures)", ylabel="labelled")
    axes.set_title(f"Confusion: {scores.accuracy:.1%} right")


def _draw_reliability(axes: Axes, truth: Classes, probabilities: Probabilities) -> None:
    """Draw accuracy over confidence with 95 % intervals, and the share of rows in each bin."""
    bins = reliability(truth, probabilities)
    number = len(bins.count)
    filled = bins.count > 0
    count, right = bins.count[filled], bins.right[filled]
    accuracy, confidence = right / count, bins.confidence[filled] / count
    low, high = np.array([wilson_interval(int(r), int(n)) for r, n in zip(right, count, strict=True)]).T
    error = expected_calibration_error(truth, probabilities)
    left = np.flatnonzero(filled) / number
    axes.bar(
        left, count / len(truth), 1 / number, align="edge", color=_FOOT, edgecolor="white", label="share of pictures"
    )
    axes.plot([0, 1], [0, 1], color=_FAINT, linestyle="--", linewidth=1, label="perfect calibration")
    axes.vlines(confidence, low, high, color=_BLUE, linewidth=1.3, alpha=0.55)
    axes.plot(confidence, accuracy, "o", color=_BLUE, markersize=5.5, clip_on=False, label="accuracy, 95 % interval")
    axes.set(xlabel="confidence (highest probability)", ylabel="accuracy", xlim=(0, 1), ylim=(0, 1.02))
    axes.set_title(f"Reliability: ECE {error:.1%}")
    _finish(axes)
    axes.legend(loc="upper left", frameon=False, fontsize=8.5)


def _draw_risk_coverage(axes: Axes, truth: Classes, probabilities: Probabilities) -> None:
    curve = risk_coverage(truth, probabilities)
    accuracy = accuracy_at_coverage(truth, probabilities)
    coverage = curve.coverage[np.argmax(curve.coverage > SELECTIVE_COVERAGE - 1e-9)]
    axes.plot(curve.coverage, curve.risk, color=_BLUE, linewidth=1.8)
    axes.plot([coverage], [1 - accuracy], "D", color=_VERMILION, markersize=7)
    axes.annotate(
        f"{coverage:.0%} answered: {accuracy:.1%} right",
        (coverage, 1 - accuracy),
        xytext=(-12, 10),
        textcoords="offset points",
        ha="right",
        color=_VERMILION,
        fontweight="bold",
    )
    top = min(1.02, max(0.1, 1.15 * float(np.max(curve.risk))))
    axes.set(xlabel="coverage (share answered, most confident first)", ylabel="risk (share of wrong answers)")
    axes.set(xlim=(0, 1.01), ylim=(0, top))
    axes.set_title("Risk and coverage")
    _finish(axes)


def _finish(axes: Axes) -> None:
    from matplotlib.ticker import PercentFormatter

    axes.set_box_aspect(1)
    axes.grid(color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1, decimals=0))
