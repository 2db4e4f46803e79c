"""Tags, names and pictures of real files."""

from __future__ import annotations

import struct

import av
import numpy as np
import pytest

from mien.music.tagging.cover import cover_beside
from mien.music.tagging.read import FileTags, embedded_cover, read_tags

JPEG = b"\xff\xd8\xff\xe0" + b"a picture"
PNG = b"\x89PNG\r\n\x1a\n" + b"a picture"


def id3(*frames):
    """An ID3v2.3 tag."""
    body = b"".join(name + struct.pack(">I", len(data)) + b"\0\0" + data for name, data in frames)
    size = len(body)
    return b"ID3\x03\x00\x00" + bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0)) + body


@pytest.fixture(scope="module")
def bare_mp3(sounds, tmp_path_factory):
    """An MP3 without any tag."""
    path = sounds.write(tmp_path_factory.mktemp("bare") / "bare.mp3", sounds.tone(seconds=1))
    with av.open(str(path)) as container:
        return b"".join(bytes(packet) for packet in container.demux() if packet.size)


@pytest.mark.parametrize("suffix", ["mp3", "ogg", "opus", "flac", "m4a"])
def test_tags_of_every_format(sounds, tmp_path, suffix):
    path = sounds.write(
        tmp_path / f"x.{suffix}",
        sounds.tone(seconds=1),
        title="Ünïcode",
        artist="Ann",
        album="Album",
        date="1999-03-01",
    )
    found = read_tags(path)
    assert (found.title, found.artist, found.album, found.year) == ("Ünïcode", "Ann", "Album", 1999)


@pytest.mark.parametrize(
    ("name", "artist", "title"),
    [
        ("Ann - Song", "Ann", "Song"),
        ("01 Ann - Song", "Ann", "Song"),
        ("01. Ann – Song (live)", "Ann", "Song (live)"),
        ("07 - Song", "", "Song"),
        ("07_Song_of_Songs", "", "Song of Songs"),
        ("Song", "", "Song"),
        ("1999", "", "1999"),
        ("99 Luftballons", "", "Luftballons"),
        ("A-Punk", "", "A-Punk"),
        ("Ann - ", "", "Ann -"),
        ("Ann - Song - Remix", "Ann", "Song - Remix"),
        ("- - -", "", "- - -"),
        ("...", "", "..."),
    ],
)
def test_title_and_artist_come_from_the_name_where_tags_lack(tmp_path, bare_mp3, name, artist, title):
    path = tmp_path / f"{name}.mp3"
    path.write_bytes(bare_mp3)
    assert read_tags(path) == FileTags(title, artist, "", (), None)


def test_artist_of_the_name_is_not_mixed_with_the_title_of_the_tag(tmp_path, bare_mp3):
    path = tmp_path / "Wrong - Name.mp3"
    path.write_bytes(id3((b"TIT2", b"\x00Right")) + bare_mp3)
    assert read_tags(path) == FileTags("Right", "", "", (), None)


@pytest.mark.parametrize(
    ("encoded", "title"),
    [
        (b"\x00" + "Björk".encode("latin-1"), "Björk"),
        (b"\x00" + "Björk".encode(), "Björk"),
        (b"\x00" + "Кино".encode(), "Кино"),
        (b"\x01" + "Кино".encode("utf-16"), "Кино"),
        (b"\x03" + "日本".encode(), "日本"),
        (b"\x00Zero\x00\x00", "Zero"),
        (b"\x00  two\r\nlines\x07 ", "two  lines"),
        (b"\x01\xff\xfe\x00\xd8", "name"),
        (b"\x03" + "Björk".encode("latin-1"), "Bj\ufffdrk"),
        (b"\x01" + "Кино".encode("utf-16-le"), "Кино"),
        (b"\x02" + "Kino 2".encode("utf-16-le"), "Kino 2"),
        (b"\x00" + "Кино".encode("cp1251"), "Кино"),
        (b"\x00" + "Été à Üxküll".encode("latin-1"), "Été à Üxküll"),
        (b"\x03" + "匀漀 Song".encode(), "匀漀 Song"),
        (b"\x03\x00\x00", "name"),
        (b"\x03one\x00two", "one"),
        (b"\x00\x1b[31mred\x9b0m\x85", "[31mred 0m"),
        (b"\x03\xe2\x80\xaeevil", "evil"),
        (b"\x09odd", "odd"),
        (b"\x00" + b"x" * 1_000_000, "x" * 1000),
    ],
)
def test_text_encodings_and_mislabelled_ones(tmp_path, bare_mp3, encoded, title):
    path = tmp_path / "name.mp3"
    path.write_bytes(id3((b"TIT2", encoded)) + bare_mp3)
    found = read_tags(path).title
    found.encode("utf-8")
    assert found == title or (title == "name" and found)


