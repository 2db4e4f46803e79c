"""Synthesises a piece with FluidSynth and masters the sound: trimmed, faded, limited, at the target loudness."""

from __future__ import annotations

import subprocess
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile
from numpy.typing import NDArray

from starter.measure import loudness_lufs, true_peak_dbtp
from starter.midi import duration_s, write_midi
from starter.score import Master, Piece

SAMPLE_RATE_HZ = 44_100
SOUNDFONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
TARGET_LUFS = -18.0
CEILING_DBTP = -2.0

Sound = NDArray[np.float32]
"""Stereo sound: float32 [2, samples] at ``SAMPLE_RATE_HZ``; full scale is -1..1."""

_QUIET = 10 ** (-60 / 20)
_LOOKAHEAD_S = 0.005


class RenderError(RuntimeError):
    """FluidSynth or its soundfont is missing, or it failed."""


def render(piece: Piece, *, soundfont: Path = SOUNDFONT) -> Sound:
    """Render a piece to mastered sound; the same piece always gives the same sound.

    Raises:
        RenderError: FluidSynth or its soundfont is missing, or it failed.
    """
    score = piece.score()
    with TemporaryDirectory() as folder:
        midi, wav = Path(folder) / "piece.mid", Path(folder) / "piece.wav"
        write_midi(score, midi, seed=zlib.crc32(piece.slug.encode()))
        _synthesise(midi, wav, soundfont=soundfont, room=piece.master.room)
        played, rate = soundfile.read(wav, dtype="float32", always_2d=True)
    if rate != SAMPLE_RATE_HZ:
        raise RenderError(f"FluidSynth answered at {rate} Hz, not {SAMPLE_RATE_HZ}; install FluidSynth 2.3 or later")
    sound = np.ascontiguousarray(played.T)
    return _level(_trim_and_fade(sound, piece.master, music_s=duration_s(score)))


def _synthesise(midi: Path, wav: Path, *, soundfont: Path, room: float) -> None:
    if not soundfont.exists():
        raise RenderError(f"{soundfont} does not exist; on Debian: apt install fluidsynth fluid-soundfont-gm")
    settings = {
        "synth.gain": "0.35",
        "synth.polyphony": "512",
        "synth.dynamic-sample-loading": "1",
        "synth.reverb.room-size": f"{room}",
        "synth.reverb.damp": "0.35",
        "synth.reverb.width": "0.8",
        "synth.reverb.level": "0.55",
    }
    options = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
    command = ["fluidsynth", "-ni", "-q", *options, "-r", str(SAMPLE_RATE_HZ)]
    command += ["-O", "float", "-T", "wav", "-F", str(wav), str(soundfont), str(midi)]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    except FileNotFoundError:
        raise RenderError("fluidsynth is not installed; on Debian: apt install fluidsynth fluid-soundfont-gm") from None
    if result.returncode != 0 or not wav.exists():
        raise RenderError(f"fluidsynth failed; run it by hand to see why: {result.stderr.strip()[:200]}")


def _trim_and_fade(sound: Sound, master: Master, *, music_s: float) -> Sound:
    """Trim silence and whatever follows ``tail_s``; narrow the stereo image, filter the treble, fade out."""
    first, last = _audible_span(sound)
    start = max(0, first - int(0.02 * SAMPLE_RATE_HZ))
    sound = sound[:, start : min(last, int((music_s + master.tail_s) * SAMPLE_RATE_HZ))]
    middle, side = (sound[0] + sound[1]) / 2, (sound[0] - sound[1]) / 2 * np.float32(master.width)
    sound = np.stack([middle + side, middle - side])
    if master.low_pass_hz is not None:
        sound = _low_pass(sound, master.low_pass_hz)
    fade = min(sound.shape[1], int(master.fade_s * SAMPLE_RATE_HZ))
    gain = np.ones(sound.shape[1], np.float32)
    gain[-fade:] = np.cos(np.linspace(0, np.pi / 2, fade)) ** 2
    faded = np.asarray(sound * gain, np.float32)
    return faded[:, : _audible_span(faded)[1]]


def _audible_span(sound: Sound) -> tuple[int, int]:
    """The first audible sample and the end of the last one."""
    loud = np.flatnonzero(np.abs(sound).max(axis=0) > _QUIET * np.abs(sound).max())
    return int(loud[0]), int(loud[-1]) + 1


def _low_pass(sound: Sound, corner_hz: float) -> Sound:
    """A zero-phase low-pass filter of 12 dB an octave."""
    length = 1 << (sound.shape[1] - 1).bit_length()  # other transform lengths can take ten times as long
    gain = 1 / (1 + (np.fft.rfftfreq(length, 1 / SAMPLE_RATE_HZ) / corner_hz) ** 2)
    softened = np.fft.irfft(np.fft.rfft(sound, length) * gain, length)
    return np.asarray(softened[:, : sound.shape[1]], np.float32)


def _level(sound: Sound) -> Sound:
    """Scale to ``TARGET_LUFS``, with a true peak of at most ``CEILING_DBTP``."""
    for _ in range(4):
        sound = sound * np.float32(10 ** ((TARGET_LUFS - loudness_lufs(sound, SAMPLE_RATE_HZ)) / 20))
        excess_db = true_peak_dbtp(sound) - CEILING_DBTP
        if excess_db <= 0:
            break
        # Peaks between samples exceed the samples: lower the ceiling by the excess.
        sound = _limit(sound, float(np.abs(sound).max()) * 10 ** (-excess_db / 20))
    return sound


def _limit(sound: Sound, ceiling: float) -> Sound:
    """Limit peaks to ``ceiling`` with a gain that falls and recovers over some milliseconds."""
    reach = int(_LOOKAHEAD_S * SAMPLE_RATE_HZ)
    wanted = np.minimum(1.0, ceiling / np.maximum(np.abs(sound).max(axis=0), 1e-9)).astype(np.float64)
    lowest = np.pad(wanted, 2 * reach, constant_values=1.0)
    width = 1
    while width < 2 * reach + 1:
        # The minimum over a window is the lower of the minima over its two halves.
        step = min(width, 2 * reach + 1 - width)
        lowest = np.minimum(lowest[:-step], lowest[step:])
        width += step
    summed = np.cumsum(np.pad(lowest, (1, 0)))
    gain = (summed[2 * reach + 1 :] - summed[: -2 * reach - 1]) / (2 * reach + 1)
    return np.asarray(sound * gain, np.float32)
