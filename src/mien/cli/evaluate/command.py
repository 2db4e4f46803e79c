"""``mien evaluate``: how often expressions are read right, on pictures that people have labelled."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mien.cli.evaluate.dataset import LabelledImage, labelled_pictures, read_groups
from mien.cli.evaluate.results import Evaluation, as_json
from mien.cli.evaluate.scoreboard import show_evaluation
from mien.cli.terminal.classifier import classifier_option, load_classifier
from mien.cli.terminal.examples import examples
from mien.cli.terminal.files import Failures
from mien.cli.terminal.output import say, write_json
from mien.cli.terminal.progress import progress
from mien.cli.terminal.settings import settings
from mien.errors import ImageError

if TYPE_CHECKING:
    from mien.evaluation.predictors import Prediction, Predictor
    from mien.face.classifiers.classifier import Classifier

_EXAMPLES = examples(
    "mien evaluate labelled/",
    "mien evaluate --crops --corruptions --plot figures.png fer2013/PublicTest/",
    "mien evaluate --framed --json fer2013/PublicTest/",
    "mien evaluate --groups groups.csv labelled/",
)


@click.command(epilog=_EXAMPLES)
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--crops", is_flag=True, help="The pictures are face crops already: leave the detector out.")
@click.option(
    "--framed", is_flag=True, help="Read face crops as they stand, and in a larger frame behind the detector."
)
@click.option("--mirror", is_flag=True, help="Read each picture and its mirror image, and take the mean.")
@click.option("--corruptions", is_flag=True, help="Read crops under blur, noise, low light and the like, too.")
@click.option(
    "--by", multiple=True, type=click.Choice(["lighting", "size"]), help="Tell crops apart by this; may be repeated."
)
@click.option(
    "--groups",
    "groups_path",
    metavar="FILE.csv",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Tell the groups apart that this table names: a column path, from DIR on, and others such as age.",
)
@click.option(
    "--plot",
    "plot_path",
    metavar="FILE.png",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Draw confusion, reliability and risk-coverage; needs mien[plots].",
)
@classifier_option
@click.option("--json", "wants_json", is_flag=True, help="Print one JSON object.")
def evaluate(
    folder: Path,
    crops: bool,
    framed: bool,
    mirror: bool,
    corruptions: bool,
    by: tuple[str, ...],
    groups_path: Path | None,
    plot_path: Path | None,
    classifier: str | None,
    wants_json: bool,
) -> None:
    """Measure how often expressions are read right.

    DIR holds a folder for each expression: angry, disgust, fear, happy, sad, surprise, neutral; some may be missing.
    Prints accuracy, macro F1, expected calibration error (15 bins), accuracy when the least confident fifth is left
    open (80 % coverage), and the confusion matrix. Without --crops or --framed a picture counts where a face is found,
    and accuracy over all pictures is printed too: there a face that was not found is a mistake.
    """
    crops = crops or framed
    if not crops and (corruptions or by):
        raise click.UsageError("--corruptions and --by change crops; add --crops if the pictures are crops of faces.")
    if plot_path is not None:
        _check_plot(plot_path)
    failures = Failures()
    pictures = labelled_pictures(folder, failures)
    groups = read_groups(groups_path, folder, pictures) if groups_path else {}
    chosen = load_classifier(classifier)
    looker = _looker(chosen, crops=crops, framed=framed, mirror=mirror, corruptions=corruptions, sizes="size" in by)
    seen = _look_at(pictures, looker, failures)
    if not any(look.plain is not None for _, look in seen):
        remedy = "" if crops else "; if they are face crops already, add --crops"
        raise ImageError(f"No face was read in the {len(pictures)} pictures of {folder}{remedy}.")
    evaluation = Evaluation.of(
        seen, groups, model=chosen.name, crops=crops, framed=framed, mirror=mirror, by_lighting="lighting" in by
    )
    if wants_json:
        write_json(as_json(evaluation))
    else:
        show_evaluation(evaluation)
    if plot_path is not None:
        _plot(evaluation, folder, plot_path)
    failures.conclude()


def _look_at(
    pictures: list[LabelledImage], looker: Predictor, failures: Failures
) -> list[tuple[LabelledImage, Prediction]]:
    """Every picture that can be read, with what was seen in it."""
    seen: list[tuple[LabelledImage, Prediction]] = []
    with progress(len(pictures), unit="picture") as advance:
        for done, picture in enumerate(pictures):
            advance(done, f"{picture.emotion}/{picture.path.name}")
            with failures.tolerate(picture.path):
                seen.append((picture, looker.look(picture.path)))
    return seen


def _looker(
    classifier: Classifier, *, crops: bool, framed: bool, mirror: bool, corruptions: bool, sizes: bool
) -> Predictor:
    from mien.evaluation.predictors import CropPredictor, PhotoPredictor

    behind = PhotoPredictor(classifier, threads=settings().threads, mirror=mirror) if framed or not crops else None
    if behind is not None and not crops:
        return behind
    return CropPredictor(classifier, mirror=mirror, corruptions=corruptions, sizes=sizes, behind=behind)


def _check_plot(path: Path) -> None:
    """Refuse before the work what could not be written after it."""
    from mien.evaluation.plots import require_matplotlib

    if path.suffix.lower() != ".png":
        raise click.BadParameter(f"{path} is no PNG; name a file that ends in .png.", param_hint="--plot")
    if not path.parent.is_dir():
        raise click.BadParameter(f"there is no folder {path.parent}; make it first.", param_hint="--plot")
    require_matplotlib()


def _plot(evaluation: Evaluation, folder: Path, path: Path) -> None:
    from mien.evaluation.plots import save_report

    count = evaluation.scores.count
    title = f"{evaluation.model} · {folder.resolve().name} · {count} {'crops' if evaluation.crops else 'faces'}"
    save_report(path, evaluation.truth, evaluation.probabilities, title=title)
    say(f"{path} shows confusion, reliability and risk-coverage.")
