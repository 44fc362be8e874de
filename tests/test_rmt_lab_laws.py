"""The laws that came with the teaching labs: against quadrature, other formulas of the same thing, and simulation."""

from math import isnan, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad
from scipy.special import airy
from spectral_widgets import rmt
from spectral_widgets.labs import heavy_tails_draws, lab_named
from spectral_widgets.labs.not_averaging_draws import relative_deviation
from spectral_widgets.labs.sampling import deviation_and_error, stream
from spectral_widgets.rmt.hill import hill_estimate

quick = settings(max_examples=30, deadline=None, derandomize=True)
aspects = st.floats(0.02, 1.0)


def airy_kernel_determinant(s: float, n_nodes: int = 60) -> float:
    """``F₂`` as it is usually written: the determinant of the Airy kernel itself."""
    nodes, weights = np.polynomial.legendre.leggauss(n_nodes)
    x, weights = s + 8 * (nodes + 1), 8 * weights
    value, slope, *_ = airy(x)
    with np.errstate(invalid="ignore", divide="ignore"):
        kernel = (np.outer(value, slope) - np.outer(slope, value)) / (x[:, None] - x[None, :])
    np.fill_diagonal(kernel, slope**2 - x * value**2)
    root = np.sqrt(weights)
    return float(np.linalg.det(np.eye(n_nodes) - root[:, None] * kernel * root[None, :]))


@pytest.mark.parametrize("s", [-3.5, -2.0, -1.0, 0.0, 1.5])
def test_the_complex_edge_law_is_the_determinant_of_the_airy_kernel(s):
    assert float(rmt.tw_cdf(s, beta=2)) == pytest.approx(airy_kernel_determinant(s), rel=1e-7)


@pytest.mark.parametrize("beta", [1, 2])
def test_the_moments_by_beta_are_those_of_the_law(beta):
    nodes, weights = np.polynomial.legendre.leggauss(40)
    x, weights = 5 * (nodes + 1), 5 * weights
    above, below = rmt.tw_sf(x, beta), rmt.tw_cdf(-x, beta)
    mean = float((weights * (above - below)).sum())
    square = float((weights * 2 * x * (above + below)).sum())
    assert (mean, sqrt(square - mean**2)) == pytest.approx(rmt.TW_MOMENTS[beta], abs=1e-8)
    assert float(rmt.tw_cdf(rmt.tw_quantile(0.9, beta), beta)) == pytest.approx(0.9, abs=1e-10)


def test_no_other_beta_is_known():
    with pytest.raises(ValueError, match="beta is 1"):
        rmt.tw_cdf(0.0, beta=4)


@quick
@given(aspects, st.floats(1.001, 50.0))
def test_strength_undoes_the_place_of_an_outlier(aspect, times_threshold):
    strength = times_threshold * sqrt(aspect)
    assert float(rmt.strength_of(rmt.outlier_eigenvalue(strength, aspect), aspect)) == pytest.approx(strength, rel=1e-3)
    assert isnan(float(rmt.strength_of(0.999 * rmt.mp_edges(aspect)[1], aspect)))


def tops(n_draws, n_rows, n_cols, make, seed):
    """Largest eigenvalue of each drawn matrix."""
    made = []
    for draw in range(n_draws):
        values = make(stream(seed, draw))[:n_rows, :n_cols]
        made.append(np.linalg.eigvalsh(values.T @ values)[-1] / n_rows)
    return np.array(made)


def giant(strength, n_rows, n_cols, law):
    def make(rng):
        normal = law == "normal"
        values = rng.standard_normal((n_rows, n_cols)) if normal else rng.laplace(0, sqrt(0.5), (n_rows, n_cols))
        values[0, 0] = sqrt(n_rows * strength)
        return values

    return make


@pytest.mark.parametrize(("law", "kurtosis"), [("normal", 0.0), ("laplace", 3.0)])
@pytest.mark.parametrize(("strength", "n_cols"), [(2.0, 50), (4.0, 100)])
def test_the_eigenvalue_of_a_giant_strays_as_foretold(law, kurtosis, strength, n_cols):
    found = tops(500, 100, n_cols, giant(strength, 100, n_cols, law), seed=n_cols)
    known = sqrt(rmt.entry_outlier_variance(strength, 100, n_cols, kurtosis))
    deviation, error = deviation_and_error(found)
    assert abs(deviation - known) < 4 * error
    assert abs(deviation - 1.3 * known) > 4 * error


@pytest.mark.parametrize("share", [1.0, 0.25])
def test_the_eigenvalue_of_a_mean_strays_as_foretold(share):
    n_rows, n_cols, strength = 100, 50, 3.0
    sides = round(n_rows / sqrt(share)), round(n_cols / sqrt(share))

    def make(rng):
        values = rng.standard_normal(sides)
        return values - values.mean() + sqrt(strength / n_cols)

    deviation, error = deviation_and_error(tops(500, n_rows, n_cols, make, seed=7))
    known = sqrt(rmt.mean_outlier_variance(strength, n_rows, n_cols, share))
    assert abs(deviation - known) < 4 * error
    assert abs(deviation - sqrt(rmt.mean_outlier_variance(strength, n_rows, n_cols, 1.25 - share))) > 4 * error


