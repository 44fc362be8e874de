"""The trap engine: calibrated on noise, equal to a plain decomposition, and clear about bad questions."""

from __future__ import annotations

from dataclasses import replace
from math import isnan

import numpy as np
import pytest
from spectral_widgets.records import Complaint
from spectral_widgets.spectra.shuffles import permutation
from spectral_widgets.spectra.traps import find_traps

from .planting import (
    culprits_of,
    noise,
    planted_entries,
    weight_matrix,
)

# ---- noise


@pytest.mark.parametrize("shape", [(50, 50), (200, 784), (384, 384), (384, 1536)])
def test_pure_gaussian_noise_is_flagged_in_0_to_3_percent_of_200_draws(shape):
    flagged = [find_traps(weight_matrix(noise(shape, seed)), [seed]).counts[0] > 0 for seed in range(200)]
    assert 0 <= np.mean(flagged) <= 0.03


@pytest.mark.parametrize("law", ["uniform", "laplace"])
@pytest.mark.parametrize("shape", [(50, 50), (64, 256)])
def test_flat_and_heavier_noise_stay_near_the_level(law, shape):
    # Nominal 1 %, measured 0.7 to 1.5 % in long runs: 200 draws reach 4 % with probability 1e-3 at most.
    flagged = [find_traps(weight_matrix(noise(shape, seed, law)), [seed]).counts[0] > 0 for seed in range(200)]
    assert np.mean(flagged) <= 0.04


@pytest.mark.parametrize("law", ["gaussian", "laplace"])
def test_unplanted_matrices_of_table_a9_have_no_trap(law):
    for seed in range(4):
        assert find_traps(weight_matrix(noise((784, 200), seed, law)), [seed]).counts == (0,)


def test_heavy_tails_are_flagged_without_a_p_value():
    for seed in range(4):
        scan = find_traps(weight_matrix(noise((784, 200), seed, "student3")), [seed])
        assert scan.counts[0] >= 1
        assert "heavy-tailed" in scan.caveat
        assert all(isnan(trap.p_value) and trap.caveat == scan.caveat for trap in scan.traps)


@pytest.mark.parametrize("shape", [(50, 50), (64, 64), (200, 100)], ids=str)
@pytest.mark.parametrize("freedom", [3, 4])
def test_a_student_t_law_shows_in_small_matrices_too(shape, freedom):
    """Entries beyond the trap threshold are left out of the kurtosis, which hides most of a tail in few entries."""
    draws = [np.random.default_rng(seed).standard_t(freedom, shape) for seed in range(20)]
    scans = [find_traps(weight_matrix(array), [0]) for array in draws]
    quoted = [scan for scan in scans if any(not isnan(trap.p_value) for trap in scan.traps)]
    assert sum(bool(scan.traps) for scan in scans) >= 5
    assert len(quoted) <= 1
    assert sum(scan.statistics.heavy for scan in scans) >= 18


@pytest.mark.parametrize("shape", [(50, 50), (64, 64), (200, 100)], ids=str)
@pytest.mark.parametrize("law", ["gaussian", "uniform", "laplace"])
def test_giants_among_light_entries_keep_their_p_value(shape, law):
    for seed in range(10):
        array = noise(shape, seed, law)
        array[[1, 2, 3], [4, 5, 6]] = 3 * array.std() * array.size**0.25
        scan = find_traps(weight_matrix(array), [seed])
        assert not scan.statistics.heavy
        assert scan.counts[0] >= 2
        assert all(trap.p_value < 1e-6 for trap in scan.traps[:2])


@pytest.mark.parametrize("share", [0.005, 0.01])
def test_a_few_numbers_among_zeros_leave_no_noise_to_compare_with(share):
    rng = np.random.default_rng(0)
    array = rng.standard_normal((50, 50)) * (rng.random((50, 50)) < share)
    with pytest.raises(Complaint, match=f"all entries but {np.count_nonzero(array)} are equal"):
        find_traps(weight_matrix(array), [0])


# ---- a naive second implementation


