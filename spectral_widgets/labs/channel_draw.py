"""One draw of lab 12: a linear task, its modes, what each does to test, and the gate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..rmt.gradient_flow import LinearTask, dissipated

N_SPIKES = 3
CUTS = np.linspace(0.0, 1.0, 41)
TIMES = np.geomspace(0.01, 10.0, 37)
# Of the time so far and of the fastest mode's own: small enough that steps follow the flow.
_RELATIVE_STEP, _FASTEST, _FIRST_TIME = 0.1, 0.5, 0.003


@dataclass(frozen=True, eq=False)
class Draw:
    """Of the modes with an eigenvalue: ``eigenvalues``, ``response``, ``signal`` and ``noise`` energy ``(n_modes,)``.

    ``noise_total`` counts the modes that are zero too. ``cut_error`` and ``leak`` ``(n_cuts,)`` are the excess test
    error of the channel alone and the test energy of the reservoir; ``error`` and ``gated_error`` ``(n_times,)`` the
    excess test error while training goes on. ``opened`` is the share of the parameters without signal that pass the
    gate at first.
    """

    eigenvalues: np.ndarray
    response: np.ndarray
    signal: np.ndarray
    noise: np.ndarray
    noise_total: float
    train_error: float
    test_error: float
    cut_error: np.ndarray
    leak: np.ndarray
    error: np.ndarray
    gated_error: np.ndarray
    opened: float


def draw_one(task: LinearTask, values: Mapping[str, Any], rng: np.random.Generator) -> Draw:
    """Draw features, labels and noise; train by gradient flow exactly, and with the gate by small steps if asked."""
    is_signal = np.arange(task.n_features) < N_SPIKES
    deviations = np.where(is_signal, np.sqrt(task.spike), 1.0)
    features = rng.standard_normal((task.n_examples, task.n_features)) * deviations
    truth = is_signal / np.sqrt(N_SPIKES * task.spike)
    noise = np.sqrt(task.noise_variance) * rng.standard_normal(task.n_examples)
    signal = features @ truth
    eigenvalues, left, right = modes_of(features)

    def energy(weights: np.ndarray) -> np.ndarray:
        """Mean square on fresh inputs of weights ``(…, p)``."""
        return ((weights * deviations) ** 2).sum(axis=-1)

    # Part of the labels in a mode, and the weights that one unit of it makes when fully learnt.
    parts = left.T @ (signal + noise) / np.sqrt(task.n_examples)
    full = parts / np.sqrt(eigenvalues)

    filters = _learnt(eigenvalues, values["time"])
    shares = dissipated(eigenvalues, values["time"])
    in_channel = shares > CUTS[:, None]
    outside = float(((signal + noise) ** 2).mean() - (parts**2).sum())
    gated, opened = _gated(task, values, features, signal + noise, rng) if values["gate"] else (None, float("nan"))
    return Draw(
        eigenvalues=eigenvalues,
        response=filters**2 / eigenvalues * energy(right.T),
        signal=(left.T @ signal) ** 2 / task.n_examples,
        noise=(left.T @ noise) ** 2 / task.n_examples,
        noise_total=float((noise**2).mean()),
        train_error=float(((parts * (1 - filters)) ** 2).sum()) + outside,
        test_error=float(energy((filters * full) @ right.T - truth)),
        cut_error=energy((in_channel * (filters * full)) @ right.T - truth),
        leak=energy((~in_channel * (filters * full)) @ right.T),
        error=energy((_learnt(eigenvalues, TIMES) * full) @ right.T - truth),
        gated_error=np.full(len(TIMES), np.nan) if gated is None else energy(gated - truth),
        opened=opened,
    )


def _learnt(eigenvalues: np.ndarray, time: np.ndarray | float) -> np.ndarray:
    """Share of the labels of a mode that is learnt by then, ``(…, n_modes)``."""
    return -np.expm1(-np.multiply.outer(time, eigenvalues))


def modes_of(features: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Eigenvalues above zero of ``XXᵀ/n``, ascending, with unit vectors of the examples and of the features."""
    n_examples, n_features = features.shape
    if n_features <= n_examples:
        eigenvalues, right = np.linalg.eigh(features.T @ features / n_examples)
        eigenvalues = np.maximum(eigenvalues, 1e-12)
        return eigenvalues, features @ right / np.sqrt(n_examples * eigenvalues), right
    eigenvalues, left = np.linalg.eigh(features @ features.T / n_examples)
    eigenvalues = np.maximum(eigenvalues, 1e-12)
    return eigenvalues, left, features.T @ left / np.sqrt(n_examples * eigenvalues)


def _gated(
    task: LinearTask, values: Mapping[str, Any], features: np.ndarray, labels: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, float]:
    """Weights ``(n_times, p)`` in the coordinates of the features, and how many parameters without signal opened."""
    turn = None
    if values["signal_in"] == "all":
        turn = np.linalg.qr(rng.standard_normal((task.n_features, task.n_features)))[0]
        features = features @ turn
    weights, opened = gated_flow(features, labels)
    if turn is not None:
        return weights @ turn.T, float("nan")
    return weights, float(opened[N_SPIKES:].mean())


def gated_flow(features: np.ndarray, labels: np.ndarray, gated: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Weights ``(n_times, p)`` of least squares at ``TIMES``, and which parameters the first gate lets pass.

    A parameter moves while ``μ² > σ²/(n − 1)``: the mean of its gradient over the examples against their variance.
    """
    n_examples = len(features)
    squares = features**2
    longest = _FASTEST / float(np.linalg.norm(features, 2) ** 2 / n_examples)
    weights, time, first = np.zeros(features.shape[1]), 0.0, np.ones(features.shape[1], bool)
    passed, kept = [0.0], [weights]
    while time < TIMES[-1]:
        residual = labels - features @ weights
        mean = features.T @ residual / n_examples
        variance = squares.T @ residual**2 / n_examples - mean**2
        open_ = mean**2 > variance / (n_examples - 1) if gated else np.ones(len(mean), bool)
        first = open_ if time == 0 else first
        # Once every gate is shut nothing moves again.
        step = min(max(_RELATIVE_STEP * time, _FIRST_TIME), longest) if open_.any() else TIMES[-1]
        weights, time = weights + step * open_ * mean, time + step
        passed.append(time)
        kept.append(weights)
    return _at_times(np.array(passed), np.array(kept)), first


def _at_times(passed: np.ndarray, kept: np.ndarray) -> np.ndarray:
    after = np.minimum(np.searchsorted(passed, TIMES), len(passed) - 1)
    share = ((TIMES - passed[after - 1]) / (passed[after] - passed[after - 1]))[:, None]
    return kept[after - 1] + np.minimum(share, 1.0) * (kept[after] - kept[after - 1])
