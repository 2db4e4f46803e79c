"""The option ``--classifier`` and the loading of the classifier that it, or the settings, name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mien.cli.terminal.settings import settings
from mien.config import PRIORS

if TYPE_CHECKING:
    from mien.face.classifiers.classifier import Classifier
    from mien.mood.prior import Prior


def _check_installed(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    # Not click.Choice, which would search all packages and import NumPy whenever any command starts.
    if value is not None:
        from mien.face.classifiers.classifier import classifier_names

        names = classifier_names()
        if value not in names:
            raise click.BadParameter(f"“{value}” is not one of {', '.join(names)}.")
    return value


classifier_option = click.option(
    "--classifier",
    metavar="NAME",
    callback=_check_installed,
    help="Which classifier reads expressions: mien by default, or another one that is installed, such as deepface.",
)


prior_option = click.option(
    "--prior",
    type=click.Choice(PRIORS),
    help="How often each expression is expected: everyday (neutral most often, the default), uniform (all equally), or "
    "fer2013 (as in the training set).",
)


def load_classifier(name: str | None) -> Classifier:
    """Load a classifier by name, or the one in the settings if None; raises ``ModelError`` or ``ConfigError``."""
    from mien.face.classifiers.classifier import find_classifier

    chosen = settings()
    return find_classifier(chosen.classifier if name is None else name)(threads=chosen.threads)


def chosen_prior(name: str | None) -> Prior:
    """The prior of a name, or the one in the settings if None."""
    from mien.mood.prior import Prior

    return Prior(settings().prior if name is None else name)
