"""The leading direction of rows that come once: planted spikes, the batch answer, and orders that mislead."""

from __future__ import annotations

import numpy as np
import pytest
import spectral_widgets as sw
from spectral_widgets.spectra.streaming import streaming_top_vector_steps

N_ROWS, N_COLS = 2048, 40


def planted(strength, seed, n_rows=N_ROWS):
    rng = np.random.default_rng([seed, 3])
    direction = rng.standard_normal(N_COLS)
    direction /= np.linalg.norm(direction)
    rows = rng.standard_normal((n_rows, N_COLS)) + strength * np.outer(rng.standard_normal(n_rows), direction)
    return rows, direction


def sin_squared(one, two):
    return 1 - float(one @ two) ** 2


def batch(rows):
    return np.linalg.svd(rows, full_matrices=False)[2][0]


@pytest.mark.parametrize("strength", [2.0, 4.0])
def test_a_planted_direction_is_found_within_a_few_times_the_quoted_error(strength):
    cases = [planted(strength, seed) for seed in range(6)]
    found = [(sw.streaming_top_vector(iter(rows)), rows, direction) for rows, direction in cases]
    truth = np.mean([sin_squared(one.vector, direction) for one, _, direction in found])
    quoted = np.mean([one.sin_squared for one, _, _ in found])
    assert 0.4 < truth / quoted < 2.5
    assert all(one.caveat == "" for one, _, _ in found)
    assert np.mean([sin_squared(one.vector, batch(rows)) for one, rows, _ in found]) < 0.5 * quoted
    errors = [(one.eigenvalue - (1 + strength**2)) / one.eigenvalue_error for one, _, _ in found]
    assert np.mean(np.square(errors)) < 4


def test_the_error_falls_with_the_number_of_rows():
    def error(n_rows):
        return np.mean([sw.streaming_top_vector(planted(2.0, k, n_rows)[0]).sin_squared for k in range(4)])

    assert error(4096) == pytest.approx(error(512) / 8, rel=0.6)


def test_rows_in_two_phases_are_called_out_of_order_and_the_same_rows_shuffled_are_not():
    one, _ = planted(4.0, 1)
    other, _ = planted(4.0, 2)
    phases = np.concatenate([one, other])
    assert "random order" in sw.streaming_top_vector(phases).caveat
    shuffled = np.random.default_rng(0).permutation(phases)
    assert sw.streaming_top_vector(shuffled).drift < 4


def test_a_drift_that_cannot_be_told_is_a_caveat():
    found = sw.streaming_top_vector(planted(4.0, 1, 256)[0])
    assert np.isnan(found.drift)
    assert "random order" in found.caveat


@pytest.mark.parametrize("n_rows", [256, 257, 511, 512, 513, 1024])
def test_the_last_estimate_is_of_all_rows(n_rows):
    rows, _ = planted(4.0, 1, n_rows)
    sizes = [one.n_rows for one in streaming_top_vector_steps(rows)]
    assert sizes[-1] == n_rows
    assert sizes == sorted(set(sizes))


def test_noise_has_no_direction():
    found = sw.streaming_top_vector(np.random.default_rng(5).standard_normal((N_ROWS, N_COLS)))
    assert "do not agree" in found.caveat
    assert found.sin_squared > 0.3


def test_blocks_and_single_rows_are_the_same_and_so_is_every_run():
    rows, _ = planted(2.0, 4)
    single, blocks = sw.streaming_top_vector(iter(rows)), sw.streaming_top_vector(np.array_split(rows, 7))
    np.testing.assert_array_equal(single.vector, blocks.vector)
    assert single.n_rows == blocks.n_rows == N_ROWS


def test_steps_see_only_what_came():
    rows, _ = planted(2.0, 6)
    sizes = [one.n_rows for one in streaming_top_vector_steps(rows)]
    assert sizes == [512, 1024, 2048]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (np.ones((5, 3)), "too few"),
        ([np.ones(3)] * 300 + [np.ones(4)] * 300, "different lengths"),
        (np.full((600, 3), np.nan), "NaN"),
        (np.full((600, 3), 1e200), "scale all rows down"),
        (np.ones((2, 300, 3, 2)), r"shape \(300, 3, 2\)"),
        (np.ones((600, 0)), "shape"),
        (np.ones(600), "shape"),
        ("some words", "not real numbers"),
        ([["1", "2"]] * 300, "not real numbers"),
        ([[[1.0], [1.0, 2.0]]] * 300, "cannot be read"),
        (np.ones((600, 3)) * 1j, "not real numbers"),
        (5, "A int has no rows"),
    ],
)
def test_what_cannot_be_streamed_says_why(rows, words):
    with pytest.raises(sw.Complaint, match=words):
        sw.streaming_top_vector(rows)


@pytest.mark.parametrize("rows", [np.zeros((600, 5)), np.zeros((600, 5), np.int64)])
def test_of_rows_of_zeros_nothing_stands_out(rows):
    found = sw.streaming_top_vector(rows)
    assert "no direction stands out" in found.caveat
    assert np.isnan(found.sin_squared)
    assert found.eigenvalue == 0


@pytest.mark.parametrize("scale", [1e-40, 1e40])
def test_the_unit_of_the_rows_does_not_matter(scale):
    rows, _ = planted(4.0, 7)
    one, scaled = sw.streaming_top_vector(rows), sw.streaming_top_vector(scale * rows)
    np.testing.assert_allclose(scaled.vector, one.vector, atol=1e-9)
    assert scaled.eigenvalue == pytest.approx(scale**2 * one.eigenvalue)
    assert scaled.sin_squared == pytest.approx(one.sin_squared)