@quick
@given(aspects, st.floats(1.1, 30.0))
def test_in_the_whole_of_a_shuffle_mean_and_giant_stray_alike(aspect, times_threshold):
    n_rows, n_cols = 1000, max(1, round(1000 * aspect))
    strength = times_threshold * sqrt(n_cols / n_rows)
    entry = float(rmt.entry_outlier_variance(strength, n_rows, n_cols))
    assert float(rmt.mean_outlier_variance(strength, n_rows, n_cols)) == pytest.approx(entry, rel=1e-9)
    assert isnan(float(rmt.entry_outlier_variance(0.99 * sqrt(n_cols / n_rows), n_rows, n_cols)))


@quick
@given(st.floats(0.2, 5.0), st.floats(0.01, 100.0))
def test_the_largest_of_many_follows_frechet(exponent, x):
    assert float(rmt.frechet_cdf(x, exponent)) == pytest.approx(stats.invweibull.cdf(x, exponent), abs=1e-12)
    assert rmt.frechet_cdf([-1.0, 0.0], exponent).tolist() == [0, 0]


def test_tails_are_those_of_their_laws():
    sizes = np.array([0.5, 2.0, 30.0])
    assert rmt.student_survival(sizes, 1.7) == pytest.approx(2 * stats.t.sf(sizes, 1.7), rel=1e-10)
    far = np.array([200.0, 1000.0])
    assert rmt.stable_tail(far, 1.0) == pytest.approx(2 * stats.cauchy.sf(far), rel=1e-4)

    def survival(size: float, index: float) -> float:
        """``1 − (2/π) ∫ sin(t x)/t exp(−t^μ) dt``, by quadrature."""
        inside, _ = quad(lambda t: np.sin(t * size) / t * np.exp(-(t**index)), 0, 40, limit=2000)
        return 1 - 2 / np.pi * inside

    assert float(rmt.stable_tail(30.0, 1.5)) == pytest.approx(survival(30.0, 1.5), rel=0.02)
    assert rmt.stable_tail(far, 2.0).tolist() == [0, 0]
    assert float(rmt.stable_tail(1e-9, 1.5)) == 1


@pytest.mark.parametrize("n_tail", [5, 12, 60])
def test_the_bias_of_a_short_tail_is_as_foretold(n_tail):
    rng = np.random.default_rng(n_tail)
    fits = np.array([hill_estimate(np.sort(rng.exponential(1 / 1.5, n_tail))) for _ in range(4000)])
    known, spread = float(rmt.hill_mean(2.5, n_tail)), float(rmt.hill_deviation(2.5, n_tail))
    assert abs(fits.mean() - known) < 4 * spread / sqrt(4000)
    assert fits.std() == pytest.approx(spread, rel=0.25 if n_tail < 10 else 0.08)
    assert np.isnan(rmt.hill_mean(2.5, [1, 2])).all()
    assert rmt.spectral_exponent(3.0) == 2.5


@pytest.mark.parametrize("index", [0.8, 1.0, 1.5, 2.0])
def test_stable_variables_have_their_characteristic_function(index):
    values = heavy_tails_draws.stable(index, (200, 200), np.random.default_rng(3))
    for t in (0.3, 1.0, 2.0):
        assert np.cos(t * values).mean() == pytest.approx(np.exp(-(t**index)), abs=4 / sqrt(values.size))


@pytest.mark.parametrize(("law", "exponent"), [("student", 1.2), ("levy", 0.9), ("pareto", 1.5)])
def test_large_eigenvalues_of_heavy_entries_are_those_of_their_largest_entries(law, exponent):
    record = lab_named("heavy-tails").draw(law=law, exponent=exponent, n_rows=100, n_draws=150, longest=8, seed=1)
    chances = np.exp(-heavy_tails_draws.expected_beyond(record, record.eigenvalues[:, -1]))
    assert stats.kstest(chances, "uniform").pvalue > 0.001
    wrong = np.exp(-4 * heavy_tails_draws.expected_beyond(record, record.eigenvalues[:, -1]))
    assert stats.kstest(wrong, "uniform").pvalue < 1e-6


def test_errors_of_deviations_are_those_of_repetition():
    rng = np.random.default_rng(5)
    samples = 3 + rng.standard_normal((400, 60))
    for measure in (deviation_and_error, relative_deviation):
        values, errors = np.array([measure(sample) for sample in samples]).T
        assert np.mean(errors) == pytest.approx(values.std(), rel=0.15)
        assert all(isnan(one) for one in measure(samples[0, :1]))
    assert deviation_and_error(np.ones(5)) == (0.0, 0.0)
