"""Playlists in files: what is written is read again, in any language; malformed files are refused."""

import json
import os
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mien.errors import PlaylistError
from mien.music.location import LocalFile, ServerFile
from mien.music.playlists.files import encode, read_playlist, write_playlist
from mien.music.playlists.m3u import MAX_BYTES, MAX_ENTRIES, read_m3u, write_m3u
from mien.music.playlists.playlist import Playlist, PlaylistEntry
from mien.music.playlists.xspf import read_jspf, read_xspf
from mien.music.text import clean_text

HERE = Path("/music")
TEXTS = st.text(st.characters(exclude_categories=["C"]), max_size=30).map(
    lambda text: " ".join(clean_text(text).split())
)
NAMES = st.text(st.characters(exclude_categories=["C"], exclude_characters="/\\#\u2028\u2029"), min_size=1, max_size=30)


def read(*lines, folder=HERE):
    return read_m3u("\n".join(lines).encode("utf-8", "surrogateescape"), name="list", folder=folder)


@example([("0", "ºÀ", "ºÀ", 1)])  # four letters together look like Cyrillic in a wrong encoding, two do not
@given(st.lists(st.tuples(NAMES, TEXTS, TEXTS, st.integers(1, 9999)), min_size=1, max_size=5))
def test_m3u8_round_trip(pieces):
    entries = tuple(
        PlaylistEntry(
            LocalFile(HERE / f"{name.strip()}x.mp3"),
            title.replace(" - ", " "),
            artist.replace(" - ", " "),
            duration_s=seconds,
        )
        for name, title, artist, seconds in pieces
    )
    data, left_out = write_m3u(Playlist("list", entries))
    assert left_out == []
    again, odd = read_m3u(data, name="list", folder=Path("/elsewhere"))
    assert odd == []
    assert [entry.location for entry in again.entries] == [entry.location for entry in entries]
    assert [entry.duration_s for entry in again.entries] == [entry.duration_s for entry in entries]
    for new, old in zip(again.entries, entries, strict=True):
        if old.title and old.artist:
            assert (new.artist, new.title) == (old.artist, old.title)


def test_paths_are_relative_to_the_playlist_and_never_opened():
    found, odd = read(
        "\ufeff#EXTM3U",
        "#EXTINF:61,Ann - Song",
        "a/b.mp3",
        "../../etc/passwd",
        "/etc/passwd",
        "sub\\win.mp3",
        "file:///music/two%20words.mp3",
        "http://example.org/stream?p=secret",
        "caf\udce9.mp3",
        "",
        "#EXTINF:nonsense",
        "c.mp3",
    )
    assert [str(entry.location) for entry in found.entries] == [
        "/music/a/b.mp3",
        "/music/../../etc/passwd",
        "/etc/passwd",
        "/music/sub/win.mp3",
        "/music/two words.mp3",
        "/music/caf\udce9.mp3",
        "/music/c.mp3",
    ]
    assert odd == ["http://example.org/stream?p=secret"]
    assert found.entries[0] == PlaylistEntry(LocalFile(HERE / "a/b.mp3"), "Song", "Ann", "", 61.0)
    assert found.entries[-1].duration_s == 0


@pytest.mark.parametrize(
    "data",
    [
        *(b"MZ\0\0", b'<?xml version="1.0"?><playlist/>', b'{"playlist": {}}'),
        *(b"[playlist]\nFile1=a.mp3", b"\xef\xbb\xbf <ASX version='3'>"),
    ],
)
def test_invalid_playlist_raises_an_error(data):
    with pytest.raises(PlaylistError, match="save it as M3U8"):
        read_m3u(data, name="list", folder=HERE)


def test_size_of_a_playlist_is_limited():
    lines = b"#EXTINF:1,Ann - Song\nmusic/song.mp3\n" * MAX_ENTRIES
    assert len(read_m3u(lines, name="list", folder=HERE)[0].entries) == MAX_ENTRIES
    with pytest.raises(PlaylistError, match="more than 100000 pieces; split it"):
        read_m3u(lines + b"one more.mp3\n", name="list", folder=HERE)
    found, odd = read_m3u(b"a" * MAX_BYTES, name="list", folder=HERE)
    assert (found.entries, odd) == ((), ["a" * 200])
    with pytest.raises(PlaylistError, match="larger than 50 MB"):
        read_m3u(b"a" * (MAX_BYTES + 1), name="list", folder=HERE)


