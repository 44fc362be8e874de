"""Level spacing, condition numbers of noise, quantiles of the bulk and the moments behind composition scores."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from spectral_widgets import rmt
from spectral_widgets.metrics import worked
from spectral_widgets.rmt.hard_edge import hard_edge_survival, mean_log_hard_edge

from .metric_subjects import ALL, value


def within(samples, expected, errors=4.0, slack=0.0):
    samples = np.asarray(samples)
    error = samples.std(ddof=1) / len(samples) ** 0.5
    assert abs(samples.mean() - expected) < errors * error + slack


def test_ratios_by_hand():
    assert rmt.spacing_ratios([0, 1, 3, 6]).tolist() == pytest.approx([1 / 2, 2 / 3])
    assert rmt.spacing_ratios([3, 0, 6, 1]).tolist() == pytest.approx([1 / 2, 2 / 3])
    assert rmt.spacing_ratios([1, 1, 1]).size == 0
    assert rmt.spacing_ratios([0, 0, 1]).tolist() == [0]


def test_independent_levels_have_the_poisson_ratio():
    rng = np.random.default_rng(0)
    within([rmt.spacing_ratios(rng.random(500)).mean() for _ in range(60)], rmt.POISSON_RATIO)


def test_gaussian_orthogonal_levels_repel():
    rng = np.random.default_rng(1)

    def ratio():
        values = rng.standard_normal((200, 200))
        return rmt.spacing_ratios(np.linalg.eigvalsh(values + values.T)).mean()

    within([ratio() for _ in range(40)], rmt.GOE_RATIO)


@pytest.mark.parametrize("shape", [(300, 150), (200, 200), (160, 150)])
def test_the_bulk_of_a_noise_matrix_has_the_same_ratio(shape):
    rng = np.random.default_rng(2)
    ratios = [value(ALL["level_spacing_ratio"], rng.standard_normal(shape)) for _ in range(30)]
    within(ratios, rmt.GOE_RATIO, slack=0.003)


def test_a_matrix_of_independent_singular_values_has_the_poisson_ratio():
    rng = np.random.default_rng(3)
    left, right = (np.linalg.qr(rng.standard_normal((200, 200)))[0] for _ in range(2))
    ratios = [value(ALL["level_spacing_ratio"], left * rng.uniform(1, 2, 200) @ right) for _ in range(20)]
    within(ratios, rmt.POISSON_RATIO)


def test_spikes_and_zeros_do_not_enter_the_ratio():
    levels = np.random.default_rng(4).uniform(0.3, 2.2, 60)
    null = worked.null(edge=2.4)
    alone = ALL["level_spacing_ratio"].function(worked.spectrum(*levels), null)
    spiked = ALL["level_spacing_ratio"].function(worked.spectrum(0.0, 0.0, 0.0, *levels, 7.0, 90.0), null)
    assert spiked == alone == rmt.spacing_ratios(np.sqrt(levels)).mean()


@pytest.mark.parametrize("s", [0.01, 0.5, 3.0, 20.0])
def test_the_hard_edge_has_its_two_closed_forms(s):
    assert hard_edge_survival(s, 0.0) == pytest.approx(np.exp(-s / 8 - np.sqrt(s) / 2), rel=1e-9)
    assert hard_edge_survival(s, 1.0) == pytest.approx(np.exp(-s / 8), rel=1e-9)


def test_the_mean_logarithm_has_its_closed_form_and_no_seam():
    # For excess 1 the variable is exponential with mean 8.
    assert mean_log_hard_edge(1.0) == pytest.approx(np.log(8) - np.euler_gamma, abs=1e-6)
    before, after = (mean_log_hard_edge(excess) for excess in (39.999, 40.001))
    assert after - before == pytest.approx(2 * 0.002 / 40, abs=2e-4)


def test_squares_have_edelmans_condition_number():
    for n in (64, 256, 1024):
        assert rmt.gaussian_log_condition(n, n) == pytest.approx(np.log(n) + 1.537, abs=0.03)


@pytest.mark.parametrize("shape", [(40, 40), (41, 40), (44, 40), (60, 40), (200, 40), (30, 120)])
def test_the_condition_number_of_noise_meets_its_expectation(shape):
    rng = np.random.default_rng(5)
    logs = [
        np.log(rmt.condition_number(np.linalg.svd(rng.standard_normal(shape), compute_uv=False))) for _ in range(400)
    ]
    within(logs, rmt.gaussian_log_condition(*shape), slack=0.012)


def test_the_published_condition_of_a_tall_gaussian():
    values = np.random.default_rng(6).standard_normal((1024, 256))
    assert value(ALL["condition_number"], values) == pytest.approx(2.9, abs=0.1)
    assert rmt.mp_condition(256 / 1024) == 3.0
    assert np.exp(rmt.gaussian_log_condition(1024, 256)) == pytest.approx(2.95, abs=0.03)
    assert value(ALL["condition_ratio"], values) == pytest.approx(1.0, abs=0.02)


def test_condition_metrics_agree_with_numpy():
    values = np.random.default_rng(7).standard_normal((80, 50))
    singular_values = np.linalg.svd(values, compute_uv=False)
    assert value(ALL["condition_number"], values) == pytest.approx(np.linalg.cond(values))
    decile = singular_values[0] / np.quantile(singular_values, 0.1)
    assert value(ALL["condition_at_decile"], values) == pytest.approx(decile)


def test_the_floor_of_kappatune():
    assert rmt.condition_number([2.0, 0.0], floor=1e-8) == 2e8
    assert rmt.condition_number([2.0, 0.0]) == np.inf
    assert np.isnan(rmt.condition_number([0.0, 0.0], floor=1e-8))


@given(st.floats(0.01, 1.0), st.floats(0.1, 10.0))
def test_many_quantiles_are_the_single_ones(aspect, variance):
    probabilities = [0.0, 0.01, 0.3, 0.9, 0.999, 1.0]
    single = [rmt.mp_quantile(p, aspect, variance) for p in probabilities]
    _, high = rmt.mp_edges(aspect, variance)
    assert rmt.mp_quantiles(probabilities, aspect, variance) == pytest.approx(single, abs=2e-5 * high)


def test_the_fixture_of_random_heads():
    """Rank 32 in width 256: 0.0625 ± 0.0015."""
    spread = rmt.gaussian_head_spread(256, 32)
    mean, deviation = rmt.composition_moments(256, spread, spread)
    assert mean == pytest.approx(0.0625, abs=1e-4)
    assert deviation == pytest.approx(0.0015, abs=1e-4)


@pytest.mark.parametrize(("width", "ranks"), [(64, (8, 8)), (96, (24, 6)), (32, (32, 16))])
def test_moments_of_random_heads_by_simulation(width, ranks):
    rng = np.random.default_rng(8)

    def score():
        one, other = (rng.standard_normal((width, r)) @ rng.standard_normal((r, width)) for r in ranks)
        return np.linalg.norm(one @ other) / np.linalg.norm(one) / np.linalg.norm(other)

    scores = np.array([score() for _ in range(800)])
    mean, deviation = rmt.composition_moments(width, *(rmt.gaussian_head_spread(width, r) for r in ranks))
    within(scores, mean)
    assert scores.std(ddof=1) == pytest.approx(deviation, rel=0.12)


def test_moments_under_a_rotation_are_exact_for_fixed_spectra():
    rng, width = np.random.default_rng(9), 24
    one, other = np.diag(rng.exponential(size=width) ** 2), np.diag(rng.exponential(size=width) ** 2)
    spreads = [(s**4).sum() / (s**2).sum() ** 2 for s in (np.diag(one), np.diag(other))]
    rotations = stats.ortho_group.rvs(width, size=3000, random_state=rng)
    squares = [
        (np.linalg.norm(one @ turn @ other) / np.linalg.norm(one) / np.linalg.norm(other)) ** 2 for turn in rotations
    ]
    within(squares, 1 / width)
    exact = 2 * (spreads[0] - 1 / width) * (spreads[1] - 1 / width) / ((width - 1) * (width + 2))
    assert np.var(squares, ddof=1) == pytest.approx(exact, rel=0.1)
    _, deviation = rmt.composition_moments(width, *spreads)
    assert deviation == pytest.approx(exact**0.5 / 2 * width**0.5)


def test_what_has_no_moments_is_refused():
    with pytest.raises(ValueError, match="at least 2"):
        rmt.composition_moments(1, 1.0, 1.0)
