"""Grieg: In the Hall of the Mountain King, from bassoons on tiptoe to the whole orchestra running."""

from __future__ import annotations

from starter.accompany import groove, hit
from starter.notation import line
from starter.score import Master, Notes, Part, Score, classic, crescendo, glide, join, shorter, transpose

_BAR = 4.0
_THEME = (
    "B2:.5 C#3 D3 E3 F#3> D3 F#3:1 | F3:.5> C#3 F3:1 E3:.5> C3 E3:1 |"
    "B2:.5 C#3 D3 E3 F#3> D3 F#3 B3 | A3 F#3 D3 F#3 A3:2> |"
)
_ANSWER = (
    "F#3:.5 G#3 A#3 B3 C#4> A#3 C#4:1 | D4:.5> A#3 D4:1 C#4:.5> A#3 C#4:1 |"
    "F#3:.5 G#3 A#3 B3 C#4> A#3 C#4:1 | D4:.5> A#3 D4:1 C#4:2> |"
)
_THEME_BASS = "B1:1 F#2 B1 F#2 | B1 F#2 B1 F#2 | B1 F#2 B1 F#2 | D2 A2 D2 A2 |"
_ANSWER_BASS = "F#2:1 C#3 F#2 C#3 | D2 A#2 F#2 C#3 | F#2 C#3 F#2 C#3 | D2 A#2 F#2 C#3 |"
_THEME_OFFBEATS = "r:1 F#3+D4 r F#3+D4 | r F#3+C#4 r F#3+C4 | r F#3+D4 r F#3+D4 | r A3+F#4 r A3+F#4 |"
_ANSWER_OFFBEATS = "r:1 C#4+A#3 r C#4+A#3 | r D4+A#3 r C#4+A#3 | r C#4+A#3 r C#4+A#3 | r D4+A#3 r C#4+A#3 |"
_CODA_CHORDS = "B1+B2:1> D3+F3+G#3+B3> r:2 | B1+B2:1> D3+F3+G#3+B3> r:2 |"
_CODA_RUN = "B3:.5 C#4 D4 E4 F#4 D4 F#4 B4 | A#4 F#4 A#4 C#5 B4:2> |"
_CODA_BASS = "G2+G1:1 D3+G3+B3 F#2+F#1 D3+F#3+B3 | F#2+F#1 C#3+F#3+A#3 B1+B2 D3+F#3+B3 |"

# What is played in each four bars: theme or answer, octaves up for the tune, how loud (0..1).
_FORM = (
    ("A", 0, 0.66),
    ("A", 12, 0.7),
    ("B", 12, 0.74),
    ("A", 12, 0.8),
    ("A", 24, 0.86),
    ("B", 24, 0.92),
    ("A", 24, 1.0),
)
_TUTTI = 4
_CODA_BAR = 4 * len(_FORM)


def _in_form(theme: str, answer: str, *, velocity: int, first: int = 0, octaves: bool = False) -> Notes:
    phrases = []
    for number, (which, up, loudness) in enumerate(_FORM):
        if number >= first:
            text = theme if which == "A" else answer
            phrase = line(text, at=number * 4 * _BAR, velocity=round(velocity * loudness), hold=0.55, bar_beats=_BAR)
            phrases.append(transpose(phrase, up) if octaves else phrase)
    return join(*phrases)


