"""Tells what a face has been doing: whether it talks or blinks, and where its expression stands on its way.

Every memory here is one of seconds, not of frames, and of a fixed size. What lies between two readings is taken for a
straight line, so that 5, 15 and 30 readings a second give the same answers wherever they can: speech of more than 2.5
movements a second is beyond 5 readings a second, and so is a blink that falls between two of them.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.face.features import BLENDSHAPES, indices_starting_with
from mien.types import Activity, Motion, Phase

#: Readings further apart, or in the wrong order, are a clock that jumped: no time passed, and nothing is concluded.
LONGEST_GAP_S: Final = 2.0

#: How far lids fall below their resting level in a blink, and how far they rise again to end it (0..1).
SHUT: Final = 0.25
REOPENED: Final = 0.15
#: Lids that fall more slowly are tired, or follow a look downwards; in blendshape units a second.
FALLING_PER_S: Final = 1.0
#: Blinks take 0.1 to 0.4 s (Schiffman 2001, Sensation and Perception); eyes that stay shut for longer are closed eyes.
LONGEST_BLINK_S: Final = 0.5
#: Between readings further apart a blink cannot be told from closed eyes.
LONGEST_BLINK_GAP_S: Final = 0.3
BLINK_LASTS_S: Final = 0.5

#: A mouth that speaks turns, from opening to closing or back, 4 to 16 times a second: syllables come at 2 to 8 Hz
#: (Chandrasekaran et al. 2009, PLoS Comput. Biol. 5:e1000436). A mouth that opens in surprise turns once.
SPEECH_WINDOW_S: Final = 1.25
FEWEST_TURNS, MOST_TURNS = 4, 22
#: Speech goes on, through a short silence, while there are as many turns in the window.
TURNS_TO_GO_ON: Final = 2
#: A turn smaller than this may be noise: with a poor webcam's noise and shake (8 of 255, 0.7 px) four photographs
#: opened their mouths by no more than 0.12 within a second.
LEAST_TURN: Final = 0.15

#: Nine of ten photographed faces that read as neutral were no stronger: a stranger who is expresses something.
STRONGEST_REST: Final = 1.1
#: How far above its resting level an expression begins, and ends.
ENTER: Final = 0.25
LEAVE: Final = 0.15
#: An expression sets in or fades at this speed and more, and stands still at that and less; in units a second.
MOVING_PER_S: Final = 0.4
STILL_PER_S: Final = 0.2

_BLINK: Final = indices_starting_with("eyeBlink")
_EXPRESSION: Final = indices_starting_with(
    "brow", "cheek", "eyeSquint", "eyeWide", "mouthSmile", "mouthFrown", "mouthDimple", "mouthStretch", "noseSneer"
)
_JAW: Final = BLENDSHAPES.index("jawOpen")
_LIPS_APART: Final = indices_starting_with("mouthLowerDown", "mouthUpperUp")
_LIPS_ROUND: Final = indices_starting_with("mouthPucker", "mouthFunnel")


class ActivityReader:
    """Follows what one face does; make a new one for every track."""

    def __init__(self) -> None:
        self._at_s: float | None = None
        self._now_s = 0.0
        self._lids = _Lids()
        self._mouth = _Mouth()
        self._effort = _Effort()
        self._activity = Activity()

    def update(self, blendshapes: NDArray[np.float32], motion: Motion | None, at_s: float) -> Activity:
        """What the face has been doing up to now.

        ``blendshapes`` float32 [52] and ``motion`` as in ``Features``; ``at_s`` in seconds, from any origin. A clock
        that stands still, steps back or leaps by more than two seconds changes nothing: the answer is the last one.
        """
        before_s, self._at_s = self._at_s, at_s
        if before_s is not None:
            if not 0 < at_s - before_s <= LONGEST_GAP_S:
                return self._activity
            self._now_s += at_s - before_s
        blinking = self._lids.update(float(blendshapes[_BLINK].min()), motion, self._now_s)
        speaking = self._mouth.update(blendshapes, self._now_s)
        if not self._lids.are_shut:  # a blink pulls at brows and cheeks, which is no expression
            self._effort.update(float(np.linalg.norm(blendshapes[_EXPRESSION])), self._now_s)
        self._activity = Activity(speaking, blinking, self._effort.phase)
        return self._activity


class _Lids:
    """Sees blinks: lids of both eyes that fall fast, and rise again soon."""

    def __init__(self) -> None:
        self._last_s = -math.inf
        self._last = 0.0
        self._rest = _Rest(falling_half_life_s=0.3, rising_half_life_s=10.0)
        self._shut_s: float | None = None
        self._blinked_s = -math.inf

    @property
    def are_shut(self) -> bool:
        """Whether a blink may be under way."""
        return self._shut_s is not None

    def update(self, value: float, motion: Motion | None, now_s: float) -> bool:
        """Whether there was a blink just now; ``value`` 0..1 is how far the wider eye is shut."""
        gap_s = now_s - self._last_s
        rest = self._rest.level
        if self._shut_s is None:
            falls_fast = motion is not None and motion.lids_per_s >= FALLING_PER_S
            if self._last <= rest + SHUT < value and falls_fast and gap_s <= LONGEST_BLINK_GAP_S:
                self._shut_s = self._crossed_s(rest + SHUT, value, now_s)
        elif value < rest + REOPENED:
            took_s = self._crossed_s(rest + REOPENED, value, now_s) - self._shut_s
            if took_s <= LONGEST_BLINK_S and gap_s <= LONGEST_BLINK_GAP_S:
                self._blinked_s = now_s
            self._shut_s = None
        elif now_s - self._shut_s > LONGEST_BLINK_S:
            self._shut_s = None
        if self._shut_s is None:
            self._rest.update(value, now_s)
        self._last, self._last_s = value, now_s
        return now_s - self._blinked_s < BLINK_LASTS_S

    def _crossed_s(self, level: float, value: float, now_s: float) -> float:
        """When the straight line from the last value to this one crossed ``level``."""
        return self._last_s + (now_s - self._last_s) * (level - self._last) / (value - self._last)


class _Mouth:
    """Hears with its eyes: whether jaw or lips go to and fro as they do in speech."""

    def __init__(self) -> None:
        self._opening = _Turns()
        self._rounding = _Turns()
        self._speaking = False

    def update(self, blendshapes: NDArray[np.float32], now_s: float) -> bool:
        """Whether the mouth has been speaking for about a second."""
        turns = (
            self._opening.update(float(blendshapes[_JAW] + blendshapes[_LIPS_APART].mean()), now_s),
            self._rounding.update(float(blendshapes[_LIPS_ROUND].mean()), now_s),
        )
        fewest = TURNS_TO_GO_ON if self._speaking else FEWEST_TURNS
        self._speaking = any(fewest <= count <= MOST_TURNS for count in turns)
        return self._speaking


class _Turns:
    """Counts how often a value turned back, within the window."""

    def __init__(self) -> None:
        self._direction = -1
        self._furthest = -math.inf
        self._turns_s: deque[float] = deque(maxlen=MOST_TURNS + 1)

    def update(self, value: float, now_s: float) -> int:
        progress = self._direction * value
        if progress >= self._furthest:
            self._furthest = progress
        elif self._furthest - progress >= LEAST_TURN:
            self._direction = -self._direction
            self._furthest = -progress
            self._turns_s.append(now_s)
        while self._turns_s and now_s - self._turns_s[0] > SPEECH_WINDOW_S:
            self._turns_s.popleft()
        return len(self._turns_s)


class _Effort:
    """Follows how strongly a face expresses anything at all, and knows the phase of it."""

    def __init__(self) -> None:
        self.phase = Phase.REST
        self._now = _Average(half_life_s=0.08)
        self._before = _Average(half_life_s=0.2)
        self._rest = _Rest(falling_half_life_s=1.0, rising_half_life_s=60.0, at_most=STRONGEST_REST)

    def update(self, strength: float, now_s: float) -> None:
        """``strength`` is the length of the expression's blendshapes, as a vector."""
        now, before = self._now.update(strength, now_s), self._before.update(strength, now_s)
        above_rest = now - self._rest.update(now, now_s)
        # Of a steady climb an average shows what was there its own lag ago.
        speed_per_s = (now - before) / (self._before.lag_s - self._now.lag_s)
        self.phase = _next_phase(self.phase, above_rest, speed_per_s)


