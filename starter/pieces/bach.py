"""Bach: two preludes of the Well-Tempered Clavier, one for harp and guitar, one for a nervous little orchestra."""

from __future__ import annotations

from starter.accompany import hit
from starter.notation import line, pitch
from starter.score import Feel, Master, Note, Part, Score, classic, crescendo, glide, join

# The five voices of each bar, from the bass up: bars 1 to 11, 18 and 19 of the first prelude.
_C_MAJOR = """
    C4 E4 G4 C5 E5 | C4 D4 A4 D5 F5 | B3 D4 G4 D5 F5 | C4 E4 G4 C5 E5 |
    C4 E4 A4 E5 A5 | C4 D4 F#4 A4 D5 | B3 D4 G4 D5 G5 | B3 C4 E4 G4 C5 |
    A3 C4 E4 G4 C5 | D3 A3 D4 F#4 C5 | G3 B3 D4 G4 B4 | G2 D3 G3 B3 F4 | C3 E3 G3 C4 E4
"""

# Half a bar for each hand, played twice: bars 1 to 24 of the second prelude (bar 18 changes its bass halfway).
_C_MINOR_RIGHT = """
    C5 Eb4 D4 Eb4 C4 Eb4 D4 Eb4 | Ab4 F4 E4 F4 C4 F4 E4 F4 | B4 F4 Eb4 F4 D4 F4 Eb4 F4 | C5 G4 F4 G4 Eb4 G4 F4 G4 |
    Eb5 Ab4 G4 Ab4 Eb4 Ab4 G4 Ab4 | D5 F#4 E4 F#4 D4 F#4 E4 F#4 | D5 G4 F#4 G4 D4 G4 F#4 G4 | C5 E4 D4 E4 C4 E4 D4 E4 |
    C5 F4 E4 F4 C4 F4 E4 F4 | Bb4 F4 Eb4 F4 D4 F4 Eb4 F4 | Bb4 G4 F4 G4 Eb4 G4 F4 G4 | Ab4 G4 F4 G4 Eb4 G4 F4 G4 |
    Ab4 D4 C4 D4 Bb3 D4 C4 D4 | G4 Bb3 Ab3 Bb3 Eb4 Bb3 Ab3 Bb3 | F4 C4 Bb3 C4 A3 C4 Bb3 C4 | F4 D4 C4 D4 B3 D4 C4 D4 |
    F4 D4 C4 D4 B3 D4 C4 D4 | Eb4 C4 B3 C4 G3 C4 B3 C4 | F3 Eb4 D4 Eb4 F4 Eb4 D4 Eb4 | F#3 C4 B3 C4 Eb4 C4 B3 C4 |
    Eb4 C4 B3 C4 G3 C4 B3 C4 | F#4 C4 B3 C4 A3 C4 B3 C4 | G4 C4 B3 C4 D4 C4 B3 C4 | Ab4 C4 B3 C4 D4 C4 B3 C4
"""
_C_MINOR_LEFT = """
    C3 G3 F3 G3 Eb3 G3 F3 G3 | C3 Ab3 G3 Ab3 F3 Ab3 G3 Ab3 | C3 Ab3 G3 Ab3 F3 Ab3 G3 Ab3 | C3 Eb3 D3 Eb3 G3 Eb3 D3 Eb3 |
    C3 C4 Bb3 C4 Ab3 C4 Bb3 C4 | C3 A3 G3 A3 F#3 A3 G3 A3 | Bb2 Bb3 A3 Bb3 G3 Bb3 A3 Bb3 | Bb2 G3 F3 G3 E3 G3 F3 G3 |
    Ab2 Ab3 G3 Ab3 F3 Ab3 G3 Ab3 | Ab2 D3 C3 D3 F3 D3 C3 D3 |
    G2 Eb3 D3 Eb3 G3 Eb3 D3 Eb3 | C3 Eb3 D3 Eb3 Ab3 Eb3 D3 Eb3 |
    D3 F3 Eb3 F3 Ab3 F3 Eb3 F3 | Eb3 G3 F3 G3 Ab3 G3 F3 G3 | Eb3 A3 G3 A3 F3 A3 G3 A3 | D3 F3 Eb3 F3 Ab3 F3 Eb3 F3 |
    C3 F3 E3 F3 Ab3 F3 E3 F3 | C3 Eb3 D3 Eb3 F3 Eb3 D3 Eb3 | Ab2 C3 B2 C3 D3 C3 B2 C3 | A2 Eb3 D3 Eb3 C3 Eb3 D3 Eb3 |
    G2 Eb3 D3 Eb3 F3 Eb3 D3 Eb3 | G2 Eb3 D3 Eb3 C3 Eb3 D3 Eb3 |
    G2 Eb3 D3 Eb3 F3 Eb3 D3 Eb3 | G2 Eb3 D3 Eb3 F3 Eb3 D3 Eb3
"""
_C_MINOR_CLOSE = (
    "G2:.25 B2 D3 F3 Ab3 F3 E3 F3 B3 F3 D4 B3 Ab3 F3 E3 F3 | G2 C3 Eb3 G3 C4 G3 F#3 G3 Eb4 C4 G4 Eb4 C4 Ab3 G3 Ab3 |"
    "G2 A2 F#3 C4 Eb4 C4 B3 C4 F#4 C4 A4 F#4 Eb4 C4 B3 C4 |"
    "r D5 C5 D5 Eb5 C5 B4 C5 A4 C5 B4 C5 D5 B4 A4 B4 | G4 F4 Eb4 D4 Eb4 C4 B3 C4 G3 B3 D4 F4 Ab4 F4 D4 B3 |"
)


def _bars(text: str) -> list[list[int]]:
    return [[pitch(name) for name in bar.split()] for bar in text.split("|")]


