"""What the entries of a matrix know: mean, bulk variance, kurtosis, giants."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spectral_widgets.records import Complaint
from spectral_widgets.spectra.entries import entry_statistics
from spectral_widgets.spectra.traps import empty_scan, find_traps

from .planting import noise, planted_entries, weight_matrix

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


@pytest.mark.parametrize(("law", "kurtosis"), [("gaussian", 0.0), ("uniform", -1.2), ("laplace", 3.0)])
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
        assert "rough guide below 20, so no traps are counted" in scan.caveat
        assert scan.refused
        assert len(scan.spectra) == 3
        assert (scan.counts, scan.traps) == ((), ())
        assert np.isnan(scan.median_count)


def test_one_giant_in_a_sea_of_zeros_has_no_noise_to_compare_with():
    array = np.zeros((30, 20))
    array[4, 5] = 1.0
    with pytest.raises(Complaint, match="layer: all entries but 1 are equal"):
        find_traps(weight_matrix(array), [0])