def naive_threshold(values: np.ndarray) -> float:
    """Written out from the papers: iterated variance, Ma's centring, kurtosis, 99 % quantile of Tracy–Widom."""
    n, m = values.shape
    inside = np.ones(values.size, dtype=bool)
    for _ in range(100):
        deviation = values.ravel() - values.ravel()[inside].mean()
        variance = np.mean(deviation[inside] ** 2)
        fresh = np.abs(deviation) <= np.sqrt(variance) * (n * m) ** 0.25
        if (fresh == inside).all():
            break
        inside = fresh
    kurtosis = np.mean(deviation[inside] ** 4) / variance**2 - 3
    a, b = np.sqrt(n - 0.5), np.sqrt(m - 0.5)
    centre = (a + b) ** 2 / n + kurtosis / n * (1 + np.sqrt(m / n)) ** 2 / np.sqrt(m / n)
    wider = np.exp(kurtosis * ((1 + m / n) / (2 * m / n) + 2 / np.sqrt(m / n)) / n)
    return variance * (centre + 2.02345 * wider * (a + b) * (1 / a + 1 / b) ** (1 / 3) / n)


@pytest.mark.parametrize(
    ("shape", "factor"), [((60, 40), 3.0), ((40, 60), 3.0), ((50, 50), 2.0), ((784, 200), 2.0), ((560, 560), 3.0)]
)
def test_a_plain_singular_value_decomposition_gives_the_same(shape, factor):
    array, _ = planted_entries(shape, factor, 3, seed=4)
    array += 2 * (array.size) ** -0.25
    matrix = weight_matrix(array)
    tall = array if shape[0] >= shape[1] else array.T
    scan = find_traps(matrix, [0, 7], spectra="all")
    assert scan.threshold == pytest.approx(naive_threshold(tall), rel=1e-6)
    for position, seed in enumerate((0, 7)):
        shuffled = tall.ravel()[permutation(tall.size, seed)].reshape(tall.shape)
        left, values, right = np.linalg.svd(shuffled, full_matrices=False)
        eigenvalues = values**2 / len(tall)
        np.testing.assert_allclose(scan.spectra[position].eigenvalues[::-1], eigenvalues, rtol=1e-9, atol=1e-12)
        assert scan.counts[position] == np.count_nonzero(eigenvalues > naive_threshold(tall))
        assert scan.counts[position] >= 1
        for trap in scan.of_seed(seed):
            assert trap.eigenvalue == pytest.approx(eigenvalues[trap.index], rel=1e-10)
            assert abs(trap.left @ left[:, trap.index]) == pytest.approx(1, abs=1e-7)
            assert abs(trap.right @ right[trap.index]) == pytest.approx(1, abs=1e-7)
            assert trap.left @ shuffled @ trap.right == pytest.approx(values[trap.index], rel=1e-9)


def test_shares_split_the_singular_value_exactly():
    array, _ = planted_entries((120, 80), 4.0, 1, seed=9)
    array += 3 * array.size**-0.25
    scan = find_traps(weight_matrix(array), [0])
    mean = scan.statistics.mean
    order = permutation(array.size, 0)
    for trap in scan.traps:
        value = np.sqrt(trap.eigenvalue * 120)
        assert trap.mean_share == pytest.approx(mean * trap.left.sum() * trap.right.sum() / value, rel=1e-9)
        for entry in trap.culprits:
            flat = np.flatnonzero(order == entry.row * 80 + entry.column)[0]
            row, column = divmod(int(flat), 80)
            share = trap.left[row] * (entry.value - mean) * trap.right[column] / value
            assert entry.share == pytest.approx(share, rel=1e-9)


# ---- the published rule beside it, and bad input


@pytest.mark.parametrize("factor", [3.0, 20.0])
def test_the_published_rule_finds_the_strong_traps_of_table_a9(factor):
    for seed in range(3):
        array, cells = planted_entries((784, 200), factor, 5, seed)
        rule = find_traps(weight_matrix(array), [seed], engine="weightwatcher")
        calibrated = find_traps(weight_matrix(array), [seed])
        assert rule.counts == calibrated.counts
        assert all(isnan(trap.p_value) and "no p-value" in trap.caveat for trap in rule.traps)
        assert set(culprits_of(rule)) == set(cells)


def test_bad_questions_get_a_sentence():
    matrix = weight_matrix(noise((30, 20), 0))
    for arguments, words in [
        (([0], 0.0), "between 0 and 0.5"),
        (([0], 0.5), "between 0 and 0.5"),
        (([0], float("nan")), "between 0 and 0.5"),
        (([0], 0.01, "robust"), "no trap engine 'robust'"),
        (([],), "at least one seed"),
    ]:
        with pytest.raises(Complaint, match=words):
            find_traps(matrix, *arguments)
    for constant in (0.0, 1.0, -3.5):
        flat = replace(matrix, values=np.full((30, 20), constant))
        with pytest.raises(Complaint, match="layer: all entries are equal"):
            find_traps(flat, [0])
