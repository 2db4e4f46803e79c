"""The values that are passed between the parts of mien: frozen, with units in the names."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

LANDMARK_COUNT = 478
BLENDSHAPE_COUNT = 52

Image = NDArray[np.uint8]
"""An image: uint8 [height, width, 3], RGB."""


class Emotion(StrEnum):
    """The seven expressions of FER2013, in its order: class ``i`` is ``list(Emotion)[i]``."""

    ANGRY = "angry"
    DISGUST = "disgust"
    FEAR = "fear"
    HAPPY = "happy"
    SAD = "sad"
    SURPRISE = "surprise"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One image of a camera or a video.

    Attributes:
        image: uint8 [height, width, 3] RGB.
        index: Counted from 0.
        time_s: Monotonic, in seconds from any origin.
    """

    image: Image
    index: int
    time_s: float

    def __post_init__(self) -> None:
        check_image(self.image)


def check_image(image: Image) -> None:
    """Raise ``ValueError`` unless ``image`` is uint8 [height, width, 3] with at least one pixel."""
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        found = f"{image.dtype} {list(image.shape)}" if isinstance(image, np.ndarray) else type(image).__name__
        raise ValueError(f"an image must be uint8 [height, width, 3] in RGB order, not {found}")
    if image.size == 0:
        raise ValueError(f"an image must have at least one pixel, not {image.dtype} {list(image.shape)}")


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels from the top left of the image; may extend beyond the image."""

    x: float
    y: float
    width: float
    height: float

    @property
    def area_px(self) -> float:
        """The area in square pixels."""
        return self.width * self.height


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A detected face.

    Attributes:
        box: Where it is.
        landmarks: float32 [478, 3]: x and y in pixels of the image, z in the same unit, smaller is nearer.
        confidence: That it is a face, 0..1.
        track_id: Identifies the same face from frame to frame; None for a photo.
    """

    box: Box
    landmarks: NDArray[np.float32]
    confidence: float
    track_id: int | None = None

    def __post_init__(self) -> None:
        if self.landmarks.shape != (LANDMARK_COUNT, 3):
            raise ValueError(f"landmarks must be [{LANDMARK_COUNT}, 3], not {list(self.landmarks.shape)}")


@dataclass(frozen=True, slots=True)
class Motion:
    """The speed of parts of a face, in blendshape units (0..1) per second, 0 or more.

    Attributes:
        brows_per_s: Brows, up and down.
        lids_per_s: Lids of the eyes.
        jaw_per_s: Jaw, opening and sideways.
        mouth_corners_per_s: Corners of the mouth, up, down and outwards, as in a smile.
    """

    brows_per_s: float
    lids_per_s: float
    jaw_per_s: float
    mouth_corners_per_s: float


class Hint(StrEnum):
    """A reason why a face cannot be read well; the value is what the user can do about it."""

    COVERED = "uncover the camera"
    NO_FACE = "let the camera see your face"
    TOO_DARK = "turn towards the light"
    TOO_BRIGHT = "turn away from the light"
    TOO_FAR = "come closer"
    CUT_OFF = "move into the picture"
    TURNED_AWAY = "look towards the camera"
    BLURRED = "hold still, or wipe the lens"


@dataclass(frozen=True, slots=True)
class Quality:
    """How well a face can be read: ``score`` 0..1, and the ``hint`` that would help most; None if nothing is wrong."""

    score: float
    hint: Hint | None = None


class Phase(StrEnum):
    """The phase of an expression: none, setting in, held at its height, or fading."""

    REST = "rest"
    ONSET = "onset"
    APEX = "apex"
    OFFSET = "offset"


@dataclass(frozen=True, slots=True)
class Activity:
    """What a face did in the last second or so: whether it spoke or blinked, and the phase of its expression."""

    speaking: bool = False
    blinking: bool = False
    phase: Phase = Phase.REST


@dataclass(frozen=True, slots=True)
class HeadPose:
    """How a head is turned from the camera, in degrees; all 0 for a face that looks straight into it.

    The head is first pitched, then yawed, then rolled about the axes of the image. Left and right are the person's own.

    Attributes:
        yaw_deg: -90..90, positive if turned to the person's right, which is the left of an unmirrored image.
        pitch_deg: -180..180, positive if raised.
        roll_deg: -180..180, positive if tilted to the person's right shoulder: counterclockwise in the image.
    """

    yaw_deg: float
    pitch_deg: float
    roll_deg: float

    @property
    def away_deg(self) -> float:
        """The angle between the head's direction and the camera's, 0..180; it does not depend on the roll."""
        ahead = math.cos(math.radians(self.yaw_deg)) * math.cos(math.radians(self.pitch_deg))
        return math.degrees(math.acos(min(1.0, ahead)))


