"""The view of ``mien watch``: bars of the expressions, the mood on its plane, the music and suggestions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from mien.cli.terminal.glyphs import GLYPHS
from mien.cli.terminal.output import escape_control
from mien.cli.terminal.reason_words import reason_clauses
from mien.mood.circumplex import EXPRESSION_WORDS, UNSURE_WORDS, describe
from mien.music.players.player import PlayState
from mien.types import Emotion, Pick, Reading, Region

if TYPE_CHECKING:
    from mien.cli.watch.now_playing import PlayerStatus
    from mien.live.reader import LiveResult

_LABEL_CELLS: Final = 17  # of a bar: the glyph, the name and the share
_BAR_CELLS: Final = (3, 40)  # at least and at most
_PLANE_LINES: Final = (7, 15)
_GAP_CELLS: Final = 4
_LEAD_CELLS: Final = 12
_PICKS: Final = 4
_OTHER_LINES: Final = 7  # all rows that are neither bars, plane nor pick
_CORNERS: Final = ((Region.TENSE, Region.EXCITED), (Region.SAD, Region.CALM))


@dataclass(frozen=True, slots=True)
class WatchState:
    """What ``mien watch`` shows.

    Attributes:
        source: The name of the camera or video.
        live: The latest frame.
        picks: What mien would play.
        frames_per_s: How many frames are read per second.
        trouble: Why no frames come, in a sentence; the rest is then the last known state.
        playing: What is playing.
    """

    source: str
    live: LiveResult | None = None
    picks: tuple[Pick, ...] = ()
    frames_per_s: float = 0.0
    trouble: str | None = None
    playing: PlayerStatus | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The state as rows with fixed places, in ASCII if the terminal's encoding is."""
        width, height, plain = options.max_width, options.height or options.size.height, options.ascii_only
        plane_lines = _plane_lines(width, height)
        bar_cells = width - _LABEL_CELLS - _GAP_CELLS - _plane_cells(plane_lines)
        side_by_side = bar_cells >= 2 * _BAR_CELLS[0]
        bars = _bars(self.live, bar_cells if side_by_side else width - _LABEL_CELLS, plain=plain)
        plane = _plane(self.live, plane_lines, plain=plain)
        picture_lines = plane_lines if side_by_side else len(Emotion)

        yield from (_on_one_row(line) for line in (self._head(), self._mood()))
        yield self._hint() if self.trouble is None else Text(f"{self._trouble_clause()}.", style="bold red")
        if side_by_side:
            pictures = Table.grid(padding=(0, _GAP_CELLS, 0, 0))
            pictures.add_row(bars, plane)
            yield pictures
        else:
            yield bars
            if height - picture_lines - 1 - plane_lines >= _OTHER_LINES + _PICKS:
                yield Text()
                yield plane
                picture_lines += 1 + plane_lines
        roomy = height - picture_lines > _OTHER_LINES
        if roomy:
            yield Text()
        yield self._music(width, plain=plain)
        room = height - picture_lines - (_OTHER_LINES if roomy else _OTHER_LINES - 2)
        for number in range(max(0, min(_PICKS, room))):
            known = number < len(self.picks)
            yield _pick(self.picks[number], width, first=number == 0, plain=plain) if known else Text()
        if roomy:
            yield Text()
        yield Text("q ends", style="dim")

    def line(self) -> str:
        """The state in one line, for a dumb terminal."""
        me = _me(self.live)
        parts = [self._head().plain, self._mood().plain]
        if self.live is not None and me is not None:
            named = self.live.named(me)
            parts.append(f"{EXPRESSION_WORDS[named]} {me.expression.probabilities[named]:.0%}")
        parts.append(self._hint().plain if self.trouble is None else self._trouble_clause())
        if self.playing is not None:
            parts.append(
                " ".join(filter(None, (self.playing.state, escape_control(self.playing.title), self.playing.about)))
            )
        elif self.picks:
            parts.append(f"would play {escape_control(self.picks[0].track.title)}")
        return "; ".join(filter(None, parts))

    def _head(self) -> Text:
        count = len(self.live.faces) if self.live is not None else 0
        parts = ["no face" if count == 0 else "1 face" if count == 1 else f"{count} faces"]
        if self.trouble is not None:
            parts.append("frozen")
        elif self.frames_per_s:
            parts.append(f"{self.frames_per_s:.0f} frames/s")
        return Text.assemble(("mien", "bold"), ("  " + ", ".join([*parts, escape_control(self.source)]), "dim"))

    def _mood(self) -> Text:
        """My mood in words, and that of the group if there are several faces."""
        live = self.live
        words = Text(live.words if live is not None and live.mood is not None else UNSURE_WORDS, "bold")
        if live is not None and live.group is not None and len(live.faces) > 1:
            words.append(f"   together: {describe(live.group)}", style="not bold dim")
        return words

    def _hint(self) -> Text:
        """What would help the face to be read."""
        return Text(self.live.hint if self.live is not None and self.live.hint is not None else "")

    def _trouble_clause(self) -> str:
        return escape_control(self.trouble or "").rstrip(".")

    def _music(self, width: int, *, plain: bool) -> Text:
        if self.playing is None:
            return Text.assemble((f"{PlayState.PLAYING:<{_LEAD_CELLS}}", "dim"), ("nothing that mien knows of", "dim"))
        now = self.playing
        return _song(now.state, (now.title, now.artist), (now.about,), width, plain=plain, style="bold")


