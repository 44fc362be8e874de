"""The laws of pure noise, its bulk and its edge: against quadrature, published tables and plain simulation."""

from math import inf, isnan, log, nan, pi, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import airye
from spectral_widgets import rmt

aspects = st.floats(0.01, 1.0)
variances = st.floats(1e-3, 1e3)
quick = settings(max_examples=40, deadline=None, derandomize=True)


def integral_over_bulk(function, aspect, variance=1.0):
    """∫ function · density by quadrature, with x = low + (high − low) sin² so that both ends are smooth."""
    low, high = rmt.mp_edges(aspect, variance)

    def integrand(angle):
        x = low + (high - low) * np.sin(angle) ** 2
        return function(x) * float(rmt.mp_density(x, aspect, variance)) * (high - low) * np.sin(2 * angle)

    return quad(integrand, 0, pi / 2, limit=200)[0]


@quick
@given(st.floats(0.01, 0.99), variances)
def test_the_bulk_has_mass_one_and_the_known_moments(aspect, variance):
    assert integral_over_bulk(lambda x: 1.0, aspect, variance) == pytest.approx(1, rel=1e-7)
    assert integral_over_bulk(lambda x: x, aspect, variance) == pytest.approx(variance, rel=1e-7)
    second = integral_over_bulk(lambda x: x * x, aspect, variance)
    assert second == pytest.approx(variance**2 * (1 + aspect), rel=1e-7)


def test_the_closed_form_share_equals_quadrature():
    for aspect in (0.05, 0.25, 0.5, 0.9):
        low, high = rmt.mp_edges(aspect)
        for x in np.linspace(low, high, 7)[1:]:
            area, _ = quad(lambda t, aspect=aspect: float(rmt.mp_density(t, aspect)), low, x, epsabs=1e-11)
            assert float(rmt.mp_cdf(x, aspect)) == pytest.approx(area, abs=1e-8)


@quick
@given(aspects, variances, st.floats(0.001, 0.999))
def test_quantile_and_share_undo_each_other(aspect, variance, probability):
    x = rmt.mp_quantile(probability, aspect, variance)
    assert float(rmt.mp_cdf(x, aspect, variance)) == pytest.approx(probability, abs=1e-9)


@quick
@given(aspects, variances, st.floats(0.01, 0.99))
def test_the_variance_only_stretches(aspect, variance, position):
    low, high = rmt.mp_edges(aspect)
    x = low + position * (high - low)
    assert variance * rmt.mp_density(variance * x, aspect, variance) == pytest.approx(rmt.mp_density(x, aspect))
    assert rmt.mp_cdf(variance * x, aspect, variance) == pytest.approx(rmt.mp_cdf(x, aspect), abs=1e-9)


def test_outside_the_edges_there_is_nothing():
    low, high = rmt.mp_edges(0.25)
    assert (low, high) == (0.25, 2.25)
    assert rmt.mp_density([-1.0, 0.0, 0.2, 2.3], 0.25).tolist() == [0, 0, 0, 0]
    assert rmt.mp_cdf([0.0, 0.25, 2.25, 9.0], 0.25).tolist() == pytest.approx([0, 0, 1, 1])


def test_the_median_halves_a_large_noise_matrix():
    # Quarter circle of radius 2: s √(4 − s²)/2 + 2 asin(s/2) = π/2 at s = 0.8079455.
    assert rmt.mp_median(1.0) == pytest.approx(0.8079455066**2, abs=1e-9)
    for n_rows, n_cols in ((600, 600), (900, 300)):
        noise = np.random.default_rng(n_cols).standard_normal((n_rows, n_cols))
        eigenvalues = np.linalg.eigvalsh(noise.T @ noise / n_rows)
        assert np.median(eigenvalues) == pytest.approx(rmt.mp_median(n_cols / n_rows), rel=0.02)


@pytest.mark.parametrize(("aspect", "variance"), [(0.0, 1.0), (1.1, 1.0), (0.5, 0.0), (0.5, -1.0), (nan, 1.0)])
def test_impossible_laws_are_refused(aspect, variance):
    with pytest.raises(ValueError, match="must"):
        rmt.mp_edges(aspect, variance)


TABLE = {0.90: 0.4501, 0.95: 0.9793, 0.99: 2.0234, 0.995: 2.4224, 0.999: 3.2724}


@pytest.mark.parametrize(("probability", "quantile"), TABLE.items())
def test_tracy_widom_quantiles_are_the_published_ones(probability, quantile):
    # Tables disagree in the last digit at 99.9 %: 3.2724 and 3.2722.
    assert rmt.tw_quantile(probability) == pytest.approx(quantile, abs=3e-4)
    assert float(rmt.tw_cdf(rmt.tw_quantile(probability))) == pytest.approx(probability, abs=1e-10)