@dataclass(frozen=True, slots=True)
class Gaze:
    """Where the eyes look, in degrees relative to the head; left and right are the person's own.

    Attributes:
        horizontal_deg: Positive to the person's right.
        vertical_deg: Positive upwards.
        looking_at_screen: Whether head and eyes together look at a screen below the camera; the limits are in
            ``mien.face.pose``.
    """

    horizontal_deg: float
    vertical_deg: float
    looking_at_screen: bool


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """The features of a face, computed from its mesh.

    Attributes:
        blendshapes: float32 [52], 0..1, in the order of ``mien.face.features.BLENDSHAPES``.
        motion: None for a photo and for the first frame of a track.
        quality: None if it was not measured.
        activity: None for a photo.
        head_pose: None if it was not measured.
        gaze: None if it was not measured, or if the eyes are shut.
    """

    blendshapes: NDArray[np.float32]
    motion: Motion | None = None
    quality: Quality | None = None
    activity: Activity | None = None
    head_pose: HeadPose | None = None
    gaze: Gaze | None = None


@dataclass(frozen=True, slots=True)
class Expression:
    """The expression of a face.

    Attributes:
        probabilities: For each of the seven expressions, summing to 1.
        confident: False if the classifier abstains, or if a still picture probably shows a drawing.
        model: The name of the classifier.
        answers: The centred log-probabilities of each of the classifier's answers, one after the other, before they
            became ``probabilities``; empty if the classifier does not give them.
    """

    probabilities: Mapping[Emotion, float]
    confident: bool
    model: str
    answers: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if set(self.probabilities) != set(Emotion):
            raise ValueError("an expression needs a probability for each of the seven emotions")
        total = sum(self.probabilities.values())
        if not abs(total - 1) < 1e-3 or min(self.probabilities.values()) < 0:
            raise ValueError(f"probabilities must not be negative and must sum to 1, not to {total:.4f}")
        object.__setattr__(self, "probabilities", MappingProxyType(dict(self.probabilities)))

    @property
    def top(self) -> Emotion:
        """The most likely expression."""
        return max(self.probabilities, key=self.probabilities.__getitem__)


@dataclass(frozen=True, slots=True)
class Mood:
    """A point on the valence-arousal plane.

    Attributes:
        valence: -1 (unpleasant) .. 1 (pleasant).
        arousal: -1 (calm) .. 1 (excited).
        confidence: 0..1.
        time_s: The time of the frame that it comes from, monotonic.
    """

    valence: float
    arousal: float
    confidence: float = 1.0
    time_s: float = 0.0

    def __post_init__(self) -> None:
        for name, value in (("valence", self.valence), ("arousal", self.arousal)):
            if not -1 <= value <= 1:
                raise ValueError(f"{name} must be between -1 and 1, not {value}")
        if not 0 <= self.confidence <= 1:
            raise ValueError(f"confidence must be between 0 and 1, not {self.confidence}")


class Region(StrEnum):
    """A region of the plane: one of the four quadrants, or the disc in the middle."""

    TENSE = "tense"
    EXCITED = "excited"
    SAD = "sad"
    CALM = "calm"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """Everything that was read from one face in one frame."""

    face: Face
    features: Features
    expression: Expression
    mood: Mood


SPEECH = "speech"
"""The only tag of a recording of speech without music."""


class MoodOrigin(StrEnum):
    """The origin of a track's mood: mien's estimate, a tag in the file, or a correction by the user."""

    ESTIMATE = "estimate"
    TAG = "tag"
    PERSON = "person"


_SILENCE_LUFS: Final = -70.0
"""What is not louder is silence (the absolute gate of ITU-R BS.1770)."""


@dataclass(frozen=True, slots=True)
class AudioFeatures:
    """The result of analysing the audio of a track.

    Attributes:
        tempo_bpm: Beats per minute; 0 if there is no beat.
        loudness_lufs: The loudness of the analysed excerpts.
        valence: -1..1.
        arousal: -1..1.
        arousal_confidence: Of the arousal, 0..1.
        analyser_version: Distinguishes the estimates of different analysers.
        tonic: Semitones from C (0) to B (11); None if no key is clear.
        minor: Whether the key is minor; None if no key is clear.
        valence_confidence: Of the valence, 0..1; the valence is less reliable than the arousal.
        tags: Words for the sound ("piano", "fast"), the most certain first.
        origin: Where valence and arousal come from.
        sound: What the networks computed, as ``mien.music.sound_code`` codes it; empty if an older analyser did not
            keep it.
        absolute: The estimated valence and arousal, if ``valence`` and ``arousal`` are the track's place among the
            other tracks of its library; None otherwise.
    """

    tempo_bpm: float
    loudness_lufs: float
    valence: float
    arousal: float
    arousal_confidence: float
    analyser_version: int
    tonic: int | None = None
    minor: bool | None = None
    valence_confidence: float = 0.0
    tags: tuple[str, ...] = ()
    origin: MoodOrigin = MoodOrigin.ESTIMATE
    sound: bytes = field(default=b"", repr=False)
    absolute: tuple[float, float] | None = None

    @property
    def is_speech(self) -> bool:
        """Whether it is speech without music, which is not offered as music."""
        return SPEECH in self.tags

    @property
    def judged(self) -> bool:
        """Whether valence and arousal mean anything: somebody stated them, or there was sound to estimate them from."""
        confidence = max(self.arousal_confidence, self.valence_confidence)
        return self.origin is not MoodOrigin.ESTIMATE or (self.loudness_lufs > _SILENCE_LUFS and confidence > 0)

    @property
    def offered(self) -> bool:
        """Whether it is offered as music: not if it is speech, or could not be judged."""
        return self.judged and not self.is_speech


