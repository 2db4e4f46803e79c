"""Measures how well and how fast mien estimates the mood of music, on VGMIDI's human labels.

    python -m benchmarks.hearing [--soundfont FILE.sf2] [--cache FOLDER]

VGMIDI (Ferreira and Whitehead 2019) is game music for piano with human labels for valence and arousal. It states no
licence, so it is outside the repository, in ../shared/data/music/vgmidi; FluidSynth renders it once into a temporary
folder. Nothing in mien is fitted to the labels, but a few sets of weights were compared on them before one was chosen,
so the figures are slightly optimistic.
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import record
from mien.music.analysis.decode import read_excerpts
from mien.music.analysis.descriptors import Descriptors, compute_descriptors
from mien.music.analysis.estimate import estimate
from mien.music.analysis.musicnn import network
from mien.music.analysis.pool import ONE_THREAD
from mien.types import AudioFeatures

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "music" / "vgmidi"
SOUNDFONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
RESAMPLES = 2000

Truth = NDArray[np.bool_]
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LabelledResult:
    """One piece: its labels, mien's estimate, and the CPU time."""

    pleasant: bool
    stirring: bool
    features: AudioFeatures
    descriptors: Descriptors
    cpu_s: float


def main() -> None:
    """Render, analyse and compare the pieces; print and store the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--soundfont", type=Path, default=SOUNDFONT, help=f"FluidSynth's soundfont ({SOUNDFONT})")
    parser.add_argument(
        "--cache", type=Path, default=Path(tempfile.gettempdir()) / "mien-hearing", help="the folder for renderings"
    )
    options = parser.parse_args()
    if os.environ | ONE_THREAD != os.environ:  # as in a scan's workers; NumPy reads this on import
        again = [sys.executable, "-m", "benchmarks.hearing", *sys.argv[1:]]
        sys.exit(subprocess.run(again, env=os.environ | ONE_THREAD, check=False).returncode)
    if not DATA.is_dir():
        sys.exit(f"VGMIDI is missing; put its labels.csv and its folder midi into {DATA}")
    with (DATA / "labels.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for name in ("msd", "mtt"):
        network(name)  # loaded once a scan, so not part of a track's time
    heard = [analyse_row(row, options.soundfont, options.cache) for row in rows]
    text = report(heard, options.soundfont)
    print(text)
    record.save("hearing", text)


def analyse_row(row: dict[str, str], soundfont: Path, cache: Path) -> LabelledResult:
    """Analyse one labelled piece and measure the CPU time from file to features."""
    path = rendering(DATA / "midi" / row["file"], soundfont, cache)
    begin = time.process_time()
    excerpts = read_excerpts(path)
    features = estimate(excerpts)
    cpu_s = time.process_time() - begin
    return LabelledResult(
        int(row["valence"]) > 0, int(row["arousal"]) > 0, features, compute_descriptors(excerpts), cpu_s
    )


def rendering(midi: Path, soundfont: Path, cache: Path) -> Path:
    """The rendered piece, from the cache if it is there."""
    path = cache / soundfont.stem / f"{midi.stem}.flac"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".part")
        command = ["fluidsynth", "-ni", "-q", "-g", "0.5", "-r", "44100", "-T", "flac", "-F", str(partial)]
        subprocess.run([*command, str(soundfont), str(midi)], check=True, capture_output=True)
        partial.rename(path)
    return path


def auc(scores: Scores, truth: Truth) -> float:
    """The probability that a positive piece scores above a negative one; ties count half."""
    above = scores[truth][:, None] - scores[~truth][None, :]
    return float(np.mean((above > 0) + 0.5 * (above == 0)))


def interval(scores: Scores, truth: Truth) -> tuple[float, float]:
    """The 95 % interval of the AUC, by bootstrap within each class."""
    rng = np.random.default_rng(0)
    positive, negative = np.flatnonzero(truth), np.flatnonzero(~truth)
    drawn = []
    for _ in range(RESAMPLES):
        sample = np.concatenate([rng.choice(positive, positive.size), rng.choice(negative, negative.size)])
        drawn.append(auc(scores[sample], truth[sample]))
    low, high = np.percentile(drawn, (2.5, 97.5))
    return float(low), float(high)


def report(heard: Sequence[LabelledResult], soundfont: Path) -> str:
    """The results as Markdown."""
    axes = {
        "valence": (np.array([one.features.valence for one in heard]), np.array([one.pleasant for one in heard])),
        "arousal": (np.array([one.features.arousal for one in heard]), np.array([one.stirring for one in heard])),
    }
    sure = {
        "valence": np.array([one.features.valence_confidence for one in heard]),
        "arousal": np.array([one.features.arousal_confidence for one in heard]),
    }
    names = [field.name for field in fields(Descriptors) if field.name not in {"tonic", "minor"}]
    lines = [
        "# Estimating the mood of music",
        "",
        *record.circumstances(),
        f"- {len(heard)} pieces of VGMIDI, rendered with FluidSynth and {soundfont.stem}, against human labels",
        f"- one core takes {np.median([one.cpu_s for one in heard]):.2f} s for a track, decoding included (median; "
        f"95th percentile {np.percentile([one.cpu_s for one in heard], 95):.2f} s), and no more than "
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB",
        "",
        "| axis | AUC | 95 % interval | pieces above, below | AUC of the surer half | confidence, mean |",
        "|---|---|---|---|---|---|",
    ]
    for name, (scores, truth) in axes.items():
        low, high = interval(scores, truth)
        counts = f"{truth.sum()}, {(~truth).sum()}"
        surer = sure[name] >= np.median(sure[name])
        halved = f"{auc(scores[surer], truth[surer]):.3f} | {sure[name].mean():.2f}"
        lines.append(f"| {name} | {auc(scores, truth):.3f} | {low:.2f} to {high:.2f} | {counts} | {halved} |")
    lines += ["", "AUC of each descriptor alone (below 0.5: the opposite direction):", ""]
    lines += ["| descriptor | valence | arousal |", "|---|---|---|"]
    for name in names:
        described = np.array([getattr(one.descriptors, name) for one in heard])
        alone = [auc(described, truth) for _, truth in axes.values()]
        lines.append(f"| {name} | {alone[0]:.2f} | {alone[1]:.2f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
