"""Music on real servers: analysed without storing audio, and played from there."""

import io
import threading

import av
import pytest

from mien.errors import SourceError, TrackNotFoundError
from mien.music.library.catalogue import AwayFolder
from mien.music.library.library import AWAY_LIST_S, Library
from mien.music.location import ServerFile
from mien.music.sources.mpd import MpdSource
from mien.music.sources.subsonic import SubsonicSource
from tests.waiting import HANG_S


@pytest.fixture(params=["subsonic", "mpd"])
def server(request):
    started = request.getfixturevalue(f"{request.param}_server")
    if request.param == "mpd":
        return MpdSource(str(started.socket), name="home")
    return SubsonicSource(started.address, user=started.user, password=started.password, name="home")


@pytest.fixture
def library(tmp_path):
    with Library.open(tmp_path / "library.sqlite3", starter=False) as library:
        yield library


def test_a_server_is_analysed_once_and_plays(library, server):
    report = library.add_server(server)
    assert (report.added, report.broken) == (3, ())
    tracks = {track.title: track for track in library.tracks()}
    assert set(tracks) == {"Apple", "Song", "Ночь"}
    assert all(track.source == "home" and track.features is not None for track in tracks.values())
    again = library.add_server(server)
    assert (again.added, again.changed, again.unchanged, again.removed) == (0, 0, 3, 0)

    song = tracks["Song"]
    assert song.has_cover
    assert library.cover(song.id).media_type == "image/jpeg"
    assert isinstance(library.location(song.id), ServerFile)
    file, suffix = library.open_audio(song.id)
    with file:
        assert suffix == ".mp3"
        with av.open(io.BytesIO(file.read())) as container:
            assert container.streams.audio[0].codec_context.name.startswith("mp3")
    with pytest.raises(TrackNotFoundError, match="on a server"):
        library.audio_path(song.id)

    assert library.remove_server("home") == 3
    assert library.tracks() == []
    assert library.remove_server("home") == 0


def test_a_servers_tracks_stay_while_it_is_unreachable(library, server, odd_server):
    library.add_server(server)
    gone = SubsonicSource("http://127.0.0.1:1", user="ada", password="", name="home", timeout_s=1)
    with pytest.raises(SourceError, match="Nothing answers"):
        library.add_server(gone)
    assert len(library.tracks()) == 3
    with pytest.raises(SourceError, match="Nothing answers"):
        library.open_audio(library.tracks()[0].id)
    library.remove_server("elsewhere")
    assert len(library.tracks()) == 3


def test_a_track_of_a_removed_server_is_an_error(library, server, tmp_path):
    library.add_server(server)
    with Library.open(tmp_path / "library.sqlite3", starter=False) as fresh:
        (track, *_) = fresh.tracks()
        assert fresh.cover(track.id) is None
        with pytest.raises(TrackNotFoundError, match=r"home:.* is on a server that was removed"):
            fresh.open_audio(track.id)


def test_a_server_that_disappears_during_a_scan_loses_nothing(library, server):
    opened = []

    class Going(type(server)):
        """The server, which stops answering after the first song was opened."""

        def open(self, item, *, max_bytes=None):
            opened.append(item)
            if len(opened) > 1:
                raise SourceError("Nothing answers at home; start the server, or correct the address.")
            return super().open(item, max_bytes=max_bytes)

    going = object.__new__(Going)
    going.__dict__ = server.__dict__
    with pytest.raises(SourceError, match="Nothing answers"):
        library.add_server(going)
    assert sum(track.features is not None for track in library.tracks()) == 1
    report = library.add_server(server)
    assert (report.unchanged, report.broken) == (1, ())
    assert all(track.features is not None for track in library.tracks())


def test_songs_that_cannot_be_decoded_are_listed_and_stop_nothing(library, server):
    class Odd(type(server)):
        """The server, whose songs are random bytes."""

        def open(self, item, *, max_bytes=None):
            return io.BytesIO(b"nonsense" * 1000)

    odd = object.__new__(Odd)
    odd.__dict__ = server.__dict__
    report = library.add_server(odd)
    assert (report.added, len(report.broken)) == (0, 3)
    assert all("cannot be decoded" in broken.problem for broken in report.broken)


def test_files_are_fetched_and_analysed_side_by_side(library, subsonic_server):
    both = threading.Barrier(2)

    class WaitingSource(SubsonicSource):
        """A server whose first two files come only once both are asked for."""

        opened = 0

        def open(self, item, **options):
            self.opened += 1
            if self.opened <= 2:
                both.wait(timeout=HANG_S)
            return super().open(item, **options)

    account = {"user": subsonic_server.user, "password": subsonic_server.password}
    assert library.add_server(WaitingSource(subsonic_server.address, name="home", **account)).added == 3


def test_a_server_that_lists_no_songs_is_away_until_it_does_again(library, server, monkeypatch):
    library.add_server(server)
    before = library.tracks()
    with monkeypatch.context() as disk_missing:
        disk_missing.setattr(type(server), "items", lambda self: iter(()))
        for _ in range(2):
            report = library.add_server(server)
            assert (report.removed, report.away) == (0, (AwayFolder(ServerFile("home"), 3),))
        assert (library.tracks(), library.available()) == (before, [])
        assert [root.track_count for root in library.roots()] == [3]
        library.retry_servers(at_s=0.0)
        assert library.available() == []
    library.retry_servers(at_s=AWAY_LIST_S / 2)
    assert library.available() == []
    library.retry_servers(at_s=AWAY_LIST_S)
    assert (len(library.available()), library.away()) == (3, [])
    report = library.add_server(server)
    assert (report.unchanged, report.returned, report.away) == (3, 0, ())
