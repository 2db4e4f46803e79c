"""CUE sheets: read in any form, and their tracks listed, heard and played like files."""

from __future__ import annotations

import os

import numpy as np
import pytest
import soundfile

from mien.errors import AudioError
from mien.music.analysis.decode import read_excerpts
from mien.music.cue import cue_part, is_track_path, parse_cue, track_path, with_parts
from mien.music.formats import AUDIO_SUFFIXES, UNPLAYABLE_SUFFIXES
from mien.music.location import LocalFile
from mien.music.sources.folder import FolderSource
from mien.music.sources.source import BrokenFile

RATE = 8000
SHEET = """REM GENRE "Funk; Soul"
REM DATE 1999
PERFORMER "Ann"
TITLE "Pièces"
FILE "{file}" WAVE
  TRACK 01 AUDIO
    TITLE "One"
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    TITLE "Two"
    PERFORMER "Ben"
    INDEX 00 00:01:70
    INDEX 01 00:02:00
  TRACK 03 AUDIO
    TITLE "Trois"
    INDEX 01 00:05:15
"""


def album(folder, *, file="Album.flac", sheet=SHEET, encoding="utf-8", named="Album.flac"):
    """A file of 9 s whose level rises by a tenth each second, and its sheet."""
    folder.mkdir(parents=True, exist_ok=True)
    time_s = np.arange(9 * RATE) / RATE
    wave = (0.05 + 0.1 * np.floor(time_s)) * np.sign(np.sin(2 * np.pi * 200 * time_s))
    soundfile.write(folder / file, wave.astype(np.float32), RATE, format="FLAC")
    (folder / "album.cue").write_bytes(sheet.format(file=named).encode(encoding))
    return folder / "album.cue"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_a_sheet_in_any_encoding(encoding):
    sheet = parse_cue(SHEET.format(file="x.flac").replace("\n", "\r\n").encode(encoding))
    assert (sheet.album, sheet.artist, sheet.genre, sheet.date) == ("Pièces", "Ann", "Funk; Soul", "1999")
    places = [(track.number, track.title, track.artist, track.start_s, track.end_s) for track in sheet.tracks]
    assert places == [(1, "One", "Ann", 0.0, 2.0), (2, "Two", "Ben", 2.0, 5.2), (3, "Trois", "Ann", 5.2, None)]


def test_senseless_sheets_have_no_tracks():
    for text in ("", "TRACK 01 AUDIO", 'FILE "x"\nTRACK 99999 AUDIO\nINDEX 01 00:00:00', 'FILE "x"\nTRACK 01 AUDIO'):
        assert parse_cue(text.encode()).tracks == ()
    assert parse_cue(b"\xff\xfe\x00") is not None
    assert parse_cue(bytes(5000)).tracks == ()


@pytest.mark.parametrize("kind", ["MODE1/2352", "MODE2/2352", "CDG"])
def test_what_a_data_track_says_is_not_said_of_the_album(kind):
    data = f'  TRACK 01 {kind}\n    TITLE "Data"\n    PERFORMER "Nobody"\n    REM DATE 1901\n    INDEX 01 00:00:00\n'
    sheet = SHEET.replace("  TRACK 01", data + "  TRACK 01") + data.replace("01", "04", 1)
    assert parse_cue(sheet.encode()) == parse_cue(SHEET.encode())


def test_a_folder_lists_the_tracks_in_place_of_the_file(tmp_path):
    cue = album(tmp_path / "music")
    (tmp_path / "music" / "other.mp3").write_bytes(b"x")
    source = FolderSource(tmp_path / "music")
    items = list(source.items())
    tracks = [track_path(cue, track) for track in parse_cue(cue.read_bytes()).tracks]
    assert [item.location.path for item in items] == [*tracks, tmp_path / "music" / "other.mp3"]
    second = source.read(items[1])
    assert (second.title, second.artist, second.album, second.year) == ("Two", "Ben", "Pièces", 1999)
    assert second.genres == ("Funk", "Soul")
    assert len({item.key for item in items}) == 4


