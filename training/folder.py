"""Run folders: what a run was trained with, so that a different run never resumes from it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from training.recipes import Recipe

RECIPE, ORIGIN, CHECKPOINT, BEST, LOG = "recipe.json", "origin.json", "checkpoint.pt", "best.pt", "log.jsonl"


def claim_run_folder(out: Path, recipe: Recipe, origin: Mapping[str, str]) -> None:
    """Create the folder of a run, or check that it holds an interrupted run of the same recipe and inputs.

    Older folders have no ``origin.json``; only their recipe is compared.

    Args:
        out: The folder.
        recipe: The recipe of the run.
        origin: Fingerprints of the inputs, by name.

    Raises:
        ValueError: If the folder holds another run; nothing has been written then.
    """
    remedy = "move that folder away, or choose another --out"
    if not (out / CHECKPOINT).exists():
        if (out / LOG).exists():
            raise ValueError(f"{out} has a log but no {CHECKPOINT} to resume from; {remedy}")
        out.mkdir(parents=True, exist_ok=True)
        _write(out / RECIPE, asdict(recipe))
        _write(out / ORIGIN, dict(origin))
        return
    differences = [
        f"{name} {stored!r} there, {new!r} here" for name, stored, new in _differences(recipe_of(out), recipe)
    ]
    if differences:
        raise ValueError(f"{out} holds a network of another recipe ({'; '.join(differences)}); {remedy}")
    stored = json.loads((out / ORIGIN).read_text()) if (out / ORIGIN).exists() else dict(origin)
    changed = [word for word in {**stored, **origin} if stored.get(word) != origin.get(word)]
    if changed:
        raise ValueError(f"{out} holds a network that was trained with different {' and '.join(changed)}; {remedy}")


def recipe_of(run: Path) -> Recipe:
    """The recipe of a trained run.

    Raises:
        FileNotFoundError: If the folder holds no trained network.
        ValueError: If the recipe is damaged or of another version.
    """
    for name in (RECIPE, BEST):
        if not (run / name).is_file():
            raise FileNotFoundError(f"{run} holds no trained network ({name} is missing); train {run.name} first")
    try:
        return Recipe.from_json(json.loads((run / RECIPE).read_text()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{run / RECIPE} is damaged or of another version ({error}); move that folder away") from error


def _differences(stored: Recipe, new: Recipe) -> Iterator[tuple[str, Any, Any]]:
    before, now = _flat(asdict(stored)), _flat(asdict(new))
    return ((name, before[name], now[name]) for name in now if before[name] != now[name])


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    jitter: Mapping[str, Any] = values["jitter"]
    return {**{name: value for name, value in values.items() if name != "jitter"}, **jitter}


def _write(path: Path, values: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(values, indent=2) + "\n")
