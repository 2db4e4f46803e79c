"""Detects speaking and blinking, and the phase of an expression, from the readings of one face over time.

All time constants are in seconds, not in frames, and memory is bounded. Values are interpolated linearly between
readings, so that 5, 15 and 30 readings per second give the same results as far as possible: at 5 readings per second,
speech of more than 2.5 movements per second and blinks between two readings cannot be seen.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.face.features import BLENDSHAPES, indices_starting_with
from mien.types import Activity, Motion, Phase

#: Readings further apart, or in the wrong order, mean that the clock jumped: they are ignored.
MAX_GAP_S: Final = 2.0

_MIN_GAP_S: Final = 1e-6  # a clock that stands still may differ in its last digits

#: How far the lids close beyond their resting level in a blink, and how far they must reopen to end it (0..1).
SHUT: Final = 0.25
REOPENED: Final = 0.15
#: Lids that close more slowly are tired, or follow a downward gaze; in blendshape units per second.
CLOSING_PER_S: Final = 1.0
#: Blinks take 0.1 to 0.4 s (Schiffman 2001, Sensation and Perception); eyes shut for longer count as closed.
MAX_BLINK_S: Final = 0.5
#: With readings further apart, a blink cannot be distinguished from closed eyes.
MAX_BLINK_GAP_S: Final = 0.3
#: How long a blink is reported.
BLINK_REPORT_S: Final = 0.5

#: A speaking mouth reverses, from opening to closing or back, 4 to 16 times per second: syllables come at 2 to 8 Hz
#: (Chandrasekaran et al. 2009, PLoS Comput. Biol. 5:e1000436). A mouth that opens in surprise reverses once.
SPEECH_WINDOW_S: Final = 1.25
MIN_REVERSALS, MAX_REVERSALS = 4, 22
#: Speech continues through a short silence while there are this many reversals in the window.
MIN_REVERSALS_TO_CONTINUE: Final = 2
#: A smaller reversal may be noise: with the noise and shake of a poor webcam (8 of 255, 0.7 px), the mouths of four
#: photographs opened by at most 0.12 within a second.
MIN_REVERSAL: Final = 0.15

#: The upper limit of the resting level: nine of ten photographed faces that read as neutral were no stronger.
MAX_REST: Final = 1.1
#: How far above its resting level an expression begins, and ends.
ENTER: Final = 0.25
LEAVE: Final = 0.15
#: An expression sets in or fades from the first speed on, and is held up to the second; in units per second.
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
    """Detects the activity of one face; every track needs its own."""

    def __init__(self) -> None:
        self._at_s: float | None = None
        self._now_s = 0.0
        self._blinks = _BlinkDetector()
        self._speech = _SpeechDetector()
        self._phase = _PhaseDetector()
        self._activity = Activity()

    def update(self, blendshapes: NDArray[np.float32], motion: Motion | None, at_s: float) -> Activity:
        """Update the activity with the next reading.

        If the clock stands still, jumps back or jumps ahead by more than two seconds, the activity does not change.

        Args:
            blendshapes: float32 [52], 0..1.
            motion: As in ``Features``.
            at_s: The time, in seconds, from any origin.

        Returns:
            The activity up to now.
        """
        before_s, self._at_s = self._at_s, at_s
        if before_s is not None:
            if not _MIN_GAP_S < at_s - before_s <= MAX_GAP_S:
                return self._activity
            self._now_s += at_s - before_s
        blinking = self._blinks.update(float(blendshapes[_BLINK].min()), motion, self._now_s)
        speaking = self._speech.update(blendshapes, self._now_s)
        if not self._blinks.are_shut:  # a blink also moves brows and cheeks, which is not an expression
            self._phase.update(float(np.linalg.norm(blendshapes[_EXPRESSION])), self._now_s)
        self._activity = Activity(speaking, blinking, self._phase.phase)
        return self._activity


class _BlinkDetector:
    """Detects blinks: the lids of both eyes close fast and reopen soon."""

    def __init__(self) -> None:
        self._last_s = -math.inf
        self._last = 0.0
        self._rest = _RestingLevel(falling_half_life_s=0.3, rising_half_life_s=10.0)
        self._shut_s: float | None = None
        self._blinked_s = -math.inf

    @property
    def are_shut(self) -> bool:
        """Whether a blink may be in progress."""
        return self._shut_s is not None

    def update(self, value: float, motion: Motion | None, now_s: float) -> bool:
        """Whether there was a blink just now; ``value``, 0..1, is how far the wider open eye is closed."""
        gap_s = now_s - self._last_s
        rest = self._rest.level
        if self._shut_s is None:
            closes_fast = motion is not None and motion.lids_per_s >= CLOSING_PER_S
            if self._last <= rest + SHUT < value and closes_fast and gap_s <= MAX_BLINK_GAP_S:
                self._shut_s = self._crossed_s(rest + SHUT, value, now_s)
        elif value < rest + REOPENED:
            took_s = self._crossed_s(rest + REOPENED, value, now_s) - self._shut_s
            if took_s <= MAX_BLINK_S and gap_s <= MAX_BLINK_GAP_S:
                self._blinked_s = now_s
            self._shut_s = None
        elif now_s - self._shut_s > MAX_BLINK_S:
            self._shut_s = None
        if self._shut_s is None:
            self._rest.update(value, now_s)
        self._last, self._last_s = value, now_s
        return now_s - self._blinked_s < BLINK_REPORT_S

    def _crossed_s(self, level: float, value: float, now_s: float) -> float:
        """When the value, interpolated linearly since the last reading, crossed ``level``."""
        return self._last_s + (now_s - self._last_s) * (level - self._last) / (value - self._last)


class _SpeechDetector:
    """Detects speech from the back-and-forth movement of jaw and lips."""

    def __init__(self) -> None:
        self._opening = _ReversalCounter()
        self._rounding = _ReversalCounter()
        self._speaking = False

    def update(self, blendshapes: NDArray[np.float32], now_s: float) -> bool:
        """Whether the mouth has been speaking for about a second."""
        reversals = (
            self._opening.update(float(blendshapes[_JAW] + blendshapes[_LIPS_APART].mean()), now_s),
            self._rounding.update(float(blendshapes[_LIPS_ROUND].mean()), now_s),
        )
        minimum = MIN_REVERSALS_TO_CONTINUE if self._speaking else MIN_REVERSALS
        self._speaking = any(minimum <= count <= MAX_REVERSALS for count in reversals)
        return self._speaking


class _ReversalCounter:
    """Counts how often the direction of a value reversed within the window."""

    def __init__(self) -> None:
        self._direction = -1
        self._furthest = -math.inf
        self._reversals_s: deque[float] = deque(maxlen=MAX_REVERSALS + 1)

    def update(self, value: float, now_s: float) -> int:
        progress = self._direction * value
        if progress >= self._furthest:
            self._furthest = progress
        elif self._furthest - progress >= MIN_REVERSAL:
            self._direction = -self._direction
            self._furthest = -progress
            self._reversals_s.append(now_s)
        while self._reversals_s and now_s - self._reversals_s[0] > SPEECH_WINDOW_S:
            self._reversals_s.popleft()
        return len(self._reversals_s)


class _PhaseDetector:
    """Detects the phase of an expression from the overall strength of the blendshapes."""

    def __init__(self) -> None:
        self.phase = Phase.REST
        self._now = _Average(half_life_s=0.08)
        self._before = _Average(half_life_s=0.2)
        self._rest = _RestingLevel(falling_half_life_s=1.0, rising_half_life_s=60.0, at_most=MAX_REST)

    def update(self, strength: float, now_s: float) -> None:
        """Update the phase; ``strength`` is the norm of the expression's blendshapes."""
        now, before = self._now.update(strength, now_s), self._before.update(strength, now_s)
        above_rest = now - self._rest.update(now, now_s)
        # Of a steady rise, each average shows the value of its own lag ago.
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
    """An exponential moving average of a value that is interpolated linearly between readings.

    See Zumbach and Müller 2001, "Operators on inhomogeneous time series".
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
            decay = math.exp(-share)
            middle = (1 - decay) / share
            self._average = decay * self._average + (middle - decay) * self._last + (1 - middle) * value
        self._last, self._last_s = value, now_s
        return self._average


class _RestingLevel:
    """The level that a value returns to: follows the value down quickly and up slowly."""

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
