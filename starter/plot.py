"""Plots the pieces of the starter library on the valence-arousal plane."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from starter.manifest import ManifestEntry

_MOODS = {"tense": (-0.97, 0.95), "bright": (0.97, 0.95), "low": (-0.97, -0.99), "calm": (0.97, -0.99)}


def plot(entries: Iterable[ManifestEntry], path: Path) -> None:
    """Write an SVG plot of the entries to ``path``; the same entries give the same file. It needs matplotlib."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": "mien", "font.size": 8}):
        figure = Figure(figsize=(9, 7), layout="constrained")
        axes = figure.subplots()
        axes.axhline(0, color="0.7", linewidth=0.8)
        axes.axvline(0, color="0.7", linewidth=0.8)
        for entry in entries:
            own = entry["composer"] == "mien"
            axes.plot(entry["valence"], entry["arousal"], "o" if own else "s", color="tab:blue" if own else "tab:brown")
            axes.annotate(
                entry["title"],
                (entry["valence"], entry["arousal"]),
                textcoords="offset points",
                xytext=(5, 3),
                fontsize=6,
            )
        for mood, (valence, arousal) in _MOODS.items():
            axes.text(valence, arousal, mood, color="0.5", ha="right" if valence > 0 else "left")
        axes.set(xlim=(-1, 1.25), ylim=(-1.05, 1.05), xlabel="valence, as heard", ylabel="arousal, as heard")
        axes.set_title("The starter library (round: composed for mien; square: public-domain works)")
        figure.savefig(path, format="svg", metadata={"Date": None})