def _me(live: LiveResult | None) -> Reading | None:
    if live is None:
        return None
    return next((live.shown(face) for face in live.faces if face.face.track_id == live.me), None)


def _bars(live: LiveResult | None, cells_most: int, *, plain: bool) -> Text:
    me = _me(live)
    named = live.named(me) if live is not None and me is not None and me.expression.confident else None
    cells_most = min(max(cells_most, _BAR_CELLS[0]), _BAR_CELLS[1])
    bars = Text(no_wrap=True, overflow="crop")
    for emotion in Emotion:
        colour, glyph = GLYPHS[emotion]
        share = me.expression.probabilities[emotion] if me is not None else 0.0
        bars.append(
            f"{'' if plain else f'{glyph} '}{EXPRESSION_WORDS[emotion]:<9}", style="bold" if emotion is named else ""
        )
        cells = round(share * cells_most)
        bars.append(("#" if plain else "█") * cells, style=colour)
        bars.append(" " * (cells_most - cells) + (f" {share:4.0%}" if me is not None else "     ") + "\n")
    bars.rstrip()
    return bars


def _plane_lines(width: int, height: int) -> int:
    """The height of the plane that fits: an odd number, so that there is a middle row."""
    room = min(height - _OTHER_LINES - _PICKS, round((0.4 * width - 2) / 3))
    lines = min(max(room, _PLANE_LINES[0]), _PLANE_LINES[1])
    return lines - 1 + lines % 2


def _plane_cells(lines: int) -> int:
    return 3 * lines + 2


def _plane(live: LiveResult | None, lines: int, *, plain: bool) -> Text:
    """The plane with valence to the right, arousal upwards and the mood as a point."""
    across, down = ("-", "|") if plain else ("─", "│")
    cells = _plane_cells(lines)
    grid = [[" "] * cells for _ in range(lines)]
    for line in grid:
        line[cells // 2] = down
    grid[lines // 2] = [across] * cells
    grid[lines // 2][cells // 2] = "+" if plain else "┼"
    for line, (left, right) in zip((grid[0], grid[-1]), _CORNERS, strict=True):
        line[: len(left)] = left
        line[-len(right) :] = right
    mood = live.mood if live is not None else None
    if mood is None:
        return Text("\n".join("".join(line) for line in grid), style="dim", no_wrap=True, overflow="crop")
    cell = round((mood.valence + 1) / 2 * (cells - 1))
    line_number = round((1 - mood.arousal) / 2 * (lines - 1))
    grid[line_number][cell] = "o" if plain else "●"
    plane = Text("\n".join("".join(line) for line in grid), style="dim", no_wrap=True, overflow="crop")
    offset = line_number * (cells + 1) + cell
    me = _me(live)
    plane.stylize(f"not dim bold {GLYPHS[me.expression.top][0] if me is not None else 'white'}", offset, offset + 1)
    return plane


def _pick(pick: Pick, width: int, *, first: bool, plain: bool) -> Text:
    lead = "would play" if first else "then"
    return _song(lead, (pick.track.title, pick.track.artist), reason_clauses(pick.reasons), width, plain=plain)


def _song(lead: str, names: tuple[str, str], about: Sequence[str], width: int, *, plain: bool, style: str = "") -> Text:
    """A track on one row; the artist and each part of ``about`` are shown whole or not at all."""
    title, artist = map(escape_control, names)
    line = Text.assemble((f"{lead:<{_LEAD_CELLS}}", "dim"), (title, style))
    between = f" {'-' if plain else '·'} "
    rest = [(f"{between}{artist}", style)] if artist else []
    rest += [(f"{', ' if number else '  '}{part}", "dim") for number, part in enumerate(about)]
    for words, words_style in rest:
        if line.cell_len + cell_len(words) > width:
            break
        line.append(words, words_style)
    return _on_one_row(line)


def _on_one_row(line: Text) -> Text:
    line.no_wrap, line.overflow = True, "ellipsis"
    return line
