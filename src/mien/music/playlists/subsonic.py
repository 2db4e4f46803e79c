"""Keeps playlists on a Subsonic server, which finds their songs by what they are called."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from mien.errors import PlaylistError
from mien.music.location import ServerFile
from mien.music.playlists.playlist import Playlist, PlaylistEntry
from mien.music.servers.subsonic import SubsonicClient, objects_in, text_of
from mien.music.sources.subsonic import SubsonicSource, id_in

_AT_ONCE = 50  # songs in one question, which travels in an address


def keep_on_subsonic(
    source: SubsonicSource, playlist: Playlist, *, report: Callable[[int], None] = lambda _done: None
) -> list[PlaylistEntry]:
    """Keep a playlist on a server, in place of one of the account's own of that name; returns the entries it lacks.

    A song is the entry's own where that lies on this server, or else one of the same title and artist; ``report`` is
    told how many were looked for. Raises ``PlaylistError`` where the server has none of them, ``SourceError`` where it
    cannot be asked.
    """
    found: list[tuple[PlaylistEntry, str]] = []
    for entry in playlist.entries:
        report(len(found))
        found.append((entry, _song_id(source, entry)))
    ids = [song_id for _, song_id in found if song_id]
    if not ids:
        raise PlaylistError(f"{source.server.name} has none of these pieces; see that it knows the same music.")
    known = _own_playlist(source.server, playlist.name)
    aim = {"playlistId": known} if known else {"name": playlist.name}
    parts = _parts(ids)
    made = objects_in({"": source.server.ask("createPlaylist", **aim, songId=next(parts))}, "", "playlist")
    made_id = text_of(made[0].get("id")) if made else known or _own_playlist(source.server, playlist.name)
    for part in parts:
        source.server.ask("updatePlaylist", playlistId=made_id, songIdToAdd=part)
    return [entry for entry, song_id in found if not song_id]


def _song_id(source: SubsonicSource, entry: PlaylistEntry) -> str:
    """The server's id of a song, "" where it has none."""
    if isinstance(entry.location, ServerFile) and entry.track_id.startswith(f"{source.name}:"):
        return id_in(entry.track_id.partition(":")[2])
    if not entry.title:
        return ""
    said = source.server.ask("search3", query=entry.title, artistCount=0, albumCount=0, songCount=100)
    for song in objects_in(said, "searchResult3", "song"):
        same_artist = not entry.artist or _folded(song.get("artist")) == _folded(entry.artist)
        if same_artist and _folded(song.get("title")) == _folded(entry.title):
            return text_of(song.get("id"))
    return ""


def _own_playlist(server: SubsonicClient, name: str) -> str:
    mine = {server.owner(), ""}
    for kept in objects_in(server.ask("getPlaylists"), "playlists", "playlist"):
        if text_of(kept.get("name")) == name and text_of(kept.get("owner")) in mine:
            return text_of(kept.get("id"))
    return ""


def _folded(value: object) -> str:
    return " ".join(text_of(value).casefold().split())


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[first : first + _AT_ONCE] for first in range(0, len(ids), _AT_ONCE))