def test_encoded_file_names_are_resolved(tmp_path):
    for name in ("a b.mp3", "sub/café.mp3", "100%.mp3", "back\\slash.mp3"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    lines = [
        b"a%20b.mp3",
        b"sub\\caf\xe9.mp3",
        b"sub/caf%C3%A9.mp3",
        b"100%.mp3",
        b"back\\slash.mp3",
        b"file:a%20b.mp3",
    ]
    found, odd = read_m3u(b"\r\n".join(lines), name="list", folder=tmp_path)
    names = ["a b.mp3", "sub/café.mp3", "sub/café.mp3", "100%.mp3", "back\\slash.mp3", "a b.mp3"]
    assert [entry.location for entry in found.entries] == [LocalFile(tmp_path / name) for name in names]
    assert odd == []


def test_invalid_paths_are_left_out():
    found, odd = read_m3u(b"file://[::1/a\nfile:///a%00b\n" + b"x" * 40_000, name="list", folder=HERE)
    assert found.entries == ()
    assert [len(line) for line in odd] == [13, 13, 200]


def test_directives_before_a_path_describe_its_entry():
    found, _ = read("#EXTINF: 61.5 tvg-id=x,Song", "#EXTART: Ann", "#EXTALB: First", "a.mp3", "#EXTINF:-1,", "b.mp3")
    assert found.entries[0] == PlaylistEntry(LocalFile(HERE / "a.mp3"), "Song", "Ann", "First", 61.5)
    assert found.entries[1] == PlaylistEntry(LocalFile(HERE / "b.mp3"))


def test_tags_in_another_encoding_are_read():
    found, _ = read_m3u("#EXTINF:1,Björk - Jóga\na.mp3".encode("cp1252"), name="list", folder=HERE)
    assert (found.entries[0].artist, found.entries[0].title) == ("Björk", "Jóga")


ODD = Playlist(
    "Mood <&> \x00 list",
    (
        PlaylistEntry(LocalFile(HERE / "Ночь & день #1?.mp3"), "Ночь <&> \x1b[31m", "Группа", "Два", 61.4),
        PlaylistEntry(LocalFile(HERE / os.fsdecode(b"caf\xe9.mp3")), "", "", "", 0.0),
        PlaylistEntry(ServerFile.parse("home", "Ann/Song.mp3"), "Song", "Ann"),
    ),
)


def paths_of(locations):
    return [os.fsdecode(unquote(urlsplit(one).path, errors="surrogateescape")) for one in locations]


def test_xspf_is_xml_that_names_files_and_no_server(tmp_path):
    assert write_playlist(tmp_path / "a.xspf", ODD) == []
    root = ET.parse(tmp_path / "a.xspf").getroot()  # noqa: S314 - it was written just now
    space = {"x": "http://xspf.org/ns/0/"}
    tracks = root.findall("x:trackList/x:track", space)
    assert paths_of(one.text for one in root.iterfind(".//x:location", space)) == [
        str(entry.location) for entry in ODD.entries[:2]
    ]
    assert tracks[0].findtext("x:title", namespaces=space) == "Ночь <&>  [31m"
    assert tracks[0].findtext("x:duration", namespaces=space) == "61400"
    assert [child.tag.rpartition("}")[2] for child in tracks[2]] == ["title", "creator"]


def test_jspf_has_the_content_of_xspf(tmp_path):
    assert write_playlist(tmp_path / "a.jspf", ODD) == []
    tracks = json.loads((tmp_path / "a.jspf").read_text(encoding="utf-8"))["playlist"]["track"]
    assert paths_of(tracks[0]["location"] + tracks[1]["location"]) == [str(entry.location) for entry in ODD.entries[:2]]
    assert tracks[2] == {"title": "Song", "creator": "Ann"}


def test_m3u8_leaves_out_entries_without_a_file():
    broken = PlaylistEntry(LocalFile(HERE / "a\nb.mp3"), "Broken")
    data, left_out = write_m3u(Playlist("list", (*ODD.entries, broken)))
    assert left_out == [ODD.entries[2], broken]
    assert "caf\xe9.mp3".encode("latin-1") in data
    assert b"\x1b" not in data
    with pytest.raises(PlaylistError, match="No entry"):
        encode(".m3u8", Playlist("list", (broken,)))


def test_unreadable_and_unwritable_files_raise_an_error(tmp_path):
    with pytest.raises(PlaylistError, match="is not the suffix of a playlist; choose one of"):
        write_playlist(tmp_path / "a.pls", ODD)
    with pytest.raises(PlaylistError, match="cannot be written"):
        write_playlist(tmp_path / "none" / "a.xspf", ODD)
    with pytest.raises(PlaylistError, match="cannot be read"):
        read_playlist(tmp_path / "none.m3u8")


@pytest.mark.parametrize("name", ["code.ts", "party.pls", "party"])
def test_files_of_other_formats_are_not_read(tmp_path, name):
    (tmp_path / name).write_text("const answer = 42;\n")
    with pytest.raises(PlaylistError, match=r"that can be read; choose a file .* \.xspf or \.jspf\.$"):
        read_playlist(tmp_path / name)


@pytest.mark.parametrize("suffix", [".xspf", ".jspf"])
@given(pieces=st.lists(st.tuples(NAMES, TEXTS, TEXTS, TEXTS, st.integers(1, 9999)), min_size=1, max_size=4))
def test_xspf_and_jspf_are_read_as_they_were_written(suffix, pieces):
    entries = tuple(
        PlaylistEntry(LocalFile(HERE / f"{name.strip()}%41x.mp3"), title, artist, album, float(seconds))
        for name, title, artist, album, seconds in pieces
    )
    data, _ = encode(suffix, Playlist("list", entries))
    reader = read_xspf if suffix == ".xspf" else read_jspf
    assert reader(data, name="list", folder=Path("/elsewhere")) == (Playlist("list", entries), [])


def test_xspf_of_other_programs(tmp_path):
    body = """<?xml version="1.0"?><playlist version="0"><title>x</title><trackList>
      <track><location>a%20b/c.mp3</location><title>Rel</title><duration>61500</duration></track>
      <track><location>http://radio/x</location></track>
      <track><title>Nowhere</title><creator>Ann</creator></track>
      <track><location>file:///m/%C3%A9.mp3</location></track></trackList></playlist>"""
    (tmp_path / "a b").mkdir()
    (tmp_path / "a b" / "c.mp3").touch()
    for encoding in ("utf-8", "utf-16"):
        (tmp_path / "list.xspf").write_bytes(body.replace("1.0", f'1.0" encoding="{encoding}', 1).encode(encoding))
        found, odd = read_playlist(tmp_path / "list.xspf")
        assert odd == ["http://radio/x"]
        assert [str(entry.location) for entry in found.entries] == [str(tmp_path / "a b" / "c.mp3"), ".", "/m/é.mp3"]
        assert found.entries[0].duration_s == 61.5
        assert found.entries[1].words == "Ann - Nowhere"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_m3u_in_utf_16(encoding):
    text = "#EXTM3U\r\n#EXTINF:61,Ann - Süß\r\nmusik/süß.mp3\r\n"
    found, odd = read_m3u(text.encode(encoding), name="list", folder=HERE)
    assert odd == []
    assert found.entries == (PlaylistEntry(LocalFile(HERE / "musik/süß.mp3"), "Süß", "Ann", duration_s=61.0),)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.xspf", b""),
        ("a.xspf", b"<html/>"),
        ("a.xspf", b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><playlist>&b;</playlist>'),
        ("a.xspf", b"const x = 1"),
        ("a.jspf", b"[]"),
        ("a.jspf", b"{"),
        ("a.jspf", b'{"playlist": {"track": 5}}'),
        ("a.jspf", b"[" * 100_000),
    ],
)
def test_what_is_no_xspf_or_jspf_is_refused(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(PlaylistError, match="is not a playlist that mien can read"):
        read_playlist(tmp_path / name)