def test_cyrillic_of_windows_at_the_end_of_the_file(tmp_path, bare_mp3):
    """As programs of the nineties wrote it: ID3v1, which knows no encoding."""
    title, artist = "Группа крови".encode("cp1251"), "Кино".encode("cp1251")
    path = tmp_path / "name.mp3"
    path.write_bytes(bare_mp3 + b"TAG" + title.ljust(30, b"\0") + artist.ljust(30, b"\0") + bytes(65))
    found = read_tags(path)
    assert (found.title, found.artist) == ("Группа крови", "Кино")


@pytest.mark.parametrize(
    ("written", "year"), [("2001", 2001), ("12.03.1987", 1987), ("n/a", None), ("0", None), ("20011", None)]
)
def test_year(tmp_path, bare_mp3, written, year):
    path = tmp_path / "x.mp3"
    path.write_bytes(id3((b"TYER", b"\x00" + written.encode())) + bare_mp3)
    assert read_tags(path).year == year


def test_damaged_tags_count_as_missing(tmp_path):
    path = tmp_path / "Ann - Song.mp3"
    path.write_bytes(b"ID3\x03\x00\x00\x7f\x7f\x7f\x7f" + np.random.default_rng(0).bytes(500))
    assert read_tags(path).title
    path.write_bytes(b"not a sound file")
    assert read_tags(path) == FileTags("Song", "Ann", "", (), None)


def test_picture_in_the_file(tmp_path, bare_mp3):
    path = tmp_path / "x.mp3"
    path.write_bytes(id3((b"APIC", b"\x00image/jpeg\x00\x03\x00" + JPEG)) + bare_mp3)
    assert embedded_cover(path).data == JPEG
    assert embedded_cover(path).media_type == "image/jpeg"


def test_the_type_of_a_picture_comes_from_its_bytes(tmp_path, bare_mp3):
    path = tmp_path / "x.mp3"
    path.write_bytes(id3((b"APIC", b"\x00image/jpeg\x00\x03\x00" + PNG)) + bare_mp3)
    assert embedded_cover(path).media_type == "image/png"
    path.write_bytes(id3((b"APIC", b"\x00image/jpeg\x00\x03\x00<svg onload='alert(1)'/>")) + bare_mp3)
    assert embedded_cover(path) is None


def test_pictures_beside_the_file_in_their_order(tmp_path):
    song = tmp_path / "x.mp3"
    assert cover_beside(song) is None
    (tmp_path / "photo.jpg").write_bytes(JPEG)
    (tmp_path / "cover.txt").write_bytes(JPEG)
    (tmp_path / "cover.jpg").mkdir()
    assert cover_beside(song) is None
    (tmp_path / "FOLDER.PNG").write_bytes(PNG)
    assert cover_beside(song).media_type == "image/png"
    (tmp_path / "cover.jpeg").write_bytes(JPEG)
    assert cover_beside(song).media_type == "image/jpeg"


def test_missing_file_has_no_picture(tmp_path):
    assert embedded_cover(tmp_path / "gone" / "x.mp3") is None
    assert cover_beside(tmp_path / "gone" / "x.mp3") is None
    with pytest.raises(OSError, match="No such file"):
        read_tags(tmp_path / "gone.mp3")
