"""Print all figures of MODEL_CARD.md as one table: ``python -m training.report --data fer2013.csv``.

Scores the shipped network, or ``--network``, on PublicTest; with ``--final``, after all choices have been made, also on
PrivateTest. ``--seeds runs/student-*-again/expression.onnx`` prints the mean and spread of networks that differ only in
their seed (``make train-seeds``). Does not require PyTorch.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from training.data import DATA_HELP, Fer2013, Rows, read
from training.detected import DetectedCrops
from training.exit_on_error import exit_on_error
from training.figures import (
    Figure,
    corruption_figures,
    crop_figures,
    detect_in_crops,
    detector_figures,
    figures_without_copies,
    lighting_figures,
    size_figures,
    speed_figure,
)
from training.network import Network

SHIPPED = Path("src/mien/models/expression.onnx")


def figures_of(network: Network, data: Fer2013, split: str, detected: DetectedCrops) -> list[Figure]:
    """All figures of a network on one split.

    Args:
        network: The network.
        data: FER2013.
        split: The name of the split.
        detected: The detected crops of the split.

    Returns:
        The figures in the order of the table.
    """
    rows = data.part(split)
    print(f"{network.name}: {split}", file=sys.stderr, flush=True)
    clean = network.labels(rows.images)
    return [
        *crop_figures(network, rows, clean),
        *figures_without_copies(rows, clean, data.unleaked(split)),
        *detector_figures(network, rows, clean, detected),
        *corruption_figures(network, rows, clean),
        *size_figures(network, rows),
        *lighting_figures(rows, clean),
    ]


def table(columns: dict[str, list[Figure]]) -> str:
    """A Markdown table with a row for each figure, a column for each split, and the command that prints it."""
    rows: dict[str, Figure] = {}
    for figures in columns.values():
        rows.update({figure.key: figure for figure in figures})
    shown = {name: {figure.key: figure.shown for figure in figures} for name, figures in columns.items()}
    lines = [_line("measure", *columns, "printed by"), _line(*["---"] * (len(columns) + 2))]
    for key, figure in rows.items():
        lines.append(_line(figure.measure, *(of.get(key, "") for of in shown.values()), f"`{figure.command}`"))
    return "\n".join(lines)


def seeds_table(columns: dict[str, list[list[Figure]]]) -> str:
    """A Markdown table of mean ± sample standard deviation over networks; ``columns`` has a list per network."""
    lines = [_line("measure", *columns), _line(*["---"] * (len(columns) + 1))]
    for row, first in enumerate(next(iter(columns.values()))[0]):
        cells = [_mean_and_spread([figures[row] for figures in networks]) for networks in columns.values()]
        lines.append(_line(first.measure, *cells))
    return "\n".join(lines)


def _mean_and_spread(figures: Sequence[Figure]) -> str:
    factor, unit = (100, " %") if figures[0].in_percent else (1, "")
    values = [factor * figure.value for figure in figures if figure.value is not None]
    if len(values) < len(figures):
        return "not known"
    return f"{mean(values):.2f} ± {stdev(values):.2f}{unit} ({', '.join(f'{value:.2f}' for value in values)})"


def _values(figures: Sequence[Figure]) -> dict[str, float | None]:
    return {figure.key: figure.value for figure in figures}


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _draw(network: Network, rows: Rows, split: str, folder: Path) -> None:
    from mien.evaluation.plots import save_panels

    title = f"{network.name} · FER2013 {split} · {len(rows)} crops"
    for path in save_panels(folder, rows.labels, network.labels(rows.images), title=title):
        print(f"{path} written", file=sys.stderr)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help=DATA_HELP)
    parser.add_argument(
        "--network", type=Path, default=SHIPPED, help="ONNX file, with its settings file in the same folder"
    )
    parser.add_argument(
        "--seeds", type=Path, nargs="+", metavar="ONNX", help="networks of one recipe: print mean and spread"
    )
    parser.add_argument("--final", action="store_true", help="also score PrivateTest, once all choices are made")
    parser.add_argument(
        "--plots", type=Path, metavar="DIR", help="write plots as PNG files into this folder (docs/images)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to this file")
    parser.add_argument("--threads", type=int, default=2, help="threads per network (default 2)")
    arguments = parser.parse_args()
    if arguments.threads < 1:
        parser.error("--threads must be 1 or more")
    if arguments.seeds is not None and len(arguments.seeds) < 2:
        parser.error("--seeds needs at least two networks")
    if arguments.seeds is not None and arguments.plots is not None:
        parser.error("--plots cannot be combined with --seeds")
    return arguments


def _report(arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure one network, print its table, and return the figures for JSON."""
    if arguments.plots is not None:
        from mien.evaluation.plots import require_matplotlib

        require_matplotlib()
    network = Network(arguments.network, threads=arguments.threads)
    data = read(arguments.data)
    splits = ["PublicTest", "PrivateTest"] if arguments.final else ["PublicTest"]
    # Measure the speed first, before other computations heat up the processor.
    speed = speed_figure(network.timing(data.part("PublicTest").images[0]), threads=arguments.threads)
    columns = {
        split: figures_of(network, data, split, detect_in_crops(data.part(split), threads=arguments.threads))
        for split in splits
    }
    columns[splits[0]].append(speed)
    size = f", {network.parameters / 1e6:.2f} M parameters" if network.parameters else ""
    counts = ", ".join(f"{len(data.part(split))} rows of {split}" for split in splits)
    print(f"{network.name}{size}; {counts}\n\n{table(columns)}")
    if arguments.plots is not None:
        _draw(network, data.part(splits[-1]), splits[-1], arguments.plots)
    return {"model": network.name, **{split: _values(figures) for split, figures in columns.items()}}


def _compare(arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure networks that differ only in their seed, print mean and spread, and return the figures for JSON."""
    networks = [Network(path, threads=arguments.threads) for path in arguments.seeds]
    data = read(arguments.data)
    splits = ["PublicTest", "PrivateTest"] if arguments.final else ["PublicTest"]
    detected = {split: detect_in_crops(data.part(split), threads=arguments.threads) for split in splits}
    columns = {split: [figures_of(network, data, split, detected[split]) for network in networks] for split in splits}
    names = [network.name for network in networks]
    print(f"{len(networks)} networks, {', '.join(names)}: mean ± sample standard deviation (each)")
    print(f"\n{seeds_table(columns)}")
    each = {split: [_values(figures) for figures in of_networks] for split, of_networks in columns.items()}
    return {"models": names, **each}


def main() -> None:
    """Parse the command line, measure and print."""
    arguments = _arguments()
    with exit_on_error():
        result = _report(arguments) if arguments.seeds is None else _compare(arguments)
        if arguments.json is not None:
            arguments.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
