"""Rival laws of a tail: densities and likelihoods against scipy, the maximum against a general optimiser."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats
from scipy.integrate import quad
from scipy.optimize import minimize
from spectral_widgets.rmt.tail_laws import cut_off, log_density, log_normal, most_likely

BENDS = {"cut_off": cut_off, "log_normal": log_normal}
bends = st.sampled_from([cut_off, log_normal])


@pytest.mark.parametrize("bend", BENDS.values(), ids=BENDS)
@pytest.mark.parametrize(("rate", "strength"), [(1.5, 1e-6), (0.3, 0.02), (2.0, 1.0), (-3.0, 4.0), (9.0, 30.0)])
def test_the_density_has_mass_one(bend, rate, strength):
    mass, _ = quad(lambda u: float(np.exp(log_density(np.array([u]), rate, strength, bend)[0])), 0, 40, limit=400)
    assert mass == pytest.approx(1, abs=1e-8)


@pytest.mark.parametrize(("alpha", "cut"), [(0.4, 0.01), (-2.0, 1.5), (0.9, 3.0)])
def test_the_truncated_power_law_is_that_of_the_incomplete_gamma_function(alpha, cut):
    x = np.array([1.0, 1.3, 2.0, 7.5])
    order = 1 - alpha
    mass = cut ** (alpha - 1) * special.gammaincc(order, cut) * special.gamma(order)
    expected = -alpha * np.log(x) - cut * x - np.log(mass)
    assert log_density(np.log(x), alpha - 1, cut, cut_off) - np.log(x) == pytest.approx(expected, abs=1e-11)


@pytest.mark.parametrize("alpha", [1, 2, 3, 5])
@pytest.mark.parametrize("cut", [1e-4, 0.1, 2.0])
def test_at_whole_exponents_it_is_that_of_the_exponential_integral(alpha, cut):
    x = np.array([1.0, 1.3, 2.0, 7.5])
    expected = -alpha * np.log(x) - cut * x - np.log(special.expn(alpha, cut))
    assert log_density(np.log(x), alpha - 1, cut, cut_off) - np.log(x) == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize(("mean", "deviation"), [(0.0, 1.0), (-3.0, 1.2), (2.0, 0.4), (-12.0, 3.0)])
def test_the_log_normal_tail_is_scipys_truncated_normal(mean, deviation):
    logs = np.array([0.0, 0.1, 0.9, 3.0])
    strength = 1 / (2 * deviation**2)
    law = stats.truncnorm(-mean / deviation, np.inf, loc=mean, scale=deviation)
    assert log_density(logs, -mean / deviation**2, strength, log_normal) == pytest.approx(law.logpdf(logs), abs=1e-9)


def test_without_a_bend_it_is_scipys_pareto():
    x = np.array([1.0, 1.7, 40.0])
    assert log_density(np.log(x), 1.5, 0.0, cut_off) - np.log(x) == pytest.approx(stats.pareto(1.5).logpdf(x))


def sample(kind, seed, n):
    rng = np.random.default_rng(seed)
    draws = {
        "pareto": lambda: rng.exponential(0.6, n),
        "bent": lambda: np.abs(rng.normal(0, 1.0, n)),
        "bulk": lambda: np.log1p(rng.uniform(0, 1, n)),
        "gamma": lambda: rng.gamma(2.0, 0.3, n),
    }
    logs = np.sort(draws[kind]())
    return logs - logs[0]


samples = st.builds(
    sample, st.sampled_from(["pareto", "bent", "bulk", "gamma"]), st.integers(0, 999), st.integers(20, 400)
)


def mean_likelihood(logs, rate, strength, bend):
    return float(log_density(logs, rate, strength, bend).mean())


@settings(max_examples=30, deadline=None, derandomize=True)
@given(samples, bends, st.integers(0, 999))
def test_nothing_around_the_maximum_is_likelier(logs, bend, seed):
    rate, strength = most_likely(logs, bend)
    top = mean_likelihood(logs, rate, strength, bend)
    rng = np.random.default_rng(seed)
    for size in (1e-3, 0.1):
        near = (rate + size * rng.normal(), max(strength, 1e-4) * np.exp(size * rng.normal()))
        if near[1] > 0 and (strength > 0 or near[0] > 0):
            assert mean_likelihood(logs, *near, bend) <= top + 1e-12


@settings(max_examples=12, deadline=None, derandomize=True)
@given(samples, bends)
def test_a_general_optimiser_finds_no_more(logs, bend):
    rate, strength = most_likely(logs, bend)

    def loss(place):
        return -mean_likelihood(logs, place[0], np.exp(place[1]), bend)

    best = min(minimize(loss, [1 / logs.mean(), start], method="Nelder-Mead").fun for start in (-3.0, 0.0, 2.0))
    assert -mean_likelihood(logs, rate, strength, bend) <= best + 1e-9


@settings(max_examples=40, deadline=None, derandomize=True)
@given(samples)
def test_the_log_normal_is_the_power_law_exactly_when_the_logs_scatter_more_than_exponentially(logs):
    _, strength = most_likely(logs, log_normal)
    assert (strength == 0) == (np.mean(logs**2) >= 2 * np.mean(logs) ** 2)
