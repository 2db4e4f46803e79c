"""Moods written into tags: everything else stays, byte by byte, or the file stays as it was."""

from __future__ import annotations

import errno
import os
import shutil
import struct
import subprocess
import sys

import av
import numpy as np
import pytest

from mien.errors import AudioError
from mien.music.tagging import write
from mien.music.tagging.fields import fields_of
from mien.music.tagging.read import embedded_cover, read_tags
from mien.music.tagging.write import clear_unfinished, write_fields
from mien.storage.private_file import replace_file
from mien.types import AudioFeatures, MoodOrigin

PNG = b"\x89PNG\r\n\x1a\n" + b"a picture" * 50


def heard(valence=0.5, arousal=-0.5, origin=MoodOrigin.PERSON):
    return AudioFeatures(
        tempo_bpm=90.0,
        loudness_lufs=-14.0,
        valence=valence,
        arousal=arousal,
        arousal_confidence=0.8,
        analyser_version=1,
        origin=origin,
    )


FIELDS = fields_of(heard())


def frame(name, body, version=3):
    size = struct.pack(">I", len(body)) if version == 3 else synchsafe(len(body))
    return name + size + b"\x80\x00" + body


def synchsafe(size):
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


def id3(version, *frames, padding=0, flags=0):
    body = b"".join(frames) + bytes(padding)
    return b"ID3" + bytes((version, 0, flags)) + synchsafe(len(body)) + body


@pytest.fixture(scope="module")
def bare(sounds, tmp_path_factory):
    """The packets of an MP3, without any tag."""
    path = sounds.write(tmp_path_factory.mktemp("bare") / "bare.mp3", sounds.tone(seconds=1))
    with av.open(str(path)) as container:
        return b"".join(bytes(packet) for packet in container.demux() if packet.size)


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def packets(path):
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("padding", [0, 2000])
def test_an_mp3_keeps_every_frame_and_its_sound(tmp_path, bare, version, padding):
    kept = [
        frame(b"TIT2", b"\x01" + "Кино".encode("utf-16"), version),
        frame(b"APIC", b"\x00image/png\x00\x03\x00" + PNG, version),
        frame(b"APIC", b"\x00image/png\x00\x04back\x00" + PNG, version),
        frame(b"POPM", b"ada\x00\xff\x00\x00\x00\x07", version),
        frame(b"PRIV", b"owner\x00\x00\x01\x02", version),
        frame(b"CHAP", b"one\x00" + bytes(16), version),
        frame(b"TXXX", b"\x03REPLAYGAIN_TRACK_GAIN\x00-3 dB", version),
    ]
    path = tmp_path / "song.mp3"
    path.write_bytes(id3(version, *kept, padding=padding) + bare)
    path.chmod(0o640)
    before = read_tags(path)
    assert write_fields(path, FIELDS)
    data = path.read_bytes()
    assert all(one in data for one in kept)
    assert data.endswith(bare)
    assert packets(path) == packets_of(bare, tmp_path)
    after = read_tags(path)
    assert after.mood == (0.5, -0.5)
    assert (after.title, after.artist, after.has_picture) == (before.title, before.artist, True)
    assert embedded_cover(path).data == PNG
    assert path.stat().st_mode & 0o777 == 0o640
    assert not write_fields(path, FIELDS)  # it has them already
    assert path.read_bytes() == data
    assert write_fields(path, fields_of(heard(valence=-0.25)))
    assert read_tags(path).mood == (-0.25, -0.5)
    assert path.read_bytes().count(b"MIEN_VALENCE") == 1
    assert names_in(tmp_path) == ["bare.mp3", "song.mp3"]


def packets_of(data, folder):
    path = folder / "bare.mp3"
    path.write_bytes(data)
    return packets(path)


