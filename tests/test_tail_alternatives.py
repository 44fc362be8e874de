"""Power law against its rivals: Vuong by hand, the package powerlaw, planted laws, and the size of the tests."""

from __future__ import annotations

from math import isnan

import numpy as np
import powerlaw
import pytest
from scipy import stats
from spectral_widgets.records import Spectrum, TailFit
from spectral_widgets.spectra.alternatives import fit_alternatives
from spectral_widgets.spectra.tails import fit_tail

DRAWS = {
    "pareto": lambda rng, n: rng.pareto(1.5, n) + 1,
    "cut off": lambda rng, n: _thinned(rng.pareto(1.2, 4 * n) + 1, rng)[:n],
    "log-normal": lambda rng, n: np.exp(np.abs(rng.normal(0, 1.3, n))),
}


def _thinned(values, rng):
    return values[rng.random(len(values)) < np.exp(-values / 8)]


def spectrum(values):
    values = np.sort(np.asarray(values, dtype=float))
    return Spectrum(values, 10 * len(values), len(values), 1.0)


def whole_tail(values):
    """The power law of all values, from the smallest on."""
    values = np.sort(values)
    rate = len(values) / np.log(values / values[0]).sum()
    return TailFit(1 + rate, 0.0, values[0], values[-1], 0.0, len(values), len(values))


def compared(kind, seed, n=500):
    values = DRAWS[kind](np.random.default_rng(seed), n)
    return values, fit_alternatives(spectrum(values), whole_tail(values))


@pytest.mark.parametrize("kind", DRAWS)
def test_vuongs_ratio_is_the_one_of_scipys_likelihoods(kind):
    values, found = compared(kind, 1)
    logs = np.sort(np.log(values / values.min()))
    power = stats.pareto(found.alpha - 1, scale=found.xmin).logpdf(np.sort(values))
    assert found.log_likelihood == pytest.approx(power.sum())
    rival = found.lognormal
    if rival.is_power_law:
        assert (rival.log_ratio, rival.ratio, rival.p_value) == (0, 0, 1)
        return
    mean, deviation = (value for _, value in rival.parameters)
    law = stats.truncnorm((np.log(found.xmin) - mean) / deviation, np.inf, loc=mean, scale=deviation)
    other = law.logpdf(logs + np.log(found.xmin)) - logs - np.log(found.xmin)
    difference = power - other
    ratio = difference.sum() / np.sqrt(len(values) * difference.var())
    assert rival.log_likelihood == pytest.approx(other.sum(), abs=1e-6)
    assert rival.ratio == pytest.approx(ratio, abs=1e-6)
    assert rival.p_value == pytest.approx(2 * stats.norm.sf(abs(ratio)), abs=1e-6)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", DRAWS)
@pytest.mark.parametrize("seed", range(3))
def test_the_package_powerlaw_agrees_where_its_bounds_allow(kind, seed):
    values, found = compared(kind, seed, 300)
    theirs = powerlaw.Fit(values, xmin=found.xmin, verbose=0)
    assert theirs.power_law.alpha == pytest.approx(found.alpha, rel=1e-9)
    for name, ours in (("truncated_power_law", found.truncated), ("lognormal", found.lognormal)):
        nested = name == "truncated_power_law"
        ratio, p_value = theirs.distribution_compare("power_law", name, nested=nested, normalized_ratio=True)
        likelihood = getattr(theirs, name).loglikelihoods(values).sum()
        if ours.is_power_law:
            # Its search runs towards the border, where its tail probabilities, tens of deviations out, lose digits.
            assert likelihood == pytest.approx(ours.log_likelihood, abs=1.0)
            continue
        # Ours is the maximum: its search can only stop short of it.
        assert ours.log_likelihood >= likelihood - 1e-6
        assert ours.ratio == pytest.approx(ratio, abs=5e-3)
        assert ours.p_value * (1 + nested) == pytest.approx(p_value, rel=5e-3, abs=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_a_planted_cut_off_and_a_planted_log_normal_are_noticed(seed):
    _, bent = compared("cut off", seed, 2000)
    assert bent.truncated.p_value < 1e-6
    assert dict(bent.truncated.parameters)["rate"] == pytest.approx(1 / 8, rel=0.35)
    _, other = compared("log-normal", seed, 2000)
    assert other.lognormal.p_value < 1e-3
    assert dict(other.lognormal.parameters)["standard deviation of ln λ"] == pytest.approx(1.3, rel=0.3)
    assert "log-normal" in other.sentence


def test_a_true_power_law_is_seldom_refused():
    rng = np.random.default_rng(7)
    draws = [rng.pareto(5.0, 300) + 1 for _ in range(400)]
    found = [fit_alternatives(spectrum(one), whole_tail(one)) for one in draws]
    shares = [np.mean([one.truncated.p_value < level for one in found]) for level in (0.05, 0.2)]
    # Nominal, four standard errors for 400 draws, and what the border costs at this size (measured: 0.02).
    assert shares[0] == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 400) + 0.02)
    assert shares[1] == pytest.approx(0.2, abs=4 * np.sqrt(0.2 * 0.8 / 400) + 0.02)
    assert np.mean([one.lognormal.p_value < 0.05 for one in found]) < 0.02
    assert 0.3 < np.mean([one.truncated.is_power_law for one in found]) < 0.55


@pytest.mark.parametrize("factor", [1e-7, 1e6])
def test_the_comparison_does_not_know_the_scale(factor):
    values = np.random.default_rng(3).lognormal(0, 1, 400)
    one, other = (fit_alternatives(spectrum(scale * values)) for scale in (1.0, factor))
    for name in ("truncated", "lognormal"):
        assert getattr(other, name).ratio == pytest.approx(getattr(one, name).ratio, rel=1e-6)
        assert getattr(other, name).p_value == pytest.approx(getattr(one, name).p_value, rel=1e-6)
    shift = one.n_tail * np.log(factor)
    assert other.log_likelihood == pytest.approx(one.log_likelihood - shift, abs=1e-6)


def test_without_a_tail_all_is_nan_and_says_why():
    found = fit_alternatives(spectrum(np.ones(40)))
    assert isnan(found.truncated.ratio)
    assert isnan(found.lognormal.p_value)
    assert found.caveat == fit_tail(spectrum(np.ones(40))).caveat != ""
