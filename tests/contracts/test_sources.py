"""What every source of music promises, tried on each one that is installed."""

from __future__ import annotations

import io
import re
from importlib.metadata import entry_points
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from mien.errors import AudioError, LibraryError
from mien.music.location import LocalFile, ServerFile
from mien.music.sources.source import ENTRY_POINT_GROUP, BrokenFile, SourceItem, find_source
from mien.types import Cover, Track

NAMES = sorted(entry.name for entry in entry_points(group=ENTRY_POINT_GROUP))


def folder_source(request):
    tmp_path = request.getfixturevalue("tmp_path")
    for name in ("Ann - Song.wav", "deep/er/Other.flac"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, 0.1 * np.sin(np.arange(8000)), 8000)
    (tmp_path / "deep" / "cover.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    if not (tmp_path / "dangling.mp3").is_symlink():
        (tmp_path / "dangling.mp3").symlink_to(tmp_path / "nothing")
    return find_source("folder")(tmp_path)


def subsonic_source(request):
    server = request.getfixturevalue("subsonic_server")
    return find_source("subsonic")(server.address, user=server.user, password=server.password)


def mpd_source(request):
    return find_source("mpd")(str(request.getfixturevalue("mpd_server").socket))


MAKERS = {
    "folder": folder_source,
    "mpd": mpd_source,
    "starter": lambda _: find_source("starter")(),
    "subsonic": subsonic_source,
}
"""How to open each source with something in it: a new source adds its line here, and is tested."""


@pytest.fixture(params=NAMES)
def source(request):
    return MAKERS[request.param](request)


@pytest.fixture
def items(source):
    found = [item for item in source.items() if isinstance(item, SourceItem)]
    assert found, f"the source '{source.name}' has no pieces"
    return found


def test_built_in_sources_are_installed():
    assert {"folder", "mpd", "starter", "subsonic"} <= set(NAMES)


def test_name_is_that_of_the_entry_point(source):
    assert source.name in NAMES
    assert re.fullmatch(r"[a-z]+", source.name)


def test_listing_gives_items_and_broken_files_only(source):
    for found in source.items():
        assert isinstance(found, SourceItem | BrokenFile)
        assert isinstance(found.location, LocalFile | ServerFile)
        if isinstance(found, BrokenFile):
            assert found.problem.strip()
            assert not found.problem.endswith(".")


def test_keys_are_unique_stable_and_safe_in_an_address(source, items):
    keys = [item.key for item in items]
    assert len(keys) == len(set(keys))
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", key) for key in keys)
    assert [item for item in source.items() if isinstance(item, SourceItem)] == items


def test_items_are_local_files_or_files_of_their_server(source, items):
    for item in items:
        match item.location:
            case ServerFile(server, path):
                assert server == source.name
                assert ".." not in path.parts
            case LocalFile(path):
                status = path.stat()
                assert (item.size_bytes, item.changed_ns) == (status.st_size, status.st_mtime_ns)


def test_locations_are_unique(items):
    assert len({item.location for item in items}) == len(items)


def test_every_item_opens_as_a_file_that_decodes(source, items):
    for item in items[:5]:
        with source.open(item) as file:
            whole = file.read()
            assert item.size_bytes in {0, len(whole)}
            for start in (len(whole) // 2, 7, len(whole) - 5):
                file.seek(start)
                assert file.read(100) == whole[start : start + 100]
            assert file.seek(0, io.SEEK_END) == len(whole)
            assert file.read() == b""
            file.seek(0)
            with av.open(file) as container:
                assert next(container.decode(audio=0)).samples > 0


def test_a_piece_can_be_read_without_listing_first(source, items, request):
    fresh = MAKERS[source.name](request)
    assert [fresh.read(item) for item in items] == [source.read(item) for item in items]


def test_every_item_reads_as_a_track(source, items):
    for item in items:
        track = source.read(item)
        assert isinstance(track, Track)
        assert track.id == f"{source.name}:{item.key}"
        assert track.source == source.name
        assert track.title.strip()
        assert track.duration_s >= 0
        assert track.has_cover == (source.cover(item) is not None)
        for text in (track.title, track.artist, track.album, *track.genres, track.credit):
            text.encode("utf-8")


def test_covers_are_pictures_that_a_page_may_show(source, items):
    for item in items:
        cover = source.cover(item)
        if cover is not None:
            assert isinstance(cover, Cover)
            assert cover.data
            assert cover.media_type in {"image/jpeg", "image/png", "image/gif", "image/webp"}


def test_piece_that_is_gone_is_an_audio_error_without_a_cover(source):
    gone = SourceItem("gone", LocalFile(Path("/nowhere/at/all.mp3")), 1, 1)
    with pytest.raises(AudioError):
        source.read(gone)
    assert source.cover(gone) is None
    with pytest.raises(AudioError):
        source.open(gone)


def test_unknown_source_is_a_library_error():
    with pytest.raises(LibraryError, match="no music source called “gramophone”"):
        find_source("gramophone")
