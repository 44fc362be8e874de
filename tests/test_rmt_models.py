"""Laws behind the labs: square noise, bands, the Anderson chain, the Curie–Weiss magnet, levels of finite noise."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from spectral_widgets import rmt
from spectral_widgets.rmt import hill, log_sums


def within(samples, expected, errors=4.0):
    samples = np.asarray(samples)
    error = samples.std(ddof=1) / len(samples) ** 0.5
    assert abs(samples.mean() - expected) < errors * error


@given(st.floats(0.1, 5.0))
def test_the_semicircle_has_area_one_and_the_given_variance(deviation):
    for power, expected in ((0, 1.0), (2, deviation**2), (4, 2 * deviation**4)):
        found = quad(lambda x, k=power: x**k * rmt.semicircle_density(x, deviation), -2 * deviation, 2 * deviation)[0]
        assert found == pytest.approx(expected, rel=1e-5)


def test_the_fourth_moment_of_sign_matrices_is_that_of_all_of_them():
    signs = np.array(list(product((-1.0, 1.0), repeat=6)))
    traces = []
    for a, b, c, d, e, f in signs:
        matrix = np.array([[a, b, c], [b, d, e], [c, e, f]]) / np.sqrt(3)
        traces.append(np.trace(np.linalg.matrix_power(matrix, 4)) / 3)
    assert np.mean(traces) == pytest.approx(rmt.wigner_fourth_moment(3, kurtosis=1.0))


@pytest.mark.parametrize("n", [2, 3, 10, 21])
def test_the_number_of_real_eigenvalues_of_normal_matrices(n):
    rng = np.random.default_rng(n)
    within([(np.linalg.eigvals(rng.standard_normal((n, n))).imag == 0).sum() for _ in range(800)],
           rmt.expected_real_eigenvalues(n))  # fmt: skip


def test_the_number_of_real_eigenvalues_grows_as_the_root_of_the_size():
    assert rmt.expected_real_eigenvalues(4000) / np.sqrt(8000 / np.pi) == pytest.approx(1, abs=0.01)
    with pytest.raises(ValueError, match="at least one row"):
        rmt.expected_real_eigenvalues(0)


@pytest.mark.parametrize("density", [rmt.poisson_ratio_density, rmt.goe_ratio_density])
def test_ratio_densities_have_area_one(density):
    assert quad(density, 0, 1)[0] == pytest.approx(1)


def test_ratio_densities_have_the_known_means():
    assert quad(lambda r: r * rmt.poisson_ratio_density(r), 0, 1)[0] == pytest.approx(rmt.POISSON_RATIO)
    assert quad(lambda r: r * rmt.goe_ratio_density(r), 0, 1)[0] == pytest.approx(4 - 2 * np.sqrt(3))


def test_the_surmise_is_exact_for_three_levels():
    rng = np.random.default_rng(5)
    values = rng.standard_normal((4000, 3, 3))
    levels = np.linalg.eigvalsh(values + values.transpose(0, 2, 1))
    within([rmt.spacing_ratios(one)[0] for one in levels], 4 - 2 * np.sqrt(3))


@pytest.mark.parametrize("overlap", [0.0, 0.3, 0.8])
def test_participation_of_a_planted_direction(overlap):
    rng, n = np.random.default_rng(6), 50
    axis, even = np.eye(n)[0], np.full(n, n**-0.5)
    for planted, law in ((axis, rmt.peaked_inverse_participation), (even, rmt.spread_inverse_participation)):
        rest = rng.standard_normal((2000, n))
        rest -= np.outer(rest @ planted, planted)
        rest /= np.linalg.norm(rest, axis=1, keepdims=True)
        within(((np.sqrt(overlap) * planted + np.sqrt(1 - overlap) * rest) ** 4).sum(axis=1), law(overlap, n))


def decay(sites, energy):
    """Growth per site of a solution from both ends of nothing, as a product of numbers."""
    before, now, total = 0.0, 1.0, 0.0
    for site in sites:
        before, now = now, (energy - site) * now - before
        size = np.hypot(before, now)
        before, now, total = before / size, now / size, total + np.log(size)
    return total / len(sites)


@pytest.mark.parametrize(("energy", "width"), [(0.0, 1.0), (1.0, 2.0), (3.0, 0.5)])
def test_the_lloyd_chain_decays_at_its_exact_rate(energy, width):
    rng = np.random.default_rng(7)
    within([decay(width * rng.standard_cauchy(2000), energy) for _ in range(30)], rmt.lloyd_rate(energy, width))


def test_the_anderson_chain_decays_at_the_rate_of_weak_disorder_but_not_at_the_middle_of_the_band():
    rng = np.random.default_rng(8)
    sites = [rng.uniform(-0.5, 0.5, 4000) for _ in range(60)]
    within([decay(one, 1.0) for one in sites], rmt.anderson_rate(1.0, 1.0))
    resonant = np.mean([decay(one, 0.0) for one in sites]) / rmt.anderson_rate(0.0, 1.0)
    assert resonant == pytest.approx(96 / 105.045, abs=0.05)
    assert np.isnan(rmt.anderson_rate(2.5, 1.0))


def test_a_clean_lloyd_chain_does_not_decay_inside_the_band():
    assert rmt.lloyd_rate(np.linspace(-1.9, 1.9, 9), 0.0) == pytest.approx(np.zeros(9), abs=1e-7)


@given(st.floats(0.05, 3.0))
def test_mean_field_solves_its_equation(temperature):
    found = rmt.mean_field_magnetisation(temperature)
    assert found == pytest.approx(np.tanh(found / temperature), abs=1e-12)
    assert (found > 0) == (temperature < 1 - 1e-9)


def test_a_temperature_of_zero_is_refused():
    with pytest.raises(ValueError, match="positive"):
        rmt.mean_field_magnetisation(0.0)


def test_the_distribution_of_a_small_magnet_is_that_of_all_its_states():
    n, temperature = 6, 0.9
    states = np.array(list(product((-1, 1), repeat=n)))
    mean = states.mean(axis=1)
    weights = np.exp(n * mean**2 / (2 * temperature))
    places, shares = rmt.curie_weiss_distribution(n, temperature)
    for place, share in zip(places, shares, strict=True):
        assert share == pytest.approx(weights[np.isclose(mean, place)].sum() / weights.sum())


def test_a_large_magnet_has_the_magnetisation_of_mean_field():
    for temperature in (0.5, 0.8):
        places, shares = rmt.curie_weiss_distribution(20000, temperature)
        assert shares @ np.abs(places) == pytest.approx(rmt.mean_field_magnetisation(temperature), rel=1e-3)
    places, shares = rmt.curie_weiss_distribution(20000, 2.0)
    assert 20000 * shares @ places**2 == pytest.approx(2.0, rel=1e-3)


@pytest.mark.parametrize("shape", [(60, 60), (120, 60), (480, 60)])
def test_levels_of_finite_noise(shape):
    rng = np.random.default_rng(9)
    drawn = np.array([np.linalg.eigvalsh(one.T @ one / shape[0]) for one in rng.standard_normal((400, *shape))])
    expected = rmt.mp_levels(*shape)
    inner = slice(10, 50)
    # The places are good to a small part of the gap between neighbours.
    assert np.abs(drawn.mean(axis=0) - expected)[inner].max() < 0.1 * np.diff(expected)[inner].max()
    alphas = [hill.hill_estimate(np.log(one[30:])) for one in drawn]
    within(alphas, hill.finite_hill_alpha(*shape))
    assert abs(np.mean(alphas) - hill.mp_hill_alpha(60 / shape[0])) > 8 * np.std(alphas) / 20


def test_levels_are_ascending_between_the_edges_and_pool():
    levels = rmt.mp_levels(90, 30, n_pooled=4)
    low, high = rmt.mp_edges(1 / 3)
    assert len(levels) == 120
    assert (np.diff(levels) >= 0).all()
    assert low - 1e-12 <= levels[0] <= levels[-1] <= high + 1e-12


@pytest.mark.parametrize("aspect", [0.2, 1.0])
@pytest.mark.parametrize("cut", [0.3, 1.0, 2.0])
def test_log_sums_agree_with_quadrature(aspect, cut):
    low, high = rmt.mp_edges(aspect)
    found = quad(lambda x: np.log(x) * rmt.mp_density(x, aspect), max(cut, low), high, limit=200)[0]
    assert log_sums.mp_log_sum(cut, aspect) == pytest.approx(found, abs=1e-6)
    known = quad(lambda x: np.log(x) * 3.0 * x**-4.0, max(cut, 1.0), np.inf)[0]
    assert log_sums.pareto_log_sum(cut, 4.0, 1.0) == pytest.approx(known)
    share = quad(lambda x: rmt.mp_density(x, aspect), max(cut, low), high, limit=200)[0]
    assert log_sums.mp_tail_share(cut, aspect) == pytest.approx(share, abs=1e-6)
