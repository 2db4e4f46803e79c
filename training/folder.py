"""The folder of a run: whose it is, so that nothing is trained on in the name of something else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from training.recipes import Recipe

RECIPE, ORIGIN, CHECKPOINT, BEST, LOG = "recipe.json", "origin.json", "checkpoint.pt", "best.pt", "log.jsonl"


def claim(out: Path, recipe: Recipe, origin: Mapping[str, str]) -> None:
    """Make ``out`` the folder of a run by ``recipe`` with what ``origin`` names: fingerprints, each under a word.

    A run that was begun there by the same recipe with the same things goes on. Raises ``ValueError`` where another
    one lies there, before anything is written. Folders from before there were fingerprints have no ``origin.json``:
    their recipe alone is compared.
    """
    remedy = "move that folder away, or choose another --out"
    if not (out / CHECKPOINT).exists():
        if (out / LOG).exists():
            raise ValueError(f"{out} has a log and no {CHECKPOINT} to go on from; {remedy}")
        out.mkdir(parents=True, exist_ok=True)
        _write(out / RECIPE, asdict(recipe))
        _write(out / ORIGIN, dict(origin))
        return
    other = [f"{name} {theirs!r} there, {ours!r} here" for name, theirs, ours in _differences(recipe_of(out), recipe)]
    if other:
        raise ValueError(f"{out} holds a network of another recipe ({'; '.join(other)}); {remedy}")
    kept = json.loads((out / ORIGIN).read_text()) if (out / ORIGIN).exists() else dict(origin)
    strange = [word for word in {**kept, **origin} if kept.get(word) != origin.get(word)]
    if strange:
        raise ValueError(f"{out} holds a network that was trained with other {' and '.join(strange)}; {remedy}")


def recipe_of(run: Path) -> Recipe:
    """The recipe that a run was made by; ``FileNotFoundError`` where the folder holds no network.

    ``ValueError`` where the recipe is one that an older version of these scripts knew.
    """
    for name in (RECIPE, BEST):
        if not (run / name).is_file():
            raise FileNotFoundError(f"{run} holds no trained network ({name} is missing); train {run.name} first")
    try:
        return Recipe.from_json(json.loads((run / RECIPE).read_text()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{run / RECIPE} is damaged or of another version ({error}); move that folder away") from error


def _differences(theirs: Recipe, ours: Recipe) -> Iterator[tuple[str, Any, Any]]:
    before, now = _flat(asdict(theirs)), _flat(asdict(ours))
    return ((name, before[name], now[name]) for name in now if before[name] != now[name])


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    jitter: Mapping[str, Any] = values["jitter"]
    return {**{name: value for name, value in values.items() if name != "jitter"}, **jitter}


def _write(path: Path, values: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(values, indent=2) + "\n")
