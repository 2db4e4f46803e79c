"""Tags music with words such as "piano", "fast" or "Mellow", by MusiCNN's two networks (Pons and Serra 2019).

One network is trained on the Million Song Dataset, the other on MagnaTagATune. Their input is librosa's mel spectrogram
at 16 kHz, computed here with NumPy. ``mien/models/musicnn.md`` is their card.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from mien.errors import ModelError, Remedy, network_error
from mien.music.analysis.decode import SAMPLE_RATE_HZ
from mien.music.sound_code import SoundVectors
from mien.onnx_runtime import open_session

if TYPE_CHECKING:
    import onnxruntime

RATE_HZ = 16_000
FRAMES = 187
BANDS = 96
PATCHES = 3
"""How many patches each network hears of a track: as many of each excerpt."""

_OUTPUTS = ("tags", "hidden")
_FRAME, _HOP = 512, 256
_LEVEL = 0.1
_PATCH_SAMPLES = -(-FRAMES * _HOP * SAMPLE_RATE_HZ // RATE_HZ)

# fmt: off
MSD_TAGS = (
    "rock", "pop", "alternative", "indie", "electronic", "female vocalists", "dance", "00s", "alternative rock", "jazz",
    "beautiful", "metal", "chillout", "male vocalists", "classic rock", "soul", "indie rock", "Mellow", "electronica",
    "80s", "folk", "90s", "chill", "instrumental", "punk", "oldies", "blues", "hard rock", "ambient", "acoustic",
    "experimental", "female vocalist", "guitar", "Hip-Hop", "70s", "party", "country", "easy listening", "sexy",
    "catchy", "funk", "electro", "heavy metal", "Progressive rock", "60s", "rnb", "indie pop", "sad", "House", "happy",
)
MTT_TAGS = (
    "guitar", "classical", "slow", "techno", "strings", "drums", "electronic", "rock", "fast", "piano", "ambient",
    "beat", "violin", "vocal", "synth", "female", "indian", "opera", "male", "singing", "vocals", "no vocals",
    "harpsichord", "loud", "quiet", "flute", "woman", "male vocal", "no vocal", "pop", "soft", "sitar", "solo", "man",
    "classic", "choir", "voice", "new age", "dance", "male voice", "female vocal", "beats", "harp", "cello", "no voice",
    "weird", "country", "metal", "female voice", "choral",
)
# fmt: on

_NETWORKS = MappingProxyType({"msd": MSD_TAGS, "mtt": MTT_TAGS})

Wave = NDArray[np.float32]
Tags = Mapping[str, float]
"""The strength of each tag, 0..1, by names such as ``msd:happy`` and ``mtt:piano``: the network, then the word."""


def compute_sound(mono: Sequence[Wave]) -> SoundVectors:
    """The strengths of the hundred tags and the embedding, as means over three patches of 3 s.

    The volume does not matter: the excerpts are normalised first.

    Args:
        mono: Excerpts, float32 [samples] at ``decode.SAMPLE_RATE_HZ``.

    Raises:
        ModelError: A network is missing.
    """
    each = max(1, round(PATCHES / len(mono)))
    patches = [patch for wave in _normalised(mono) for patch in patches_of(wave, count=each)]
    (msd_strengths, embedding), (mtt_strengths, _) = (_means(name, patches) for name in _NETWORKS)
    return SoundVectors(np.concatenate([msd_strengths, mtt_strengths]), embedding)


def tags_of(sound: SoundVectors) -> Tags:
    """The strengths of a sound's tags by their names."""
    names = [f"{network}:{word}" for network, words in _NETWORKS.items() for word in words]
    return MappingProxyType(dict(zip(names, sound.strengths.tolist(), strict=True)))


