"""Trap scans that keep full spectra of all shuffles, of the first or of none find the same traps."""

from __future__ import annotations

import numpy as np
import pytest
from spectral_widgets import charts
from spectral_widgets.metrics.evidence import Evidence
from spectral_widgets.metrics.shuffled import shuffled_ks
from spectral_widgets.records import Complaint, Spectrum, Trap, TrapScan, WeightMatrix
from spectral_widgets.rmt import tw_sf
from spectral_widgets.spectra import lanczos
from spectral_widgets.spectra.reshuffled import FULL_SIDE
from spectral_widgets.spectra.traps import find_traps, find_traps_fine_steps, find_traps_steps, with_spectrum
from spectral_widgets.spectra.weightwatcher import published_rule_of
from spectral_widgets.spectra.whole_model import model_scan_steps

from .planting import noise, planted_entries, weight_matrix
from .trained import minilm_matrix

SEEDS = (4, 0, 9)
#: Shapes and precisions of which each is in the quick tests once.
QUICK = ((400, 400), np.float16), ((340, 900), np.float32), ((60, 40), np.float64)
#: Parts and participations follow from vectors that are known to about this.
PARTS = 1e-3


def planted(shape: tuple[int, int], factor: float, mean: float, dtype=np.float32) -> WeightMatrix:
    array, _ = planted_entries(shape, factor, 3, seed=2)
    return weight_matrix((array + mean * array.size**-0.25).astype(dtype))


def same_trap(one: Trap, other: Trap) -> None:
    for name in ("layer", "seed", "index", "cause", "detail", "localised", "caveat"):
        assert getattr(one, name) == getattr(other, name)
    assert one.eigenvalue == pytest.approx(other.eigenvalue, rel=lanczos.TOLERANCE)
    assert one.excess_widths == pytest.approx(other.excess_widths, abs=1e-3)
    assert one.p_value == pytest.approx(other.p_value, rel=1e-3, abs=1e-12, nan_ok=True)
    for name in ("left_participation", "right_participation"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=PARTS)
    assert one.mean_share == pytest.approx(other.mean_share, abs=PARTS)
    assert [(e.row, e.column, e.value) for e in one.culprits] == [(e.row, e.column, e.value) for e in other.culprits]
    assert [e.share for e in one.culprits] == pytest.approx([e.share for e in other.culprits], abs=PARTS)
    assert abs(one.left @ other.left) == pytest.approx(1, abs=PARTS)
    assert abs(one.right @ other.right) == pytest.approx(1, abs=PARTS)


def same_scan(one: TrapScan, other: TrapScan) -> None:
    for name in ("layer", "seeds", "counts", "threshold", "null", "statistics", "predicted", "caveat", "view"):
        assert getattr(one, name) == getattr(other, name)
    assert one.largest == pytest.approx(other.largest, rel=lanczos.EDGE_TOLERANCE)
    for a, b in zip(one.traps, other.traps, strict=True):
        same_trap(a, b)


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [
        pytest.param(shape, dtype, marks=() if (shape, dtype) in QUICK else pytest.mark.slow)
        for shape in [(400, 400), (340, 900), (900, 340), (60, 40)]
        for dtype in (np.float16, np.float32, np.float64)
    ],
    ids=str,
)
def test_the_traps_are_those_of_full_decompositions(shape, dtype):
    for factor, mean in [(0.5, 0.0), (1.3, 0.0), (2.5, 3.0)]:
        matrix = planted(shape, factor, mean, dtype)
        full = find_traps(matrix, SEEDS, spectra="all")
        assert factor < 1 or sum(full.counts)
        for spectra, n_full in [("first", 1), ("none", 0)]:
            scan = find_traps(matrix, SEEDS, spectra=spectra)
            same_scan(scan, full)
            is_small = min(shape) <= FULL_SIDE
            assert len(scan.spectra) == len(scan.decomposed) == (len(SEEDS) if is_small and n_full else n_full)


@pytest.mark.parametrize("view", ["centred", "double_centred"])
def test_views_and_early_stops_see_no_difference(view):
    matrix = planted((400, 350), 2.0, 5.0)
    full = find_traps(matrix, range(20), view=view, stop_early=True, spectra="all")
    assert 7 <= len(full.seeds) < 20
    same_scan(find_traps(matrix, range(20), view=view, stop_early=True, spectra="none"), full)


@pytest.mark.parametrize("name", ["encoder.layer.0.attention.self.key", "encoder.layer.2.output.dense", "pooler.dense"])
def test_trained_layers_have_the_same_traps(name):
    matrix = minilm_matrix(name)
    assert min(matrix.values.shape) > FULL_SIDE
    same_scan(find_traps(matrix, range(3), spectra="none"), find_traps(matrix, range(3), spectra="all"))


