"""Expressions for the mood tests, and faces that change at a natural speed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from mien.types import Emotion, Expression

Probabilities = NDArray[np.float64]

ONSET_S = 0.2
"""The fastest onset of an expression; a spontaneous smile takes half a second."""


def look(emotion: Emotion, probability: float = 0.94, *, confident: bool = True) -> Expression:
    rest = (1 - probability) / 6
    return Expression({e: probability if e is emotion else rest for e in Emotion}, confident, "test")


def expression_with(probabilities: Probabilities) -> Expression:
    shares = (probabilities / probabilities.sum()).tolist()
    return Expression(dict(zip(Emotion, shares, strict=True)), True, "test")


@st.composite
def looks(draw: st.DrawFn) -> Probabilities:
    """Probabilities with a random dominant expression."""
    weights = np.array(draw(st.lists(st.floats(0.01, 1), min_size=7, max_size=7)))
    top, share = draw(st.integers(0, 6)), draw(st.floats(0.3, 0.97))
    weights[top] = 0
    mixed = weights / weights.sum() * (1 - share)
    mixed[top] = share
    return mixed


@st.composite
def lives(
    draw: st.DrawFn, *, onset_s: float = ONSET_S, changes: int = 4
) -> tuple[Callable[[float], Probabilities], float]:
    """A face over time, and its duration: it holds each expression for at least a second and changes in ``onset_s``."""
    shown = draw(st.lists(looks(), min_size=2, max_size=changes))
    holds_s = draw(st.lists(st.floats(1, 2), min_size=len(shown), max_size=len(shown)))
    return acted(shown, holds_s, onset_s=onset_s), sum(holds_s)


def acted(
    shown: Sequence[Probabilities], holds_s: Sequence[float], *, onset_s: float
) -> Callable[[float], Probabilities]:
    begins_s = np.concatenate([[0.0], np.cumsum(holds_s)[:-1]])

    def at(time_s: float) -> Probabilities:
        now = max(0, int(np.searchsorted(begins_s, time_s, side="right")) - 1)
        if now == 0:
            return shown[0]
        done = min(1.0, (time_s - begins_s[now]) / onset_s) if onset_s else 1.0
        return shown[now - 1] * (1 - done) + shown[now] * done

    return at


def frame_times(frames_per_s: int, *, until_s: float, jitter: float = 0.0, seed: int = 0) -> NDArray[np.float64]:
    """The times of frames, each up to ``jitter`` of a frame early or late; the first at 0."""
    times_s = np.arange(0, until_s, 1 / frames_per_s)
    late = np.random.default_rng(seed).uniform(-jitter, jitter, len(times_s)) / frames_per_s
    late[0] = 0
    return times_s + late
