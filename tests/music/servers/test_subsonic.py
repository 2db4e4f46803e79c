"""Signing in to a real Subsonic server, and to servers that misbehave."""

import json
import tracemalloc
from pathlib import Path, PurePosixPath
from urllib.parse import parse_qs, urlsplit

import pytest

from mien.errors import AudioError, SourceError
from mien.music.location import LocalFile, ServerFile
from mien.music.playlists.playlist import Playlist, PlaylistEntry
from mien.music.servers.subsonic import SubsonicClient, SubsonicRefusedError, text_of
from mien.music.sources.source import SourceItem
from mien.music.sources.subsonic import SubsonicSource
from tests.servers import PASSWORD, http
from tests.waiting import HANG_S


def connect(server, *, password=PASSWORD):
    return SubsonicClient(server.address, user="ada", password=password, timeout_s=HANG_S)


def says(**payload):
    """A server's answer in JSON."""
    return http(json.dumps({"subsonic-response": {"status": "ok", "version": "1.16.1"} | payload}))


def fails(code, message="No."):
    return says(status="failed", error={"code": code, "message": message})


def method_of(line):
    return urlsplit(line.split()[1]).path.rpartition("/")[2].removesuffix(".view")


def query_of(line):
    return {name: values[0] for name, values in parse_qs(urlsplit(line.split()[1]).query).items()}


def test_real_server_without_tokens_accepts_the_password(subsonic_server):
    about = connect(subsonic_server, password=subsonic_server.password).about()
    assert (about.sign_in, about.api, about.extensions) == ("password", "1.12.0", ())


def test_a_real_server_refuses_a_wrong_password(subsonic_server):
    wrong = "wrong-secret"
    with pytest.raises(SubsonicRefusedError, match="sign in to it again") as error:
        connect(subsonic_server, password=wrong).about()
    assert error.value.code == 40
    assert wrong not in str(error.value)


def test_a_real_server_lists_its_songs(subsonic_server):
    songs = list(connect(subsonic_server, password=subsonic_server.password).songs())
    assert sorted(song["title"] for song in songs) == ["Apple", "Song", "Ночь"]


def test_real_server_under_a_path_is_used(subsonic_server):
    address = f"{subsonic_server.address}/shared/music/"
    source = SubsonicSource(address, user=subsonic_server.user, password=subsonic_server.password)
    assert "signed in by password" in source.sign_in().product
    items = [item for item in source.items() if isinstance(item, SourceItem)]
    assert len(items) == 3
    with source.open(items[0]) as file:
        assert file.read(10)


def test_a_song_that_a_real_server_lost_is_an_audio_error(subsonic_server):
    source = SubsonicSource(subsonic_server.address, user=subsonic_server.user, password=subsonic_server.password)
    item = next(item for item in source.items() if isinstance(item, SourceItem) and source.read(item).title == "Song")
    file = subsonic_server.music / "Ann" / "01 Song.mp3"
    away = file.rename(file.with_suffix(".away"))
    try:
        with pytest.raises(AudioError):
            source.open(item)
    finally:
        away.rename(file)
    gone = SourceItem("00000000-0000-0000-0000-000000000000", ServerFile("subsonic", PurePosixPath("gone.mp3")), 1, 1)
    for ask in (source.read, source.open):
        with pytest.raises(AudioError, match="refused the request"):
            ask(gone)


def strict(line, headers):
    """A server that reads OpenSubsonic's rules to the letter, and knows one API key, "k-123"."""
    method, query = method_of(line), query_of(line)
    ways = ["apiKey"] * ("apiKey" in query) + ["u"] * bool(query.keys() & {"u", "p", "t", "s"})
    if query.get("f") != "json" or not query.get("c") or not query.get("v"):
        return fails(10, "Required parameter is missing.")
    if method == "getOpenSubsonicExtensions":
        return says(openSubsonicExtensions=[{"name": "apiKeyAuthentication", "versions": [1]}])
    if len(ways) != 1:
        return fails(43 if ways else 10, "Multiple conflicting authentication mechanisms provided.")
    if ways == ["u"]:
        return fails(42, "Provided authentication mechanism not supported.")
    if query["apiKey"] != "k-123":
        return fails(44, f"Invalid API key {query['apiKey']}.")
    answers = {
        "ping": {"type": "strict", "serverVersion": "1.0", "openSubsonic": True},
        "tokenInfo": {"tokenInfo": {"username": "ada"}},
        "getPlaylists": {
            "playlists": {
                "playlist": [
                    {"id": "1", "name": "Mood", "owner": "ben"},
                    {"id": "2", "name": "Mood", "owner": "ada"},
                ]
            }
        },
        "search3": {"searchResult3": {"song": [{"id": "s1", "title": "Song", "artist": "Ann"}]}},
        "createPlaylist": {},
    }
    return says(**answers[method]) if method in answers else fails(0, "Not implemented.")


