"""MPDs that are slow, wrong, gone or malicious, and names that are not valid text: an error for each."""

import itertools
import socket

import pytest

from mien.errors import AudioError, SourceError
from mien.music.servers.mpd import MpdClient, MpdRefusedError
from mien.music.sources.mpd import MpdSource
from mien.music.sources.source import BrokenFile, SourceItem
from tests.waiting import HANG_S

HELLO = b"OK MPD 0.23.5\n"
WORD = "hush-hush"


def mpd(server, *, timeout_s=HANG_S, **options):
    return MpdClient(f"127.0.0.1:{server.port}", timeout_s=timeout_s, **options)


def refusal(server, *, timeout_s=HANG_S):
    with pytest.raises(SourceError) as error:
        mpd(server, timeout_s=timeout_s, password=WORD).ask("lsinfo")
    words = str(error.value)
    assert words.isprintable()
    assert WORD not in words
    return words


def test_silent_server_times_out(odd_server):
    assert "did not answer within 0.3 s" in refusal(odd_server(lambda line, headers: [], greeting=b""), timeout_s=0.3)
    server = odd_server(lambda line, headers: server.wait(), greeting=HELLO)
    assert "did not answer within 0.3 s" in refusal(server, timeout_s=0.3)


def test_unreachable_server_raises_an_error():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(SourceError, match="Nothing answers"):
            MpdClient(f"127.0.0.1:{taken.getsockname()[1]}").ask("ping")
    with pytest.raises(SourceError, match="Nothing answers"):
        MpdClient("/nowhere/mpd.socket").ask("ping")
    with pytest.raises(SourceError, match="no server called"):
        MpdClient("nowhere.invalid").ask("ping")


@pytest.mark.parametrize(
    "answer",
    [
        [b"nonsense\n"],
        [b"\x00\xff\x80\n"],
        [b"size: 5\nbinary: -5\n"],
        [b"binary: 99999999999\n"],
        itertools.repeat(b"x" * 9999),
        itertools.repeat(b"file: a\n" * 1000),
    ],
)
def test_invalid_or_endless_answer_raises_an_error(odd_server, answer):
    words = refusal(odd_server(lambda line, headers: answer, greeting=HELLO), timeout_s=0.3)
    assert "does not answer as MPD does" in words or "did not answer within" in words


def test_server_that_is_not_mpd_raises_an_error(odd_server):
    assert "does not answer as MPD does" in refusal(odd_server(lambda line, headers: [], greeting=b"SSH-2.0-x\n"))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"ACK [3@0] {password} incorrect password\n", "refused the password; sign in to it again"),
        (b'ACK [4@0] {lsinfo} you don\'t have permission for "lsinfo"\n', "wants a password"),
        (b"ACK [5@0] {lsinfo} \x1b[31munknown\n", "refused the request"),
        (b"ACK \n", "refused the request"),
    ],
)
def test_refused_command_raises_an_error(odd_server, line, words):
    assert words in refusal(odd_server(lambda *_: [line], greeting=HELLO))


def test_password_is_sent_first(odd_server):
    server = odd_server(lambda *_: [b"OK\n"], greeting=HELLO)
    odd = 'a "b" \\c'
    mpd(server, password=odd).ask("ping")
    assert server.asked == ['password "a \\"b\\" \\\\c"', "ping"]


@pytest.mark.parametrize("name", ["a\nclearerror", "a\0b"])
def test_a_name_cannot_become_a_command(mpd_server, name):
    with pytest.raises(SourceError, match="line break"):
        MpdClient(mpd_server.address).ask("lsinfo", name)


@pytest.mark.parametrize(
    "address", ["", " ", "/", "a b", "host:0", "host:99999", "host:x", "http://host:1", "ada@host"]
)
def test_invalid_address_raises_an_error(address):
    with pytest.raises(SourceError, match="MPD's address looks like"):
        MpdClient(address)


def test_unsafe_song_names_are_broken_and_text_is_cleaned(odd_server):
    listing = (
        b"file: ../../etc/passwd\nTitle: Out\n"
        b"file: /etc/passwd\n"
        b"file: http://example.org/stream\n"
        b"file: caf\xe9/a.mp3\nTitle: Caf\xe9\nArtist: \x1b[31mRed\nTime: x\nLast-Modified: yesterday\nDate: 19\n"
        b"playlist: b.m3u\nLast-Modified: 2020-01-01T00:00:00Z\n"
        b"directory: loop\n"
        b"OK\n"
    )
    server = odd_server(
        lambda line, headers: [listing if line.startswith("lsinfo") else b"ACK [50@0] {x} none\n"], greeting=HELLO
    )
    source = MpdSource(f"127.0.0.1:{server.port}", timeout_s=HANG_S)
    found = list(source.items())
    items = {item for item in found if isinstance(item, SourceItem)}
    assert len([entry for entry in found if isinstance(entry, BrokenFile)]) == 6
    (item,) = items
    track = source.read(item)
    assert (track.title, track.artist, track.duration_s, track.year) == ("Caf?", "[31mRed", 0.0, None)
    assert source.uri(item).encode("utf-8", "surrogateescape") == b"caf\xe9/a.mp3"


def test_a_song_is_not_opened_outside_the_folder_or_without_one(mpd_server, tmp_path):
    source = MpdSource(mpd_server.address)
    item = next(item for item in source.items() if isinstance(item, SourceItem))
    with pytest.raises(AudioError, match="say where its music folder is"):
        source.open(item)
    (tmp_path / "secret").write_bytes(b"secret")
    folder = tmp_path / "music"
    (folder / source.uri(item)).parent.mkdir(parents=True, exist_ok=True)
    (folder / source.uri(item)).symlink_to(tmp_path / "secret")
    with pytest.raises(AudioError, match="is outside"):
        MpdSource(mpd_server.address, folder=folder).open(item)


def test_a_refusal_does_not_end_the_connection(mpd_server):
    with MpdClient(mpd_server.address).connection() as connection:
        with pytest.raises(MpdRefusedError):
            connection.ask("lsinfo", "nowhere")
        assert connection.ask("ping") == []


def test_the_music_folder_is_known_over_a_local_socket_only(mpd_server):
    assert MpdClient(str(mpd_server.socket)).music_folder() == mpd_server.music
    assert MpdClient(mpd_server.address).music_folder() is None
