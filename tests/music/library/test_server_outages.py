"""Servers that do not answer are left out of choices until they do."""

from __future__ import annotations

import logging

import pytest

from mien.errors import SourceError
from mien.music.library.library import Library
from mien.music.library.server_outages import FIRST_WAIT_S, LONGEST_WAIT_S, ServerOutages
from mien.music.sources.subsonic import SubsonicSource

DOWN = SourceError("does not answer", "start it", subject="home")


class FakeServer:
    """A server that answers or not, and counts how often it was asked."""

    def __init__(self) -> None:
        self.answers = False
        self.asked = 0

    def sign_in(self) -> None:
        self.asked += 1
        if not self.answers:
            raise DOWN


def test_it_is_asked_ever_more_rarely_and_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    outages, server = ServerOutages(), FakeServer()
    with caplog.at_level(logging.WARNING):
        for second in range(5):
            outages.failed("home", DOWN, at_s=second)
        day_s = 24 * 3600
        for second in range(0, day_s, 5):
            outages.retry({"home": server}, at_s=second)
    assert outages.names() == {"home"}
    assert day_s / LONGEST_WAIT_S / 2 < server.asked < day_s / LONGEST_WAIT_S + 10
    assert len(caplog.records) == 1
    server.answers = True
    outages.retry({"home": server}, at_s=2 * day_s)
    assert outages.names() == frozenset()


def test_it_is_not_asked_before_its_time_and_forgotten_when_removed() -> None:
    outages, server = ServerOutages(), FakeServer()
    outages.failed("home", DOWN, at_s=0)
    outages.retry({"home": server}, at_s=FIRST_WAIT_S - 1)
    assert server.asked == 0
    outages.retry({}, at_s=FIRST_WAIT_S)
    assert outages.names() == frozenset()


def test_tracks_of_a_real_server_are_left_out_while_it_is_away(tmp_path, subsonic_server) -> None:
    account = {"user": subsonic_server.user, "password": subsonic_server.password, "name": "home"}
    there = SubsonicSource(subsonic_server.address, **account)
    gone = SubsonicSource("http://127.0.0.1:1", **account, timeout_s=1)
    path = tmp_path / "library.sqlite3"
    with Library.open(path, starter=False) as library:
        library.add_server(there)
    with Library.open(path, starter=False, servers=[gone]) as library:
        assert len(library.choosable(starter_until=0)) == 3
        with pytest.raises(SourceError):
            library.open_audio(library.tracks()[0].id)
        assert library.choosable(starter_until=0) == []
        assert len(library.tracks()) == 3
        library.retry_servers(at_s=float("inf"))
        assert library.choosable(starter_until=0) == []