def test_api_key_signs_in_without_user_name(odd_server):
    server = odd_server(strict)
    source = SubsonicSource(server.address, api_key="k-123")
    info = source.sign_in()
    assert info.product == "strict 1.0 (Subsonic 1.16.1, signed in by API key)"
    assert info.extensions == ("apiKeyAuthentication",)
    assert source.store_playlist(Playlist("Mood", (PlaylistEntry(LocalFile(Path("/a.mp3")), "Song", "Ann"),))) == []
    made = next(query_of(line) for line in server.asked if method_of(line) == "createPlaylist")
    assert made["playlistId"] == "2"


def test_refused_api_key_is_not_in_the_error(odd_server, subsonic_server):
    with pytest.raises(SubsonicRefusedError, match="refused the API key; sign in") as wrong:
        SubsonicClient(odd_server(strict).address, api_key="k-124").about()
    with pytest.raises(SubsonicRefusedError, match="takes no API keys; sign in with a name") as none:
        SubsonicClient(subsonic_server.address, api_key="k-123").about()
    with pytest.raises(SubsonicRefusedError, match="sign in with an API key") as named:
        SubsonicClient(odd_server(strict).address, user="ada", password="k-125").about()  # noqa: S106
    for error in (wrong, none, named):
        assert error.value.is_about_account
        assert "k-12" not in str(error.value)


@pytest.mark.parametrize("said", [PASSWORD, PASSWORD.encode().hex()])
def test_a_server_that_repeats_a_secret_is_not_quoted(odd_server, said):
    with pytest.raises(SubsonicRefusedError, match="refused the request: Wrong … for you") as error:
        connect(odd_server(lambda line, headers: fails(0, f"Wrong {said} for you"))).about()
    assert said not in str(error.value)


def test_error_in_a_successful_answer_is_refused(odd_server):
    answer = says(error={"code": 70, "message": "Song not found"})
    with pytest.raises(SubsonicRefusedError, match="Song not found"):
        connect(odd_server(lambda line, headers: answer)).ask("getSong", id="1")


def test_token_is_sent_if_accepted(odd_server):
    server = odd_server(
        lambda line, headers: (
            says(type="navidrome", serverVersion="0.62.0", openSubsonic=True)
            if method_of(line) == "ping"
            else says(openSubsonicExtensions=[{"name": "sonicSimilarity", "versions": [1]}, {"name": 7}, "odd"])
        )
    )
    about = connect(server).about()
    assert (about.product, about.version, about.sign_in) == ("navidrome", "0.62.0", "token")
    assert about.extensions == ("7", "sonicSimilarity")
    salts = [query_of(line)["s"] for line in server.asked]
    assert len(set(salts)) == len(salts)
    assert all("p" not in query_of(line) and PASSWORD not in line for line in server.asked)


@pytest.mark.parametrize("code", [10, 30, 41, 42])
def test_the_password_is_sent_only_where_tokens_are_refused_and_then_at_once(odd_server, code):
    server = odd_server(lambda line, headers: says() if "p" in query_of(line) else fails(code))
    client = connect(server)
    assert client.about().sign_in == "password"
    client.ask("ping")
    assert ["t" in query_of(line) for line in server.asked] == [True, False, False]
    assert bytes.fromhex(query_of(server.asked[1])["p"].removeprefix("enc:")).decode() == PASSWORD


@pytest.mark.parametrize("code", [10, 30, 41, 42])
def test_a_server_that_knew_tokens_never_gets_the_password(odd_server, code):
    changed = []
    server = odd_server(lambda line, headers: fails(code) if changed and "t" in query_of(line) else says())
    client = connect(server)
    client.ask("ping")
    changed.append(True)
    for _ in range(2):
        with pytest.raises(SubsonicRefusedError):
            client.ask("ping")
    again = SubsonicSource(server.address, user="ada", password=PASSWORD, sign_in="token")
    for ask in (again.sign_in, lambda: list(again.items())):
        with pytest.raises(SubsonicRefusedError):
            ask()
    assert not [line for line in server.asked if "p" in query_of(line) or PASSWORD.encode().hex() in line]


