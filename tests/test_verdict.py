"""The verdict: planted truth, intervals and error rates by simulation, laws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_1samp
from spectral_widgets.probing import probes
from spectral_widgets.probing.ablation import ablate
from spectral_widgets.probing.plans import edit_for, plan_for
from spectral_widgets.probing.verdict import MIN_PROBES, rule_of, running_interval, track_of, verdict_of
from spectral_widgets.records import SubtractMean
from spectral_widgets.spectra.traps import find_traps
from spectral_widgets.weights import open_model

from .subjects import VECTORS, HangsOnOneWeight, mlp

# ---- the verdict on planted truth


def verdict_on(dead: bool, name: str):
    model = open_model(HangsOnOneWeight(dead))
    scan = find_traps(model.read("first.weight"), [0])
    [trap] = scan.traps
    assert [(entry.row, entry.column) for entry in trap.culprits] == [(7, 5)]
    probe = probes.gaussian_vectors(n=64, size=40, seed=0)
    return ablate(model, plan_for(edit_for(trap, name), probe, trap=trap, n_controls=19, seed=1, batch_size=32))


def test_changing_a_weight_that_decides_the_output_is_active():
    result = verdict_on(dead=False, name="change_entries")
    assert result.verdict.word == "active"
    assert result.edit.mean[-1] > max(track.mean[-1] for track in result.controls)
    assert "More than any matched control" in result.verdict.reason


def test_changing_a_weight_of_a_dead_unit_is_inert():
    result = verdict_on(dead=True, name="change_entries")
    assert (result.edit.values == 0).all()
    assert result.verdict.word == "inert"


def test_a_layer_that_the_forward_pass_never_reads_is_not_called_inert():
    own = mlp()
    # The user's function runs another module than the one it is given: no edit can reach the outputs.
    model = replace(open_model(own), forward=lambda module, inputs: own.eval()(inputs))
    result = ablate(model, plan_for(SubtractMean(model.ref("0.weight")), VECTORS, n_controls=3, batch_size=4))
    assert result.verdict.word == "undecided"
    assert "the layer is not used" in result.verdict.reason


# ---- intervals and verdicts by simulation


def test_the_running_interval_is_student_s_at_every_length():
    values = np.random.default_rng(0).normal(3.0, 2.0, 30)
    mean, low, high = running_interval(values)
    assert (low[0], high[0]) == (-np.inf, np.inf)
    for k in range(2, 31):
        interval = ttest_1samp(values[:k], 0).confidence_interval(0.95)
        assert (low[k - 1], high[k - 1]) == pytest.approx((interval.low, interval.high), rel=1e-9)
        assert mean[k - 1] == pytest.approx(values[:k].mean())


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.sampled_from([0.25, 8.0]))
def test_interval_laws(values, scale):
    values = np.array(values)
    mean, low, high = running_interval(values)
    assert (low <= mean).all()
    assert (mean <= high).all()
    scaled = running_interval(scale * values)
    np.testing.assert_allclose(scaled[0], scale * mean, rtol=1e-9, atol=1e-9)
    assert len(running_interval(np.empty(0))[0]) == 0
    np.testing.assert_allclose(running_interval(np.full(5, values[0]))[1][1:], values[0])


@pytest.mark.parametrize("n", [8, 32])
def test_the_interval_covers_the_mean_in_95_percent_of_cases(n):
    rng = np.random.default_rng(n)
    covered = 0
    for _ in range(2000):
        _, low, high = running_interval(rng.normal(1.0, 3.0, n))
        covered += bool(low[-1] <= 1.0 <= high[-1])
    assert abs(covered / 2000 - 0.95) < 3 * np.sqrt(0.95 * 0.05 / 2000)


@pytest.mark.parametrize("n_controls", [4, 19])
def test_an_edit_drawn_like_a_control_is_called_active_at_most_once_in_k_plus_1(n_controls):
    rng = np.random.default_rng(n_controls)
    n_trials, active = 1500, 0
    for _ in range(n_trials):
        # Every edit has a size of its own, every probe a sensitivity that all edits share.
        sizes = np.exp(rng.normal(0, 0.5, n_controls + 1))
        values = sizes[:, None] * rng.gamma(2.0, 0.5, 24) * rng.gamma(4.0, 0.25, (n_controls + 1, 24))
        edit, *controls = (track_of("x", row) for row in values)
        active += verdict_of(edit, controls).word == "active"
    limit = 1 / (n_controls + 1)
    assert active / n_trials <= limit + 3 * np.sqrt(limit * (1 - limit) / n_trials)
    assert active > 0


def tracks(*means: float, n: int = 20, spread: float = 0.1):
    rng = np.random.default_rng(0)
    return [track_of(str(k), mean + spread * rng.standard_normal(n)) for k, mean in enumerate(means)]


def test_verdict_laws():
    strong, weak, middle = tracks(5.0, 1.0, 3.0)
    assert verdict_of(strong, [weak, middle]).word == "active"
    assert verdict_of(weak, [strong, middle]).word == "inert"
    assert verdict_of(middle, [strong, weak]).word == "inert"
    near, nearer = tracks(1.0, 1.0, spread=1.0)
    assert verdict_of(near, [nearer]).word == "undecided"
    assert verdict_of(strong, []).word == "undecided"
    few = tracks(5.0, 1.0, n=MIN_PROBES - 1)
    assert verdict_of(few[0], few[1:]).word == "undecided"
    assert verdict_of(track_of("x", np.empty(0)), [track_of("y", np.empty(0))]).word == "undecided"
    zero = track_of("x", np.zeros(20))
    assert verdict_of(zero, [zero, weak]).word == "inert"
    assert verdict_of(zero, [zero, zero]).word == "undecided"
    assert "the layer is not used" in verdict_of(zero, [zero, zero]).reason
    for edit, controls in [(strong, [weak, middle]), (weak, [strong])]:
        verdict = verdict_of(edit, controls)
        assert verdict.rule == rule_of(len(controls))
        assert str(len(controls)) in verdict.rule
        # The order of the controls does not matter, and one more weak control never makes it active.
        assert verdict_of(edit, controls[::-1]) == verdict
    assert verdict_of(strong, [weak, middle, tracks(9.0)[0]]).word == "inert"
