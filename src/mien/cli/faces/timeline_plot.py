"""Plots the expressions of the faces in a video over time, with valence and arousal below each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from mien.cli.faces.timeline import FaceTimeline, Timeline
from mien.cli.terminal.glyphs import GLYPHS
from mien.errors import ImageError
from mien.evaluation.plots import save_figure
from mien.types import Emotion

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MAX_LANES: Final = 4

_INK: Final = "#222222"
_GRID: Final = "#E8E8E8"
_FAINT: Final = "#6C6C6C"
_GLYPH_SHARE: Final = 0.2


def save_timeline(path: Path, timeline: Timeline, *, title: str) -> None:
    """Write a PNG with a row for each of the faces that were seen most.

    Args:
        path: The file to write.
        timeline: The faces of the video.
        title: What to write below the plot.

    Raises:
        ImageError: If no face was seen.
        MienError: If matplotlib is missing or the file cannot be written.
    """
    lanes = timeline.lanes(at_most=MAX_LANES)
    if not lanes:
        raise ImageError("There is nothing to plot: no face was seen in the video")
    others = timeline.count - len(lanes)
    words = f"{title} · and {others} more, seen for less time" if others > 0 else title
    save_figure(path, lambda: _figure(lanes, title=words))


def _figure(lanes: list[FaceTimeline], *, title: str) -> Figure:
    from matplotlib.figure import Figure  # not pyplot, which would look for a display

    figure = Figure(figsize=(11, 0.9 + 2.9 * len(lanes)))
    rows = figure.subplots(
        2 * len(lanes), 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": [2, 1] * len(lanes)}
    )[:, 0]
    for row, lane in enumerate(lanes):
        _draw_expressions(rows[2 * row], lane)
        _draw_mood(rows[2 * row + 1], lane)
    last = rows[-1]
    last.set_xlabel("time in the video")
    last.xaxis.set_major_formatter(lambda time_s, _: _axis_time(time_s))
    last.set_xlim(min(lane.edges_s[0] for lane in lanes), max(lane.edges_s[-1] for lane in lanes))
    figure.set_layout_engine("constrained", h_pad=0.05, hspace=0.03)
    _add_legend(figure)
    figure.supxlabel(title, x=0.01, ha="left", fontsize=8.5, color=_FAINT)
    return figure


def _add_legend(figure: Figure) -> None:
    from matplotlib.patches import Patch

    patches = [Patch(color=colour, label=f"{glyph} {emotion}") for emotion, (colour, glyph) in GLYPHS.items()]
    figure.legend(handles=patches, loc="outside upper center", ncols=len(patches), frameon=False, handlelength=1.2)


def _draw_expressions(axes: Axes, lane: FaceTimeline) -> None:
    """Stack the seven probabilities; white where the face was not seen."""
    below = np.where(np.isnan(lane.probabilities[:, 0]), np.nan, 0.0)
    for emotion, (colour, glyph) in GLYPHS.items():
        share = lane.probabilities[:, list(Emotion).index(emotion)]
        axes.stairs(below + share, lane.edges_s, baseline=below, fill=True, color=colour, linewidth=0)
        _add_glyph(axes, lane, below, share, glyph)
        below = below + share
    axes.set(ylim=(0, 1), yticks=(0, 0.5, 1), yticklabels=("0", "50 %", "100 %"), ylabel="expression")
    axes.set_title(f"Face {lane.track}, in sight {lane.share:.0%} of the time")


def _add_glyph(axes: Axes, lane: FaceTimeline, below: np.ndarray, share: np.ndarray, glyph: str) -> None:
    """Draw the expression's glyph where it is strong for longest, for people who cannot tell the colours apart."""
    strong = np.nan_to_num(share) >= _GLYPH_SHARE
    borders = np.flatnonzero(np.diff(np.concatenate(([False], strong, [False]))))
    spans = borders.reshape(-1, 2)
    if not len(spans):
        return
    first, end = max(spans, key=lambda span: lane.edges_s[span[1]] - lane.edges_s[span[0]])
    if lane.edges_s[end] - lane.edges_s[first] < 0.02 * (lane.edges_s[-1] - lane.edges_s[0]):
        return
    time_s = (lane.edges_s[first] + lane.edges_s[end]) / 2
    bin_ = min(max(int(np.searchsorted(lane.edges_s, time_s, side="right")) - 1, first), end - 1)
    height = below[bin_] + share[bin_] / 2
    axes.text(time_s, height, glyph, ha="center", va="center", color="white", fontsize=10, clip_on=True)


def _draw_mood(axes: Axes, lane: FaceTimeline) -> None:
    axes.axhline(0, color=_GRID, linewidth=0.8)
    axes.stairs(lane.valence, lane.edges_s, baseline=None, color=_INK, linewidth=1.4, label="valence")
    axes.stairs(
        lane.arousal, lane.edges_s, baseline=None, color=_FAINT, linewidth=1.4, linestyle=(0, (2, 1)), label="arousal"
    )
    axes.set(ylim=(-1.05, 1.05), yticks=(-1, 0, 1), ylabel="mood")
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False, fontsize=8.5, handlelength=1.6)


def _axis_time(time_s: float) -> str:
    """Minutes and seconds, with hours if there are any and tenths if they are not zero."""
    minutes, seconds = divmod(time_s, 60)
    hours, minutes = divmod(int(minutes), 60)
    words = f"{seconds:02.0f}" if seconds == round(seconds) else f"{seconds:04.1f}"
    return f"{hours}:{minutes:02d}:{words}" if hours else f"{minutes}:{words}"
