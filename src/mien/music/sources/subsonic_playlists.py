"""Stores playlists on a Subsonic server, which finds songs of other sources by artist and title."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mien.errors import PlaylistError
from mien.music.location import ServerFile
from mien.music.names import artist_forms, comparison_form
from mien.music.playlists.playlist import Playlist, PlaylistEntry, ProgressReport
from mien.music.servers.subsonic import SubsonicClient, objects_in, text_of
from mien.music.sources.subsonic_keys import id_in

_SONGS_PER_REQUEST = 50  # the ids are sent in the URL


def store_playlist(
    client: SubsonicClient, playlist: Playlist, *, source_name: str, report: ProgressReport
) -> list[PlaylistEntry]:
    """Store a playlist on a server, in place of one of the account's own with that name.

    Args:
        client: The server.
        playlist: Entries on this server are taken as they are; others are looked up by title and artist.
        source_name: The name of the server's source, which marks its own entries.
        report: Called with the number of entries looked up so far.

    Returns:
        The entries that the server does not have.

    Raises:
        PlaylistError: The server has none of the entries.
        SourceError: The server is out of reach or refuses.
    """
    found: list[tuple[PlaylistEntry, str]] = []
    for entry in playlist.entries:
        report(len(found))
        found.append((entry, _song_id(client, source_name, entry)))
    ids = [song_id for _, song_id in found if song_id]
    if not ids:
        raise PlaylistError("has none of these pieces", "check that it has the same music", subject=client.name)
    existing = _own_playlist(client, playlist.name)
    target = {"playlistId": existing} if existing else {"name": playlist.name}
    batches = _batches(ids)
    created = objects_in({"": client.ask("createPlaylist", **target, songId=next(batches))}, "", "playlist")
    created_id = text_of(created[0].get("id")) if created else existing or _own_playlist(client, playlist.name)
    for batch in batches:
        client.ask("updatePlaylist", playlistId=created_id, songIdToAdd=batch)
    return [entry for entry, song_id in found if not song_id]


def _song_id(client: SubsonicClient, source_name: str, entry: PlaylistEntry) -> str:
    """The server's id of an entry; empty if it has no such song."""
    if isinstance(entry.location, ServerFile) and entry.track_id.startswith(f"{source_name}:"):
        return id_in(entry.track_id.partition(":")[2])
    if not entry.title:
        return ""
    answer = client.ask("search3", query=entry.title, artistCount=0, albumCount=0, songCount=100)
    for song in objects_in(answer, "searchResult3", "song"):
        same_artist = not entry.artist or artist_forms(text_of(song.get("artist"))) & artist_forms(entry.artist)
        if same_artist and comparison_form(text_of(song.get("title"))) == comparison_form(entry.title):
            return text_of(song.get("id"))
    return ""


def _own_playlist(client: SubsonicClient, name: str) -> str:
    """The id of the account's own playlist with this name; empty if there is none."""
    own = {client.owner(), ""}
    for playlist in objects_in(client.ask("getPlaylists"), "playlists", "playlist"):
        if text_of(playlist.get("name")) == name and text_of(playlist.get("owner")) in own:
            return text_of(playlist.get("id"))
    return ""


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[first : first + _SONGS_PER_REQUEST] for first in range(0, len(ids), _SONGS_PER_REQUEST))