def test_an_mp3_without_a_tag_gets_one(tmp_path, bare):
    path = tmp_path / "song.mp3"
    path.write_bytes(bare)
    assert write_fields(path, FIELDS)
    assert path.read_bytes().endswith(bare)
    assert read_tags(path).mood == (0.5, -0.5)
    with av.open(str(path)) as container:
        assert container.metadata["MIEN_VALENCE"] == "+0.500"
        assert container.metadata["MOOD"] == FIELDS["MOOD"]


def test_a_flac_keeps_blocks_comments_and_its_sound(sounds, tmp_path):
    path = sounds.write(tmp_path / "song.flac", sounds.tone(seconds=2), title="Björk", artist="Ann")
    data = path.read_bytes()
    info, rest = data[4:42], data[42:]
    picture = struct.pack(">I", 3) + struct.pack(">I", 9) + b"image/png" + bytes(20) + struct.pack(">I", len(PNG)) + PNG
    other = b"\x02" + (8).to_bytes(3, "big") + b"appl\x00\x01\x02\x03"
    path.write_bytes(b"fLaC" + info + other + b"\x06" + len(picture).to_bytes(3, "big") + picture + rest)
    whole, sound = path.read_bytes(), packets(path)
    assert write_fields(path, FIELDS)
    after = path.read_bytes()
    assert other in after
    assert picture in after
    assert packets(path) == sound
    assert after[-1000:] == whole[-1000:]
    found = read_tags(path)
    assert (found.title, found.artist, found.mood, found.has_picture) == ("Björk", "Ann", (0.5, -0.5), True)
    assert not write_fields(path, FIELDS)
    assert write_fields(path, fields_of(heard(arousal=0.75, origin=MoodOrigin.ESTIMATE)))
    assert read_tags(path).mood is None  # an estimate is nobody's word
    assert len(path.read_bytes()) == len(after)  # the padding took it up


def test_a_mood_of_another_program_is_kept(sounds, tmp_path, bare):
    path = tmp_path / "song.mp3"
    path.write_bytes(id3(4, frame(b"TMOO", b"\x03wistful", 4)) + bare)
    assert write_fields(path, FIELDS)
    data = path.read_bytes()
    assert b"wistful" in data
    assert data.count(b"MOOD\0") == 0
    assert write_fields(path, fields_of(heard(arousal=0.5)))
    assert b"wistful" in path.read_bytes()


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("m4a", lambda bare: b"\0\0\0\x20ftypM4A " + bare),
        ("mp3", lambda bare: id3(3, frame(b"TIT2", b"\0x"), flags=0x80) + bare),
        ("mp3", lambda bare: id3(2) + bare),
        ("mp3", lambda bare: id3(3, frame(b"TIT2", b"\0x"), b"\x01\x02") + bare),
        ("mp3", lambda bare: id3(4, b"APIC" + struct.pack(">I", 200) + b"\0\0" + bytes(200)) + bare),
        ("mp3", lambda bare: b"ID3\x03\x00\x00\x00\x00\x7f\x7fTIT2"),
        ("mp3", lambda bare: b"RIFF" + bare),
        ("mp3", lambda _bare: b""),
        ("flac", lambda _bare: b"fLaC\x80\x00\x00\x22" + bytes(10)),
        ("flac", lambda _bare: b"fLaC\x00\x00\x00\x22" + bytes(34) + b"\x84\x00\x00\x08" + b"\xff" * 8),
        ("flac", lambda bare: id3(3) + b"fLaC" + bare),
        ("flac", lambda _bare: b""),
    ],
)
def test_damaged_or_unusual_files_stay_unchanged(tmp_path, bare, name, make):
    path = tmp_path / f"song.{name}"
    path.write_bytes(make(bare))
    data = path.read_bytes()
    with pytest.raises(AudioError, match="it was left as it is"):
        write_fields(path, FIELDS)
    assert path.read_bytes() == data
    assert names_in(tmp_path) == [path.name]


