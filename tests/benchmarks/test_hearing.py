"""The measures of the benchmark of hearing, on made-up analyses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.hearing import held_out, recordings, tempo_key
from benchmarks.hearing.alterations import ALTERATIONS
from benchmarks.hearing.analyses import Analysed
from mien.types import AudioFeatures


def piece(name="a", *, valence=0.5, arousal=0.5, confidence=0.5, pleasant=True, stirring=True, **known):
    features = AudioFeatures(
        tempo_bpm=known.pop("found_bpm", 0.0),
        loudness_lufs=-18.0,
        valence=valence,
        arousal=arousal,
        arousal_confidence=confidence,
        valence_confidence=confidence,
        analyser_version=1,
        tonic=known.pop("tonic", None),
        minor=known.pop("minor", None),
    )
    path = Path(f"{name}-{known.get('soundfont', '')}")
    return Analysed(name, path, known.pop("soundfont", ""), features, 0.3, pleasant, stirring, **known)


def test_auc_counts_pairs_in_order_and_ties_half():
    truth = np.array([True, True, False, False])
    assert held_out.auc(np.array([3.0, 2.0, 1.0, 0.0]), truth) == 1
    assert held_out.auc(np.array([1.0, 0.0, 1.0, 0.0]), truth) == 0.5


def test_a_quadrant_is_right_if_both_signs_are():
    pieces = [piece(), piece(valence=-0.1), piece(arousal=-0.1), piece(valence=-0.1, arousal=-0.1, pleasant=None)]
    assert held_out.right_quadrants(pieces) == pytest.approx(1 / 3), "a piece without a label does not count"


def test_the_surer_half_is_compared_with_the_other():
    pieces = [piece(valence=-0.5, confidence=0.1 * i) for i in range(4)]
    pieces += [piece(confidence=0.1 * i) for i in range(4, 8)]
    assert held_out.rightness_by_confidence(pieces, held_out.AXES[0]) == (1.0, 0.0)


def test_a_tempo_is_exact_or_off_by_an_octave_or_neither():
    assert tempo_key.is_tempo(121, 120, 1.0)
    assert not tempo_key.is_tempo(60, 120, 1.0)
    assert tempo_key.is_tempo(60, 120, 1.0, 2.0, 0.5)
    assert not tempo_key.is_tempo(80, 120, 1.0, 2.0, 0.5)


def test_peers_are_in_the_same_table_and_unclaimed_tempi_are_no_errors():
    pieces = [piece("a", tempo_bpm=100.0, found_bpm=100.0), piece("b", tempo_bpm=100.0)]
    rows = tempo_key.tempo_table(pieces, {"peer": {"a-": 50.0, "b-": 100.0}})
    assert "| mien | 0.50 | 1.00 of 1 | 1.00 of 1 | none | none |" in rows
    assert "| peer | 1.00 | 0.50 of 2 | 1.00 of 2 | none | none |" in rows


def test_keys_are_compared_where_both_soundfonts_have_one():
    same = [piece("a", soundfont=name, tonic=0, minor=False) for name in "xy"]
    other = [piece("b", soundfont=name, tonic=tonic, minor=False) for name, tonic in (("x", 0), ("y", 7))]
    none = [piece("c", soundfont=name, tonic=None) for name in "xy"]
    assert "0.50 of 2 pairs" in tempo_key.key_line([*same, *other, *none])


def test_ranks_share_ties():
    assert recordings.ranks([3.0, 1.0, 3.0]).tolist() == [1.5, 0.0, 1.5]


@pytest.mark.parametrize("name", list(ALTERATIONS))
def test_alterations_keep_a_playable_sound(name):
    sound = np.random.default_rng(0).normal(0, 0.1, (22_050 * 25, 2)).astype(np.float32)
    altered = ALTERATIONS[name].alter(sound, 22_050)
    assert altered.ndim == 2
    assert np.isfinite(altered).all()
    assert altered.any()
    if name == "3 s of it":
        assert len(altered) == 3 * 22_050
