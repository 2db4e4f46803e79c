"""Joplin: The Entertainer, for the piano in the corner with a clarinet, a tuba and brushes joining in."""

from __future__ import annotations

from starter.accompany import groove
from starter.notation import line
from starter.score import Feel, Master, Part, Score, classic, crop, glide, join, transpose

_BAR = 2.0
_INTRO_RIGHT = (
    "D6:.25 E6 C6 A5:.5 B5:.25 G5:.5 | D5:.25 E5 C5 A4:.5 B4:.25 G4:.5 | D4:.25 E4 C4 A3:.5 B3:.25 A3 Ab3 |"
    "G3:.5 r G4+B4+D5+G5:.5 D4:.25 D#4 |"
)
_INTRO_LEFT = (
    "D5:.25 E5 C5 A4:.5 B4:.25 G4:.5 | D4:.25 E4 C4 A3:.5 B3:.25 G3:.5 | D3:.25 E3 C3 A2:.5 B2:.25 A2 Ab2 |"
    "G2:.5 r G1+G2 G3+B3 |"
)
_CALL = "E4:.25 C5:.5 E4:.25 C5:.5 E4:.25 C5:1.5"
_ANSWER = (
    "C5+E5+C6:.25 D5+F5+D6 D#5+F#5+D#6 | E5+G5+E6 C5+E5+C6 D5+F5+D6 E5+G5+E6:.5 B4+D5+B5:.25 D5+F5+D6:.5 | C5+E5+C6:1.5"
)
_A_RIGHT = (
    f"{_CALL} {_ANSWER} D4:.25 D#4 |"
    f"{_CALL} r:.25 A4+C5+A5 G4+C5+G5 |"
    f"F#4+C5+F#5 A4+A5 C5+C6 E5+E6:.5 D5+D6:.25 C5+C6 A4+A5 | D5+F5+D6:1.5 D4:.25 D#4 |"
    f"{_CALL} {_ANSWER} C5+C6:.25 D5+D6 |"
    "E5+E6:.25 C5+C6 D5+D6 E5+E6:.5 C5+C6:.25 D5+D6 C5+C6 | E5+E6 C5+C6 D5+D6 E5+E6:.5 C5+C6:.25 D5+D6 C5+C6 |"
    "E5+G5+E6 C5+E5+C6 D5+F5+D6 E5+G5+E6:.5 B4+D5+B5:.25 D5+F5+D6:.5 |"
    "C5+E5+C6:1.25 E4+C5+E5:.25 F4+D5+F5 F#4+D#5+F#5 |"
)
_A_LEFT = (
    "C3 E3+G3+C4 G2+G3 G3+Bb3+C4 | F2+F3 A3+C4 E2+E3 G3+C4 | G2 E3+G3+C4 G2 F3+G3+B3 | C3 E3+G3+C4 E3+G3+C4 G3+B3 |"
    "C3 E3+G3+C4 G2+G3 G3+Bb3+C4 | F2+F3 A3+C4 E2+E3 Eb2+Eb3 | D2+D3 F#3+A3+C4 D3 F#3+A3+C4 | G3+B3 G2+G3 A2+A3 B2+B3 |"
    "C3 E3+G3+C4 G2+G3 G3+Bb3+C4 | F2+F3 A3+C4 E2+E3 G3+C4 | G2 E3+G3+C4 G2 F3+G3+B3 | C3 E3+G3+C4 G3+C4+E4 r |"
    "C3+C4 G3+C4+E4 Bb2+Bb3 G3+C4+E4 | A2+A3 A3+C4+F4 Ab2+Ab3 Ab3+C4+F4 |"
    "G2+G3 G3+C4+E4 G2 G3+B3 | C3+G3+C4 G2+G3 C2+C3 r |"
)
_RIFF = "G4+E5+G5:.5 A4+E5+A5:.25 G4+E5+G5:.5"
_PICKUP = "E4+C5+E5:.25 F4+D5+F5 F#4+D#5+F#5"
_B_RIGHT = (
    f"{_RIFF} {_PICKUP} | {_RIFF} E5:.25 C5 G4 | A4 B4 C5 D5 E5 D5 C5 D5 | G4 E5 F5 G5 A5 G5 E5 F5 |"
    f"{_RIFF} {_PICKUP} | {_RIFF} G5:.25 A5 A#5 | D5+G5+B5:.25 D5+G5+B5:.5 C5+F#5+B5:.5 A5:.25 C5+F#5 D5 |"
    f"B4+G5:1.25 {_PICKUP} |"
    f"{_RIFF} {_PICKUP} | {_RIFF} E5:.25 C5 G4 | A4 B4 C5 D5 E5 D5 C5 D5 | C5:1.25 G4:.25 F#4 G4 |"
    "C5:.5 A4:.25 C5:.5 A4:.25 C5 A4 | G4 C5 E5 G5:.5 E5:.25 C5 G4 | F#4+A4:.5 F#4+C5 F4+E5:.25 F4+D5:.5 E4+C5:.25 |"
    "E4+C5:1 E5+G5+C6:.5> r |"
)
_B_LEFT = (
    "C2+C3 G3+C4+E4 G2 G3+C4+E4 | C3 G3+C4+E4 G2 G3+C4+E4 | F2 A3+C4+F4 F3 Ab3+C4+F4 | E3 G3+C4+E4 G2 G3+C4+E4 |"
    "C3 G3+C4+E4 G2 G3+C4+E4 | C3 G3+C4+E4 E3 Eb3 | D3 G3+B3+D4 D3 A3+C4+D4 | G3+B3+D4 F2+F3> E2+E3> D2+D3> |"
    "C2+C3> G3+C4+E4 G2 G3+C4+E4 | C3 G3+C4+E4 G2 G3+C4+E4 | F2 A3+C4+F4 F3 Ab3+C4+F4 | E3 G3+C4+E4 C3 Bb3+C4+E4 |"
    "F3+A3+C4+F4 F3+A3+C4+F4 F#3+A3+C4+D#4 F#3+A3+C4+D#4 |"
    "G3+C4+E4 G3+C4+E4 G3+C4+E4 G3+C4+E4 | D3+C4 D3+A3 G3+B3 G3+B3 |"
    "C3+C4 G2+G3 C2+C3> r |"
)

