"""Tags as old programs wrote them: every byte is made here."""

from __future__ import annotations

import struct
import zlib

import av
import pytest

from mien.music.tagging.id3_genres import ID3_GENRES, genres_of_text
from mien.music.tagging.id3_read import MAX_TAG_BYTES, read_id3v2
from mien.music.tagging.read import embedded_cover, read_tags
from tests.servers import write_sound

FRAME = bytes.fromhex("fffb9064") + bytes(413)
SOUND = FRAME * 40
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\xff\x00\xff\xe1" * 40 + b"\xff\xd9"
TITLE, ARTIST = "Ÿÿ Übung", "Ann ÿàé"


def synchsafe(size):
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


def unsynchronised(data):
    made = bytearray()
    for at, byte in enumerate(data):
        made.append(byte)
        after = data[at + 1] if at + 1 < len(data) else 0
        if byte == 0xFF and (after >= 0xE0 or after == 0):
            made.append(0)
    return bytes(made)


def tag(version, body, flags=0):
    return b"ID3" + bytes((version, 0, flags)) + synchsafe(len(body)) + body


def wide(text):
    return b"\x01" + text.encode("utf-16")


def frame_3(name, content, flags=0):
    return name + struct.pack(">I", len(content)) + bytes((0, flags)) + content


def frame_4(name, content, flags=0, *, plain=False):
    size = struct.pack(">I", len(content)) if plain else synchsafe(len(content))
    return name + size + bytes((0, flags)) + content


TEXTS = [(b"TIT2", wide(TITLE)), (b"TPE1", wide(ARTIST)), (b"TCON", b"\x00(155)")]
PICTURE = (b"APIC", b"\x00image/jpeg\x00\x03\x00" + JPEG)


def whole_tag_unsynchronised():
    return tag(3, unsynchronised(b"".join(frame_3(*one) for one in (*TEXTS, PICTURE))), 0x80)


def frames_unsynchronised():
    def frame(name, content):
        return frame_4(name, struct.pack(">I", 0)[:0] + synchsafe(len(content)) + unsynchronised(content), 0x03)

    return tag(4, b"".join(frame(*one) for one in (*TEXTS, PICTURE)), 0x80)


def frames_unsynchronised_by_the_header_alone():
    return tag(4, b"".join(frame_4(name, unsynchronised(data)) for name, data in (*TEXTS, PICTURE)), 0x80)


def plain_sizes_of_itunes():
    long = (b"COMM", b"\x00eng\x00" + b"x" * 300)
    return tag(4, b"".join(frame_4(*one, plain=True) for one in (long, *TEXTS, PICTURE)) + bytes(200))


def plain_sizes_without_padding():
    return tag(4, b"".join(frame_4(*one, plain=True) for one in (PICTURE, *TEXTS)))


def version_2():
    def frame(name, content):
        return name + len(content).to_bytes(3, "big") + content

    texts = [(b"TT2", TEXTS[0][1]), (b"TP1", TEXTS[1][1]), (b"TCO", b"\x00(155)")]
    return tag(2, b"".join(frame(*one) for one in (*texts, (b"PIC", b"\x00JPG\x03\x00" + JPEG))))


def compressed():
    def frame(name, content):
        return frame_3(name, struct.pack(">I", len(content)) + zlib.compress(content), 0x80)

    return tag(3, b"".join(frame(*one) for one in (*TEXTS, PICTURE)))


def extended_header():
    return tag(3, struct.pack(">IHI", 6, 0, 0) + b"".join(frame_3(*one) for one in (*TEXTS, PICTURE)), 0x40)


@pytest.mark.parametrize(
    "make",
    [
        whole_tag_unsynchronised,
        frames_unsynchronised,
        frames_unsynchronised_by_the_header_alone,
        plain_sizes_of_itunes,
        plain_sizes_without_padding,
        version_2,
        compressed,
        extended_header,
    ],
)
def test_every_form_of_id3v2_reads_as_written(tmp_path, make):
    path = tmp_path / "Wrong - Name.mp3"
    path.write_bytes(make() + SOUND)
    found = read_tags(path)
    assert (found.title, found.artist, found.genres) == (TITLE, ARTIST, ("Downtempo",))
    assert found.has_picture
    assert embedded_cover(path).data == JPEG