def test_a_record_says_which_shuffles_have_a_spectrum():
    matrix = planted((400, 350), 2.0, 0.0)
    full, scan = find_traps(matrix, SEEDS, spectra="all"), find_traps(matrix, SEEDS)
    assert (scan.spectrum_of(4).eigenvalues == full.spectra[0].eigenvalues).all()
    assert scan.spectrum_of(0) is None
    assert (full.decomposed, scan.decomposed) == (SEEDS, (4,))
    assert full.largest == tuple(float(one.eigenvalues[-1]) for one in full.spectra)
    assert charts.trap_strips([("a", scan)]).to_dict()["datasets"].keys() == (
        charts.trap_strips([("a", full)]).to_dict()["datasets"].keys()
    )


def test_one_more_spectrum_comes_on_demand():
    matrix = planted((400, 350), 2.0, 0.0)
    full, scan = find_traps(matrix, SEEDS, spectra="all"), find_traps(matrix, SEEDS)
    more = with_spectrum(scan, matrix, 9)
    assert more.decomposed == (4, 9)
    assert (more.spectrum_of(9).eigenvalues == full.spectrum_of(9).eigenvalues).all()
    assert with_spectrum(more, matrix, 9) is more
    assert with_spectrum(more, matrix, 0).decomposed == SEEDS
    centred = find_traps(matrix, SEEDS, view="centred", spectra="none")
    expected = find_traps(matrix, SEEDS, view="centred", spectra="all").spectra[2]
    assert (with_spectrum(centred, matrix, 9).spectra[0].eigenvalues == expected.eigenvalues).all()
    with pytest.raises(Complaint, match="seed 7 was not scanned"):
        with_spectrum(scan, matrix, 7)


def test_a_chart_of_a_shuffle_without_a_spectrum_shows_its_traps_and_says_so():
    matrix = planted((400, 350), 2.0, 0.0)
    scan, spectrum = find_traps(matrix, SEEDS), Evidence(matrix).of(Spectrum)
    known, top = (charts.esd_rows(spectrum, scan, seed=seed) for seed in (4, 9))
    assert "shuffled" in known
    assert "shuffled" not in top
    assert len(top["traps"]) == scan.counts[2] > 0
    assert "only the top was computed" in top["note"][0]["text"]


def test_the_published_rule_keeps_every_spectrum():
    matrix = planted((400, 350), 2.0, 0.0)
    full = find_traps(matrix, SEEDS, engine="weightwatcher")
    scan = find_traps(matrix, SEEDS, engine="weightwatcher", spectra="none")
    assert len(scan.spectra) == len(SEEDS)
    assert [t.eigenvalue for t in scan.traps] == [t.eigenvalue for t in full.traps]
    with pytest.raises(Complaint, match="the scan has 0; scan with at least 1 seeds and spectra='all'"):
        published_rule_of(find_traps(matrix, SEEDS, spectra="none"))


def test_a_layer_too_small_for_the_edge_law_is_refused_either_way():
    matrix = weight_matrix(noise((30, 10), 0))
    full, scan = find_traps(matrix, SEEDS), find_traps(matrix, SEEDS, spectra="none")
    assert scan.refused
    assert scan.traps == ()
    assert scan.largest == full.largest


def test_distances_are_those_to_the_first_shuffle():
    matrix = planted((400, 350), 2.0, 0.0)
    whole = Evidence(matrix).of(Spectrum)
    first, every = find_traps(matrix, SEEDS), find_traps(matrix, SEEDS, spectra="all")
    assert shuffled_ks(first, whole) == shuffled_ks(every, whole)
    assert np.isnan(shuffled_ks(find_traps(matrix, SEEDS, spectra="none"), whole))


def test_a_whole_model_is_tested_as_with_full_spectra():
    matrices = [planted((400, 340), factor, 0.0) for factor in (0.5, 2.0)]
    *_, scan = model_scan_steps(matrices, SEEDS)
    for layer, matrix in zip(scan.layers, matrices, strict=True):
        full = find_traps(matrix, SEEDS, spectra="all")
        same_scan(layer.scan, full)
        excess = sorted(full.null.excess_widths(float(one.eigenvalues[-1])) for one in full.spectra)
        assert layer.p_value == pytest.approx(min(1.0, 1.5 * float(tw_sf(excess[1]))), rel=1e-3, abs=1e-12)


def test_a_scan_can_be_stopped_within_a_shuffle():
    matrix = planted((400, 350), 1.2, 0.0)
    steps = find_traps_fine_steps(matrix, SEEDS, spectra="none")
    pieces = [next(steps) for _ in range(3)]
    assert pieces == [None] * 3
    steps.close()
    every = list(find_traps_fine_steps(matrix, SEEDS, spectra="none"))
    scans = [scan for scan in every if scan is not None]
    assert [len(scan.seeds) for scan in scans] == [1, 2, 3]
    assert every[-1] is scans[-1]
    assert len(every) - len(scans) >= 4 * len(SEEDS)
    same_scan(scans[-1], list(find_traps_steps(matrix, SEEDS, spectra="none"))[-1])


def test_an_unknown_choice_gets_a_sentence():
    with pytest.raises(Complaint, match="no choice 'some' of spectra"):
        find_traps(weight_matrix(noise((40, 30), 0)), [0], spectra="some")
