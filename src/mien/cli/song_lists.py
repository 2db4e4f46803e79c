"""Lists about songs for ``mien recommend``: a path from one to another, and a radio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict

import click

from mien.cli.terminal.output import say
from mien.cli.terminal.quantities import counted
from mien.cli.terminal.track_lookup import find_track
from mien.errors import LibraryError, NoMatchError, Remedy, TrackNotFoundError

if TYPE_CHECKING:
    import numpy as np

    from mien.cli.stores import Stores
    from mien.music.recommender.filters import TrackFilter
    from mien.music.recommender.taste import Taste
    from mien.types import Mood, Station, Track


class ListOptions(TypedDict):
    """How long a list is, and what its picks depend on besides the songs that it is about."""

    count: int | None
    minutes: float | None
    track_filter: TrackFilter
    taste: Taste | None
    rng: np.random.Generator


def check_one_kind(*, start: str | None, end: str | None, radio: str | None, moods: bool, likes: bool) -> None:
    """Raise ``UsageError`` unless the options ask for one kind of list.

    Args:
        start: The first song of a path.
        end: The last song of a path.
        radio: What a radio is about.
        moods: Whether a mood was given, in whatever way.
        likes: Whether songs to resemble were given, or a request in words.
    """
    if (start is None) != (end is None):
        raise click.UsageError("A path needs both --from and --to.")
    if start is not None and (radio is not None or moods or likes):
        raise click.UsageError("A path has the moods of its songs; give --from and --to alone, without a mood.")
    if radio is not None and likes:
        raise click.UsageError("Give --radio without words or --like; only a mood goes with it.")


def path_station(start: str, end: str, tracks: Sequence[Track], stores: Stores, options: ListOptions) -> Station:
    """A path between two songs.

    Args:
        start: The first song, as ``find_track`` finds it.
        end: The last song, likewise.
        tracks: The tracks to choose from; the two songs need not be among them.
        stores: The library.
        options: How long the list is, and what its picks depend on.
    """
    from mien.music.library.seeds import check_playable
    from mien.music.recommender.recommend import recommend_path

    songs = [find_track(stores.library, name) for name in (start, end)]
    for song in songs:
        check_playable(song, stores.library)
    whole = with_tracks(tracks, [song.id for song in songs], stores)
    return recommend_path(songs[0].id, songs[1].id, whole, **options)


def radio_station(
    name: str, tracks: Sequence[Track], stores: Stores, options: ListOptions, *, mood: Mood | None
) -> Station:
    """A radio from a song, an artist or a playlist; says which of them it is.

    Args:
        name: The name of the song, artist or playlist.
        tracks: The tracks to choose from. Seeds that are not among them are compared with, and not picked.
        stores: The library and the playlists.
        options: How long the list is, and what its picks depend on.
        mood: The mood to play for; None for the seeds' own.
    """
    from mien.music.recommender.recommend import recommend_radio

    words, seeds = _seeds(name, stores)
    ids = [track.id for track in seeds]
    say(f"Radio from {words}, {counted(len(ids), 'track')}.")
    unlisted = set(ids).difference(track.id for track in tracks)
    options["track_filter"] = replace(options["track_filter"], never=options["track_filter"].never | unlisted)
    return recommend_radio(ids, with_tracks(tracks, ids, stores), mood=mood, **options)


def _seeds(name: str, stores: Stores) -> tuple[str, list[Track]]:
    """What a name stands for, in words, and its tracks: a song before an artist, and an artist before a playlist.

    Raises:
        NoMatchError: It is none of them.
        LibraryError: It is the title of several songs, and neither an artist nor a playlist.
    """
    from mien.music.library.seeds import tracks_of_artist, tracks_of_playlist

    library = stores.library
    by_artist = tracks_of_artist(name, library.tracks())
    try:
        song = find_track(library, name)
        return f"the song “{song.title}”", [song]
    except (TrackNotFoundError, LibraryError) as error:
        if by_artist:
            return f"the artist “{by_artist[0].artist}”", by_artist
        if not any(summary.name == name for summary in stores.playlists.all()):
            if isinstance(error, TrackNotFoundError):
                raise NoMatchError(f"There is no song, artist or playlist “{name}”", error.remedy) from error
            raise
    found = tracks_of_playlist(stores.playlists.load(name), library)
    if not found:
        raise NoMatchError("has no track that is in the library", Remedy.SHOW_PLAYLIST, subject=name)
    return f"the playlist “{name}”", found


def with_tracks(tracks: Sequence[Track], needed: Sequence[str], stores: Stores) -> list[Track]:
    """The tracks to choose from, with those that a list is about, which need not be among them.

    Args:
        tracks: The tracks to choose from.
        needed: The ids of those that the list is about.
        stores: The library.
    """
    from mien.music.library.seeds import unlisted_tracks

    return [*tracks, *unlisted_tracks(needed, {track.id for track in tracks}, stores.library)]
