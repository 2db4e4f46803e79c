"""What every player promises, tried on each one that is installed."""

from __future__ import annotations

import re
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from mien.errors import PlaylistError
from mien.music.location import LocalFile
from mien.music.players.player import ENTRY_POINT_GROUP, PlayState, find_player, player_names
from mien.music.playlists.playlist import PlaylistEntry
from mien.music.servers.mpd import MpdClient
from tests.waiting import wait_until

NAMES = sorted(entry.name for entry in entry_points(group=ENTRY_POINT_GROUP))


def mpd_player(request):
    server = request.getfixturevalue("mpd_server_of_long_songs")
    return find_player("mpd")(server.address, folder=server.music), server.music, MpdClient(server.address)


MAKERS = {"mpd": mpd_player}
"""How to open each player, with a folder of songs that it can play, and another client that controls it."""

MISSING = PlaylistEntry(LocalFile(Path("/nowhere/at/all.mp3")), "Nothing", "Nobody")


@pytest.fixture(params=NAMES)
def opened(request):
    player, music, control = MAKERS[request.param](request)
    songs = [path for path in sorted(music.rglob("*")) if path.suffix in {".mp3", ".flac", ".m4a"}]
    yield player, [PlaylistEntry(LocalFile(path)) for path in songs], control
    control.ask("stop")


def wait_for(player, state, index):
    """What plays, once it is this; a player may take a moment."""

    def reached():
        now = player.now()
        return now if (now.state, now.index) == (state, index) else None

    return wait_until(reached, lambda: f"the player is {player.now()}, not {state} at {index}")


def test_built_in_players_are_installed():
    assert {"mpd"} <= set(NAMES)
    assert player_names() == NAMES


def test_a_queue_plays_pauses_goes_on_and_stops(opened):
    player, songs, control = opened
    assert re.fullmatch(r"[a-z]+", player.name)
    assert player.play(songs) == []
    wait_for(player, PlayState.PLAYING, 0)
    control.ask("next")
    wait_for(player, PlayState.PLAYING, 1)
    control.ask("pause", 1)
    held = wait_for(player, PlayState.PAUSED, 1)
    assert held.title
    assert 0 <= held.position_s <= held.duration_s
    control.ask("pause", 0)
    assert wait_for(player, PlayState.PLAYING, 1).position_s >= 0
    control.ask("stop")
    assert player.now().state is PlayState.STOPPED


def test_what_it_lacks_is_said_and_the_rest_plays(opened):
    player, songs, _ = opened
    assert player.play([MISSING, *songs]) == [MISSING]
    wait_for(player, PlayState.PLAYING, 0)


def test_nothing_to_play_leaves_what_was_queued(opened):
    player, songs, control = opened
    player.play(songs)
    control.ask("pause", 1)
    for queue in ([MISSING], []):
        with pytest.raises(PlaylistError):
            player.play(queue)
    wait_for(player, PlayState.PAUSED, 0)


def test_skipping_past_the_last_stops(opened):
    player, songs, control = opened
    player.play(songs[:1])
    control.ask("next")
    wait_for(player, PlayState.STOPPED, None)


def test_unknown_player_is_a_sentence():
    with pytest.raises(PlaylistError, match="no player called “gramophone”"):
        find_player("gramophone")
