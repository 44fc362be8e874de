"""The power-law fit: laws, planted exponents, and a plain loop that must agree."""

from math import isnan

import numpy as np
import powerlaw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from spectral_widgets.records import Complaint, Spectrum
from spectral_widgets.rmt.power_law import power_law_density
from spectral_widgets.spectra.tails import MIN_EIGENVALUES, fit_tail

DRAWS = {
    "pareto": lambda rng, n: rng.pareto(1.5, n) + 1,
    "lognormal": lambda rng, n: rng.lognormal(0, 2, n),
    "noise": lambda rng, n: np.linalg.eigvalsh(np.cov(rng.standard_normal((n, 2 * n)))),
    "steps": lambda rng, n: np.round(rng.pareto(1.5, n) + 1, 1),
}
samples = st.builds(
    lambda kind, seed, n: DRAWS[kind](np.random.default_rng(seed), n),
    st.sampled_from(sorted(DRAWS)),
    st.integers(0, 10_000),
    st.integers(MIN_EIGENVALUES, 300),
)


def spectrum(values, n_rows=1000):
    values = np.sort(np.asarray(values, dtype=float))
    return Spectrum(values, n_rows, len(values), 1.0)


def plain_fit(values):
    """Every candidate in a loop, textbook formulas, nothing clever."""
    values = np.sort(values)
    best = (np.inf, 0.0, 0.0, 0)
    for start, xmin in enumerate(values[:-1]):
        if xmin == values[-1] or (start and values[start - 1] == xmin):
            continue
        tail = values[start:]
        alpha = 1 + len(tail) / np.log(tail / xmin).sum()
        model = 1 - (tail / xmin) ** (1 - alpha)
        distance = np.abs(model - np.arange(len(tail)) / len(tail)).max()
        if distance < best[0]:
            best = (distance, alpha, xmin, len(tail))
    return best


@settings(max_examples=60, deadline=None, derandomize=True)
@given(samples)
def test_it_finds_the_exact_minimum_that_a_plain_loop_finds(values):
    fit = fit_tail(spectrum(values))
    distance, alpha, xmin, n_tail = plain_fit(values)
    assert fit.distance == pytest.approx(distance, abs=1e-12)
    assert fit.alpha == pytest.approx(alpha, rel=1e-12)
    assert (fit.xmin, fit.n_tail) == (pytest.approx(xmin), n_tail)


@pytest.mark.parametrize("kind", sorted(DRAWS))
def test_it_finds_it_in_thousands_as_well(kind):
    values = DRAWS[kind](np.random.default_rng(3), 300 if kind == "noise" else 3000)
    fit = fit_tail(spectrum(values))
    distance, alpha, _, n_tail = plain_fit(values)
    assert (fit.alpha, fit.n_tail) == (pytest.approx(alpha, rel=1e-12), n_tail)
    assert fit.distance == pytest.approx(distance, abs=1e-12)


@pytest.mark.filterwarnings("ignore")
# Without the draws that hold ties: it counts those in another way, and eigenvalues have none.
@pytest.mark.parametrize("kind", ["lognormal", "noise", "pareto"])
@pytest.mark.parametrize("seed", range(17))
def test_the_package_powerlaw_finds_the_same(kind, seed):
    values = DRAWS[kind](np.random.default_rng(seed), 100)
    # By itself it bounds α to [0, 3] and says nothing.
    theirs = powerlaw.Fit(values, xmin_distribution="power_law", parameter_ranges={"alpha": [1.0001, None]}, verbose=0)
    fit = fit_tail(spectrum(values))
    assert fit.distance == pytest.approx(theirs.D, abs=1e-9)
    assert fit.alpha == pytest.approx(theirs.alpha, rel=1e-9)
    assert fit.xmin == pytest.approx(theirs.xmin, rel=1e-12)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(samples, st.floats(-6, 6))
def test_the_exponent_does_not_know_the_scale(values, exponent):
    factor = 10.0**exponent
    one, other = fit_tail(spectrum(values)), fit_tail(spectrum(factor * np.asarray(values)))
    assert other.alpha == pytest.approx(one.alpha, rel=1e-9)
    assert other.xmin == pytest.approx(factor * one.xmin, rel=1e-9)
    assert other.n_tail == one.n_tail


