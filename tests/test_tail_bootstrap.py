"""Goodness of fit of a tail by bootstrap: a plain second implementation, planted laws, the size of the test."""

from __future__ import annotations

import numpy as np
import pytest
from spectral_widgets import api_metrics
from spectral_widgets.records import Complaint, Spectrum
from spectral_widgets.spectra.tail_bootstrap import tail_bootstrap_steps
from spectral_widgets.spectra.tails import fit_tail

from .test_tails import plain_fit


def spectrum(values):
    values = np.sort(np.asarray(values, dtype=float))
    return Spectrum(values, 10 * len(values), len(values), 1.0)


def with_body(seed, n_body=150, n_tail=100):
    rng = np.random.default_rng(seed)
    return spectrum(np.concatenate([rng.uniform(0.2, 1, n_body), rng.pareto(1.5, n_tail) + 1]))


def last(steps):
    *_, final = steps
    return final


def test_it_is_the_semi_parametric_bootstrap_with_a_full_refit():
    given = with_body(1)
    fit = fit_tail(given)
    found = last(tail_bootstrap_steps(given, fit, 5, seed=3))
    below = given.eigenvalues[given.eigenvalues < fit.xmin]
    total = len(given.eigenvalues)
    distances = []
    for index in range(5):
        rng = np.random.default_rng([3, index])
        n_inside = rng.binomial(total, fit.n_tail / total)
        tail = fit.xmin * np.exp(rng.exponential(1 / (fit.alpha - 1), n_inside))
        distances.append(plain_fit(np.concatenate([rng.choice(below, total - n_inside), tail]))[0])
    assert found.distances == pytest.approx(distances, abs=1e-12)
    assert found.observed == fit.distance
    assert found.p_value == (1 + sum(one >= fit.distance for one in distances)) / 6


def test_every_step_is_a_valid_smaller_result():
    steps = list(tail_bootstrap_steps(with_body(2), samples=8, seed=1))
    assert [len(one.distances) for one in steps] == list(range(1, 9))
    assert steps[2].distances.tolist() == steps[-1].distances[:3].tolist()
    shorter = last(tail_bootstrap_steps(with_body(2), samples=3, seed=1))
    assert shorter.p_value == steps[2].p_value
    other = last(tail_bootstrap_steps(with_body(2), samples=8, seed=2))
    assert other.distances.tolist() != steps[-1].distances.tolist()


def test_a_power_law_stands_and_other_spectra_fall():
    assert api_metrics.tail_bootstrap(with_body(4, 600, 400), 60).p_value > 0.1
    ends = api_metrics.tail_bootstrap(spectrum(np.logspace(0, 3, 300)), 60)
    assert ends.p_value == pytest.approx(1 / 61)
    assert ends.standard_error == pytest.approx(np.sqrt(1 / 61 * 60 / 61 / 61))


def test_p_values_of_true_power_laws_are_spread_evenly():
    rng = np.random.default_rng(11)
    p_values = [api_metrics.tail_bootstrap(spectrum(rng.pareto(1.5, 80) + 1), 39).p_value for _ in range(60)]
    # Uniform on 1/40 … 1: mean 0.51, standard deviation 0.29, so four standard errors are 0.15.
    assert np.mean(p_values) == pytest.approx(0.51, abs=0.15)
    assert np.mean(np.array(p_values) <= 0.1) <= 0.1 + 4 * np.sqrt(0.09 / 60)


@pytest.mark.parametrize("values", [np.ones(50), np.arange(1.0, 6.0)])
def test_without_a_tail_there_is_nothing_to_test(values):
    with pytest.raises(Complaint, match="No tail fit"):
        api_metrics.tail_bootstrap(spectrum(values))


def test_no_samples_are_refused():
    with pytest.raises(Complaint, match="at least one"):
        tail_bootstrap_steps(with_body(1), samples=0)