def _mountain_king() -> Score:
    coda = _CODA_BAR * _BAR
    tune = _in_form(_THEME, _ANSWER, velocity=96, octaves=True)
    bass = _in_form(_THEME_BASS, _ANSWER_BASS, velocity=92)
    offbeats = _in_form(_THEME_OFFBEATS, _ANSWER_OFFBEATS, velocity=84, first=2)
    final = coda + 6 * _BAR
    chords = join(
        line(_CODA_CHORDS, at=coda, velocity=108, hold=0.5),
        line(_CODA_BASS, at=coda + 2 * _BAR, velocity=104, hold=0.6),
        line("D3+F3+G#3+B3:1 D3+F3+G#3+B3 D3+F3+G#3+B3 D3+F3+G#3+B3 |" * 2, at=coda + 4 * _BAR, velocity=92, hold=0.5),
        line("B1+B2+D3+F#3+B3:1.5>", at=final + 6, velocity=118),
    )
    run = line(_CODA_RUN, at=coda + 2 * _BAR, velocity=104, hold=0.6)
    stabs = line("r:1 G#5+D5:.12 B5+F5+D5:.6> r:2.28 | r:1 G#5+D5:.12 B5+F5+D5:.6> r:2.28 |", at=coda, velocity=106)
    trill = line("B4:.25 A#4 " * 12, at=coda + 4 * _BAR + 2, velocity=84)
    roll = tuple(line("B1:.125 B2:.125 " * 24, at=final, velocity=80))
    quick = shorter(tuple(note for note in tune if note.start_beat >= 12 * _BAR), 0.7)
    tremolo = join(line("B3+D4+F#4:16 | A#3+C#4+F#4:16 | B3+D4+F#4:16", at=16 * _BAR, velocity=86))
    drums = join(
        groove({"kick": "x...x...", "snare": "..x...x."}, bars=12, at=16 * _BAR, step_beats=0.5, velocity=98),
        groove({"snare": "..o...o.", "triangle": "..g...g."}, bars=8, at=8 * _BAR, step_beats=0.5, velocity=80),
        groove({"snare": "..o...o.", "hat": "o.g.o.gg"}, bars=8, step_beats=0.5, velocity=84),
        groove(
            {"hat": "ogogogog", "kick": "X...X...", "shaker": "ogogogog"},
            bars=20,
            at=8 * _BAR,
            step_beats=0.5,
            velocity=94,
        ),
        groove({"snare": "xgxxxgxx", "hat": "..x...x."}, bars=8, at=20 * _BAR, step_beats=0.5, velocity=96),
        hit("crash", *(bar * _BAR for bar in (16, 18, 20, 22, 24, 25, 26, 27)), velocity=92),
        hit("crash", coda + 1, coda + 5, final + 6, velocity=104),
        hit("kick", coda, coda + 1, coda + 4, coda + 5, final + 6, velocity=108),
    )
    timpani = join(
        line("B1:1 F#2 B1 F#2 " * 4, at=16 * _BAR, velocity=78),
        line("F#2:1 C#2 F#2 C#2 " * 4, at=20 * _BAR, velocity=84),
        line("B1:1 F#2 B1 F#2 " * 4, at=24 * _BAR, velocity=92),
        crescendo(roll, start=0.5, stop=1.3),
        line("B1:1", at=final + 6, velocity=118),
    )
    soft = tuple(note for note in tune if note.start_beat < 16 * _BAR)
    return Score(
        parts=(
            Part("pizzicato", 45, join(tune, run), volume=112, pan=48, reverb=23),
            Part("bassoon", 70, tuple(n for n in soft if n.start_beat < 8 * _BAR), volume=92, pan=74, reverb=28),
            Part("clarinet", 71, tuple(n for n in soft if n.start_beat >= 8 * _BAR), volume=84, pan=80, reverb=28),
            Part("tuba", 58, bass, volume=104, pan=70, reverb=23),
            Part("low pizzicato", 45, bass, volume=112, pan=72, reverb=23),
            Part(
                "xylophone",
                13,
                tuple(n for n in join(tune, run) if n.start_beat >= 8 * _BAR),
                volume=124,
                pan=92,
                reverb=30,
            ),
            Part("offbeats", 45, offbeats, volume=108, pan=90, reverb=28),
            Part("violins", 48, join(quick, run, trill), volume=108, pan=40, reverb=33),
            Part("tremolo", 44, tremolo, volume=56, pan=58, reverb=40, swell=((64, 50), (112, 110))),
            Part("brass", 61, join(chords, stabs), volume=92, pan=70, reverb=33),
            Part("trombones", 57, tuple(n for n in bass if n.start_beat >= _TUTTI * 4 * _BAR), volume=56, pan=84),
            Part("timpani", 47, timpani, volume=104, pan=60, reverb=38),
            Part("drums", 48, drums, volume=86, reverb=38, drums=True),
        ),
        tempo_bpm=(
            *glide((0, 150.0), (_TUTTI * 4 * _BAR, 170.0), steps=16),
            *glide((_TUTTI * 4 * _BAR + 1, 162.0), (coda, 216.0), steps=24),
        ),
    )


PIECES = (
    classic(
        "mountain-king",
        "In the Hall of the Mountain King",
        "Edvard Grieg",
        1875,
        _mountain_king,
        edition="Mutopia-2013/12/07-1888",
        master=Master(room=0.5, tail_s=3.0, fade_s=2.0),
    ),
)