def test_a_sound_like_byte_in_plain_text_stays(tmp_path):
    """ÿ and a zero in a tag that was not unsynchronised."""
    path = tmp_path / "x.mp3"
    path.write_bytes(tag(4, frame_4(b"TIT2", b"\x00\xff")) + SOUND)
    assert read_tags(path).title == "ÿ"


@pytest.mark.parametrize(
    ("number", "name"),
    [(0, "Blues"), (79, "Hard Rock"), (138, "Black Metal"), (139, "Crossover"), (146, "JPop"), (147, "Synthpop")],
)
def test_genre_numbers_are_those_of_winamp(tmp_path, number, name):
    path = tmp_path / "x.mp3"
    v1 = b"TAG" + b"Song".ljust(30, b"\0") + bytes(94) + bytes([number])
    path.write_bytes(SOUND + v1)
    assert read_tags(path).genres == (name,)
    path.write_bytes(tag(3, frame_3(b"TCON", b"\x00(%d)" % number)) + SOUND)
    assert read_tags(path).genres == (name,)


def test_the_list_of_genres_ends_at_191():
    assert len(ID3_GENRES) == 192
    assert ID3_GENRES[191] == "Psybient"
    assert [list(genres_of_text(text)) for text in ("(51)(39)", "(4)Eurodisco", "((Odd)", "RX", "(255)", "80s")] == [
        ["Techno-Industrial", "Noise"],
        ["Disco", "Eurodisco"],
        ["(Odd)"],
        ["Remix"],
        [],
        ["80s"],
    ]


def apev2(**items):
    body = b"".join(
        struct.pack("<II", len(value), 0) + name.encode() + b"\0" + value
        for name, value in ((name, value.encode()) for name, value in items.items())
    )
    ends = [
        b"APETAGEX" + struct.pack("<IIII", 2000, len(body) + 32, len(items), flags) + bytes(8)
        for flags in (0xA0000000, 0x80000000)
    ]
    return ends[0] + body + ends[1]


@pytest.mark.parametrize("suffix", ["mp3", "wv", "ape", "mpc"])
@pytest.mark.parametrize("end", [b"", b"TAG" + bytes(124) + b"\xff"])
def test_apev2_at_the_end(tmp_path, suffix, end):
    path = tmp_path / f"Wrong - Name.{suffix}"
    path.write_bytes(
        SOUND + apev2(Title="Été", Artist="Ann\0Ben", Album="Pièces", Genre="Funk\0Soul", Year="1999") + end
    )
    found = read_tags(path)
    assert (found.title, found.artist, found.album, found.year) == ("Été", "Ann; Ben", "Pièces", 1999)
    assert found.genres == ("Funk", "Soul")


@pytest.mark.parametrize(
    ("suffix", "codec"), [("wv", "wavpack"), ("mka", "libopus"), ("webm", "libopus"), ("tta", "tta")]
)
def test_formats_that_only_ffmpeg_reads(tmp_path, suffix, codec):
    path = tmp_path / f"Wrong - Name.{suffix}"
    write_sound(path, codec=codec, seconds=1, rate=48_000, title="Été", artist="Ann", album="Al", genre="Funk; Soul")
    found = read_tags(path)
    assert (found.title, found.artist, found.album, found.genres) == ("Été", "Ann", "Al", ("Funk", "Soul"))


def test_tag_in_a_chunk_or_at_the_end_of_dsf(tmp_path):
    id3 = whole_tag_unsynchronised()
    wave = (
        struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 16_000, 2, 16) + struct.pack("<4sI", b"data", 8) + bytes(8)
    )
    chunks = b"WAVE" + wave + struct.pack("<4sI", b"id3 ", len(id3)) + id3
    (tmp_path / "x.wav").write_bytes(b"RIFF" + struct.pack("<I", len(chunks)) + chunks)
    sound = bytes(100)
    (tmp_path / "x.dsf").write_bytes(
        b"DSD " + struct.pack("<QQQ", 28, 28 + len(sound) + len(id3), 28 + len(sound)) + sound + id3
    )
    for name in ("x.wav", "x.dsf"):
        assert read_tags(tmp_path / name).title == TITLE


