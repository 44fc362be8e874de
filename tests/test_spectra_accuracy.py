"""Spectra through the Gram matrix against planted truth, a naive second way, and numpy's singular values."""

from __future__ import annotations

import numpy as np
import pytest
import spectral_widgets as sw
from hypothesis import given, settings
from hypothesis import strategies as st
from spectral_widgets.metrics.conditions import condition_number
from spectral_widgets.metrics.ranks import numerical_rank
from spectral_widgets.records import Complaint
from spectral_widgets.spectra import decompose, lapack, routes
from spectral_widgets.spectra.decompose import eigenvalues_of, gram_of, spectrum_of, top_pairs_of

from .planting import weight_matrix

EPS = np.finfo(np.float64).eps


def planted(singular_values: np.ndarray, n_rows: int, seed: int = 0) -> np.ndarray:
    """A matrix with these singular values, up to the rounding of its entries."""
    rng = np.random.default_rng(seed)
    n_cols = len(singular_values)
    left = np.linalg.qr(rng.standard_normal((n_rows, n_cols)))[0]
    right = np.linalg.qr(rng.standard_normal((n_cols, n_cols)))[0]
    return (left * singular_values) @ right.T


def by_rotations(values: np.ndarray) -> np.ndarray:
    """Ascending singular values by one-sided Jacobi rotations in extended precision: columns are made orthogonal."""
    columns = values.astype(np.longdouble).T.copy()
    for _ in range(30):
        largest = np.longdouble(0)
        for i in range(len(columns)):
            for j in range(i):
                a, b, c = columns[i] @ columns[i], columns[j] @ columns[j], columns[i] @ columns[j]
                if abs(c) <= 1e-19 * np.sqrt(a * b):
                    continue
                largest = max(largest, abs(c) / np.sqrt(a * b))
                zeta = (b - a) / (2 * c)
                tangent = (1 if zeta >= 0 else -1) / (abs(zeta) + np.sqrt(1 + zeta * zeta))
                cosine = 1 / np.sqrt(1 + tangent * tangent)
                x, y = columns[i].copy(), columns[j].copy()
                columns[i], columns[j] = cosine * (x - tangent * y), cosine * (tangent * x + y)
        if not largest:
            break
    return np.sort(np.sqrt((columns * columns).sum(axis=1)))


@pytest.mark.parametrize("seed", range(3))
def test_singular_values_from_one_to_1e_minus_12_are_good_or_zero_and_counted(seed):
    wanted = 10.0 ** -np.arange(13)
    values = planted(wanted, 24, seed)
    truth = by_rotations(values)
    assert np.allclose(truth[::-1], wanted, rtol=0, atol=8 * EPS)
    spectrum = spectrum_of(weight_matrix(values))
    found = np.sqrt(24 * spectrum.eigenvalues)
    exact = (truth**2).astype(np.float64) / 24
    assert np.abs(spectrum.eigenvalues - exact).max() <= 16 * EPS * exact[-1]
    good = truth >= 1e-5
    assert np.allclose(found[good], truth[good].astype(np.float64), rtol=1e-5, atol=0)
    assert (found[truth < 1e-9] < 1e-7).all()
    assert not found[(found > 0) & (found < 1e-8)].size
    # 1e-8 … 1e-12 lie below √(24 · 2⁻⁵²) ≈ 7.3e-8 and cannot be told from zero; 1e-7 can.
    assert spectrum.n_uncertain == 5
    assert numerical_rank(spectrum) == 8


@pytest.mark.parametrize("n_copies", [1, 7, 40])
def test_duplicated_columns_count_as_uncertain_and_have_no_condition_number(n_copies):
    values = np.random.default_rng(n_copies).standard_normal((200, 60)).astype(np.float32)
    values[:, 60 - n_copies :] = values[:, :n_copies] if n_copies <= 30 else values[:, :1]
    rank = np.linalg.matrix_rank(values.astype(np.float64))
    spectrum = spectrum_of(weight_matrix(values))
    assert spectrum.n_uncertain == 60 - rank
    assert (spectrum.eigenvalues >= 0).all()
    with pytest.raises(Complaint, match="rank"):
        condition_number(spectrum)


@settings(deadline=None, max_examples=40)
@given(
    n_rows=st.integers(1, 300),
    share=st.floats(0, 1),
    seed=st.integers(0, 99),
    order=st.sampled_from(["C", "F", "strided", "reversed"]),
    dtype=st.sampled_from([np.float32, np.float64]),
    offset=st.sampled_from([0.0, 1.0, 1e4]),
)
def test_every_layout_gives_the_squares_of_numpys_singular_values(n_rows, share, seed, order, dtype, offset):
    n_cols = max(1, int(share * n_rows))
    wide = (np.random.default_rng(seed).standard_normal((n_rows, n_cols)) + offset).astype(dtype)
    views = {
        "C": wide,
        "F": np.asfortranarray(wide),
        "strided": np.repeat(wide, 2, axis=0)[::2],
        "reversed": wide[::-1].copy()[::-1],
    }
    spectrum = spectrum_of(weight_matrix(views[order]))
    expected = np.linalg.svd(wide.astype(np.float64), compute_uv=False)[::-1] ** 2 / n_rows
    assert np.abs(spectrum.eigenvalues - expected).max() <= 1e-13 * expected[-1]
    assert spectrum.element_variance == pytest.approx(wide.var(dtype=np.float64), rel=1e-12, abs=1e-300)
    assert np.array_equal(views[order], wide)


