"""``mien evaluate``: measures how well expressions are classified in labelled pictures."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mien.cli.evaluate.dataset import LabelledImage, labelled_pictures, read_groups, read_votes
from mien.cli.evaluate.report import show_evaluation
from mien.cli.evaluate.results import Evaluation, as_json
from mien.cli.terminal.classifier import chosen_prior, classifier_option, load_classifier
from mien.cli.terminal.examples import examples
from mien.cli.terminal.files import Failures
from mien.cli.terminal.output import say, write_json
from mien.cli.terminal.plot_option import check_plot_path, plot_option
from mien.cli.terminal.progress import progress
from mien.cli.terminal.settings import settings
from mien.config import PRIORS
from mien.errors import ImageError

if TYPE_CHECKING:
    from mien.evaluation.predictors import Prediction, Predictor
    from mien.face.classifiers.classifier import Classifier
    from mien.mood.prior import Prior

_EXAMPLES = examples(
    "mien evaluate labelled/",
    "mien evaluate --crops --corruptions --plot figures.png fer2013/PublicTest/",
    "mien evaluate --framed --json fer2013/PublicTest/",
    "mien evaluate --groups groups.csv labelled/",
)


@click.command(epilog=_EXAMPLES)
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--crops", is_flag=True, help="The pictures are crops of faces: skip face detection.")
@click.option("--framed", is_flag=True, help="Classify crops directly, and in a larger frame after face detection.")
@click.option("--mirror", is_flag=True, help="Average the probabilities of each picture and its mirror image.")
@click.option("--corruptions", is_flag=True, help="Also classify crops with blur, noise, low light and the like.")
@click.option(
    "--by",
    multiple=True,
    type=click.Choice(["lighting", "size"]),
    help="Also score crops by this; may be repeated.",
)
@click.option(
    "--groups",
    "groups_path",
    metavar="FILE.csv",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Score groups of pictures: a table with a column path, relative to DIR, and others such as age.",
)
@plot_option("Plot confusion, reliability and risk-coverage; needs mien[plots].")
@classifier_option
@click.option(
    "--prior",
    type=click.Choice(PRIORS),
    default="fer2013",
    show_default=True,
    help="How often each expression is expected; fer2013 gives figures that compare with others'.",
)
@click.option(
    "--votes",
    "votes_path",
    metavar="FILE.csv",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Also score the pictures on which people agree: a table with a column path, relative to DIR, and one of votes "
    "out of ten for each expression.",
)
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
    prior: str,
    votes_path: Path | None,
    wants_json: bool,
) -> None:
    """Measure how well expressions are classified.

    DIR holds a folder for each expression: angry, disgust, fear, happy, sad, surprise, neutral; some may be missing.
    Prints accuracy, macro F1, expected calibration error (15 bins), accuracy without the least confident fifth (80 %
    coverage) and the confusion matrix. Without --crops or --framed, only pictures with a detected face count, and
    accuracy over all pictures is printed too, where a missed face is an error.
    """
    crops = crops or framed
    if not crops and (corruptions or by):
        raise click.UsageError("--corruptions and --by need crops; add --crops if the pictures are crops of faces.")
    if plot_path is not None:
        check_plot_path(plot_path)
    failures = Failures()
    pictures = labelled_pictures(folder, failures)
    groups = read_groups(groups_path, folder, pictures) if groups_path else {}
    votes = read_votes(votes_path, folder, pictures) if votes_path else {}
    loaded = load_classifier(classifier)
    predictor = _new_predictor(
        loaded,
        crops=crops,
        framed=framed,
        mirror=mirror,
        corruptions=corruptions,
        sizes="size" in by,
        prior=chosen_prior(prior),
    )
    with closing(predictor):
        predictions = _predict(pictures, predictor, failures)
    if not any(prediction.plain is not None for _, prediction in predictions):
        remedy = "" if crops else "if they are crops of faces, add --crops"
        raise ImageError(f"has no face in its {len(pictures)} pictures", remedy, subject=folder)
    evaluation = Evaluation.of(
        predictions,
        groups,
        votes,
        model=loaded.name,
        prior=prior,
        crops=crops,
        framed=framed,
        mirror=mirror,
        by_lighting="lighting" in by,
    )
    if wants_json:
        write_json(as_json(evaluation))
    else:
        show_evaluation(evaluation)
    if plot_path is not None:
        _plot(evaluation, folder, plot_path)
    failures.conclude()


def _predict(
    pictures: list[LabelledImage], predictor: Predictor, failures: Failures
) -> list[tuple[LabelledImage, Prediction]]:
    """The predictions for all pictures that can be read."""
    predictions: list[tuple[LabelledImage, Prediction]] = []
    with progress(len(pictures), unit="picture") as advance:
        for done, picture in enumerate(pictures):
            advance(done, f"{picture.emotion}/{picture.path.name}")
            with failures.tolerate(picture.path):
                predictions.append((picture, predictor.predict(picture.path)))
    return predictions


def _new_predictor(
    classifier: Classifier,
    *,
    crops: bool,
    framed: bool,
    mirror: bool,
    corruptions: bool,
    sizes: bool,
    prior: Prior,
) -> Predictor:
    from mien.evaluation.predictors import CropPredictor, PhotoPredictor

    photo_predictor = (
        PhotoPredictor(classifier, threads=settings().threads, mirror=mirror, prior=prior)
        if framed or not crops
        else None
    )
    if photo_predictor is not None and not crops:
        return photo_predictor
    return CropPredictor(
        classifier, mirror=mirror, corruptions=corruptions, sizes=sizes, photo_predictor=photo_predictor, prior=prior
    )


def _plot(evaluation: Evaluation, folder: Path, path: Path) -> None:
    from mien.evaluation.plots import save_report

    count = evaluation.scores.count
    title = f"{evaluation.model} · {folder.resolve().name} · {count} {'crops' if evaluation.crops else 'faces'}"
    save_report(path, evaluation.truth, evaluation.probabilities, title=title)
    say(f"{path} shows confusion, reliability and risk-coverage.")
