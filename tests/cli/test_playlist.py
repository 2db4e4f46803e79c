"""``mien playlist`` with files and with real servers."""

import json

import pytest

from mien.music.servers.mpd import MpdClient


@pytest.fixture
def party(mien, tmp_path, write_song):
    """A playlist of one heard song, one that was never heard, and an address."""
    write_song(tmp_path / "music" / "Ann - Song.wav")
    write_song(tmp_path / "other" / "Unheard.wav")
    assert mien("library", "add", tmp_path / "music").exit_code == 0
    path = tmp_path / "party.m3u8"
    path.write_text("#EXTM3U\nmusic/Ann - Song.wav\nother/Unheard.wav\nhttp://example.org/a.mp3\n", encoding="utf-8")
    return path


def test_a_playlist_is_shown_with_metadata_from_the_library(mien, party):
    result = mien("playlist", "show", "--json", party)
    song, unheard = map(json.loads, result.stdout.splitlines())
    assert (song["title"], song["artist"], song["duration_s"]) == ("Song", "Ann", 12.0)
    assert -1 <= song["valence"] <= 1
    assert (unheard["id"], unheard["valence"]) == (None, None)
    assert (song["problem"], "not in the library" in unheard["problem"]) == (None, True)
    assert "1 track of 2 cannot be recommended" in result.stderr
    assert "http://example.org/a.mp3 is not a file" in result.stderr


def test_a_playlist_is_stored_listed_shown_chosen_from_and_removed(mien, party):
    imported = mien("playlist", "import", party)
    assert (imported.exit_code, "Song" in imported.stdout) == (0, True)
    assert "Not in the library: Unheard.wav: it is not in the library; add its folder" in imported.stderr
    assert "“party” is stored, with 2 tracks." in imported.stderr
    party.unlink()
    (row,) = map(json.loads, mien("playlist", "list", "--json").stdout.splitlines())
    assert (row["name"], row["pieces"]) == ("party", 2)
    chosen = mien("recommend", "--mood", "happy", "--playlist", "party", "--json", "--save", "evening")
    assert [json.loads(line)["title"] for line in chosen.stdout.splitlines()] == ["Song"]
    assert "Song" in mien("playlist", "show", "evening").stdout
    taken = mien("recommend", "--mood", "happy", "--save", "evening")
    assert (taken.exit_code, "already" in taken.stderr) == (1, True)
    assert mien("playlist", "remove", "evening").exit_code == 0
    gone = mien("recommend", "--mood", "happy", "--playlist", "evening")
    assert (gone.exit_code, "“evening” is not a stored playlist; choose one of party" in gone.stderr) == (1, True)


def test_a_playlist_of_unknown_tracks_lists_some_of_them_and_is_refused(mien, tmp_path):
    (tmp_path / "odd.m3u").write_bytes(b"\xef\xbb\xbfC:\\Music\\song.mp3\r\n" * 30)
    imported = mien("playlist", "import", tmp_path / "odd.m3u")
    assert imported.stderr.count("neither such a file") == 20
    assert "… and 10 more like that." in imported.stderr
    nothing = mien("recommend", "--mood", "happy", "--playlist", "odd")
    assert (nothing.exit_code, "mien playlist show 'odd'" in nothing.stderr) == (1, True)


@pytest.mark.parametrize("suffix", [".m3u8", ".xspf", ".jspf"])
def test_a_playlist_is_exported(mien, party, tmp_path, suffix):
    out = tmp_path / f"out{suffix}"
    assert mien("playlist", "export", party, out).exit_code == 0
    assert "Ann" in out.read_text(encoding="utf-8")


def test_a_recommendation_is_exported_as_a_playlist(mien, command, tmp_path):
    chosen = mien("recommend", "--mood", "happy", "-n", "3", "--m3u").stdout
    (tmp_path / "happy.m3u8").write_text(chosen, encoding="utf-8")
    assert command("playlist", "export", tmp_path / "happy.m3u8", tmp_path / "happy.jspf").returncode == 0
    tracks = json.loads((tmp_path / "happy.jspf").read_text(encoding="utf-8"))["playlist"]["track"]
    assert len(tracks) == 3
    assert all(track["album"] for track in tracks)


