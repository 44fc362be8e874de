"""Stopping early: intervals that may be looked at all the time, and runs that end when they decide."""

from __future__ import annotations

import numpy as np
import pytest
import spectral_widgets as sw
from scipy.optimize import brentq
from spectral_widgets.probing.ablation import ablate_steps
from spectral_widgets.probing.plans import plan_for
from spectral_widgets.probing.sequences import running_sequence
from spectral_widgets.probing.verdict import MIN_SEQUENCE, running_interval, track_of, verdict_of
from spectral_widgets.records import ChangeEntries, Complaint, Entry, SubtractMean

from .subjects import HangsOnOneWeight, trapped_model

N_LOOKS = 512


def ever_excluded(values: np.ndarray, truth: float, interval) -> float:
    """Share of runs (rows) whose interval excludes the truth at any number of values from 16 on."""
    _, low, high = interval(values)
    out = (low > truth) | (high < truth)
    return float(out[:, MIN_SEQUENCE - 1 :].any(axis=1).mean())


def test_looking_after_every_probe_errs_in_at_most_5_percent_of_gaussian_runs():
    values = np.random.default_rng(0).normal(0.3, 2.0, (2000, N_LOOKS))
    assert ever_excluded(values, 0.3, running_sequence) <= 0.05
    # The interval for a fixed number of probes, looked at all the time, is wrong far more often.
    fixed = np.array([running_interval(row) for row in values[:400]]).transpose(1, 0, 2)
    assert ever_excluded(values[:400], 0.3, lambda _: fixed) > 0.2


@pytest.mark.parametrize("law", ["gamma", "lognormal", "spikes"])
def test_it_holds_for_paired_differences_of_skewed_positive_values(law):
    rng = np.random.default_rng(1)
    draw = {
        "gamma": lambda: rng.gamma(0.7, 1.0, (2000, N_LOOKS)),
        "lognormal": lambda: rng.lognormal(0.0, 1.0, (2000, N_LOOKS)),
        "spikes": lambda: (rng.random((2000, N_LOOKS)) < 0.1) * rng.exponential(1.0, (2000, N_LOOKS)),
    }[law]
    assert ever_excluded(draw() - draw(), 0.0, running_sequence) <= 0.05


def skewed(rng: np.random.Generator, n_runs: int) -> dict[str, tuple[np.ndarray, float]]:
    """Unpaired values of very skewed laws, with their means."""
    shape = (n_runs, N_LOOKS)
    return {
        "exponential": (rng.exponential(1.0, shape), 1.0),
        "gamma": (rng.gamma(0.3, 1.0, shape), 0.3),
        "log-normal": (rng.lognormal(0.0, 1.0, shape), float(np.exp(0.5))),
        "rare": ((rng.random(shape) < 0.05) * 1.0, 0.05),
        "beta": (np.log(2) * rng.beta(0.1, 2.0, shape), float(np.log(2)) * 0.1 / 2.1),
    }


@pytest.mark.parametrize("law", ["exponential", "gamma", "log-normal", "rare", "beta"])
def test_very_skewed_values_are_missed_in_about_5_percent_at_most(law):
    values, mean = skewed(np.random.default_rng(7), 400)[law]
    # Three standard errors of a share of 5 % in 400 runs.
    assert ever_excluded(values, mean, running_sequence) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)
    assert ever_excluded(-values, -mean, running_sequence) == ever_excluded(values, mean, running_sequence)


@pytest.mark.slow
@pytest.mark.parametrize("law", ["exponential", "gamma", "log-normal", "rare", "beta"])
def test_very_skewed_values_are_missed_in_about_5_percent_at_most_in_many_runs(law):
    values, mean = skewed(np.random.default_rng(8), 6000)[law]
    assert ever_excluded(values, mean, running_sequence) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 6000)


def test_equal_values_decide_nothing():
    _, low, high = running_sequence(np.zeros(50))
    assert np.isinf(low).all()
    assert np.isinf(high).all()


