"""Writes a score as a Standard MIDI File, humanised by seeded jitter of timing and velocity."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from starter.score import DRUM_CHANNEL, Curve, Part, Score, clamp_velocity

TICKS_PER_BEAT = 960

_VOLUME, _PAN, _EXPRESSION, _PEDAL, _REVERB, _CHORUS = 7, 10, 11, 64, 91, 93
_CURVE_STEP_BEATS = 0.25

_Event = tuple[int, int, bytes]
"""Tick, rank among the events of a tick (smaller first), message."""


def write_midi(score: Score, path: Path, *, seed: int) -> None:
    """Write a MIDI file (format 1, 960 ticks a beat).

    Args:
        score: The score.
        path: The file to write.
        seed: The seed of the jitter; the same seed gives the same file.
    """
    rng = np.random.default_rng(seed)
    tracks = [_tempo_track(score.tempo_bpm)]
    channels = iter(channel for channel in range(16) if channel != DRUM_CHANNEL)
    for part in score.parts:
        channel = DRUM_CHANNEL if part.drums else next(channels)
        tracks.append(_part_track(part, channel, score.tempo_bpm, rng))
    header = b"MThd" + struct.pack(">IHHH", 6, 1, len(tracks), TICKS_PER_BEAT)
    path.write_bytes(header + b"".join(tracks))


def duration_s(score: Score) -> float:
    """The length of the score, from its first beat to the end of its last note."""
    stop = max(note.end_beat for part in score.parts for note in part.notes)
    curve = score.tempo_bpm
    total = 0.0
    for (beat, bpm), following in zip(curve, [*curve[1:], (stop, 0.0)], strict=True):
        total += max(0.0, min(following[0], stop) - beat) * 60 / bpm
    return total


def _tempo_track(curve: Curve) -> bytes:
    events: list[_Event] = []
    for beat, bpm in curve:
        microseconds = round(60_000_000 / bpm)
        events.append((_tick(beat), 0, b"\xff\x51\x03" + microseconds.to_bytes(3, "big")))
    return _track(events)


def _part_track(part: Part, channel: int, tempo: Curve, rng: np.random.Generator) -> bytes:
    control = 0xB0 | channel
    events: list[_Event] = [(0, 0, bytes([0xC0 | channel, part.program]))]
    for number, value in (
        (_VOLUME, part.volume),
        (_PAN, part.pan),
        (_REVERB, part.reverb),
        (_CHORUS, part.chorus),
    ):
        events.append((0, 0, bytes([control, number, value])))
    for beat, level in _sampled(part.swell):
        events.append((_tick(beat), 1, bytes([control, _EXPRESSION, round(min(127.0, max(0.0, level)))])))
    for index, beat in enumerate(part.pedal_beats):
        # Lifted just before the change, so that the old chord does not ring into the new one.
        events.append((max(0, _tick(beat) - 20), 1, bytes([control, _PEDAL, 0])))
        if index < len(part.pedal_beats) - 1:
            events.append((_tick(beat) + 60, 1, bytes([control, _PEDAL, 127])))
    events += _note_events(part, channel, tempo, rng)
    return _track(events)


def _note_events(part: Part, channel: int, tempo: Curve, rng: np.random.Generator) -> list[_Event]:
    struck: list[tuple[int, int, int, int]] = []
    for note in sorted(part.notes):
        offset_ms = part.feel.late_ms + rng.normal(0.0, part.feel.timing_ms)
        offset_beats = offset_ms / 1000 * _bpm_at(tempo, note.start_beat) / 60
        start = _tick(note.start_beat + offset_beats)
        velocity = clamp_velocity(note.velocity + rng.normal(0.0, part.feel.velocity))
        struck.append((start, max(start + 1, _tick(note.end_beat + offset_beats)), note.pitch, velocity))
    events: list[_Event] = []
    struck_again_at: dict[int, int] = {}
    for start, stop, pitch, velocity in sorted(struck, reverse=True):
        # A key must be released before it is struck again: a late note-off would silence the second note.
        stop = min(stop, struck_again_at.get(pitch, stop))
        if stop > start:
            events.append((start, 3, bytes([0x90 | channel, pitch, velocity])))
            events.append((stop, 2, bytes([0x80 | channel, pitch, 0])))
            struck_again_at[pitch] = start
    return events


def _sampled(curve: Curve) -> Curve:
    """A curve of few breakpoints as inaudibly fine steps."""
    if len(curve) < 2:
        return curve
    beats = np.arange(curve[0][0], curve[-1][0] + _CURVE_STEP_BEATS, _CURVE_STEP_BEATS)
    values = np.interp(beats, [beat for beat, _ in curve], [value for _, value in curve])
    return tuple(zip(beats.tolist(), values.tolist(), strict=True))


def _bpm_at(tempo: Curve, beat: float) -> float:
    return next(bpm for start, bpm in reversed(tempo) if start <= beat or start == 0)


def _tick(beat: float) -> int:
    return max(0, round(beat * TICKS_PER_BEAT))


def _track(events: list[_Event]) -> bytes:
    body = bytearray()
    before = 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        body += _variable_length(tick - before) + message
        before = tick
    body += _variable_length(TICKS_PER_BEAT) + b"\xff\x2f\x00"
    return b"MTrk" + struct.pack(">I", len(body)) + bytes(body)


def _variable_length(value: int) -> bytes:
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))