@pytest.mark.parametrize(
    "write", [("playlist", "export", "party.m3u8"), ("recommend", "--mood", "happy", "--save", "evening", "--out")]
)
def test_a_list_that_is_there_is_overwritten_only_on_purpose(mien, party, tmp_path, monkeypatch, write):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.xspf").write_text("precious", encoding="utf-8")
    refused = mien(*write, "old.xspf")
    assert refused.exit_code == 1
    assert "old.xspf exists already; choose another name, or overwrite it with --force" in refused.stderr
    assert (tmp_path / "old.xspf").read_text(encoding="utf-8") == "precious"
    assert mien("playlist", "list", "--json").stdout == ""
    assert mien(*write, "old.xspf", "--force").exit_code == 0
    assert "<track>" in (tmp_path / "old.xspf").read_text(encoding="utf-8")


def test_a_playlist_is_sent_to_and_played_on_an_mpd(mien, mpd_server, tmp_path):
    assert mien("source", "add", "mpd", mpd_server.socket, "--name", "hifi").exit_code == 0
    path = tmp_path / "party.m3u8"
    path.write_text(f"{mpd_server.music / 'apple.m4a'}\n/none.mp3\n", encoding="utf-8")
    imported = mien("playlist", "send", path, "--to", "hifi", "--name", "Party")
    assert "“Party” is on “hifi”, with 1 track." in imported.stderr
    assert "Left out: none.mp3" in imported.stderr
    played = mien("playlist", "play", path, "--on", "hifi")
    assert "“hifi” plays 1 track." in played.stderr


def test_a_recommendation_plays_on_an_mpd_that_was_heard(mien, mpd_server, tmp_path):
    mien("source", "add", "mpd", mpd_server.socket, "--name", "hifi")
    mien("source", "hear", "hifi")
    chosen = mien(
        *("recommend", "--mood", "happy", "--json", "--on", "hifi", "--out", tmp_path / "a.xspf"), MIEN_STARTER="false"
    )
    assert chosen.exit_code == 0, chosen.stderr
    assert "Left out" not in chosen.stderr
    assert {json.loads(line)["path"].split("/")[0] for line in chosen.stdout.splitlines()} == {"hifi:"}
    assert MpdClient(mpd_server.address).ask("status").count(("playlistlength", "3")) == 1
    assert (tmp_path / "a.xspf").read_text(encoding="utf-8").count("<track>") == 3
    away = mien("recommend", "--mood", "happy", "--m3u", MIEN_STARTER="false")
    assert away.stderr.count("is on a server") == 3


def test_a_recommendation_for_a_player_is_chosen_among_what_it_has(mien, mpd_server, tmp_path, write_song):
    """Over the network MPD plays none of the other music in the library: as many tracks as were asked for come."""
    write_song(tmp_path / "own" / "Ann - Only here.flac")
    mien("library", "add", tmp_path / "own")
    mien("source", "add", "mpd", mpd_server.address, "--name", "hifi", "--folder", mpd_server.music)
    refused = mien("recommend", "--mood", "happy", "-n", "2", "--on", "hifi")
    assert refused.exit_code == 1
    assert "“hifi” has none of the music that could be chosen from" in refused.stderr
    mien("source", "hear", "hifi")
    for seed in range(3):
        chosen = mien("recommend", "--mood", "happy", "-n", "3", "--json", "--on", "hifi", "--seed", seed)
        assert {json.loads(line)["path"].split("/")[0] for line in chosen.stdout.splitlines()} == {"hifi:"}
        assert "Left out" not in chosen.stderr
        assert MpdClient(mpd_server.address).ask("status").count(("playlistlength", "3")) == 1


def test_moods_are_stored_on_an_mpd(mien, mpd_server):
    mien("source", "add", "mpd", mpd_server.socket, "--name", "hifi")
    assert "added" in mien("source", "hear", "hifi").stderr
    assert "Moods of 3 tracks stored on “hifi”." in mien("source", "moods", "hifi").stderr


def test_unknown_playlists_and_servers_are_refused(mien, tmp_path):
    gone = mien("playlist", "export", tmp_path / "none.m3u8", tmp_path / "a.xspf")
    assert (gone.exit_code, "is not a stored playlist" in gone.stderr) == (1, True)
    nowhere = mien("playlist", "play", tmp_path / "none.m3u8", "--on", "hifi")
    assert (nowhere.exit_code, "no server called “hifi”" in nowhere.stderr) == (1, True)
