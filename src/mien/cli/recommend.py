"""``mien recommend``: chooses music for a mood, each track with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mien.cli.asking import read_request, tell_unmet
from mien.cli.playlist import tell_left_out, tell_unwritten, track_ids
from mien.cli.song_lists import ListOptions, check_one_kind, path_station, radio_station, with_tracks
from mien.cli.stores import Stores, open_connections, open_playlists, open_stores
from mien.cli.terminal.classifier import chosen_prior, load_classifier
from mien.cli.terminal.error_words import error_words
from mien.cli.terminal.examples import examples
from mien.cli.terminal.output import say
from mien.cli.terminal.param_types import AnyPath, NumberRange
from mien.cli.terminal.quantities import clock_time
from mien.cli.terminal.rows import RowFormat, output_options, row_writer
from mien.cli.terminal.settings import settings
from mien.cli.terminal.track_lookup import find_track
from mien.errors import ImageError, LibraryError, NoMatchError, Remedy, TrackNotFoundError

if TYPE_CHECKING:
    from mien.music.library.library import Library
    from mien.music.library.taste_store import TasteStore
    from mien.music.location import Location
    from mien.music.playlists.playlist import Playlist
    from mien.music.recommender.filters import TrackFilter
    from mien.music.recommender.goals import Goal
    from mien.types import Mood, Pick, Track


def _as_point(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[float, float] | None:
    # Not click.Choice, which would import the names, and with them NumPy, whenever any command starts.
    if value is None:
        return None
    from mien.mood.circumplex import COORDINATES
    from mien.music.tagging.moods import MOOD_WORDS

    points = {**MOOD_WORDS, **{str(emotion): point for emotion, point in COORDINATES.items()}}
    if (point := points.get(value.lower())) is None:
        raise click.BadParameter(f"“{value}” is not one of {', '.join(sorted(points))}.")
    return point


def _as_goal(_ctx: click.Context, _param: click.Parameter, value: str) -> Goal:
    from mien.music.recommender.goals import Goal

    try:
        return Goal(value.lower())
    except ValueError as error:
        raise click.BadParameter(f"“{value}” is not one of {', '.join(Goal)}.") from error


@dataclass(frozen=True, slots=True)
class ChosenTrack:
    """A pick and where its audio is."""

    pick: Pick
    location: Location


@click.command(
    epilog=examples(
        "mien recommend --mood happy",
        'mien recommend "sad piano in the rain, slow, no vocals"',
        "mien recommend --mood sad --goal lift --minutes 45",
        "mien recommend --photo photo.jpg -n 5",
        'mien recommend --from "Moss" --to "Undertow" -n 8',
        'mien recommend --radio "Moss" --minutes 60',
        'mien recommend --like "Moss" --never "Undertow" --m3u > more.m3u8',
        "mien recommend --mood calm --playlist party --save evening",
    )
)
@click.argument("words", metavar="[WORDS…]", nargs=-1)
@click.option(
    "--mood",
    "point",
    metavar="NAME",
    callback=_as_point,
    help="A mood by name: angry, disgust, fear, happy, sad, surprise or neutral, or a word such as melancholic.",
)
@click.option("--photo", metavar="FILE", type=AnyPath(), help="The mood of the largest face in a photo.")
@click.option("--valence", metavar="-1..1", type=NumberRange(-1, 1), help="How pleasant, with --arousal.")
@click.option("--arousal", metavar="-1..1", type=NumberRange(-1, 1), help="How excited, with --valence.")
@click.option(
    "--goal",
    metavar="NAME",
    default="match",
    show_default=True,
    callback=_as_goal,
    help="Where the music leads: match, lift, calm, focus, energise or contrast.",
)
@click.option(
    "-n",
    "--count",
    metavar="COUNT",
    type=click.IntRange(min=1),
    help="How many tracks at most; 20, or as many as --minutes needs.",
)
@click.option("--minutes", metavar="MINUTES", type=NumberRange(1, 1440), help="About how long the list should last.")
@click.option("--genre", metavar="WORDS", default="", help="Only tracks whose genre has these words.")
@click.option("--language", metavar="NAME", default="", help="Only tracks in this language, as their tags name it.")
@click.option("--no-explicit", is_flag=True, help="No tracks that their tags mark as explicit.")
@click.option("--like", "likes", metavar="TRACK", multiple=True, help="More like this track: an id, a title or a file.")
@click.option("--from", "start", metavar="TRACK", help="A path that begins with this track, with --to.")
@click.option("--to", "end", metavar="TRACK", help="The track that the path leads to.")
@click.option("--radio", metavar="NAME", help="Music like a track, an artist or a playlist, with these among it.")
@click.option("--never", "nevers", metavar="TRACK", multiple=True, help="Not this track, this time.")
@click.option("--fresh", metavar="HOURS", type=NumberRange(0, 8760), help="No tracks played within this many hours.")
@click.option("--playlist", "chosen_from", metavar="NAME", help="Only tracks of a playlist (see mien playlist).")
@output_options
@click.option("--m3u", "output_format", flag_value="m3u", help="Print a playlist that music players open.")
@click.option("--out", metavar="FILE", type=AnyPath(written=True), help="Also write a playlist: .m3u8, .xspf or .jspf.")
@click.option("--force", is_flag=True, help="Overwrite the FILE of --out if it exists.")
@click.option("--save", "stored_as", metavar="NAME", help="Store it as a playlist, to play or send later.")
@click.option("--on", "server", metavar="NAME", help="Choose among what a player has, and play it there.")
@click.option("--seed", metavar="NUMBER", type=click.IntRange(min=0), help="Seed for reproducible choices.")
def recommend(
    words: tuple[str, ...],
    point: tuple[float, float] | None,
    photo: Path | None,
    valence: float | None,
    arousal: float | None,
    goal: Goal,
    count: int | None,
    minutes: float | None,
    genre: str,
    language: str,
    no_explicit: bool,
    likes: tuple[str, ...],
    start: str | None,
    end: str | None,
    radio: str | None,
    nevers: tuple[str, ...],
    fresh: float | None,
    chosen_from: str | None,
    output_format: str | None,
    out: Path | None,
    force: bool,
    stored_as: str | None,
    server: str | None,
    seed: int | None,
) -> None:
    """Choose music for a mood, and say why.

    Ask in WORDS, in English or German, for moods, instruments, voices, a tempo, a key, genres, artists, years, lengths,
    or what you have not heard for long; or give the mood as a name, a photo or a point, or music with --like. The
    list stays with the mood for a while and then leads to the goal. Or let it lead from one song to another (--from,
    --to), or ask for a radio from a song, an artist or a playlist (--radio). The music comes from the starter library,
    the folders and the servers that were added, and is chosen by your taste (see mien taste).
    """
    import numpy as np

    from mien.music.playlists.files import check_unwritten
    from mien.music.recommender.filters import TrackFilter
    from mien.music.recommender.index import TrackIndex
    from mien.music.recommender.recommend import recommend as choose

    named = (point, photo, valence, arousal) != (None, None, None, None)
    check_one_kind(start=start, end=end, radio=radio, moods=named, likes=bool(likes or words))
    if out is not None and not force:
        check_unwritten(out)
    with open_stores() as stores:
        catalogue, tastes = stores.library, stores.tastes
        placed = {track.id: track for track in catalogue.placed_tracks()}
        liked = [placed[find_track(catalogue, name).id] for name in likes]
        request, applied = read_request(" ".join(words), stores) if words else (None, None)
        track_filter = TrackFilter(
            genre=genre,
            language=language,
            explicit=not no_explicit and (applied is None or applied.explicit),
            like=tuple(track.id for track in liked) + (applied.like if applied else ()),
            never=frozenset(find_track(catalogue, name).id for name in nevers) | _excluded(tastes, fresh),
        )
        tracks = stores.choosable() if chosen_from is None else _in_playlist(stores, chosen_from)
        if server is not None:
            tracks = _playable_on(server, tracks, catalogue)
        if request is not None and count is None and minutes is None:
            count, minutes = request.count, request.minutes
        options = ListOptions(
            count=count,
            minutes=minutes,
            track_filter=track_filter,
            taste=tastes.taste(catalogue.placed_tracks),
            rng=np.random.default_rng(seed),
        )
        if start is not None and end is not None:
            station = path_station(start, end, tracks, stores, options)
        elif radio is not None:
            mood = _mood(point, photo, valence, arousal, []) if named else None
            station = radio_station(radio, tracks, stores, options, mood=mood)
        else:
            track_index = TrackIndex.of(with_tracks(tracks, track_filter.like, stores))
            preference = applied.preference.weigh(track_index) if applied else None
            if preference is not None:
                tell_unmet(preference.unmet)
            if preference is None or named or (liked and applied and applied.mood is None):
                mood = _mood(point, photo, valence, arousal, liked)
            else:
                mood = (applied and applied.mood) or preference.typical_mood(track_index)
            station = choose(mood, track_index, goal=goal, preference=preference, **options)
        choices = list(_playable(catalogue, station.picks))
    if not choices:
        raise _no_choice(tracks, track_filter)
    if stored_as is not None:
        _store(stored_as, choices)
    if out is not None:
        _write_playlist(out, choices)
    if server is not None:
        _play(server, choices)
    if output_format == "m3u":
        _print_m3u(choices)
        return
    with row_writer(output_format, LAYOUT) as write:
        for choice in choices:
            write(choice)


def _excluded(tastes: TasteStore, fresh_h: float | None) -> frozenset[str]:
    """The ids of tracks that the user excluded or has heard in the last ``fresh_h`` hours."""
    if fresh_h is None:
        return tastes.never()
    return tastes.never() | tastes.played_since(datetime.now(UTC) - timedelta(hours=fresh_h))


def _in_playlist(stores: Stores, name: str) -> list[Track]:
    """The analysed tracks of a playlist; raises ``NoMatchError`` if it has none, ``PlaylistError`` if it is unknown."""
    within = track_ids(name, stores)
    stores.library.check_away()
    tracks = [track for track in stores.library.available() if track.id in within and track.features is not None]
    if not tracks:
        raise NoMatchError("has no track that is in the library", Remedy.SHOW_PLAYLIST, subject=name)
    return tracks


def _playable_on(server: str, tracks: list[Track], catalogue: Library) -> list[Track]:
    """The tracks that a player has; all of them if it cannot say which. Raises ``NoMatchError`` if it has none."""
    from mien.music.players.player import KnowsItsMusic
    from mien.music.playlists.playlist import entry_of

    servers = open_connections()
    player = servers.player(servers.find(server))
    if not isinstance(player, KnowsItsMusic):
        return tracks
    locations = catalogue.locations()
    entries = [entry_of(track, locations[track.id]) for track in tracks]
    playable = [track for track, has in zip(tracks, player.playable(entries), strict=True) if has]
    if not any(track.features is not None for track in playable):
        problem = "has none of the music that could be chosen from"
        raise NoMatchError(problem, "analyse its music, or check that it has the same music", subject=server)
    return playable


def _no_choice(tracks: list[Track], track_filter: TrackFilter) -> LibraryError | NoMatchError:
    """The error that says why nothing could be chosen."""
    if any(track.features is not None and track.id not in track_filter.never for track in tracks):
        return NoMatchError("No music meets all conditions", "leave one of them out")
    if any(track.features is not None for track in tracks):
        return NoMatchError(
            "All music was played lately or is excluded by your taste", "lower --fresh, or use mien taste forget TRACK"
        )
    return LibraryError("There is no music to choose from", Remedy.ADD_MUSIC)


def _mood(
    point: tuple[float, float] | None,
    photo: Path | None,
    valence: float | None,
    arousal: float | None,
    liked: list[Track],
) -> Mood:
    """The mood given in one of the ways, or else the mean of the liked tracks; raises ``UsageError`` otherwise."""
    from mien.types import Mood

    ways = (point is not None, photo is not None, valence is not None or arousal is not None)
    heard = [track.features for track in liked if track.features is not None]
    if not any(ways) and heard:
        return Mood(
            sum(features.valence for features in heard) / len(heard),
            sum(features.arousal for features in heard) / len(heard),
        )
    if sum(ways) != 1:
        raise click.UsageError(
            "Give the mood in one way: in words, --mood, --photo, --valence with --arousal, or --like; "
            "or ask for a path with --from and --to, or for a --radio."
        )
    if photo is not None:
        return _mood_of_photo(photo)
    if point is not None:
        return Mood(*point)
    if valence is None or arousal is None:
        raise click.UsageError("A point on the plane needs both --valence and --arousal.")
    return Mood(valence, arousal)


def _mood_of_photo(photo: Path) -> Mood:
    from mien.capture.photo import read_photo
    from mien.face.reader import FaceReader
    from mien.mood.circumplex import EXPRESSION_WORDS

    with FaceReader(classifier=load_classifier(None), threads=settings().threads, prior=chosen_prior(None)) as reader:
        readings = reader.read(read_photo(photo, on_note=say))
    if not readings:
        raise ImageError("shows no face", "take one that shows it larger, or give the mood with --mood", subject=photo)
    expression, mood = readings[0].expression, readings[0].mood
    words = EXPRESSION_WORDS[expression.top] if expression.confident else f"perhaps {EXPRESSION_WORDS[expression.top]}"
    say(f"{photo} looks {words} ({mood.valence:+.2f}, {mood.arousal:+.2f}).")
    return mood


def _playable(catalogue: Library, picks: tuple[Pick, ...]) -> Iterator[ChosenTrack]:
    from mien.music.cue import is_track_path
    from mien.music.location import LocalFile

    for pick in picks:
        try:
            location = catalogue.location(pick.track.id)
            if isinstance(location, LocalFile) and not is_track_path(location.path):
                location = LocalFile(catalogue.audio_path(pick.track.id).absolute())
            yield ChosenTrack(pick, location)
        except TrackNotFoundError as error:
            say(f"Left out: {error_words(error)}")


def _store(name: str, choices: list[ChosenTrack]) -> None:
    with open_playlists() as playlists:
        playlists.put(_as_playlist(name, choices), at=datetime.now(UTC))
    say(f"“{name}” is stored; play it with: mien playlist play '{name}' --on NAME")


def _write_playlist(out: Path, choices: list[ChosenTrack]) -> None:
    from mien.music.playlists.files import write_playlist

    tell_unwritten(write_playlist(out, _as_playlist(out.stem, choices)))


def _play(server: str, choices: list[ChosenTrack]) -> None:
    servers = open_connections()
    player = servers.player(servers.find(server))
    tell_left_out(player.play(_as_playlist(server, choices).entries), f"“{server}”")


def _as_playlist(name: str, choices: list[ChosenTrack]) -> Playlist:
    from mien.music.playlists.playlist import Playlist, entry_of

    return Playlist(name, tuple(entry_of(choice.pick.track, choice.location) for choice in choices))


def _print_m3u(choices: list[ChosenTrack]) -> None:
    """Print a playlist on stdout as bytes, because paths may hold bytes that are not valid text."""
    from mien.music.playlists.m3u import write_m3u

    data, left_out = write_m3u(_as_playlist("mien", choices))
    click.echo(data, nl=False)
    tell_unwritten(left_out)


def _as_json(choice: ChosenTrack) -> dict[str, Any]:
    from mien.cli.terminal.reason_words import reason_words

    track = choice.pick.track
    features = track.features
    return {
        "id": track.id,
        "title": track.title,
        "artist": track.artist,
        "album": track.album,
        "path": str(choice.location),
        "duration_s": round(track.duration_s, 1),
        "valence": round(features.valence, 4) if features else None,
        "arousal": round(features.arousal, 4) if features else None,
        "tempo_bpm": round(features.tempo_bpm, 1) if features else None,
        "score": round(choice.pick.score, 4),
        "reason": reason_words(choice.pick.reasons),
    }


def _as_values(choice: ChosenTrack) -> Iterator[list[Any]]:
    yield list(_as_json(choice).values())


def _as_cells(choice: ChosenTrack) -> Iterator[tuple[str, ...]]:
    from mien.cli.terminal.reason_words import reason_words

    track = choice.pick.track
    yield (track.title, track.artist, clock_time(round(track.duration_s)), reason_words(choice.pick.reasons))


LAYOUT = RowFormat(
    as_json=_as_json,
    header=(
        *("id", "title", "artist", "album", "path", "duration_s"),
        *("valence", "arousal", "tempo_bpm", "score", "reason"),
    ),
    as_values=_as_values,
    columns=("Title", "Artist", "Length", "Why"),
    numbers=("Length",),
    as_cells=_as_cells,
)
