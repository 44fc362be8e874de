"""The Hill estimator: its value by hand, its limit on noise, its plot, and when it says that it means nothing."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from spectral_widgets import api_metrics, metrics
from spectral_widgets.api import spectrum as spectrum_of
from spectral_widgets.records import Complaint, Spectrum
from spectral_widgets.rmt import mp_density, mp_edges, mp_quantile
from spectral_widgets.rmt.hill import mp_hill_alpha, mp_hill_curve
from spectral_widgets.spectra.hill import fit_hill, hill_plot, is_noise
from spectral_widgets.spectra.nulls import fit_null
from spectral_widgets.spectra.tails import fit_tail

from .metric_subjects import matrix


def spectrum(values, n_rows=1000):
    values = np.sort(np.asarray(values, dtype=float))
    return Spectrum(values, n_rows, len(values), 1.0)


def noise(n_rows, n_cols, seed):
    return spectrum_of(np.random.default_rng(seed).standard_normal((n_rows, n_cols)))


def plain_hill(values, count):
    top = sorted(values)[-count:]
    return 1 + count / sum(np.log(one / top[0]) for one in top)


def test_by_hand():
    # The upper half of seven is four: ln ratios 0, 1, 2 and 3.
    fit = fit_hill(spectrum(np.exp([-9.0, -5.0, -1.0, 0.0, 1.0, 2.0, 3.0])))
    assert fit.alpha == pytest.approx(1 + 4 / 6)
    assert fit.alpha_error == pytest.approx(4 / 6 / 2)
    assert (fit.n_top, fit.xmin) == (4, 1.0)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(0, 9999), st.integers(8, 200), st.data())
def test_it_is_the_plain_sum_for_any_number(seed, n, data):
    values = np.random.default_rng(seed).pareto(1.5, n) + 1
    count = data.draw(st.integers(2, n))
    assert fit_hill(spectrum(values), count).alpha == pytest.approx(plain_hill(values, count), rel=1e-10)
    assert fit_hill(spectrum(1e5 * values), count).alpha == pytest.approx(plain_hill(values, count), rel=1e-8)


@pytest.mark.parametrize("seed", range(5))
def test_with_as_many_as_the_tail_fit_it_is_the_tail_fit(seed):
    given_spectrum = spectrum(np.random.default_rng(seed).lognormal(0, 1.5, 300))
    fit, tail = fit_hill(given_spectrum, "closest"), fit_tail(given_spectrum)
    assert (fit.n_top, fit.xmin) == (tail.n_tail, tail.xmin)
    assert fit.alpha == pytest.approx(tail.alpha, rel=1e-12)
    assert fit.alpha_error == pytest.approx(tail.alpha_error, rel=1e-12)


@pytest.mark.parametrize(("ratio", "expected"), [(1, 2.1217), (1.5, 2.4492), (2, 2.7058), (4, 3.4546), (8, 4.4699)])
def test_the_limit_on_noise_is_the_known_number(ratio, expected):
    assert mp_hill_alpha(1 / ratio) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize("aspect", [1.0, 0.7, 0.25, 0.01])
@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.95])
def test_the_limit_on_noise_is_the_integral_over_the_density(aspect, share):
    start, high = mp_quantile(1 - share, aspect), mp_edges(aspect)[1]
    mean, _ = quad(lambda x: np.log(x / start) * float(mp_density(x, aspect)), start, high, epsabs=0, epsrel=1e-9)
    assert mp_hill_alpha(aspect, share) == pytest.approx(1 + share / mean, rel=1e-7)


@pytest.mark.parametrize(("n_cols", "expected"), [(512, 2.1217), (768, 2.4492), (1024, 2.7058), (2048, 3.4546)])
def test_gaussian_matrices_have_the_value_of_their_shape(n_cols, expected):
    fits = [fit_hill(noise(max(512, n_cols) // 2, min(512, n_cols) // 2, seed)) for seed in range(6)]
    # Half the size: 256 eigenvalues off by about 1/256, and a scatter of 0.02 each.
    assert np.mean([fit.alpha for fit in fits]) == pytest.approx(expected, abs=0.03)
    assert fits[0].noise_alpha == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize("shape", [(60, 60), (300, 40), (200, 150)])
def test_noise_carries_the_value_that_noise_has(shape):
    fits = [fit_hill(noise(*shape, seed)) for seed in range(40)]
    # The rule lets one in a hundred pass; 10 % is four standard errors more for 40 draws.
    assert np.mean([fit.like_noise for fit in fits]) >= 0.9
    named = next(fit for fit in fits if fit.like_noise)
    assert f"gives {mp_hill_alpha(shape[1] / shape[0]):.2f}" in named.caveat


def test_learned_matrices_are_not_taken_for_noise():
    rng = np.random.default_rng(3)
    values = rng.standard_normal((200, 120))
    spiked = spectrum_of(values + 3 * rng.standard_normal((200, 2)) @ rng.standard_normal((2, 120)))
    scaled = spectrum_of(values * np.linspace(0.3, 1, 120))
    for one in (spiked, scaled):
        assert not is_noise(one, fit_null(one))
        assert fit_hill(one).caveat == ""


def test_the_plot_is_the_estimate_at_every_number():
    given_spectrum = noise(300, 150, 1)
    plot = hill_plot(given_spectrum)
    for at in (0, 10, len(plot.n_top) // 2, -1):
        one = fit_hill(given_spectrum, int(plot.n_top[at]))
        assert (plot.alpha[at], plot.alpha_error[at]) == pytest.approx((one.alpha, one.alpha_error))
    assert plot.n_top[0] == 2
    assert plot.n_top[-1] == 150
    assert np.all(np.diff(plot.n_top) > 0)
    assert plot.chosen.n_top == 75
    middle = (plot.n_top > 40) & (plot.n_top < 140)
    assert plot.alpha[middle] == pytest.approx(plot.noise_alpha[middle], rel=0.05)
    assert np.isnan(mp_hill_curve(0.5, [0.0, 1.0])).all()


def test_zeros_are_left_out_and_said():
    fit = fit_hill(spectrum([*np.zeros(30), *(np.random.default_rng(0).pareto(1.5, 100) + 1)]))
    assert fit.n_top == 50
    assert "30 eigenvalues are zero" in fit.caveat


@pytest.mark.parametrize("values", [np.zeros(10), np.ones(10), [0.0, 0.0, 3.0]])
def test_what_has_no_estimate_is_nan_with_a_sentence(values):
    fit = fit_hill(spectrum(values))
    assert isnan(fit.alpha)
    assert fit.caveat
    with pytest.raises(Complaint, match="at least two positive"):
        hill_plot(spectrum(values))


@pytest.mark.parametrize("n_top", [0, 1, 61, "most"])
def test_a_number_that_is_not_there_is_refused(n_top):
    with pytest.raises(Complaint, match="60 positive"):
        api_metrics.hill(np.random.default_rng(0).standard_normal((90, 60)), n_top)


def test_the_metric_carries_the_caveat_of_noise():
    rng = np.random.default_rng(2)
    frame = metrics.frame_of(metrics.table_of([matrix(rng.standard_normal((80, 80)))], ["hill_alpha", "hill_excess"]))
    assert frame["hill_excess"].iloc[0] == pytest.approx(frame["hill_alpha"].iloc[0] - 2.1217, abs=1e-4)
    assert "geometry, not learning" in frame["caveats"].iloc[0]
