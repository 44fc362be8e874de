"""The laws and the simulations behind the two labs on training: grokking, and channel and reservoir."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad_vec
from scipy.linalg import expm
from spectral_widgets.labs import lab_named
from spectral_widgets.labs.channel_draw import TIMES, draw_one, gated_flow, modes_of
from spectral_widgets.records import Complaint
from spectral_widgets.records.setting import scrub
from spectral_widgets.rmt import mp_density
from spectral_widgets.rmt.gradient_flow import (
    LinearTask,
    direction_measure,
    dissipated,
    dissipated_density,
    spiked_outlier,
)
from spectral_widgets.spectra.shuffled_moments import shuffled_second_moment
from spectral_widgets.spectra.traps import empty_scan
from spectral_widgets.weights import digits_mlp, digits_series


@pytest.mark.parametrize("shape", [(2, 2), (3, 2), (7, 1)])
def test_the_second_moment_of_all_shuffles_one_by_one(shape):
    values = np.random.default_rng(shape).standard_normal(shape) + 0.7
    grams = [one.T @ one / shape[0] for one in (np.reshape(order, shape) for order in permutations(values.ravel()))]
    mean = np.mean([np.mean(np.linalg.eigvalsh(gram) ** 2) for gram in grams])
    assert shuffled_second_moment(values) == pytest.approx(mean, rel=1e-10)


def test_scrub_rests_at_its_places_only():
    setting = scrub("step", "Step", (10, 300, 7000), 300, "Where.")
    assert setting.stops == (10, 300, 7000)
    assert setting.checked(7000) == 7000
    assert setting.to_json(300)["stops"] == [10, 300, 7000]
    with pytest.raises(Complaint, match="step must be one of 10, 300, 7000, not 50"):
        setting.checked(50)


def test_the_grokking_lab_shows_the_shipped_checkpoints():
    record = lab_named("grokking").draw(step=208_000, n_draws=3)
    series = digits_series()
    assert record.shown.step == series[6].step
    assert [one.test_accuracy for one in record.snapshots] == [one.test_accuracy for one in series]
    for place, checkpoint in enumerate(series):
        matrix = digits_mlp(checkpoint.step).layers["2.weight"].read()
        # A shuffle keeps the sum of squares, so every draw has the mean eigenvalue of the layer.
        mean = float((matrix.values.astype(float) ** 2).mean())
        np.testing.assert_allclose(record.shuffled[:, place].mean(axis=1), mean, rtol=1e-6)
        beyond = record.shuffled[:, place] > empty_scan(matrix).threshold
        assert (record.counts[:, place] == beyond.sum(axis=1)).all()


@given(ratio=st.floats(0.05, 3.0), spike=st.floats(1.0, 20.0))
def test_a_direction_is_spread_over_all_eigenvectors_and_has_its_own_variance(ratio, spike):
    measure = direction_measure(spike, ratio)
    assert measure.masses.min() >= -1e-12
    assert measure.masses.sum() == pytest.approx(1, abs=2e-3)
    assert measure.mean(lambda x: x) == pytest.approx(spike, rel=2e-3)


def test_a_direction_without_spike_has_the_marchenko_pastur_law():
    measure = direction_measure(1.0, 0.4)
    for power in (1, 2, 3):
        exact = quad_vec(lambda x, k=power: x**k * mp_density(x, 0.4), 0.1, 2.7, epsabs=1e-10)[0]
        assert measure.mean(lambda x, k=power: x**k) == pytest.approx(exact, rel=1e-4)


def test_a_weak_spike_has_no_eigenvalue_of_its_own():
    assert spiked_outlier(1 + np.sqrt(0.5) - 1e-6, 0.5)[1] == 0
    assert 0 < spiked_outlier(1 + np.sqrt(0.5) + 1e-3, 0.5)[1] < 0.01


def test_the_gramian_of_its_definition_has_the_eigenvalues_and_takes_away_the_loss():
    rng = np.random.default_rng(3)
    features, labels, time = rng.standard_normal((12, 7)), rng.standard_normal(12), 0.8
    kernel = features @ features.T / 12

    def integrand(t):
        left = expm(-kernel * t)
        return left.T @ kernel @ left

    gramian = quad_vec(integrand, 0, time, epsabs=1e-11)[0]
    shares = dissipated(np.linalg.eigvalsh(kernel), time)
    np.testing.assert_allclose(np.linalg.eigvalsh(2 * gramian), np.sort(shares), atol=1e-9)
    after = expm(-kernel * time) @ labels
    assert labels @ gramian @ labels == pytest.approx((labels @ labels - after @ after) / 2, rel=1e-9)


@pytest.mark.parametrize("ratio", [0.5, 2.0])
def test_the_density_over_the_shares_holds_all_modes_that_are_not_zero(ratio):
    low, high = (dissipated((1 + sign * np.sqrt(ratio)) ** 2, 0.3) for sign in (-1, 1))
    u = np.linspace(low, high, 20_001)
    area = np.trapezoid(dissipated_density(u, 0.3, ratio), u)
    assert area == pytest.approx(min(1, ratio), rel=1e-3)


@pytest.mark.parametrize("shape", [(9, 4), (5, 8)])
def test_modes_are_the_singular_vectors_of_the_features(shape):
    features = np.random.default_rng(1).standard_normal(shape)
    eigenvalues, left, right = modes_of(features)
    np.testing.assert_allclose(left * np.sqrt(shape[0] * eigenvalues) @ right.T, features, atol=1e-9)
    np.testing.assert_allclose(left.T @ left, np.eye(min(shape)), atol=1e-9)
    np.testing.assert_allclose(right.T @ right, np.eye(min(shape)), atol=1e-9)


def drawn(**values):
    task = LinearTask(60, 30, 3, 5.0, 1.0)
    chosen = {"time": 0.7, "gate": False, "signal_in": "few"} | values
    return task, draw_one(task, chosen, np.random.default_rng(0))


def test_small_steps_with_all_gates_open_follow_the_flow():
    features = np.random.default_rng(0).standard_normal((60, 30))
    labels = features[:, 0] + np.random.default_rng(1).standard_normal(60)
    stepped, opened = gated_flow(features, labels, gated=False)
    assert opened.all()
    covariance, start = features.T @ features / 60, features.T @ labels / 60
    for time, weights in zip(TIMES[::6], stepped[::6], strict=True):
        exact = np.linalg.solve(covariance, start - expm(-covariance * time) @ start)
        assert np.linalg.norm(weights - exact) < 0.06 * np.linalg.norm(exact)


def test_the_gate_shuts_where_the_mean_gradient_is_within_its_noise():
    rng = np.random.default_rng(4)
    features = rng.standard_normal((80, 20))
    labels = 3 * features[:, 0] + rng.standard_normal(80)
    weights, opened = gated_flow(features, labels)
    gradients = features * labels[:, None]
    t = gradients.mean(axis=0) / (gradients.std(axis=0, ddof=1) / np.sqrt(80))
    assert opened[0]
    assert (opened == (np.abs(t) > 1)).all()
    # What was never open has not moved by the first step.
    assert weights[0][~opened] == pytest.approx(0, abs=1e-3)


def test_channel_and_reservoir_of_every_cut_make_the_whole():
    _, draw = drawn()
    assert draw.cut_error[0] == pytest.approx(draw.test_error)
    assert draw.leak[0] == 0
    assert draw.cut_error[-1] == pytest.approx(1.0)
    assert (np.diff(draw.leak) > -1e-9).mean() > 0.9
    assert draw.noise.sum() < draw.noise_total


def test_what_lies_in_modes_of_zero_never_reaches_test():
    task, draw = drawn(time=10.0)
    # Half of the labels' dimensions have no eigenvalue, and their noise stays in the training error for ever.
    outside = draw.noise_total - draw.noise.sum()
    assert draw.train_error >= outside
    assert outside == pytest.approx(0.5 * task.noise_variance, rel=0.5)


def test_theory_at_the_ends_of_training():
    task = LinearTask(200, 100, 3, 8.0, 1.0)
    ones, zeros = np.ones_like, np.zeros_like
    assert task.test_energy(ones, zeros) == pytest.approx(1.0, rel=1e-3)
    assert task.train_energy(ones) == pytest.approx(2.0, rel=1e-3)
    # Fully trained least squares: σ² p / (n − p − 1) of excess error.
    assert task.test_energy(zeros, ones) == pytest.approx(1.0, rel=0.03)
