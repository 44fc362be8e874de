"""The top of a shuffled spectrum without the rest, against full decompositions."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice

import numpy as np
import pytest
from spectral_widgets.spectra.decompose import eigenvalues_of
from spectral_widgets.spectra.lanczos import EDGE_TOLERANCE, RESIDUAL, TOLERANCE, Top, top_of, top_steps
from spectral_widgets.spectra.shuffles import permuted
from spectral_widgets.spectra.traps import empty_scan
from spectral_widgets.weights import digits_mlp, digits_series

from .planting import entry_threshold, mean_threshold, noise, weight_matrix
from .trained import ORACLE, SAMPLED, STORIES_LAYERS, STORIES_SAMPLED, minilm_matrix, stories_matrix

MOST_ENTRIES = 400_000
#: Twins of which the quick tests try every pair.
SOME_APART, SOME_FACTORS = (0.0, 1e-6, 1e-3), (1.3, 50.0)
LAWS = ("gaussian", "uniform", "laplace", "student3")


def agrees(values: np.ndarray, threshold: float, seed: int = 0) -> tuple[int, Top]:
    """Hold the top against the full spectrum; how many eigenvalues are above, and the top."""
    top, every = top_of(values, threshold, seed), eigenvalues_of(values)[::-1]
    above = every[every > threshold]
    np.testing.assert_allclose(top.eigenvalues, above, rtol=TOLERANCE)
    assert top.largest == pytest.approx(every[0], rel=TOLERANCE if len(above) else EDGE_TOLERANCE, abs=1e-300)
    wide, squares = values.astype(np.float64), top.eigenvalues * len(values)
    assert top.left.shape == (values.shape[0], len(above))
    assert top.right.shape == (values.shape[1], len(above))
    np.testing.assert_allclose(top.right.T @ top.right, np.eye(len(above)), atol=1e-10)
    np.testing.assert_allclose(np.linalg.norm(top.left, axis=0), 1, atol=1e-10)
    residuals = np.linalg.norm(wide.T @ (wide @ top.right) - top.right * squares, axis=0)
    assert (residuals <= RESIDUAL * squares).all()
    images = np.linalg.norm(wide @ top.right - top.left * np.sqrt(squares), axis=0)
    assert (images <= 1e-10 * np.sqrt(squares)).all()
    return len(above), top


def near_threshold(first: int) -> Iterator[np.ndarray]:
    """Noise with one to five planted giants, a planted mean or both, 0.9 to 2 times the threshold."""
    for seed in count(first):
        rng = np.random.default_rng([seed, 7])
        short = int(rng.integers(64, 601))
        long = short if rng.random() < 0.3 else int(rng.integers(short, max(MOST_ENTRIES // short, short + 1) + 1))
        array = noise((long, short), seed, LAWS[seed % 4]).astype(np.float32)
        with_mean, n_giants = rng.random() < 0.4, int(rng.integers(1, 6))
        if not with_mean or rng.random() < 0.5:
            # Half of the time giants of one size, whose singular values lie close together.
            factors = rng.uniform(0.9, 2.0, n_giants) if rng.random() < 0.5 else np.full(n_giants, rng.uniform(0.9, 2))
            cells = rng.choice(array.size, n_giants, replace=False)
            array.ravel()[cells] = rng.choice([-1, 1], n_giants) * factors * entry_threshold(long, short)
        if with_mean:
            array += np.float32(rng.uniform(0.9, 2.0) * mean_threshold(long, short))
        yield array


def plant_line(values: np.ndarray, seed: int) -> None:
    """A row or a column of entries that make a trap together, 0.9 to 2 times the threshold."""
    rng = np.random.default_rng([seed, 8])
    line = values[rng.integers(len(values))] if seed % 8 else values[:, rng.integers(values.shape[1])]
    push = rng.standard_normal(len(line)).astype(np.float32)
    line += push * np.float32(rng.uniform(0.9, 2.0) * entry_threshold(*values.shape) / np.linalg.norm(push))


def checked(arrays: Iterator[np.ndarray], n_traps: int) -> tuple[int, int]:
    """Check arrays until so many traps were seen; how many matrices, and how many needed a full decomposition."""
    seen = n_exact = 0
    for n_matrices, array in enumerate(arrays, 1):
        values = permuted(array, n_matrices)
        if n_matrices % 4 == 0:
            plant_line(values, n_matrices)
        here, top = agrees(values, empty_scan(weight_matrix(array)).threshold, n_matrices)
        seen, n_exact = seen + here, n_exact + top.exact
        if seen >= n_traps:
            break
    return n_matrices, n_exact


def test_no_trap_near_the_threshold_is_missed_or_invented():
    n_matrices, n_exact = checked(near_threshold(0), 100)
    assert n_matrices >= 25
    assert n_exact <= 0.05 * n_matrices


@pytest.mark.slow
def test_none_of_three_thousand_is_missed_or_invented():
    n_matrices, n_exact = checked(near_threshold(1000), 3000)
    assert n_matrices >= 700
    assert n_exact <= 0.05 * n_matrices


# ---- values that lie close together


@pytest.mark.parametrize(
    ("apart", "factor"),
    [
        pytest.param(apart, factor, marks=() if apart in SOME_APART and factor in SOME_FACTORS else pytest.mark.slow)
        for apart in (0.0, 1e-9, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3)
        for factor in (1.3, 2.0, 8.0, 50.0)
    ],
)
def test_twins_are_counted_as_two(apart, factor):
    block = noise((400, 200), 3)
    block[7, 5] = factor * entry_threshold(800, 400)
    twins = np.zeros((800, 400), np.float32)
    twins[:400, :200], twins[400:, 200:] = block, block * (1 + apart)
    threshold = eigenvalues_of(twins)[-3] * (1 + 0.3 * (1 - 1 / factor))
    for seed in range(3):
        assert agrees(twins, threshold, seed)[0] == 2


def test_a_value_at_the_threshold_itself_is_decomposed_fully():
    values = next(islice(near_threshold(0), 4, None))
    largest = eigenvalues_of(values)[-1]
    for off, expected in [(-1e-9, 1), (1e-9, 0)]:
        above, top = agrees(values, largest * (1 + off))
        assert (above, top.exact) == (expected, True)


# ---- real weights


def threshold_here(matrix) -> float:
    return empty_scan(matrix).threshold


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=() if one in SAMPLED else pytest.mark.slow) for one in ORACLE.index]
)
def test_every_matrix_of_minilm_agrees(name):
    matrix = minilm_matrix(name)
    if matrix.values.size > 2_000_000:  # the vocabulary: as it is would take a second each
        matrix = weight_matrix(matrix.values[: 2_000_000 // matrix.values.shape[1]])
    for seed in range(2):
        agrees(permuted(matrix.values, seed), threshold_here(matrix), seed)


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=() if one in STORIES_SAMPLED else pytest.mark.slow) for one in STORIES_LAYERS]
)
def test_every_matrix_of_stories_agrees(name):
    matrix = stories_matrix(name)
    for seed in range(2):
        agrees(permuted(matrix.values, seed), threshold_here(matrix), seed)


def test_every_matrix_of_the_digits_network_agrees():
    n_traps = 0
    for checkpoint in digits_series():
        for layer in digits_mlp(checkpoint.step).layers:
            matrix = layer.read()
            n_traps += agrees(permuted(matrix.values, 0), threshold_here(matrix))[0]
    assert n_traps > 0


# ---- odd matrices


@pytest.mark.parametrize("power", [-140, -60, 0, 60, 120])
def test_scale_changes_nothing_but_the_scale(power):
    array = next(near_threshold(11))
    scale = float(np.float32(2.0**power))
    threshold = threshold_here(weight_matrix(array))
    one, other = top_of(array, threshold, 0), top_of(array.astype(np.float64) * scale, threshold * scale**2, 0)
    assert len(one.eigenvalues)
    np.testing.assert_allclose(other.eigenvalues, one.eigenvalues * scale**2, rtol=TOLERANCE)
    if -100 < power < 100:
        agrees(array * np.float32(scale), threshold * scale**2)


def test_half_precision_and_double_precision_agree_with_their_own_decomposition():
    for array in islice(near_threshold(20), 6):
        for dtype in (np.float16, np.float64):
            values = array.astype(dtype)
            agrees(values, threshold_here(weight_matrix(values)))


@pytest.mark.parametrize("size", [1e3, 1e6, 1e9])
def test_entries_that_would_blur_float32_are_decomposed_fully(size):
    array = next(near_threshold(30)).astype(np.float64)
    threshold = threshold_here(weight_matrix(array))
    array[3, 4] = size * np.sqrt(threshold * len(array))
    top = top_of(array, threshold, 0)
    assert top.exact
    assert top.largest == pytest.approx(size**2 * threshold, rel=0.01)


@pytest.mark.parametrize("rank", [1, 5, 60])
def test_a_low_rank_is_found_whole(rank):
    values = (noise((500, rank), 1) @ noise((rank, 350), 2)).astype(np.float32)
    every = eigenvalues_of(values)
    for threshold in (every[-1] * 1.1, every[-rank] * 0.9, every[-rank] * 1e-3):
        agrees(values, threshold)


@pytest.mark.parametrize("constant", [0.0, 1.0, -3.5e-20])
def test_constant_matrices_have_one_value_or_none(constant):
    values = np.full((400, 350), constant, np.float32)
    above, top = agrees(values, max(constant**2, 1e-60))
    assert above == (constant != 0)
    assert top.exact


def test_equal_singular_values_are_all_found():
    assert agrees(np.eye(400, 350, dtype=np.float32), 0.9 / 400)[0] == 350


# ---- steps


def test_a_run_can_be_stopped_between_steps_and_seeds_decide_all():
    array = next(near_threshold(40))
    threshold = threshold_here(weight_matrix(array))
    steps = top_steps(array, threshold, 3)
    assert next(steps) is None
    steps.close()
    assert sum(1 for _ in top_steps(array, threshold, 3)) >= 3
    before = array.copy()
    one, again, other = (top_of(array, threshold, seed) for seed in (3, 3, 4))
    assert (one.right == again.right).all()
    assert (array == before).all()
    np.testing.assert_allclose(one.eigenvalues, other.eigenvalues, rtol=TOLERANCE)
