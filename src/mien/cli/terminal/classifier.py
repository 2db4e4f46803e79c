"""The option ``--classifier``, and the classifier that it asks for, or else the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mien.cli.terminal.settings import settings

if TYPE_CHECKING:
    from mien.face.classifiers.classifier import Classifier


def _installed(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    # Not click.Choice, which would look through all packages, and need NumPy, whenever any command starts.
    if value is not None:
        from mien.face.classifiers.classifier import classifier_names

        names = classifier_names()
        if value not in names:
            raise click.BadParameter(f"“{value}” is none of {', '.join(names)}.")
    return value


classifier_option = click.option(
    "--classifier",
    metavar="NAME",
    callback=_installed,
    help="Who reads the expression: mien unless set, or another that is installed, such as deepface.",
)


def load_classifier(name: str | None) -> Classifier:
    """The classifier of that name, or the one in the settings; raises ``ModelError`` and ``ConfigError``."""
    from mien.face.classifiers.classifier import find_classifier

    kept = settings()
    return find_classifier(kept.classifier if name is None else name)(threads=kept.threads)
