"""Outliers, the thresholds that give birth to them, and their vectors: against tables and simulation."""

from math import isnan, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spectral_widgets import rmt

aspects = st.floats(0.01, 1.0)
quick = settings(max_examples=40, deadline=None, derandomize=True)

FOUND = [
    (784, 200, 1.2, 2.333),
    (784, 200, 1.5, 2.616),
    (784, 200, 2, 3.402),
    (784, 200, 3, 5.857),
    (200, 200, 2, 6.25),
]


def strength_squared(n_rows, n_cols, factor):
    """θ² of a rank-one piece ``factor`` times as strong as the threshold."""
    return factor**2 * sqrt(n_cols / n_rows)


@pytest.mark.parametrize(("n_rows", "n_cols", "factor", "eigenvalue"), FOUND)
def test_outliers_lie_where_the_table_says(n_rows, n_cols, factor, eigenvalue):
    predicted = rmt.outlier_eigenvalue(strength_squared(n_rows, n_cols, factor), n_cols / n_rows)
    assert float(predicted) == pytest.approx(eigenvalue, abs=6e-4)


@pytest.mark.parametrize(("n_rows", "n_cols"), [(400, 100), (200, 200)])
@pytest.mark.parametrize("cause", ["entry", "mean"])
def test_outliers_lie_where_simulation_puts_them(n_rows, n_cols, cause):
    rng = np.random.default_rng(n_rows)
    strength = 2.5 * (n_rows * n_cols) ** 0.25
    left, right = np.eye(n_rows)[0], np.eye(n_cols)[0]
    if cause == "mean":
        left, right = np.full(n_rows, n_rows**-0.5), np.full(n_cols, n_cols**-0.5)
    tops, overlaps = [], []
    for _ in range(20):
        noise = rng.standard_normal((n_rows, n_cols))
        noise[0, 0] *= cause == "mean"
        u, s, vt = np.linalg.svd(noise + strength * np.outer(left, right), full_matrices=False)
        tops.append(s[0] ** 2 / n_rows)
        overlaps.append([(u[:, 0] @ left) ** 2, (vt[0] @ right) ** 2])
    squared = strength_squared(n_rows, n_cols, 2.5)
    assert np.mean(tops) == pytest.approx(float(rmt.outlier_eigenvalue(squared, n_cols / n_rows)), rel=0.02)
    sides = [float(side) for side in rmt.overlap_squared(squared, n_cols / n_rows)]
    assert np.mean(overlaps, axis=0) == pytest.approx(sides, abs=0.03)


@quick
@given(aspects)
def test_an_outlier_is_born_at_the_edge(aspect):
    at_threshold = sqrt(aspect)
    assert isnan(float(rmt.outlier_eigenvalue(0.999 * at_threshold, aspect)))
    born = float(rmt.outlier_eigenvalue(1.0001 * at_threshold, aspect))
    assert born == pytest.approx(rmt.mp_edges(aspect)[1], rel=1e-6)
    assert max(float(side) for side in rmt.overlap_squared(1.0001 * at_threshold, aspect)) < 1e-3


@quick
@given(st.integers(1, 5000), st.integers(1, 5000), st.floats(1e-3, 1e3))
def test_the_two_thresholds_are_one_strength(n_rows, n_cols, deviation):
    as_entry = rmt.entry_threshold(n_rows, n_cols, deviation)
    as_mean = rmt.mean_threshold(n_rows, n_cols, deviation) * sqrt(n_rows * n_cols)
    assert as_entry == pytest.approx(as_mean)


def test_thresholds_are_the_published_ones():
    assert rmt.entry_threshold(784, 200) == pytest.approx(19.9, abs=0.05)
    assert rmt.entry_threshold(2880, 2880) == pytest.approx(53.7, abs=0.05)
    assert rmt.mean_threshold(784, 200) == pytest.approx(0.0503, abs=5e-5)
    assert rmt.mean_threshold(2880, 2880) == pytest.approx(0.0186, abs=5e-5)


@quick
@given(st.integers(1, 200), st.integers(0, 1000), st.floats(-5, 5))
def test_participation_counts_components_whatever_the_scale(n, seed, exponent):
    vector = np.random.default_rng(seed).standard_normal(n)
    participation = rmt.participation_ratio(vector)
    assert 1 - 1e-12 <= participation <= n + 1e-9
    assert rmt.participation_ratio(10**exponent * vector) == pytest.approx(participation)
    assert rmt.participation_ratio(np.ones(n)) == pytest.approx(n)
    assert rmt.participation_ratio(np.eye(n)[0]) == 1


def test_random_vectors_have_the_porter_thomas_participation():
    assert rmt.porter_thomas_participation(1) == 1
    vectors = np.random.default_rng(0).standard_normal((2000, 200))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    inverse = (vectors**4).sum(axis=1)
    error = inverse.std() / sqrt(len(inverse))
    assert abs(inverse.mean() - 1 / rmt.porter_thomas_participation(200)) < 4 * error
