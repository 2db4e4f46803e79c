"""What ``mien watch`` shows: bars of the expressions, the plane with the mood, and the music that would play."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.columns import Columns
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.text import Text

from mien.cli.marks import MARKS
from mien.cli.output import harmless
from mien.mood.circumplex import describe
from mien.types import Emotion, Mood, Pick, Reading, Region

if TYPE_CHECKING:
    from mien.live import LiveFrame

_BAR_CELLS: Final = 24
_PLANE_CELLS: Final = 29
_PLANE_LINES: Final = 9
_CORNERS: Final = ((Region.TENSE, Region.BRIGHT), (Region.LOW, Region.CALM))


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known now: the latest frame, what would play, and how many frames a second are read.

    ``trouble`` is why no frames come; the rest is then what was seen last.
    """

    source: str
    live: LiveFrame | None = None
    picks: tuple[Pick, ...] = ()
    frames_per_s: float = 0.0
    trouble: str | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The scene, in plain letters where the terminal knows no others."""
        plain = options.ascii_only
        me = _me(self.live)
        mood = self.live.mood if self.live is not None else None
        pictures = Columns([_bars(me, plain=plain), _plane(mood, me, plain=plain)], padding=(0, 6))
        yield Group(self._head(), Text(), _words(self.live), Text(), pictures, Text(), *_music(self.picks))
        yield Text()
        if self.trouble is not None:
            yield Text(f"{harmless(self.trouble)}.", style="bold red")
        yield Text("q ends", style="dim")

    def line(self) -> str:
        """The scene in one line of plain letters, for a terminal that can be written to and no more."""
        me = _me(self.live)
        parts = [self._head().plain, _words(self.live).plain]
        if me is not None:
            parts.append(f"{me.expression.top} {me.expression.probabilities[me.expression.top]:.0%}")
        if self.trouble is not None:
            parts.append(harmless(self.trouble))
        return "; ".join(parts)

    def _head(self) -> Text:
        count = len(self.live.faces) if self.live is not None else 0
        faces = "no face" if count == 0 else "1 face" if count == 1 else f"{count} faces"
        rate = "frozen" if self.trouble is not None else f"{self.frames_per_s:.0f} frames a second"
        return Text.assemble(("mien", "bold"), (f"  {harmless(self.source)}, {faces}, {rate}", "dim"))


def _me(live: LiveFrame | None) -> Reading | None:
    if live is None:
        return None
    return next((face for face in live.faces if face.face.track_id == live.me), None)


def _words(live: LiveFrame | None) -> Text:
    """The mood in words, what would help, and the mood of all where there are several."""
    words = Text(no_wrap=False)
    mood = live.mood if live is not None else None
    words.append(describe(mood) if mood is not None else "not sure yet", style="bold")
    if live is not None and live.hint is not None:
        words.append(f": {live.hint}")
    if live is not None and live.group is not None and len(live.faces) > 1:
        words.append(f"   together: {describe(live.group)}", style="dim")
    return words


def _bars(me: Reading | None, *, plain: bool) -> Text:
    bars = Text()
    for emotion in Emotion:
        colour, mark = MARKS[emotion]
        share = me.expression.probabilities[emotion] if me is not None else 0.0
        top = me is not None and emotion is me.expression.top and me.expression.confident
        bars.append(f"{'' if plain else f'{mark} '}{emotion:<9}", style="bold" if top else "")
        cells = round(share * _BAR_CELLS)
        bars.append(("#" if plain else "█") * cells, style=colour)
        bars.append(" " * (_BAR_CELLS - cells) + (f" {share:4.0%}" if me is not None else "     ") + "\n")
    bars.rstrip()
    return bars


def _plane(mood: Mood | None, me: Reading | None, *, plain: bool) -> Text:
    """Valence to the right, arousal upwards, with the mood as a point."""
    across, down = ("-", "|") if plain else ("─", "│")
    middle_line, middle_cell = _PLANE_LINES // 2, _PLANE_CELLS // 2
    grid = [[" "] * _PLANE_CELLS for _ in range(_PLANE_LINES)]
    for line in grid:
        line[middle_cell] = down
    grid[middle_line] = [across] * _PLANE_CELLS
    grid[middle_line][middle_cell] = "+" if plain else "┼"
    for line, (left, right) in zip((grid[0], grid[-1]), _CORNERS, strict=True):
        line[: len(left)] = left
        line[-len(right) :] = right
    plane = Text("\n".join("".join(line) for line in grid), style="dim")
    if mood is None:
        return plane
    cell = round((mood.valence + 1) / 2 * (_PLANE_CELLS - 1))
    line_number = round((1 - mood.arousal) / 2 * (_PLANE_LINES - 1))
    grid[line_number][cell] = "o" if plain else "●"
    plane = Text("\n".join("".join(line) for line in grid), style="dim")
    place = line_number * (_PLANE_CELLS + 1) + cell
    colour = MARKS[me.expression.top][0] if me is not None else "white"
    plane.stylize(f"not dim bold {colour}", place, place + 1)
    return plane


def _music(picks: tuple[Pick, ...]) -> list[Text]:
    lines = []
    for number, pick in enumerate(picks):
        lead = "would play  " if number == 0 else "then        "
        names = " · ".join(harmless(name) for name in (pick.track.title, pick.track.artist) if name)
        line = Text.assemble((lead, "dim"), (names, "bold" if number == 0 else ""), (f"  {pick.reason}", "dim"))
        line.no_wrap, line.overflow = True, "ellipsis"
        lines.append(line)
    return lines