@pytest.mark.parametrize(
    ("file", "named"), [("Album.flac", "Album.wav"), ("Album.flac", "ALBUM.FLAC"), ("album.flac", r"C:\rips\gone.wav")]
)
def test_the_file_is_found_under_another_suffix_case_or_folder(tmp_path, file, named):
    album(tmp_path / "music", file=file, named=named)
    assert len(list(FolderSource(tmp_path / "music").items())) == 3


def test_a_sheet_never_leads_out_of_its_folder(tmp_path):
    album(tmp_path, file="outside.flac")
    (tmp_path / "music").mkdir()
    (tmp_path / "music" / "album.cue").write_text(SHEET.format(file="../outside.flac"), encoding="utf-8")
    assert list(FolderSource(tmp_path / "music").items()) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_place_of_a_sheet_or_its_file_is_never_waited_for(library, tmp_path):
    cue = album(tmp_path / "music")
    os.mkfifo(tmp_path / "music" / "pipe.cue")
    assert library.add(tmp_path / "music").added == 3
    assert cue_part(tmp_path / "music" / "pipe.cue" / "track0001") is None
    assert with_parts([tmp_path / "music" / "pipe.cue"]) == []
    (tmp_path / "music" / "Album.flac").unlink()
    os.mkfifo(tmp_path / "music" / "Album.flac")
    with pytest.raises(AudioError, match="is not a file"):
        read_excerpts(cue / "track0001")


def test_a_sheet_of_whole_files_changes_nothing(tmp_path):
    sheet = "".join(f'FILE "{n}.mp3" MP3\n  TRACK 0{n} AUDIO\n    INDEX 01 00:00:00\n' for n in (1, 2))
    (tmp_path / "list.cue").write_text(sheet)
    for number in (1, 2):
        (tmp_path / f"{number}.mp3").write_bytes(b"x")
    assert [item.location.name for item in FolderSource(tmp_path).items()] == ["1.mp3", "2.mp3"]


def test_tracks_are_counted_over_all_files_whatever_numbers_the_sheet_repeats(library, tmp_path):
    cue = album(tmp_path / "music", file="1.flac")
    album(tmp_path / "music", file="2.flac")
    head, file, tracks = SHEET.replace("TRACK 03", "TRACK 02").partition("FILE")
    cue.write_text(head + "".join((file + tracks).format(file=f"{n}.flac") for n in (1, 2)), encoding="utf-8")
    paths = [cue / f"track000{number}" for number in range(1, 7)]
    items = list(FolderSource(tmp_path / "music").items())
    assert [item.location.path for item in items] == paths
    assert [(cue_part(path).path.name, cue_part(path).track.title) for path in paths] == [
        (f"{file}.flac", title) for file in (1, 2) for title in ("One", "Two", "Trois")
    ]
    assert len(with_parts([cue])) == 6
    report = library.add(tmp_path / "music")
    assert (report.added, report.broken) == (6, ())


def test_a_track_sounds_as_its_part_of_the_file(tmp_path):
    cue = album(tmp_path / "music")
    whole, _ = soundfile.read(tmp_path / "music" / "Album.flac")
    source = FolderSource(tmp_path / "music")
    for item, (start_s, end_s) in zip(source.items(), ((0, 2), (2, 5.2), (5.2, 9)), strict=True):
        with source.open(item) as file:
            wave, rate = soundfile.read(file)
            assert rate == RATE
            assert np.allclose(wave, whole[round(start_s * RATE) : round(end_s * RATE)], atol=1e-3)
            file.seek(44 + 2 * 1234)
            assert np.frombuffer(file.read(200), "<i2") == pytest.approx(wave[1234:1334] * 32768, abs=2)
        excerpts = read_excerpts(item.location.path)
        assert excerpts.duration_s == pytest.approx(end_s - start_s, abs=0.01)
    assert cue_part(cue / "track0004") is None
    assert not is_track_path(tmp_path / "track0001")