def test_any_file_is_written_completely_or_not_at_all(tmp_path, bare):
    """Tags with a byte or two changed anywhere: refused, or every other byte is kept."""
    tag = id3(3, frame(b"TIT2", b"\0Song"), frame(b"TXXX", b"\x01MOOD"), frame(b"PRIV", b"x\0y"), padding=30)
    path = tmp_path / "song.mp3"
    rng = np.random.default_rng(0)
    for _ in range(60):
        data = bytearray(tag + bare)
        for at in rng.integers(0, len(tag), 2):
            data[at] = rng.integers(0, 256)
        path.write_bytes(data)
        try:
            write_fields(path, FIELDS)
        except AudioError:
            assert path.read_bytes() == data
        else:
            assert path.read_bytes().endswith(bare)
    assert names_in(tmp_path) == [path.name]


def test_a_full_disk_leaves_the_file_unchanged(tmp_path, bare, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(write.shutil, "copyfileobj", full)
    assert_refused_and_unchanged(tmp_path, bare, problem="No space left on device")


def test_a_file_that_changes_meanwhile_keeps_the_change(tmp_path, bare, monkeypatch):
    copy = shutil.copyfileobj

    def while_it_grows(source, target, length):
        copy(source, target, length)
        with (tmp_path / "song.mp3").open("ab") as file:
            file.write(b"more")

    monkeypatch.setattr(write.shutil, "copyfileobj", while_it_grows)
    problem = r"changed while it was written|could not be copied completely"
    assert_refused_and_unchanged(tmp_path, bare, problem=problem, after=bare + b"more")


def test_a_protected_file_stays_unchanged(tmp_path, bare, monkeypatch):
    monkeypatch.setattr(write.os, "access", lambda *_: False)  # root, who may run the tests, can write any file
    assert_refused_and_unchanged(tmp_path, bare, problem="protected")


def test_a_file_with_several_names_stays_unchanged(tmp_path, bare):
    (tmp_path / "song.mp3").write_bytes(bare)
    os.link(tmp_path / "song.mp3", tmp_path / "other.mp3")
    with pytest.raises(AudioError, match="several names"):
        write_fields(tmp_path / "song.mp3", FIELDS)
    assert names_in(tmp_path) == ["other.mp3", "song.mp3"]


def assert_refused_and_unchanged(folder, data, *, problem, after=None):
    path = folder / "song.mp3"
    path.write_bytes(data)
    with pytest.raises(AudioError, match=problem):
        write_fields(path, FIELDS)
    assert path.read_bytes() == (data if after is None else after)
    assert names_in(folder) == ["song.mp3"]


def test_a_playlist_that_is_being_written_in_a_folder_of_music_stays(tmp_path, monkeypatch):
    """``clear_unfinished`` runs when the playlist's new file is whole and is about to take its place."""
    sync = os.fsync
    cleared = []

    def clear_and_sync(handle):
        cleared.append(clear_unfinished(tmp_path))
        sync(handle)

    monkeypatch.setattr(os, "fsync", clear_and_sync)
    replace_file(tmp_path / "list.m3u8", b"song.mp3")
    assert cleared == [0]
    assert (tmp_path / "list.m3u8").read_bytes() == b"song.mp3"


def test_copies_of_a_killed_run_are_deleted_and_those_of_a_running_one_are_not(bare, tmp_path):
    (tmp_path / ".tags-abandoned.mien").write_bytes(b"half")
    (tmp_path / ".other").write_bytes(b"somebody's")
    code = (
        "import sys, time, pathlib, shutil\n"
        "from mien.music.tagging import write\n"
        "write.shutil.copyfileobj = lambda *_: (print('copying', flush=True), time.sleep(600))\n"
        f"write.write_fields(pathlib.Path({str(tmp_path / 'song.mp3')!r}), {FIELDS!r})\n"
    )
    (tmp_path / "song.mp3").write_bytes(bare)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "copying\n"
        assert clear_unfinished(tmp_path) == 1
        process.kill()
    assert clear_unfinished(tmp_path) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == [".other", "song.mp3"]