@pytest.mark.parametrize("alpha", [2.0, 2.5, 3.5, 5.0])
def test_a_planted_exponent_is_found_within_its_standard_error(alpha):
    rng = np.random.default_rng(int(10 * alpha))
    fits = [fit_tail(spectrum(rng.pareto(alpha - 1, 2000) + 1)) for _ in range(20)]
    off = np.array([(fit.alpha - alpha) / fit.alpha_error for fit in fits])
    assert abs(off.mean()) < 4 * off.std(ddof=1) / np.sqrt(len(off))
    assert np.abs(off).max() < 4.5


def test_a_planted_start_is_found():
    rng = np.random.default_rng(5)
    body, tail = rng.uniform(0.0, 1.0, 3000), rng.pareto(1.5, 1000) + 1
    fit = fit_tail(spectrum(np.concatenate([body, tail])))
    assert 0.95 < fit.xmin < 1.6
    assert fit.alpha == pytest.approx(2.5, abs=4 * fit.alpha_error)
    assert fit.n_eigenvalues == 4000


def test_the_error_is_the_textbook_one():
    fit = fit_tail(spectrum(np.random.default_rng(0).pareto(1.5, 500) + 1))
    assert fit.alpha_error == pytest.approx((fit.alpha - 1) / np.sqrt(fit.n_tail))


@pytest.mark.parametrize("values", [np.arange(1.0, MIN_EIGENVALUES), np.zeros(50), np.full(50, 2.0), np.array([])])
def test_no_fit_is_nan_with_a_sentence(values):
    fit = fit_tail(spectrum(values))
    assert isnan(fit.alpha)
    assert isnan(fit.xmin)
    assert fit.n_tail == 0
    assert fit.caveat.startswith("No tail fit")


def test_zero_eigenvalues_are_left_out_but_counted():
    values = np.random.default_rng(1).pareto(1.5, 200) + 1
    with_zeros = fit_tail(spectrum(np.concatenate([np.zeros(40), values])))
    assert with_zeros.alpha == fit_tail(spectrum(values)).alpha
    assert with_zeros.n_eigenvalues == 240


def share_with_caveat(draws):
    return np.mean([bool(fit_tail(spectrum(values)).caveat) for values in draws])


def test_noise_is_doubted_and_a_true_tail_is_not():
    rng = np.random.default_rng(2)
    noise = [np.linalg.svd(rng.standard_normal((512, 128)), compute_uv=False) ** 2 for _ in range(20)]
    assert share_with_caveat(noise) >= 0.9
    true = [rng.pareto(2.0, 1000) + 1 for _ in range(100)]
    # The distance is meant to doubt 1 % of them: 5 % is four standard errors more for 100 draws.
    assert share_with_caveat(true) <= 0.05


def test_a_good_fit_has_no_caveat_and_a_bad_one_says_why():
    rng = np.random.default_rng(2)
    assert fit_tail(spectrum(rng.pareto(1.5, 1000) + 1)).caveat == ""
    assert "Only" in fit_tail(spectrum(np.arange(1.0, 41.0) ** 0.1)).caveat
    assert "above 6" in fit_tail(spectrum(rng.pareto(9.0, 1000) + 1)).caveat
    assert "below 2" in fit_tail(spectrum(rng.pareto(0.5, 1000) + 1)).caveat
    bulk = np.logspace(0, 3, 400)
    assert "not a power law" in fit_tail(spectrum(bulk)).caveat


def test_values_that_are_not_finite_are_refused():
    with pytest.raises(Complaint, match="not finite"):
        fit_tail(spectrum([*np.arange(1.0, 40.0), np.inf]))


@pytest.mark.parametrize(("alpha", "xmin", "share"), [(1.5, 0.1, 1.0), (3.0, 2.0, 0.25), (7.0, 5.0, 1.0)])
def test_the_density_holds_its_share_of_the_whole(alpha, xmin, share):
    area, _ = quad(lambda log: np.exp(log) * power_law_density(np.exp(log), alpha, xmin, share), np.log(xmin), 60)
    assert area == pytest.approx(share, rel=1e-6)
    assert power_law_density(0.99 * xmin, alpha, xmin) == 0


def test_a_density_without_a_power_law_is_refused():
    with pytest.raises(ValueError, match="alpha > 1"):
        power_law_density([1.0], alpha=float("nan"), xmin=1.0)