def test_tracks_in_the_library_are_heard_and_opened(library, tmp_path):
    album(tmp_path / "music")
    report = library.add(tmp_path / "music")
    assert (report.added, report.broken) == (3, ())
    assert library.add(tmp_path / "music").unchanged == 3
    tracks = sorted(library.tracks(), key=lambda track: track.title)
    assert [track.title for track in tracks] == ["One", "Trois", "Two"]
    assert [track.duration_s for track in tracks] == pytest.approx([2.0, 3.8, 3.2], abs=0.05)
    assert all(track.features is not None for track in tracks)
    file, suffix = library.open_audio(tracks[0].id)
    with file:
        assert (suffix, soundfile.info(file).frames) == (".wav", 2 * RATE)
    (tmp_path / "music" / "album.cue").unlink()
    again = library.add(tmp_path / "music")
    assert (again.added, again.removed, again.away) == (1, 3, ())


def test_a_track_beyond_the_end_of_its_file_is_named_once_and_not_tried_again(library, tmp_path):
    album(tmp_path / "music", sheet=SHEET + "  TRACK 04 AUDIO\n    INDEX 01 01:00:00\n")
    report = library.add(tmp_path / "music")
    assert (report.added, len(report.broken), report.retried) == (3, 1, ())
    assert "ends before 60 s" in report.broken[0].problem
    again = library.add(tmp_path / "music")
    assert (again.unchanged, len(again.broken), again.retried) == (3, 1, ())


def test_a_sheet_that_comes_later_divides_the_file_and_a_disk_that_goes_takes_its_tracks_along(library, tmp_path):
    cue = album(tmp_path / "music")
    cue.rename(tmp_path / "album.cue")
    assert library.add(tmp_path / "music").added == 1
    (tmp_path / "album.cue").rename(cue)
    report = library.add(tmp_path / "music")
    assert (report.added, report.removed, report.away) == (3, 1, ())
    (tmp_path / "music").rename(tmp_path / "elsewhere")
    (tmp_path / "music").mkdir()
    gone = library.add(tmp_path / "music")
    assert (gone.removed, [away.track_count for away in gone.away]) == (0, [3])
    (tmp_path / "music").rmdir()
    (tmp_path / "elsewhere").rename(tmp_path / "music")
    assert library.add(tmp_path / "music").returned == 3


def test_sheets_stand_for_their_tracks_in_a_list_of_files(tmp_path):
    cue = album(tmp_path / "music")
    other = tmp_path / "other.mp3"
    assert with_parts([tmp_path / "music" / "Album.flac", cue, other]) == [
        *(cue / f"track000{number}" for number in (1, 2, 3)),
        other,
    ]
    assert with_parts([tmp_path / "gone.cue", other]) == [other]


def test_what_cannot_be_played_is_named_with_its_reason(tmp_path):
    for name in ("a.m4p", "b.MID", "c.xm", "d.aax", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    found = list(FolderSource(tmp_path).items())
    assert all(isinstance(one, BrokenFile) and one.remedy for one in found)
    reasons = {one.location.name: one.problem for one in found}
    assert "copy protection (DRM)" in reasons["a.m4p"]
    assert set(reasons) == {"a.m4p", "b.MID", "c.xm", "d.aax"}


def test_the_formats_of_the_list_are_listed(tmp_path):
    assert {".dsf", ".tta", ".aiff-c", ".wv", ".ape", ".mpc"} <= AUDIO_SUFFIXES
    assert not AUDIO_SUFFIXES & UNPLAYABLE_SUFFIXES.keys()
    for suffix in AUDIO_SUFFIXES:
        (tmp_path / f"x{suffix}").write_bytes(b"x")
    listed = {item.location for item in FolderSource(tmp_path).items()}
    assert listed == {LocalFile(tmp_path / f"x{suffix}") for suffix in AUDIO_SUFFIXES}
