"""The law of the shuffle, fits to a bulk, predicted traps, and the matrix around an entry."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest
from spectral_widgets.records import Entry
from spectral_widgets.rmt import edge_scaling, kurtosis_widening, mp_cdf, tw_quantile
from spectral_widgets.spectra.decompose import spectrum_of
from spectral_widgets.spectra.entries import entry_statistics
from spectral_widgets.spectra.explain import patch_of
from spectral_widgets.spectra.nulls import fit_null, null_of_entries, spike_count, threshold_of
from spectral_widgets.spectra.traps import empty_scan, find_traps

from .planting import noise, planted_entries, planted_mean, weight_matrix

# ---- laws of the shuffle and of a bulk


@settings(max_examples=30, deadline=None)
@given(st.sampled_from([(40, 30), (64, 64), (200, 25)]), st.floats(0.01, 100), st.floats(0.001, 0.2))
def test_threshold_is_the_edge_of_the_law(shape, variance, level):
    statistics = entry_statistics(weight_matrix(noise(shape, 1) * np.sqrt(variance)))
    null = null_of_entries(statistics, *shape)
    root = np.sqrt(shape[1] / shape[0])
    assert null.low == pytest.approx(null.variance * (1 - root) ** 2)
    assert null.high == pytest.approx(null.variance * (1 + root) ** 2)
    assert null.excess_widths(threshold_of(null, level)) == pytest.approx(tw_quantile(1 - level), abs=1e-9)
    widening = kurtosis_widening(*shape, statistics.excess_kurtosis)
    assert null.edge_width == pytest.approx(null.variance * edge_scaling(*shape)[1] * widening)


@pytest.mark.parametrize("shape", [(400, 100), (300, 300), (1000, 60)])
def test_a_null_fitted_to_noise_gives_its_variance_within_the_standard_error(shape):
    fits = [fit_null(spectrum_of(weight_matrix(3.0 * noise(shape, seed)))) for seed in range(20)]
    variances = np.array([fit.variance for fit in fits]) / 9.0
    # The median of repelling eigenvalues wobbles by about 1/M; twenty fits have a mean that is √20 sharper.
    error = variances.std(ddof=1)
    assert error < 4.0 / shape[1]
    assert abs(variances.mean() - 1) < 3 * error / np.sqrt(20) + 1 / shape[1]
    assert all(0 < fit.goodness < max(0.04, 5 / shape[1]) for fit in fits)


def test_goodness_is_the_distance_that_scipy_gives():
    spectrum = spectrum_of(weight_matrix(noise((300, 80), 2)))
    fit = fit_null(spectrum)
    oracle = kstest(spectrum.eigenvalues, lambda x: mp_cdf(x, fit.aspect, fit.variance)).statistic
    assert fit.goodness == pytest.approx(oracle, abs=1e-12)


@pytest.mark.parametrize("shape", [(400, 100), (300, 300)])
@pytest.mark.parametrize("n_spikes", [1, 5, 20])
def test_spikes_do_not_widen_the_fitted_bulk(shape, n_spikes):
    rng = np.random.default_rng(n_spikes)
    left = np.linalg.qr(rng.standard_normal((shape[0], n_spikes)))[0]
    right = np.linalg.qr(rng.standard_normal((shape[1], n_spikes)))[0]
    array = noise(shape, 5) + left @ np.diag(np.linspace(4, 30, n_spikes) * np.sqrt(shape[0])) @ right.T
    spectrum = spectrum_of(weight_matrix(array))
    fit = fit_null(spectrum)
    # The directions of n spikes take n of N rows and n of M columns away from the bulk, which shrinks by about n/N.
    assert abs(fit.variance - (1 - n_spikes / shape[0])) < 0.03
    assert spike_count(spectrum, fit) == n_spikes


def test_no_spikes_in_noise():
    counts = [
        spike_count(spectrum, fit_null(spectrum))
        for spectrum in (spectrum_of(weight_matrix(noise((400, 200), seed))) for seed in range(40))
    ]
    # The median estimate is noisier than the entries': SPEED.md's 6.5 % at 50×50 falls with the size.
    assert sum(count > 0 for count in counts) <= 4


def test_a_low_rank_matrix_has_no_bulk_and_says_so():
    rng = np.random.default_rng(0)
    low_rank = rng.standard_normal((50, 3)) @ rng.standard_normal((3, 40))
    fit = fit_null(spectrum_of(weight_matrix(low_rank)))
    assert np.isnan(fit.variance)
    assert "zero, so there is no bulk" in fit.caveat
    zeros = fit_null(spectrum_of(weight_matrix(np.zeros((10, 8)))))
    assert np.isnan(zeros.variance)
    assert zeros.caveat


@settings(max_examples=20, deadline=None)
@given(st.sampled_from([(12, 9), (9, 12), (40, 40), (50, 3)]), st.integers(0, 10**6), st.sampled_from([1e-6, 1.0, 1e6]))
def test_the_spectrum_is_that_of_a_plain_svd(shape, seed, scale):
    array = noise(shape, seed) * scale
    spectrum = spectrum_of(weight_matrix(array))
    values = np.linalg.svd(array, compute_uv=False)[::-1] ** 2 / max(shape)
    np.testing.assert_allclose(spectrum.eigenvalues, values, rtol=1e-7, atol=1e-13 * values[-1])
    assert spectrum.eigenvalues.sum() == pytest.approx(np.sum(array**2) / max(shape))
    assert spectrum.element_variance == pytest.approx(array.var())


# ---- prediction and measurement


def test_prediction_meets_measurement_for_a_mean_and_a_few_giants():
    for seed in range(4):
        array, _ = planted_entries((500, 300), 3.0, 2, seed)
        array += 2.5 * array.size**-0.25
        scan = find_traps(weight_matrix(array), range(8))
        assert scan.predicted.count == 3
        assert scan.median_count == 3
        # Shuffles in which the two giants meet in a row or column have one trap less.
        complete = [scan.of_seed(k)[:3] for k in range(8) if len(scan.of_seed(k)) >= 3]
        measured = np.array([[trap.eigenvalue for trap in found] for found in complete]).mean(axis=0)
        assert np.abs(measured / scan.predicted.eigenvalues - 1).max() < 0.06
        assert sorted(scan.predicted.causes) == ["entries", "entries", "mean"]


@pytest.mark.parametrize("shape", [(50, 50), (200, 200)], ids=str)
def test_few_giants_seldom_meet_and_there_is_no_caveat(shape):
    for seed in range(5):
        scan = find_traps(weight_matrix(planted_entries(shape, 3.0, 3, seed)[0]), range(5))
        assert scan.predicted.count == 3
        assert scan.predicted.caveat == ""
        assert scan.median_count == 3


def test_many_giants_are_overcounted_and_the_caveat_says_so():
    array, _ = planted_entries((200, 200), 3.0, 40, seed=3)
    scan = find_traps(weight_matrix(array), range(3))
    assert scan.predicted.count == 40
    assert max(scan.counts) < 40
    assert "overcounts" in scan.predicted.caveat
    few, _ = planted_entries((200, 200), 3.0, 3, seed=3)
    assert empty_scan(weight_matrix(few)).predicted.caveat == ""


def test_eigenvalues_of_the_prediction_fall():
    array, _ = planted_entries((200, 100), 2.0, 6, seed=3)
    array *= np.where(np.abs(array) > 10, np.linspace(1, 2, array.size).reshape(array.shape), 1)
    values = empty_scan(weight_matrix(array + 1)).predicted.eigenvalues
    assert list(values) == sorted(values, reverse=True)
    assert len(values) == 7
    assert empty_scan(weight_matrix(planted_mean((200, 100), 0.5, 0))).predicted.eigenvalues == ()


# ---- patches


@settings(max_examples=80, deadline=None)
@given(st.tuples(st.integers(2, 40), st.integers(2, 40)), st.integers(0, 15), st.data())
def test_a_patch_shows_the_tensor_as_it_is_and_holds_its_entry(shape, reach, data):
    array = np.arange(np.prod(shape), dtype=float).reshape(shape)
    row, column = data.draw(st.integers(0, shape[0] - 1)), data.draw(st.integers(0, shape[1] - 1))
    patch = patch_of(weight_matrix(array), Entry(row, column, array[row, column], 0.0), reach)
    assert (patch.values == array[np.ix_(patch.rows, patch.columns)]).all()
    assert row in patch.rows
    assert column in patch.columns
    assert len(patch.rows) == min(2 * reach + 1, shape[0])
    assert len(patch.columns) == min(2 * reach + 1, shape[1])
    if reach <= row < shape[0] - reach:
        assert patch.rows[reach] == row


def test_a_patch_of_a_convolution_is_cut_from_its_flat_view():
    array = np.arange(4 * 3 * 5 * 5, dtype=float).reshape(4, 3, 5, 5)
    patch = patch_of(weight_matrix(array), Entry(3, 74, array.reshape(4, -1)[3, 74], 0.0), 1)
    assert patch.rows == (1, 2, 3)
    assert patch.columns == (72, 73, 74)
    assert (patch.values == array.reshape(4, -1)[1:, 72:]).all()