def test_tracy_widom_moments_are_the_published_ones():
    nodes, weights = np.polynomial.legendre.leggauss(40)
    x, weights = 5 * (nodes + 1), 5 * weights
    above, below = rmt.tw_sf(x), rmt.tw_cdf(-x)

    def moment(k):
        """By parts: ∫ of k sᵏ⁻¹ times the survival above zero, minus the share below it."""
        return float((weights * k * x ** (k - 1) * (above + (-1) ** k * below)).sum())

    mean = moment(1)
    variance = moment(2) - mean**2
    skew = (moment(3) - 3 * mean * moment(2) + 2 * mean**3) / variance**1.5
    assert mean == pytest.approx(-1.2065335746, abs=1e-8)
    assert variance == pytest.approx(1.6077810346, abs=1e-8)
    assert skew == pytest.approx(0.2934645240, abs=1e-8)


def test_cdf_and_survival_are_two_sides_of_one_law():
    s = np.linspace(-7, 5, 49)
    assert rmt.tw_cdf(s) + rmt.tw_sf(s) == pytest.approx(np.ones(49), abs=1e-13)
    assert (np.diff(rmt.tw_cdf(s)) > 0).all()
    assert isnan(float(rmt.tw_sf(nan)))
    # Far out the Airy function is lost.
    assert rmt.tw_sf([150.0, 1e9, 1e30, inf]).tolist() == [0.0, 0.0, 0.0, 0.0]
    assert 0 < float(rmt.tw_sf(100.0)) < 1e-280


@pytest.mark.parametrize("s", [6.0, 12.0, 30.0, 60.0])
def test_the_far_tail_keeps_its_logarithm(s):
    """Far out the survival is the trace of the kernel, half the integral of the Airy function."""
    scaled, _ = quad(lambda x: airye(s + x)[0] * np.exp(-2 / 3 * ((s + x) ** 1.5 - s**1.5)), 0, 40)
    expected = log(scaled / 2) - 2 / 3 * s**1.5
    assert log(float(rmt.tw_sf(s))) == pytest.approx(expected, abs=1e-6)


def largest_eigenvalues(draw, n_rows, n_cols, draws, seed):
    rng = np.random.default_rng(seed)
    stack = draw(rng, (draws, n_rows, n_cols))
    return np.linalg.eigvalsh(stack.transpose(0, 2, 1) @ stack / n_rows)[:, -1]


@pytest.mark.parametrize(("n_rows", "n_cols"), [(40, 40), (160, 40), (120, 60)])
def test_the_largest_eigenvalue_of_noise_follows_the_edge_law(n_rows, n_cols):
    draws = 400
    top = largest_eigenvalues(lambda rng, size: rng.standard_normal(size), n_rows, n_cols, draws, seed=n_rows)
    centre, width = rmt.edge_scaling(n_rows, n_cols)
    z = (top - centre) / width
    assert abs(z.mean() + 1.2065) < 4 * 1.268 / sqrt(draws)
    assert abs(z.std(ddof=1) - 1.268) < 4 * 1.268 / sqrt(2 * draws) * 1.1
    for level in (0.05, 0.2):
        share = (z > rmt.tw_quantile(1 - level)).mean()
        assert abs(share - level) < 4 * sqrt(level * (1 - level) / draws)


@pytest.mark.parametrize(("name", "kurtosis"), [("uniform", -1.2), ("laplace", 3.0)], ids=["uniform", "laplace"])
def test_kurtosis_moves_the_edge_as_predicted(name, kurtosis):
    draws, n_rows, n_cols = 600, 120, 60
    draw = {
        "uniform": lambda rng, size: rng.uniform(-sqrt(3), sqrt(3), size),
        "laplace": lambda rng, size: rng.laplace(scale=sqrt(0.5), size=size),
    }[name]
    centre, width = rmt.edge_scaling(n_rows, n_cols)
    raw = (largest_eigenvalues(draw, n_rows, n_cols, draws, seed=3) - centre) / width
    shift = rmt.kurtosis_shift(n_rows, n_cols, kurtosis) / width
    error = raw.std() / sqrt(draws)
    assert abs(raw.mean() + 1.2065) > 4 * error, "without the shift the law is visibly off"
    # Of second order only: what is left is at most a quarter of the shift.
    corrected = (raw - shift) / rmt.kurtosis_widening(n_rows, n_cols, kurtosis)
    assert abs(corrected.mean() + 1.2065) < abs(shift) / 4 + 2 * error
    assert rmt.kurtosis_shift(n_rows, n_cols, 0.0) == 0
    assert rmt.kurtosis_widening(n_rows, n_cols, 0.0) == 1