def test_long_fields_of_songs_are_not_held_in_memory(odd_server):
    long = "x" * 60_000
    song = {"path": "a.mp3", "title": "Song", "artist": long, "album": long, "lyrics": long, "odd": [long]}
    song["artists"] = song["genres"] = [{"name": "Ann", "biography": long}, {"name": "Ben"}]
    songs = [{**song, "id": str(number), "path": f"{number}.mp3"} for number in range(20)]
    server = odd_server(lambda line, headers: says(searchResult3={"song": songs} if "Offset=0" in line else {}))
    source = SubsonicSource(server.address, user="ada", password=PASSWORD)
    tracemalloc.start()
    items = list(source.items())
    held_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    read = source.read(items[0])
    assert len(read.artist) < 1100
    assert read.genres == ("Ann", "Ben")
    assert held_bytes < 1_000_000  # of 8 MB


def test_a_wrong_password_is_not_sent_a_second_time(odd_server):
    server = odd_server(lambda line, headers: fails(40))
    with pytest.raises(SubsonicRefusedError, match="refused the name or the password"):
        connect(server).about()
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        ('<?xml version="1.0"?><subsonic-response status="ok"/>', "text/xml", "answers in XML"),
        ("<!doctype html><title>Router</title>", "text/html", "a web page"),
        ("", "application/json", "does not answer as a Subsonic server"),
        ("null", "application/json", "does not answer as a Subsonic server"),
        ('{"subsonic-response": []}', "application/json", "does not answer as a Subsonic server"),
        ('{"subsonic-response": {"sta', "application/json", "does not answer as a Subsonic server"),
        ("[" * 100_000, "application/json", "does not answer as a Subsonic server"),
        (
            '{"subsonic-response": {"status": "failed", "error": "x"}}',
            "application/json",
            "and gave no reason; look for",
        ),
        (
            json.dumps(
                {"subsonic-response": {"status": "failed", "error": {"code": 0, "message": "a\x1b[31m\nb" * 99}}}
            ),
            "application/json",
            "refused the request: a",
        ),
    ],
)
def test_invalid_answers_raise_an_error(odd_server, body, kind, words):
    with pytest.raises(SourceError, match=words) as error:
        connect(odd_server(lambda line, headers: http(body, kind=kind))).about()
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 300


def test_a_server_that_repeats_itself_without_end_is_listed_once(odd_server):
    server = odd_server(lambda line, headers: says(searchResult3={"song": [{"id": "1"}, {"id": "2"}]}))
    assert [song["id"] for song in connect(server).songs()] == ["1", "2"]
    assert len(server.asked) == 2


def test_empty_search_falls_back_to_album_listing(odd_server):
    def answer(line, headers):
        query = query_of(line)
        if method_of(line) == "search3":
            return fails(10, "Required parameter is missing.")
        if method_of(line) == "getAlbumList2":
            return says(albumList2={"album": [{"id": "a"}, {"id": "b"}] if query["offset"] == "0" else []})
        return says(album={"song": {"id": f"{query['id']}1"}})

    assert [song["id"] for song in connect(odd_server(answer)).songs()] == ["a1", "b1"]


def test_failure_while_listing_raises_an_error(odd_server):
    pages = iter([says(searchResult3={"song": [{"id": "1"}]}), fails(0, "disk on fire")])
    with pytest.raises(SourceError, match="disk on fire"):
        list(connect(odd_server(lambda line, headers: next(pages))).songs())


def test_an_account_that_may_not_download_listens(odd_server):
    server = odd_server(
        lambda line, headers: fails(50) if method_of(line) == "download" else http(b"sound", kind="audio/mpeg")
    )
    stream = connect(server).sound("1")
    assert stream.read(100) == b"sound"
    stream.close()
    assert [method_of(line) for line in server.asked] == ["download", "stream"]


def test_missing_song_raises_an_audio_error(odd_server):
    with pytest.raises(SourceError, match="Song not found"):
        connect(odd_server(lambda line, headers: fails(70, "Song not found"))).sound("1")


def test_text_is_cleaned_of_control_characters():
    assert text_of("a\ud800\x00\n b") == "a?   b"
    assert [text_of(value) for value in (None, True, 7, {}, ["x"])] == ["", "", "7", "", ""]
