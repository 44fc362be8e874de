"""What the entries alone know: statistics, the law of the shuffle, predicted traps; and fits to a bulk."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest
from spectral_widgets.records import Complaint, Entry
from spectral_widgets.rmt import edge_scaling, mp_cdf, tw_quantile
from spectral_widgets.spectra.decompose import spectrum_of
from spectral_widgets.spectra.entries import entry_statistics
from spectral_widgets.spectra.explain import patch_of
from spectral_widgets.spectra.nulls import fit_null, null_of_entries, spike_count, threshold_of
from spectral_widgets.spectra.traps import empty_scan, find_traps

from .planting import noise, planted_entries, planted_mean, weight_matrix

# ---- statistics


def naive_statistics(array: np.ndarray) -> dict[str, float]:
    """One entry at a time: the largest deviation leaves while it is a giant, then the mean is taken again."""
    entries = [float(x) for x in array.ravel()]
    count, raw_mean = len(entries), sum(entries) / len(entries)
    mean, gone, outside = raw_mean, -1, 0
    while outside != gone:
        gone = outside
        bulk_entries = sorted(entries, key=lambda x: abs(x - mean))
        bulk = sum((x - mean) ** 2 for x in bulk_entries) / count
        while (bulk_entries[-1] - mean) ** 2 > bulk * count**0.5:
            bulk_entries.pop()
            bulk = sum((x - mean) ** 2 for x in bulk_entries) / len(bulk_entries)
        outside = count - len(bulk_entries)
        mean = mean if outside == gone else sum(bulk_entries) / len(bulk_entries)
    fourth = sum((x - mean) ** 4 for x in bulk_entries) / len(bulk_entries)
    return {
        "mean": mean,
        "variance": sum((x - raw_mean) ** 2 for x in entries) / count,
        "bulk_variance": bulk,
        "excess_kurtosis": fourth / bulk**2 - 3,
        "threshold": bulk**0.5 * count**0.25,
        "mean_threshold": bulk**0.5 * count**-0.25,
        "n_entries": count,
    }


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([(12, 9), (9, 12), (20, 20), (30, 4)]),
    st.lists(st.floats(0.3, 40), max_size=5),
    st.sampled_from([0.0, 0.3, -5.0]),
    st.integers(0, 10**6),
)
def test_statistics_equal_a_loop_over_the_entries(shape, giants, mean, seed):
    array = noise(shape, seed) + mean
    array.ravel()[: len(giants)] += np.array(giants) * array.size**0.25
    statistics = entry_statistics(weight_matrix(array))
    for name, value in naive_statistics(array).items():
        assert getattr(statistics, name) == pytest.approx(value, rel=1e-9, abs=1e-9), name


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([(12, 9), (20, 20)]), st.lists(st.floats(0.3, 400), max_size=8), st.integers(0, 10**6))
def test_the_bulk_variance_is_a_fixed_point(shape, giants, seed):
    array = noise(shape, seed)
    array.ravel()[: len(giants)] = np.array(giants) * array.size**0.25
    statistics = entry_statistics(weight_matrix(array))
    deviation = array - statistics.mean
    inside = np.abs(deviation) <= statistics.threshold
    assert array[inside].mean() == pytest.approx(statistics.mean, abs=1e-9)
    assert np.mean(deviation[inside] ** 2) == pytest.approx(statistics.bulk_variance, rel=1e-9)
    assert statistics.threshold == pytest.approx(np.sqrt(statistics.bulk_variance) * array.size**0.25)


@pytest.mark.parametrize("shape", [(200, 200), (784, 200), (30, 90)])
def test_giants_are_the_entries_beyond_half_the_threshold_largest_first(shape):
    array, cells = planted_entries(shape, 1.7, 4, seed=1)
    statistics = entry_statistics(weight_matrix(array))
    beyond = np.argwhere(np.abs(array - statistics.mean) > statistics.threshold / 2)
    assert {(entry.row, entry.column) for entry in statistics.giants} == {tuple(cell) for cell in beyond.tolist()}
    assert set(cells) <= {(entry.row, entry.column) for entry in statistics.giants}
    sizes = [abs(entry.value - statistics.mean) for entry in statistics.giants]
    assert sizes == sorted(sizes, reverse=True)
    for entry in statistics.giants:
        assert entry.value == array[entry.row, entry.column]
        assert entry.z_score == pytest.approx((entry.value - statistics.mean) / np.sqrt(statistics.bulk_variance))


@pytest.mark.parametrize("energy", [0.5, 0.9, 0.99, 0.9999])
def test_variance_is_right_within_2_percent_when_one_trap_holds_most_energy(energy):
    array = noise((300, 200), 0)
    array[7, 3] = np.sqrt(energy / (1 - energy) * array.size)
    assert abs(entry_statistics(weight_matrix(array)).bulk_variance - 1) < 0.02
    array = noise((300, 200), 0) + np.sqrt(energy / (1 - energy))
    assert abs(entry_statistics(weight_matrix(array)).bulk_variance - 1) < 0.02


def test_a_giant_does_not_hide_smaller_ones():
    array = noise((300, 200), 0)
    sizes = np.array([1e6, 1e4, 600.0, 60.0, 40.0])
    array[np.arange(5), np.arange(5)] = sizes
    statistics = entry_statistics(weight_matrix(array))
    assert [entry.row for entry in statistics.giants] == [0, 1, 2, 3, 4]
    assert abs(statistics.bulk_variance - 1) < 0.02
    # Nor does it pass for a mean offset: the mean is that of the bulk.
    assert abs(statistics.mean) < statistics.mean_threshold / 2
    assert set(empty_scan(weight_matrix(array)).predicted.causes) == {"entries"}


@pytest.mark.parametrize("giant", [1e8, 1e12])
def test_a_giant_of_absurd_size_leaves_the_bulk_as_it_is(giant):
    # Its square times the machine precision is larger than the energy of the whole bulk.
    array = noise((120, 80), 0)
    array[5, 6] = giant
    statistics = entry_statistics(weight_matrix(array))
    assert abs(statistics.bulk_variance - 1) < 0.03
    assert [(entry.row, entry.column) for entry in statistics.giants[:1]] == [(5, 6)]


@pytest.mark.parametrize("law, kurtosis", [("gaussian", 0.0), ("uniform", -1.2), ("laplace", 3.0)])
def test_excess_kurtosis_of_known_laws(law, kurtosis):
    array = noise((600, 400), 3, law)
    centred = (array - array.mean()) ** 2 / array.var()
    # By the delta method, with the influence function of the kurtosis x⁴ − 2 κ x² with κ = 3 + excess.
    error = np.std(centred**2 - 2 * (kurtosis + 3) * centred) / np.sqrt(array.size)
    assert abs(entry_statistics(weight_matrix(array)).excess_kurtosis - kurtosis) < 4 * error


def test_a_zero_or_constant_or_tiny_matrix_has_statistics():
    for value in (0.0, 2.5, -1e-30):
        statistics = entry_statistics(weight_matrix(np.full((6, 4), value)))
        assert statistics.bulk_variance == 0
        assert statistics.mean == pytest.approx(value)
        assert statistics.excess_kurtosis == 0
        assert statistics.giants == ()
        with pytest.raises(Complaint, match="all entries are equal"):
            empty_scan(weight_matrix(np.full((6, 4), value)))
    tiny = entry_statistics(weight_matrix(np.array([[1.0, 2.0], [3.0, 4.0]])))
    assert (tiny.n_entries, tiny.mean, tiny.variance) == (4, 2.5, 1.25)


def test_a_constant_of_rounding_noise_is_called_equal():
    # The mean of equal numbers need not be that number: what is left over is rounding, not weights.
    for value, shape in [(0.1, (30, 20)), (np.float32(0.1), (200, 70)), (1e30, (9, 7))]:
        array = np.full(shape, value)
        with pytest.raises(Complaint, match="all entries are equal"):
            empty_scan(weight_matrix(array))


@pytest.mark.parametrize("scale", [1e-20, 1e-12, 1e12, 1e18])
def test_very_small_and_very_large_weights_are_as_good_as_any(scale):
    array, cells = planted_entries((60, 40), 4.0, 1, seed=0)
    scan = find_traps(weight_matrix((array * scale).astype(np.float32)), [0])
    assert scan.counts == (1,)
    assert [(entry.row, entry.column) for entry in scan.traps[0].culprits] == cells


def test_two_by_two_and_single_column_shapes_do_not_break():
    for shape in [(2, 2), (2, 50), (3, 2)]:
        scan = find_traps(weight_matrix(noise(shape, 0)), range(3))
        assert "rough guide below 20" in scan.caveat
        assert len(scan.counts) == 3


def test_one_giant_in_a_sea_of_zeros_has_no_noise_to_compare_with():
    array = np.zeros((30, 20))
    array[4, 5] = 1.0
    with pytest.raises(Complaint, match="layer: all entries but 1 are equal"):
        find_traps(weight_matrix(array), [0])


# ---- laws of the shuffle and of a bulk


@settings(max_examples=30, deadline=None)
@given(st.sampled_from([(40, 30), (64, 64), (200, 25)]), st.floats(0.01, 100), st.floats(0.001, 0.2))
def test_threshold_is_the_edge_of_the_law(shape, variance, level):
    null = null_of_entries(entry_statistics(weight_matrix(noise(shape, 1) * np.sqrt(variance))), *shape)
    root = np.sqrt(shape[1] / shape[0])
    assert null.low == pytest.approx(null.variance * (1 - root) ** 2)
    assert null.high == pytest.approx(null.variance * (1 + root) ** 2)
    assert null.excess_widths(threshold_of(null, level)) == pytest.approx(tw_quantile(1 - level), abs=1e-9)
    assert null.edge_width == pytest.approx(null.variance * edge_scaling(*shape)[1])


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
