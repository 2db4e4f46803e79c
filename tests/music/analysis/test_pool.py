"""Worker processes answer for every file, however they end."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mien.errors import AudioError, Remedy, UndecodableError
from mien.music.analysis import pool
from mien.music.analysis.pool import AnalysisResult, analyse_file, analyse_files, from_json, to_json, workers_for
from tests.waiting import HANG_S


def test_workers_find_what_this_process_finds_and_return_errors(sounds, tmp_path):
    good = [sounds.write(tmp_path / f"{i}.wav", sounds.chords((60, 64, 67), seconds=2 + i)) for i in range(2)]
    odd = tmp_path / "caf\udce9.wav"
    good[1].rename(odd)
    empty, gone = tmp_path / "empty.mp3", tmp_path / "gone.mp3"
    empty.touch()
    paths = [good[0], odd, empty, gone]
    found = dict(analyse_files(paths, workers=2))
    assert set(found) == set(paths)
    assert found[good[0]] == analyse_file(good[0])
    assert isinstance(found[odd], AnalysisResult)
    assert found[empty].problem == "is empty"
    assert (found[gone].problem, found[gone].remedy) == ("is gone", Remedy.SCAN)


def test_results_and_errors_survive_json(sounds, tmp_path):
    heard = analyse_file(sounds.write(tmp_path / "song.wav", sounds.clicks(120)))
    assert isinstance(heard, AnalysisResult)
    assert from_json(to_json(heard), tmp_path) == heard
    assert type(from_json(to_json(UndecodableError("is damaged")), tmp_path)) is UndecodableError
    for remedy in ("", "replace it", Remedy.SCAN):
        error = from_json(to_json(AudioError("is damaged", remedy, subject=Path("elsewhere"))), tmp_path)
        assert (error.problem, error.remedy, error.subject) == ("is damaged", remedy, tmp_path)
        assert isinstance(error.remedy, type(remedy))


@pytest.mark.skipif(os.name != "posix", reason="the stand-in for a worker is a shell script")
def test_crashing_or_hanging_worker_does_not_stop_the_others(tmp_path, monkeypatch):
    worker = tmp_path / "worker"
    worker.write_text(
        "#!/bin/sh\nwhile read line; do case $line in\n"
        "*crash*) kill -SEGV $$;;\n*killed*) kill -KILL $$;;\n*slow*) exec sleep 600;;\n"
        '*) echo \'{"problem": "heard", "remedy": ""}\';;\nesac; done\n'
    )
    worker.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(worker))
    paths = [Path(name) for name in ("a", "crash", "b", "killed", "slow", "c")]
    found = dict(analyse_files(paths, workers=1, timeout_s=5))  # far more than the script needs for the others
    assert [found[path].problem for path in paths if len(path.name) == 1] == ["heard"] * 3
    assert "makes the decoder crash" in found[Path("crash")].problem
    assert "took more than 5 s" in found[Path("slow")].problem
    # Only what the file itself did is not tried again.
    assert [name for name in ("crash", "killed", "slow") if isinstance(found[Path(name)], UndecodableError)] == [
        "crash"
    ]


def test_only_a_file_that_can_be_read_to_its_end_counts_as_damaged(tmp_path, monkeypatch):
    path = tmp_path / "song.mp3"
    path.write_bytes(bytes(5000))
    assert isinstance(analyse_file(path), UndecodableError)

    def refuse(self, mode="r"):
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(pool, "read_excerpts", _undecodable)
    monkeypatch.setattr(Path, "open", refuse)
    refused = analyse_file(path)
    assert (type(refused), refused.problem) == (AudioError, "cannot be read (Too many open files)")


def test_too_little_memory_is_not_the_files_fault(tmp_path, monkeypatch):
    path = tmp_path / "song.mp3"
    path.write_bytes(bytes(5000))
    monkeypatch.setattr(pool, "read_excerpts", _out_of_memory)
    found = analyse_file(path)
    assert (type(found), "more memory" in found.problem) == (AudioError, True)


def _undecodable(path):
    raise UndecodableError("cannot be decoded", subject=path)


def _out_of_memory(path):
    raise MemoryError


def test_a_file_that_changes_while_it_is_read_is_left_for_the_next_scan(sounds, tmp_path, monkeypatch):
    path = sounds.write(tmp_path / "song.wav", sounds.tone(seconds=1))
    estimate = pool.estimate

    def while_it_grows(excerpts):
        with path.open("ab") as file:
            file.write(bytes(100))
        return estimate(excerpts)

    monkeypatch.setattr(pool, "estimate", while_it_grows)
    assert "changed while it was read" in analyse_file(path).problem


def test_an_empty_sound_yields_an_error(sounds, tmp_path):
    path = sounds.write(tmp_path / "nothing.wav", np.zeros(0, np.float32))
    assert "cannot be decoded" in analyse_file(path).problem


def test_few_files_use_no_worker():
    assert workers_for(3) == 0
    assert workers_for(10_000, most=4) == 4


def test_a_worker_ends_with_its_parent_in_the_middle_of_a_file():
    code = (
        "import mien.music.analysis.worker as worker, time\n"
        "worker.analyse_file = lambda path: (print(path, file=worker.sys.stderr, flush=True), time.sleep(600))\n"
        "worker.main()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        print('"song.mp3"', file=process.stdin, flush=True)
        assert process.stderr.readline() == "song.mp3\n"
        process.stdin.close()  # as the system does when the parent is killed
        assert process.wait(timeout=HANG_S) == 0