@pytest.mark.parametrize("has_library", [True, False])
@pytest.mark.parametrize("order", ["C", "F"])
def test_the_gram_matrix_of_blocks_is_symmetric_and_that_of_the_whole(monkeypatch, has_library, order):
    monkeypatch.setattr(decompose, "BLOCK_ENTRIES", 64)
    monkeypatch.setattr(lapack, "available", lambda: has_library)
    values = np.asarray(np.random.default_rng(0).standard_normal((700, 290)), dtype=np.float32, order=order)
    wide = values.astype(np.float64)
    gram = gram_of(values)
    assert np.array_equal(gram, gram.T)
    assert np.allclose(gram, wide.T @ wide / 700, rtol=0, atol=1e-14)
    expected = np.linalg.eigvalsh(wide.T @ wide / 700)
    assert np.allclose(eigenvalues_of(values), expected, rtol=0, atol=1e-13 * expected[-1])


@pytest.mark.parametrize("has_library", [True, False])
@pytest.mark.parametrize("shape", [(1, 1), (60, 7), (130, 130), (400, 230)])
def test_top_pairs_are_those_of_the_full_decomposition(monkeypatch, has_library, shape):
    monkeypatch.setattr(lapack, "available", lambda: has_library)
    values = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    gram = values.astype(np.float64).T @ values.astype(np.float64) / shape[0]
    every = np.linalg.eigvalsh(gram)[::-1]
    for count in {0, 1, min(5, shape[1]), shape[1]}:
        above = (every[count - 1] + every[count]) / 2 if 0 < count < len(every) else [2 * every[0], -1.0][count > 0]
        for found, vectors, _ in (top_pairs_of(values, above), top_pairs_of(values, 0.0, count)):
            assert vectors.shape == (shape[1], count)
            assert np.allclose(found, every[:count], rtol=0, atol=1e-13 * every[0])
            assert np.allclose(gram @ vectors, found * vectors, rtol=0, atol=1e-12 * every[0])
            assert np.allclose(vectors.T @ vectors, np.eye(count), rtol=0, atol=1e-12)
    assert top_pairs_of(values, np.inf)[0].size == 0


@pytest.mark.parametrize("n_twins", [2, 40])
def test_top_pairs_of_equal_eigenvalues_are_orthogonal(n_twins):
    values = planted(np.r_[np.full(n_twins, 3.0), np.linspace(1, 2, 20)], 80)
    found, vectors, _ = top_pairs_of(values, 8.0 / 80)
    assert np.allclose(found, np.full(n_twins, 9.0 / 80), rtol=1e-12)
    assert np.allclose(vectors.T @ vectors, np.eye(n_twins), rtol=0, atol=1e-12)


@pytest.mark.parametrize("route", ["numpy", "one-stage", "two-stage"])
@pytest.mark.parametrize("side", [1, 2, 33, 200])
def test_all_routes_agree_and_need_the_upper_triangle_only(route, side):
    noise = np.random.default_rng(side).standard_normal((side, 2 * side))
    gram = noise @ noise.T
    expected = np.linalg.eigvalsh(gram)
    found = routes.eigenvalues_by(route, np.triu(gram))
    assert np.allclose(found, expected, rtol=0, atol=1e-13 * expected[-1])


def test_the_library_of_scipys_wheels_is_found_here():
    assert lapack.available()
    assert lapack.n_threads() >= 1


def test_what_does_not_converge_is_said():
    with pytest.raises(np.linalg.LinAlgError):
        lapack.eigenvalues_in_place(np.full((3, 3), np.nan), two_stage=False)


def test_the_two_stage_route_is_for_large_sides_on_one_thread():
    start = routes.TWO_STAGE_FROM
    chosen = {(side, n): routes.route_of(side, n) for side in (start - 1, start) for n in (1, 2)}
    assert chosen == {
        (start - 1, 1): "one-stage",
        (start, 1): "two-stage",
        (start - 1, 2): "one-stage",
        (start, 2): "one-stage",
    }


def test_the_crossover_can_be_measured_again():
    times = routes.measured_routes([20, 40], rounds=1)
    assert [(one.side, one.route) for one in times] == [
        (side, route) for side in (20, 40) for route in ("numpy", "one-stage", "two-stage")
    ]
    assert all(one.seconds >= 0 for one in times)


def test_the_public_spectrum_is_the_same_for_a_tensor_and_its_transpose():
    values = np.random.default_rng(3).standard_normal((70, 200)).astype(np.float32)
    here, there = sw.spectrum(values), sw.spectrum(np.ascontiguousarray(values.T))
    assert np.allclose(here.eigenvalues, there.eigenvalues, rtol=0, atol=1e-14 * here.eigenvalues[-1])