def _means(name: str, patches: Sequence[NDArray[np.float32]]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The means over patches of a network's tags, float32 [50], and of the layer before them, float32 [200]."""
    session = network(name)
    # One patch at a time needs little memory, and is as fast on one core.
    rows = [session.run(_OUTPUTS, {"mels": patch[None]}) for patch in patches]
    tags, hidden = (np.mean([row[i][0] for row in rows], axis=0) for i in range(len(_OUTPUTS)))
    return tags, hidden


def patches_of(wave: Wave, *, count: int) -> list[NDArray[np.float32]]:
    """Up to ``count`` patches float32 [187, 96], spread evenly over a wave at ``decode.SAMPLE_RATE_HZ``.

    A wave that is shorter than a patch is repeated. Only what the patches need is resampled.
    """
    if wave.size < _PATCH_SAMPLES:
        wave = np.tile(wave, -(-_PATCH_SAMPLES // wave.size))
    count = min(count, wave.size // _PATCH_SAMPLES)
    starts = np.linspace(0, wave.size - _PATCH_SAMPLES, 2 * count + 1).astype(int)[1::2]
    return [log_mels(resampled(wave[start : start + _PATCH_SAMPLES]))[:FRAMES] for start in starts]


def log_mels(wave: Wave) -> NDArray[np.float32]:
    """MusiCNN's input for a wave at 16 kHz: a log mel spectrogram, float32 [1 + samples / 256, 96].

    log10(1 + 10000 * power) of librosa's ``melspectrogram(sr=16000, n_fft=512, hop_length=256, n_mels=96)``: centred
    frames, reflected at both ends, a periodic Hann window, Slaney's mel scale and norm.
    """
    padded = np.pad(wave, _FRAME // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::_HOP]
    window = np.hanning(_FRAME + 1)[:-1].astype(np.float32)
    spectra = np.fft.rfft(frames * window)
    powers = (spectra.real**2 + spectra.imag**2).astype(np.float32)
    return np.asarray(np.log10(np.float32(1) + np.float32(10_000) * (powers @ mel_filters())), np.float32)


@cache
def mel_filters() -> NDArray[np.float32]:
    """Triangular filters of equal area on Slaney's mel scale from 0 to 8000 Hz: float32 [257, 96] (Slaney 1998)."""
    top = _mel(RATE_HZ / 2)
    edges = np.array([_hz(mel) for mel in np.linspace(0.0, top, BANDS + 2)])
    frequencies = np.fft.rfftfreq(_FRAME, 1 / RATE_HZ)[:, None]
    rise = (frequencies - edges[:-2]) / np.diff(edges)[:-1]
    fall = (edges[2:] - frequencies) / np.diff(edges)[1:]
    return np.asarray(np.maximum(0, np.minimum(rise, fall)) * 2 / (edges[2:] - edges[:-2]), np.float32)


_LINEAR_HZ, _LINEAR_MEL, _LOG_STEP = 1_000.0, 15.0, np.log(6.4) / 27


def _mel(frequency_hz: float) -> float:
    """Linear below 1000 Hz, logarithmic above."""
    if frequency_hz < _LINEAR_HZ:
        return frequency_hz * _LINEAR_MEL / _LINEAR_HZ
    return float(_LINEAR_MEL + np.log(frequency_hz / _LINEAR_HZ) / _LOG_STEP)


def _hz(mel: float) -> float:
    if mel < _LINEAR_MEL:
        return mel * _LINEAR_HZ / _LINEAR_MEL
    return float(_LINEAR_HZ * np.exp((mel - _LINEAR_MEL) * _LOG_STEP))


def resampled(wave: Wave) -> Wave:
    """The wave, resampled from ``decode.SAMPLE_RATE_HZ`` to 16 kHz."""
    resampler = AudioResampler(format="fltp", layout="mono", rate=RATE_HZ)
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(wave[None]), format="fltp", layout="mono")
    frame.sample_rate = SAMPLE_RATE_HZ
    pieces = [one.to_ndarray()[0] for last in (frame, None) for one in resampler.resample(last)]
    return np.concatenate(pieces).astype(np.float32, copy=False)


def _normalised(mono: Sequence[Wave]) -> list[Wave]:
    """The excerpts, scaled to a root mean square of a tenth of full scale (-20 dB) over all; silence stays silence."""
    power = sum(float(np.sum(wave**2, dtype=np.float64)) for wave in mono) / sum(wave.size for wave in mono)
    gain = np.float32(_LEVEL / np.sqrt(power)) if power > 1e-12 else np.float32(1)
    return [wave * gain for wave in mono]


def check_files() -> None:
    """Raise ``ModelError`` if a network's file is missing; loads neither network."""
    for name in _NETWORKS:
        with _file(name) as path:
            if not path.is_file():
                raise ModelError("is missing", Remedy.REINSTALL, subject=path)


@cache
def network(name: str) -> onnxruntime.InferenceSession:
    """The network "msd" or "mtt", loaded once.

    Raises:
        ModelError: Its file is missing, damaged, or of another version.
    """
    check_files()
    with _file(name) as path:
        try:
            session = open_session(path, threads=1, lean=True)
        except Exception as error:  # onnxruntime's exceptions share no base class
            raise network_error(error, subject=path) from error
        if {output.name for output in session.get_outputs()} != set(_OUTPUTS):
            raise ModelError("is of another version of mien", Remedy.REINSTALL, subject=path)
        return session


def _file(name: str) -> AbstractContextManager[Path]:
    return resources.as_file(resources.files("mien.models") / "third_party" / f"musicnn_{name}.onnx")