def test_the_half_width_solves_the_equation_of_the_mixture():
    rng = np.random.default_rng(2)
    values = rng.standard_normal(60)
    _, low, high = running_sequence(values, 0.05)

    def evidence(mean: float, n: int) -> float:
        part = values[:n]
        square = n * (part.mean() - mean) ** 2 / part.var(ddof=1) / (n - 1)
        spread = 1 + n / 8
        return spread**-0.5 * ((1 + square) / (1 + square / spread)) ** (n / 2)

    for n in (16, 30, 60):
        centre = values[:n].mean()
        root = brentq(lambda mean, n=n: evidence(mean, n) - 20, centre, centre + 50)
        share = np.log(2 / 0.05) / n
        assert high[n - 1] == pytest.approx(root + share * (values[:n].max() - centre), rel=1e-6)
        assert low[n - 1] == pytest.approx(2 * centre - root - share * (centre - values[:n].min()), rel=1e-6)


def test_sequence_laws():
    values = np.random.default_rng(3).exponential(1.0, (4, 200))
    mean, low, high = running_sequence(values)
    assert np.isinf(high[:, 0]).all()
    assert (low <= mean).all()
    assert (mean <= high).all()
    for scaled, one in zip(running_sequence(-3 * values), (mean, high, low), strict=True):
        np.testing.assert_allclose(scaled, -3 * one, rtol=1e-9)
    stricter = running_sequence(values, 0.01)
    assert (stricter[2] >= high).all()
    fixed = running_interval(values[0])
    assert (high[0, 1:] > fixed[2][1:]).all()
    np.testing.assert_array_equal(running_sequence(values[0])[1], low[0])


@pytest.mark.parametrize("n_controls", [1, 5])
def test_an_edit_like_its_controls_is_rarely_called_active_however_often_one_looks(n_controls):
    """Planted: edit and controls have the same mean, so “active” is wrong at any time, and so is no effect of 1."""
    rng = np.random.default_rng(n_controls)
    wrong = 0
    for _ in range(120):
        values = rng.gamma(2.0, 0.5, 160) * rng.gamma(3.0, 1 / 3, (n_controls + 1, 160))
        words = set()
        for n in range(MIN_SEQUENCE, 161, 8):
            edit, *controls = (track_of("x", row[:n]) for row in values)
            words.add(verdict_of(edit, controls, stop="decided").word)
        wrong += "active" in words
    assert wrong / 120 <= 0.05


def test_a_clear_run_stops_early_with_the_right_word_and_a_full_one_agrees():
    settings = {"n_controls": 4, "n_probes": 512}
    for dead, word in [(False, "active"), (True, "inert")]:
        model = sw.open_model(HangsOnOneWeight(dead))
        edit = ChangeEntries(model.ref("first.weight"), (Entry(7, 5, 3.0, 60.0),))
        early = sw.ablate(model, edit, stop="decided", smallest_effect=1e-3, **settings)
        full = sw.ablate(model, edit, smallest_effect=1e-3, **settings)
        assert early.verdict.word == full.verdict.word == word
        assert early.n_done < full.n_done == 512
        assert early.is_complete
        assert full.is_complete
        assert "confidence sequence" in early.verdict.rule
        # What was measured before the stop is what the full run measured.
        np.testing.assert_allclose(early.edit.values, full.edit.values[: early.n_done], rtol=1e-9)


def test_a_run_goes_on_to_the_end_where_nothing_is_decided():
    _, model, [scan, _] = trapped_model()
    edit = SubtractMean(scan.layer)
    probe = sw.probes.gaussian_vectors(n=MIN_SEQUENCE - 1, size=24)
    *_, last = ablate_steps(model, plan_for(edit, probe, n_controls=2, batch_size=4, stop="decided"))
    assert last.n_done == MIN_SEQUENCE - 1
    assert last.verdict.word == "undecided"
    assert f"at least {MIN_SEQUENCE}" in last.verdict.reason


def test_a_stated_smallest_effect_turns_a_tiny_excess_into_none():
    rng = np.random.default_rng(4)
    noise = rng.normal(0, 0.01, 400)
    control, edit = track_of("c", 1 + rng.normal(0, 0.01, 400)), track_of("e", 1.02 + noise)
    for stop in ("all", "decided"):
        assert verdict_of(edit, [control], stop=stop).word == "active"
        assert verdict_of(edit, [control], stop=stop, smallest_effect=0.05).word == "inert"


def test_settings_that_make_no_sense_are_refused():
    _, model, [scan, _] = trapped_model()
    for wrong in ({"stop": "soon"}, {"smallest_effect": -1.0}, {"smallest_effect": float("nan")}):
        with pytest.raises(Complaint, match="smallest_effect"):
            sw.ablate(model, SubtractMean(scan.layer), **wrong)
