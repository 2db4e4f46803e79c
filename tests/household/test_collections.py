"""The collection of twenty years of players, and the phone's pictures."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray


def synchsafe(size: int) -> bytes:
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


def tagged(path: Path, tag: bytes) -> None:
    path.write_bytes(tag + path.read_bytes())


def test_the_collection_of_twenty_years(household, album, mien, tmp_path):
    music = album("1.mp3", "2.mp3", "3.mp3", "lp/side.flac")
    # A ripper of 2003: the whole tag unsynchronised, text in UTF-16, the genre as a number.
    texts = ((b"TIT2", "Ÿ Moments"), (b"TPE1", "Noël feat. Ben"))
    frames = [(name, b"\x01" + text.encode("utf-16")) for name, text in texts]
    body = b"".join(name + struct.pack(">I", len(data)) + b"\0\0" + data for name, data in frames)
    body += b"TCON" + struct.pack(">I", 6) + b"\0\0" + b"\0(155)"
    body = body.replace(b"\xff", b"\xff\0")
    tagged(music / "1.mp3", b"ID3\x03\0\x80" + synchsafe(len(body)) + body)
    # iTunes of 2005: sizes of version 2.3 in a tag of version 2.4.
    long = "é" * 200
    frames = [(b"COMM", b"\0eng\0" + long.encode("latin-1")), (b"TIT2", b"\0Second"), (b"TPE1", b"\0NO\xcbL")]
    frames.append((b"TCON", b"\0Funk; Soul"))
    body = b"".join(name + struct.pack(">I", len(data)) + b"\0\0" + data for name, data in frames) + bytes(64)
    tagged(music / "2.mp3", b"ID3\x04\0\0" + synchsafe(len(body)) + body)
    # A player that wrote APEv2 only.
    items = b"".join(
        struct.pack("<II", len(value), 0) + name + b"\0" + value
        for name, value in ((b"Title", b"Third"), (b"Artist", b"Cem\0Dee"), (b"Genre", b"Ska"))
    )
    ends = [
        b"APETAGEX" + struct.pack("<IIII", 2000, len(items) + 32, 3, flag) + bytes(8) for flag in (5 << 29, 1 << 31)
    ]
    (music / "3.mp3").write_bytes((music / "3.mp3").read_bytes() + ends[0] + items + ends[1])
    (music / "lp" / "side.cue").write_text(
        'PERFORMER "Eve"\nTITLE "LP"\nFILE "side.wav" WAVE\n  TRACK 01 AUDIO\n    TITLE "A1"\n    INDEX 01 00:00:00\n'
        '  TRACK 02 AUDIO\n    TITLE "A2"\n    INDEX 01 00:00:37\n'
    )
    (music / "bought.m4p").write_bytes(b"locked")
    added = mien("library", "add", music)
    assert "bought.m4p" in added.output
    assert "Apple's copy protection (DRM)" in added.output
    tracks = {track.title: track for track in household.library.tracks()}
    assert {title: track.artist for title, track in tracks.items()} == {
        "Ÿ Moments": "Noël feat. Ben",
        "Second": "NOËL",
        "Third": "Cem; Dee",
        "A1": "Eve",
        "A2": "Eve",
    }
    assert tracks["Ÿ Moments"].genres == ("Downtempo",)
    assert household.unheard() == []
    for genre, title in (("funk", "Second"), ("SOUL", "Second"), ("ska", "Third"), ("downtempo", "Ÿ Moments")):
        found = mien("recommend", "--valence", "0", "--arousal", "0", "--genre", genre, "--json")
        assert json.loads(found.stdout.splitlines()[0])["title"] == title
    household.speak("A2")
    before = household.words()
    mien("library", "add", music)
    assert household.words() == before


def test_the_phones_pictures(mien, smiling_person: NDArray[np.uint8], tmp_path: Path):
    pillow_heif = pytest.importorskip("pillow_heif", reason="pillow-heif, which makes HEIC, is not installed")
    phone = tmp_path / "DCIM"
    phone.mkdir()
    person = PIL.Image.fromarray(smiling_person)
    pillow_heif.from_pillow(person).save(phone / "IMG_1.HEIC", quality=90)
    person.save(phone / "IMG_2.JPG", quality=90)
    whole = (phone / "IMG_2.JPG").read_bytes()
    (phone / "IMG_2.JPG").write_bytes(whole[: len(whole) * 9 // 10])
    result = mien("faces", "--json", phone)
    assert result.exit_code == 0
    read = [json.loads(line) for line in result.stdout.splitlines()]
    assert [[face["expression"] for face in one["faces"]] for one in read] == [["happy"], ["happy"]]
    assert "IMG_2.JPG is cut off; it was read as far as it goes" in result.stderr