def _prelude_in_c() -> Score:
    upper: list[Note] = []
    lower: list[Note] = []
    for number, voices in enumerate(_bars(_C_MAJOR)):
        for half in (4.0 * number, 4.0 * number + 2.0):
            lower.append(Note(half, 2.0, voices[0], 62))
            lower.append(Note(half + 0.25, 1.75, voices[1], 52))
            for step in range(6):
                velocity = 60 if step % 3 == 2 else 50
                upper.append(Note(half + 0.5 + 0.25 * step, 0.5, voices[2 + step % 3], velocity))
    close = 52.0
    lower += line("C2+C3:5", at=close, velocity=52)
    upper += line("E3:.2 G3 C4 E4 G4 C5:4", at=close, velocity=48)
    strings = line(
        "E4+G4:4 | F4+A4 | F4+G4 | E4+G4 | A4+C5 | F#4+A4 | G4+B4 | E4+G4 | E4+G4 | D4+F#4 | D4+G4 | D4+F4 |"
        "E4+G4 | E4+G4+C5:5",
        velocity=48,
    )
    return Score(
        parts=(
            Part("harp", 46, tuple(upper), volume=108, pan=74, reverb=60, feel=Feel(8, 4)),
            Part("guitar", 24, tuple(lower), volume=92, pan=52, reverb=50, feel=Feel(8, 4)),
            Part("strings", 49, strings, volume=72, reverb=80, swell=((0, 40), (28, 90), (44, 70), (57, 40))),
        ),
        tempo_bpm=((0, 78.0), *glide((44, 78.0), (53, 56.0))),
    )


def _prelude_in_c_minor() -> Score:
    right: list[Note] = []
    left: list[Note] = []
    basses: list[Note] = []
    accents: list[Note] = []
    for number, (high, low) in enumerate(zip(_bars(_C_MINOR_RIGHT), _bars(_C_MINOR_LEFT), strict=True)):
        for half in range(2):
            start = 4.0 * number + 2.0 * half
            bass = 46 if number == 17 and half else low[0]
            for step in range(8):
                accent = 14 if step == 0 else 6 if step == 4 else 0
                right.append(Note(start + 0.25 * step, 0.22, high[step], 74 + accent))
                left.append(Note(start + 0.25 * step, 0.22, bass if step == 0 else low[step], 70 + accent))
            basses.append(Note(start, 0.9, bass - 12, 88))
            basses.append(Note(start + 1.0, 0.5, bass - 12, 66))
            accents.append(Note(start, 0.5, high[0], 80))
            accents.append(Note(start + 1.0, 0.5, high[4], 66))
    close = 96.0
    run = line(_C_MINOR_CLOSE, at=close, velocity=86)
    last = close + 20.0
    drone = line("G1:4 | G1 | G1 | G1 | G1 | C2+C1:4", at=close, velocity=86)
    held = line(
        "Eb4+G4:4 | F4+Ab4 | F4+B4 | Eb4+G4 | Eb4+Ab4 | D4+F#4 | D4+G4 | C4+E4 | C4+F4 |"
        "D4+F4 | Eb4+G4 | Eb4+Ab4 | D4+F4 |"
        "Eb4+G4 | Eb4+F4 | D4+F4 | D4+F4 | C4+Eb4 | C4+F4 | C4+Eb4 | C4+Eb4 | C4+F#4 | C4+Eb4 | C4+Eb4 |"
        "B3+F4 | C4+Eb4 | C4+F#4 | B3+F4 | B3+F4 | C4+Eb4+G4",
        velocity=74,
    )
    pulse = join(*(hit("kick", 4.0 * bar, 4.0 * bar + 1.5, 4.0 * bar + 3.0, velocity=96) for bar in range(8, 29)))
    rolls = join(
        *(hit("snare", *(start + 0.25 * step for step in range(4)), velocity=40) for start in (31, 47, 63, 95))
    )
    return Score(
        parts=(
            Part("marimba", 12, join(right, run), volume=116, pan=84, reverb=40),
            Part("low marimba", 12, tuple(left), volume=116, pan=44, reverb=40),
            Part("spiccato", 45, tuple(accents), volume=84, pan=84, reverb=55),
            Part(
                "strings",
                91,
                held,
                volume=96,
                pan=46,
                reverb=70,
                swell=((0, 45), (32, 70), (95, 110), (116, 118), (120, 60)),
            ),
            Part("bass", 33, join(basses, drone), volume=120, pan=60, reverb=20),
            Part("cellos", 42, join(basses, line("C3+Eb3:4", at=last, velocity=90)), volume=80, pan=40, reverb=45),
            Part(
                "timpani", 47, join(line("C2:1", at=last, velocity=104), line("G2:1", at=close, velocity=90)), reverb=60
            ),
            Part("drums", 16, join(crescendo(pulse, start=0.7, stop=1.2), rolls), volume=80, reverb=60, drums=True),
        ),
        tempo_bpm=((0, 136.0), (96, 142.0), *glide((112, 142.0), (116, 112.0), steps=6)),
    )


PIECES = (
    classic(
        "prelude-in-c",
        "Prelude in C (BWV 846)",
        "Johann Sebastian Bach",
        1722,
        _prelude_in_c,
        edition="Mutopia-2011/09/12-5",
        master=Master(room=0.7, tail_s=4.0, fade_s=2.5),
    ),
    classic(
        "prelude-in-c-minor",
        "Prelude in C Minor (BWV 847)",
        "Johann Sebastian Bach",
        1722,
        _prelude_in_c_minor,
        edition="Mutopia-2006/07/02-550",
        master=Master(room=0.6, tail_s=3.0, fade_s=2.0),
    ),
)