@dataclass(frozen=True, slots=True)
class Track:
    """A piece of music.

    Attributes:
        id: ``source:key``, safe in a URL.
        title: The title.
        artist: As written, several separated by semicolons; empty if unknown.
        album: Empty if unknown.
        duration_s: The duration in seconds.
        features: None until the track was analysed.
        year: The year of release; None if unknown.
        genres: As the tags name them, the first first; empty if unknown.
        credit: Author and licence, if they should be shown ("synthesised, public domain").
        has_cover: Whether there is a cover picture.
        language: As in the tags, an ISO 639 code if they hold one ("eng"), else empty.
        explicit: Whether the lyrics are explicit; None if unknown.
        tagged: The valence and arousal (-1..1) stated in the tags, if any.
    """

    id: str
    title: str
    artist: str
    album: str
    duration_s: float
    features: AudioFeatures | None = None
    year: int | None = None
    genres: tuple[str, ...] = ()
    credit: str = ""
    has_cover: bool = False
    language: str = ""
    explicit: bool | None = None
    tagged: tuple[float, float] | None = None

    @property
    def source(self) -> str:
        """The name of the source: the part of ``id`` before the colon."""
        return self.id.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Cover:
    """A cover picture: its encoded bytes, and their media type (image/jpeg, png, gif or webp)."""

    data: bytes
    media_type: str


class ReasonKind(StrEnum):
    """What a reason for a pick is about, and what its value is.

    Kinds that end in ``_FIT`` hold a distance on the valence-arousal plane. Kinds that end in ``_TASTE`` hold what the
    listener's taste adds to the track's utility: positive if they like it, negative if they often skip it.
    """

    AROUSAL = "arousal"
    """The track's arousal, -1..1."""
    VALENCE = "valence"
    """The track's valence, -1..1."""
    IN_LIBRARY = "in_library"
    """Valence and arousal are those relative to the library, and differ from the estimates; no value."""
    TEMPO = "tempo"
    """The track's tempo, in beats per minute."""
    SAME_TEMPO = "same_tempo"
    """About the tempo of the track before; no value."""
    SAME_KEY = "same_key"
    """A key that goes with that of the track before; no value."""
    MOOD_FIT = "mood_fit"
    """How far the track is from the mood that was asked for."""
    ROUTE_FIT = "path_fit"
    """How far the track is from the mood of its position on the route."""
    PROGRESS = "progress"
    """The fraction of the route already covered, 0..1; comes with ``ROUTE_FIT``."""
    GOAL_FIT = "goal_fit"
    """How far the track is from the goal, at the end of the route."""
    GOAL = "goal"
    """The goal, or the title of the song that a path ends with; comes with ``ROUTE_FIT`` and ``GOAL_FIT``."""
    SIMILAR = "similar"
    """How similar the track is to those to resemble, 0..1."""
    REQUESTED = "requested"
    """What of a request in words the track meets, separated by commas."""
    ARTIST_TASTE = "artist_taste"
    STYLE_TASTE = "style_taste"
    TEMPO_TASTE = "tempo_taste"
    MOOD_TASTE = "mood_taste"
    RECENTLY_PLAYED = "recently_played"
    """How many tracks were played since this one."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for a pick; ``ReasonKind`` says what its value is. ``str`` of it is stable: "tempo=72"."""

    kind: ReasonKind
    value: float | str | None = None

    def __str__(self) -> str:
        if self.value is None:
            return str(self.kind)
        return f"{self.kind}={self.value if isinstance(self.value, str) else format(self.value, '.4g')}"


@dataclass(frozen=True, slots=True)
class Pick:
    """A track that was chosen, and why.

    Attributes:
        track: The chosen track.
        score: How well it fits, 0..1; 1 if nothing could fit better.
        propensity: The probability that the recommender, asked again in the same situation, chooses it here, 0..1.
        reasons: Why it was chosen, in the order in which they are shown.
        baseline_propensity: What the propensity would be without the listener's taste; None if unknown.
    """

    track: Track
    score: float
    propensity: float
    reasons: tuple[Reason, ...] = ()
    baseline_propensity: float | None = None


@dataclass(frozen=True, slots=True)
class Station:
    """A list of picks that leads from a mood to a goal.

    Attributes:
        target: The mood that it leads to.
        route: The mood at each position, from the start to the target.
        picks: The track at each position.
    """

    target: Mood
    route: tuple[Mood, ...]
    picks: tuple[Pick, ...]