_A_BAR, _B_BAR, _END_BAR = 4, 20, 36


def _entertainer() -> Score:
    a, b = _A_BAR * _BAR, _B_BAR * _BAR
    right = join(
        line(_INTRO_RIGHT, velocity=84, bar_beats=_BAR),
        line(_A_RIGHT, at=a, velocity=80, bar_beats=_BAR),
        line(_B_RIGHT, at=b, velocity=88, bar_beats=_BAR),
    )
    left = join(
        line(_INTRO_LEFT, velocity=78, bar_beats=_BAR),
        line(":.5 ".join(_A_LEFT.split(" ", 1)), at=a, velocity=66, hold=0.7, bar_beats=_BAR),
        line(":.5 ".join(_B_LEFT.split(" ", 1)), at=b, velocity=70, hold=0.7, bar_beats=_BAR),
    )
    lowest = tuple(note for note in left if note.pitch < 56 and note.start_beat >= a and note.start_beat % 1 == 0)
    top = crop(line(_B_RIGHT, at=b, velocity=76), b, b + 200)
    heads: dict[float, int] = {}
    for note in top:
        heads[note.start_beat] = max(heads.get(note.start_beat, 0), note.pitch)
    clarinet = tuple(note for note in top if note.pitch == heads[note.start_beat])
    drums = groove(
        {"brush_tap": "..o...o.", "kick": "x...x...", "hat": "x.xox.xo", "woodblock": "......g."},
        bars=16,
        at=a,
        velocity=62,
    )
    return Score(
        parts=(
            Part("piano", 1, join(right, left), volume=108, pan=60, reverb=40, feel=Feel(6, 4)),
            Part("tuba", 58, transpose(lowest, -12 if min(n.pitch for n in lowest) > 40 else 0), volume=70, pan=44),
            Part("clarinet", 71, clarinet, volume=74, pan=86, reverb=50),
            Part(
                "banjo", 105, tuple(n for n in left if n.start_beat >= b and n.start_beat % 1 == 0.5), volume=66, pan=96
            ),
            Part("brushes", 40, drums, volume=112, reverb=40, drums=True),
        ),
        tempo_bpm=((0, 84.0), *glide((_END_BAR * _BAR - 4, 84.0), (_END_BAR * _BAR, 70.0), steps=6)),
    )


PIECES = (
    classic(
        "the-entertainer",
        "The Entertainer",
        "Scott Joplin",
        1902,
        _entertainer,
        edition="Mutopia-2008/12/21-263",
        master=Master(room=0.45, tail_s=2.0, fade_s=1.2),
    ),
)
