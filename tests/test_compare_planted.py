"""Pair metrics against planted truth and naive second versions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spectral_widgets.metrics import pairs

from .pair_subjects import ALL, SHAPES, low_rank_pair, orthogonal, pair, subject, value


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.integers(1, 6))
def test_a_low_rank_update_gives_in_factors_what_its_product_gives(seed, rank):
    rng = np.random.default_rng(seed)
    shape = SHAPES[seed % 3]
    base, left, right = (rng.standard_normal(size) for size in (shape, (shape[0], rank), (rank, shape[1])))
    factored = pairs.PairEvidence(low_rank_pair(base, left, right))
    formed = pairs.PairEvidence(pair(base, base + left @ right))
    for name, metric in ALL.items():
        if name != "update_spikes":  # the product has rounding in the place of exact zeros
            values = [metric.function(*(one.of(kind) for kind in metric.evidence)) for one in (factored, formed)]
            assert values[0] == pytest.approx(values[1], rel=1e-7, abs=1e-7), name
    assert ALL["update_rank"].function(*(factored.of(kind) for kind in ALL["update_rank"].evidence)) == rank


def test_the_difference_agrees_with_a_plain_decomposition():
    base, other = subject(6)
    singular_values = np.linalg.svd(other - base, compute_uv=False)
    found = pairs.difference_spectrum_of(pair(base, other))
    np.testing.assert_allclose(found.singular_values, singular_values, rtol=1e-7)
    energy = (singular_values**2).cumsum() / (singular_values**2).sum()
    for name, share in (("update_directions_90", 0.9), ("update_directions_99", 0.99)):
        assert value(ALL[name], base, other) == next(n for n, part in enumerate(energy, 1) if part >= share)
    assert found.spectrum.element_variance == pytest.approx((other - base).var())


def test_planted_directions_of_an_update_stand_out_of_its_noise():
    rng = np.random.default_rng(3)
    base = rng.standard_normal((120, 80))
    planted = orthogonal(120, rng)[:, :3] @ np.diag([9.0, 7.0, 6.0]) @ orthogonal(80, rng)[:3]
    assert value(ALL["update_spikes"], base, base + planted + 0.1 * rng.standard_normal((120, 80))) == 3


@pytest.mark.parametrize(("dtype", "size"), [(np.float64, 1e-6), (np.float32, 1e-2), (np.float16, 1.0)])
def test_rounding_of_stored_weights_does_not_count_as_rank(dtype, size):
    rng = np.random.default_rng(4)
    base = rng.standard_normal((90, 60)).astype(dtype)
    update = size * rng.standard_normal((90, 4)) @ rng.standard_normal((4, 60))
    stored = (base.astype(np.float64) + update).astype(dtype)
    difference = stored.astype(np.float64) - base.astype(np.float64)
    if dtype is not np.float64:
        assert np.linalg.matrix_rank(difference) == 60  # which is what the eye of float64 sees
    rounding = np.finfo(dtype).eps / 2
    found = pairs.difference_spectrum_of(pair(base, stored, rounding=rounding))
    assert ALL["update_rank"].function(found) == 4


def test_random_subspaces_overlap_by_chance():
    rng = np.random.default_rng(5)
    overlaps = []
    for _ in range(40):
        base, other = rng.standard_normal((2, 50, 20))
        overlaps.append([value(ALL[f"{side}_overlap"], base, other, k=4) for side in ("left", "right")])
    means, errors = np.mean(overlaps, axis=0), np.std(overlaps, axis=0) / np.sqrt(40)
    assert (np.abs(means - [4 / 50, 4 / 20]) < 4 * errors).all()
    assert value(ALL["left_overlap_by_chance"], base, other, k=4) == 4 / 50
    assert value(ALL["right_overlap_by_chance"], base.T, other.T, k=4) == 4 / 50


def test_principal_angles_are_those_of_scipy():
    from scipy.linalg import subspace_angles

    base, other = subject(7)
    left, _, right = np.linalg.svd(base, full_matrices=False)
    other_left, _, other_right = np.linalg.svd(other, full_matrices=False)
    expected = np.degrees(subspace_angles(left[:, :5], other_left[:, :5]).max())
    assert value(ALL["left_angle"], base, other, k=5) == pytest.approx(expected, rel=1e-9)
    expected = np.degrees(subspace_angles(right[:5].T, other_right[:5].T).max())
    assert value(ALL["right_angle"], base, other, k=5) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("turned", [False, True])
def test_a_planted_intruder_is_counted_on_the_output_side(turned):
    """A strong new output direction that mixes ten old ones; an old one made stronger is no intruder."""
    rng = np.random.default_rng(8)
    left, right = orthogonal(60, rng), orthogonal(40, rng)
    base = left[:, :40] @ np.diag(np.linspace(3, 2, 40)) @ right.T
    mixed = left[:, :40] @ np.full(40, 40**-0.5)
    planted = base + 20 * np.outer(mixed, right[:, 0])
    strengthened = base + 20 * np.outer(left[:, 0], right[:, 0])
    if turned:  # outputs are now the short side; the mixture is of inputs
        planted = base.T + 20 * np.outer(right @ np.full(40, 40**-0.5), left[:, 0])
        base, strengthened = base.T, strengthened.T
    assert value(ALL["intruder_dimensions"], base, planted, top=1) == 1
    assert value(ALL["lowest_cosine"], base, planted, top=1) < 0.3
    assert value(ALL["intruder_dimensions"], base, strengthened, top=10) == 0
    assert value(ALL["intruder_dimensions"], base, planted, top=1, threshold=0.05) == 0


def test_cka_agrees_with_kernels_and_is_not_blind_to_row_order():
    rng = np.random.default_rng(9)
    for shape in ((12, 30), (30, 12)):
        base, other = rng.standard_normal((2, *shape))
        centre = np.eye(shape[0]) - 1 / shape[0]
        one, two = (centre @ x @ x.T @ centre for x in (base, other))
        expected = (one * two).sum() / np.sqrt((one**2).sum() * (two**2).sum())
        assert value(ALL["weight_cka"], base, other) == pytest.approx(expected, rel=1e-12)
        assert value(ALL["weight_cka"], base, base[rng.permutation(len(base))]) < 0.8


def test_the_number_of_directions_comes_from_the_spikes_of_the_base():
    rng = np.random.default_rng(10)
    directions = 2 * orthogonal(120, rng)[:, :5] @ orthogonal(80, rng)[:5]
    base = 0.1 * rng.standard_normal((120, 80)) + 3 * directions
    found = pairs.subspaces_of(pair(base, base + 0.01 * rng.standard_normal((120, 80))))
    assert found.k == 5
    assert "spikes" in found.how
    assert pairs.subspaces_of(pair(base, base), k=7).k == 7
