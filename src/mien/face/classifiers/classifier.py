"""The protocol of expression classifiers, and their discovery through entry points.

A new classifier is one file with something like ``ClassifierFactory`` and one line in the entry-point group
``mien.classifiers``::

    [project.entry-points."mien.classifiers"]
    mien = "mien.face.classifiers.onnx:default_classifier"
"""

from __future__ import annotations

from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from mien.errors import ModelError
from mien.face.align import CROP_PX
from mien.mood.prior import Prior
from mien.plugins import load_plugin, plugin_names
from mien.types import Expression

ENTRY_POINT_GROUP = "mien.classifiers"


class Classifier(Protocol):
    """Classifies the expressions of aligned faces; see also ``tests/contracts/test_classifiers.py``."""

    @property
    def name(self) -> str:
        """The name of the classifier, as in ``Expression.model``."""
        ...

    def classify(self, crops: NDArray[np.uint8], *, prior: Prior = ...) -> list[Expression]:
        """Read the expression of each crop; may be called from any thread.

        Args:
            crops: Gray uint8 [n, 48, 48] with n >= 1.
            prior: How often each expression is expected; FER2013's by default (``mien.mood.prior.change_prior``
                corrects a network that was trained with other frequencies).

        Raises:
            ValueError: For any other array.
        """
        ...


class ClassifierFactory(Protocol):
    """What an entry point names: a class or a function."""

    def __call__(self, *, threads: int) -> Classifier:
        """Load the network, which uses up to ``threads`` threads; ``ModelError`` if it is missing or damaged."""
        ...


def find_classifier(name: str) -> ClassifierFactory:
    """The factory of the classifier with this name; raises ``ModelError`` if none is installed."""
    return cast(ClassifierFactory, load_plugin(ENTRY_POINT_GROUP, name, kind="classifier", error=ModelError))


def classifier_names() -> list[str]:
    """The names of the installed classifiers, sorted; nothing is loaded."""
    return plugin_names(ENTRY_POINT_GROUP)


def signature(name: str, prior: Prior) -> str:
    """What ``Expression.model`` says: the classifier's name, and the prior unless it is FER2013's."""
    return name if prior is Prior.FER2013 else f"{name}-{prior}"


def check_crops(crops: NDArray[np.uint8]) -> None:
    """Raise ``ValueError`` unless ``crops`` is gray uint8 [n, 48, 48] with n >= 1."""
    if not isinstance(crops, np.ndarray):
        raise ValueError(f"crops must be a uint8 array [n, {CROP_PX}, {CROP_PX}], not {type(crops).__name__}")
    if crops.dtype != np.uint8 or crops.ndim != 3 or crops.shape[1:] != (CROP_PX, CROP_PX) or len(crops) == 0:
        found = f"{crops.dtype} {list(crops.shape)}"
        raise ValueError(f"crops must be gray uint8 [n, {CROP_PX}, {CROP_PX}] with n of at least 1, not {found}")
