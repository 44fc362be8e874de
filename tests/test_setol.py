"""The trace-log cut: a plain product that must agree, closed forms, published values, and the space that it spans."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import brentq
from spectral_widgets import api_metrics
from spectral_widgets.api_sources import matrix_of
from spectral_widgets.records import Complaint, Spectrum
from spectral_widgets.rmt import mp_density, mp_edges, mp_quantile
from spectral_widgets.spectra.erg import effective_correlation_space, erg_cut
from spectral_widgets.spectra.tails import fit_tail

M = 1000
MIDDLES = (np.arange(M) + 0.5) / M


def spectrum(values):
    values = np.sort(np.asarray(values, dtype=float))
    return Spectrum(values, 10 * len(values), len(values), 1.0)


def pareto_quantiles(alpha, n=M):
    return (1 - (np.arange(n) + 0.5) / n) ** (-1 / (alpha - 1))


def plain_count(values):
    """The published loop: extend from the top until the product of the numbers first drops below one."""
    scaled = np.sort(values) * len(values) / np.sum(values)
    for index in range(len(scaled) - 1, 0, -1):
        if np.prod(scaled[index:]) < 1:
            return len(scaled) - index
    return len(scaled)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 9999), st.integers(5, 250), st.sampled_from(["pareto", "gamma", "noise"]))
def test_it_is_the_plain_product_at_sizes_where_that_does_not_overflow(seed, n, kind):
    rng = np.random.default_rng(seed)
    draws = {
        "pareto": lambda: rng.pareto(2.0, n) + 1,
        "gamma": lambda: rng.gamma(1.0, 1.0, n),
        "noise": lambda: np.linalg.svd(rng.standard_normal((2 * n, n)), compute_uv=False) ** 2,
    }
    values = draws[kind]()
    cut = erg_cut(spectrum(values))
    assert cut.n_tail == plain_count(values)
    tail = np.sort(values)[-cut.n_tail :] * len(values) / values.sum()
    assert cut.xmin == pytest.approx(tail[0], rel=1e-12)
    assert cut.log_det == pytest.approx(np.log(tail).sum(), abs=1e-9)
    assert cut.log_det <= 1e-9
    assert np.log(tail[1:]).sum() >= -1e-9


def test_by_hand():
    # Mean 1 already: 3, then 3 · 0.5 = 1.5, then 1.5 · 0.25 < 1.
    cut = erg_cut(spectrum(100 * np.array([0.25, 0.25, 0.5, 3.0])))
    assert (cut.n_tail, cut.xmin, cut.scale) == (3, 0.25, pytest.approx(0.01))
    assert cut.log_det == pytest.approx(np.log(0.375))


@pytest.mark.parametrize(
    ("alpha", "cut_at", "share"), [(2.0, 3.27, 0.30), (2.5, 1.48, 0.56), (3.0, 1.20, 0.69), (6.0, 1.02, 0.89)]
)
def test_pure_power_laws_are_cut_where_they_should_be(alpha, cut_at, share):
    values = pareto_quantiles(alpha)
    cut = erg_cut(spectrum(values))
    assert cut.xmin * values.mean() == pytest.approx(cut_at, rel=0.01)
    assert cut.n_tail / M == pytest.approx(share, abs=0.01)


@pytest.mark.parametrize("alpha", [3.0, 4.0, 6.0])
def test_the_cut_of_a_pure_power_law_has_a_closed_form(alpha):
    values = pareto_quantiles(alpha, 200_000)
    rate = alpha - 1
    expected = rate / (rate - 1) * np.exp(-1 / rate)
    assert erg_cut(spectrum(values)).xmin * values.mean() == pytest.approx(expected, rel=2e-3)


def exact_noise_share(aspect):
    """Share of the Marchenko–Pastur law beyond the point from which the logarithm integrates to zero."""
    low, high = mp_edges(aspect)

    def log_area(start):
        return quad(lambda x: np.log(x) * float(mp_density(x, aspect)), start, high, limit=200)[0]

    start = brentq(log_area, low + 1e-6, 0.99)
    return quad(lambda x: float(mp_density(x, aspect)), start, high, limit=200)[0]


@pytest.mark.parametrize(("ratio", "published"), [(1, 0.73), (2, 0.82), (4, 0.87)])
def test_noise_has_the_tail_share_of_its_law(ratio, published):
    values = [mp_quantile(float(one), 1 / ratio) for one in MIDDLES]
    share = erg_cut(spectrum(values)).n_tail / M
    assert share == pytest.approx(exact_noise_share(1 / ratio), abs=0.002)
    assert share == pytest.approx(published, abs=0.006)


@pytest.mark.parametrize("n", [20_000, 200_000])
def test_no_size_overflows(n):
    values = pareto_quantiles(3.0, n)
    assert np.sum(np.maximum(np.log(values / values.mean()), 0)) > np.log(np.finfo(float).max)
    cut = erg_cut(spectrum(values))
    assert np.isfinite(cut.log_det)
    assert cut.n_tail / n == pytest.approx(erg_cut(spectrum(pareto_quantiles(3.0))).n_tail / M, abs=0.02)


def test_zeros_count_in_the_mean_and_not_in_the_product():
    values = np.array([0.0] * 90 + [1.0] * 10)
    cut = erg_cut(spectrum(values))
    assert cut.n_tail == 10
    assert cut.xmin == pytest.approx(10.0)
    assert "90 are zero" in cut.caveat
    assert erg_cut(spectrum(np.full(50, 3.0))).n_tail == 50
    nothing = erg_cut(spectrum(np.zeros(30)))
    assert isnan(nothing.xmin)
    assert nothing.caveat


@pytest.mark.parametrize("seed", range(4))
def test_the_gap_is_the_difference_of_the_two_starts_in_the_same_units(seed):
    given_spectrum = spectrum(np.random.default_rng(seed).lognormal(0, 1.3, 400))
    fit, cut = fit_tail(given_spectrum), erg_cut(given_spectrum)
    assert cut.tail_xmin == pytest.approx(fit.xmin / given_spectrum.eigenvalues.mean())
    assert cut.gap == pytest.approx(cut.tail_xmin - cut.xmin)
    other = erg_cut(spectrum(1e-5 * given_spectrum.eigenvalues))
    assert (other.n_tail, other.gap) == (cut.n_tail, pytest.approx(cut.gap))


def test_without_a_power_law_the_cut_stands_and_the_gap_is_missing():
    cut = erg_cut(spectrum([0.1, 0.4, 2.5]))
    assert np.isfinite(cut.xmin)
    assert isnan(cut.gap)


@pytest.mark.parametrize("shape", [(60, 40), (40, 60)])
def test_the_effective_space_holds_the_largest_directions_and_no_others(shape):
    values = np.random.default_rng(0).standard_normal(shape)
    space = api_metrics.effective_correlation_space(values, 7)
    singular = np.linalg.svd(space.values, compute_uv=False)
    whole = np.linalg.svd(values, compute_uv=False)
    assert singular[:7] == pytest.approx(whole[:7])
    assert singular[7:] == pytest.approx(np.zeros(33), abs=1e-12)
    # Eckart and Young: the error is exactly what was left out.
    assert np.linalg.norm(space.unfolding.fold(space.values) - values) ** 2 == pytest.approx((whole[7:] ** 2).sum())


def test_by_default_it_is_the_space_of_the_cut():
    values = np.random.default_rng(1).standard_normal((80, 50))
    space = api_metrics.effective_correlation_space(values)
    assert np.linalg.matrix_rank(space.values) == api_metrics.erg_cut(values).n_tail


@pytest.mark.parametrize("count", [0, 51])
def test_directions_that_are_not_there_are_refused(count):
    with pytest.raises(Complaint, match="1 to 50 directions"):
        effective_correlation_space(matrix_of(np.random.default_rng(1).standard_normal((80, 50))), count)