@pytest.mark.parametrize("at", [0, 1, 5000, 2**62, 2**63, 2**64 - 1])
def test_a_dsf_file_whose_tag_is_said_to_be_elsewhere_has_none(tmp_path, at):
    path = tmp_path / "Ann - Song.dsf"
    path.write_bytes(b"DSD " + struct.pack("<QQQ", 28, 128, at) + bytes(100))
    found = read_tags(path)
    assert (found.artist, found.title) == ("Ann", "Song")


def test_compressed_frames_share_one_limit(tmp_path):
    """Each of them is far smaller than the limit, compressed and not."""

    def compressed_text(name):
        content = b"\x00" + name + b"\x00" + b"a" * (MAX_TAG_BYTES // 3)
        return frame_3(b"TXXX", struct.pack(">I", len(content)) + zlib.compress(content), 0x80)

    path = tmp_path / "Ann - Song.mp3"
    path.write_bytes(tag(3, frame_3(*TEXTS[0]) + b"".join(map(compressed_text, (b"a", b"b", b"c", b"d", b"e")))))
    with path.open("rb") as file:
        found = read_id3v2(file)
    assert found is not None
    assert found.fields["title"] == [TITLE]
    assert {"a", "b"} < found.fields.keys()
    assert sum(len(value) for values in found.fields.values() for value in values) <= MAX_TAG_BYTES


def test_several_artists_and_genres(tmp_path):
    path = tmp_path / "x.mp3"
    two = frame_4(b"TPE1", b"\x03Ann\0Ben") + frame_4(b"TCON", b"\x03Funk\0(155)\0Soul")
    path.write_bytes(tag(4, two) + SOUND)
    assert (read_tags(path).artist, read_tags(path).genres) == ("Ann; Ben", ("Funk", "Downtempo", "Soul"))
    picard = frame_3(b"TPE1", b"\0Ann & Ben") + frame_3(b"TXXX", b"\0ARTISTS\0Ann\0Ben")
    path.write_bytes(tag(3, picard) + SOUND)
    assert read_tags(path).artist == "Ann & Ben"


def vorbis(*comments):
    """A FLAC of nothing but a stream header and comments."""
    made = struct.pack("<I", 0) + struct.pack("<I", len(comments))
    made += b"".join(struct.pack("<I", len(one.encode())) + one.encode() for one in comments)
    return b"fLaC" + bytes((0, 0, 0, 34)) + bytes(34) + b"\x84" + len(made).to_bytes(3, "big") + made


def test_repeated_comments(tmp_path):
    path = tmp_path / "x.flac"
    path.write_bytes(vorbis("TITLE=Été", "ARTIST=Ann", "ARTIST=Ben", "GENRE=Funk", "genre=Soul/Jazz"))
    found = read_tags(path)
    assert (found.title, found.artist, found.genres) == ("Été", "Ann; Ben", ("Funk", "Soul", "Jazz"))


def test_cut_off_and_senseless_tags_never_raise(tmp_path):
    path = tmp_path / "Ann - Song.mp3"
    whole = [make() for make in (whole_tag_unsynchronised, frames_unsynchronised, version_2, compressed)]
    whole.append(SOUND[:500] + apev2(Title="x", Genre="y"))
    for data in whole:
        for end in range(0, len(data), 7):
            path.write_bytes(data[:end])
            assert read_tags(path).title
        for at in range(0, len(data), 11):
            path.write_bytes(data[:at] + b"\xff\x7f\x00\xff" + data[at + 4 :])
            assert read_tags(path).title


def test_ffmpeg_is_available_for_these_tests():
    assert {"wavpack", "tta"} <= set(av.codecs_available)