def _next_phase(phase: Phase, above_rest: float, speed_per_s: float) -> Phase:
    if above_rest < (ENTER if phase is Phase.REST else LEAVE):
        return Phase.REST
    if abs(speed_per_s) <= STILL_PER_S:
        return Phase.APEX
    if abs(speed_per_s) >= MOVING_PER_S or phase is Phase.REST:
        return Phase.ONSET if speed_per_s > 0 else Phase.OFFSET
    return phase


class _Average:
    """An average that forgets with a half-life, of a value that goes straight from reading to reading.

    (The EMA with linear interpolation of Zumbach and Müller 2001, "Operators on inhomogeneous time series".)
    """

    def __init__(self, *, half_life_s: float) -> None:
        self.lag_s = half_life_s / math.log(2)
        self._average = math.nan
        self._last = math.nan
        self._last_s = math.nan

    def update(self, value: float, now_s: float) -> float:
        """The average up to now, after a reading of ``value``."""
        share = (now_s - self._last_s) / self.lag_s
        if math.isnan(share) or share <= 0:
            self._average = value
        else:
            kept = math.exp(-share)
            middle = (1 - kept) / share
            self._average = kept * self._average + (middle - kept) * self._last + (1 - middle) * value
        self._last, self._last_s = value, now_s
        return self._average


class _Rest:
    """The level that a value returns to: it follows the value down soon and up slowly."""

    def __init__(self, *, falling_half_life_s: float, rising_half_life_s: float, at_most: float = math.inf) -> None:
        self.level = at_most
        self._falling_half_life_s = falling_half_life_s
        self._rising_half_life_s = rising_half_life_s
        self._last_s = math.nan

    def update(self, value: float, now_s: float) -> float:
        """The level, after a reading of ``value``."""
        if math.isnan(self._last_s):
            self.level = min(self.level, value)
        else:
            half_life_s = self._falling_half_life_s if value < self.level else self._rising_half_life_s
            self.level += (value - self.level) * (1 - 0.5 ** ((now_s - self._last_s) / half_life_s))
        self._last_s = now_s
        return self.level
