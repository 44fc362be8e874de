"""The compiled scan of long spectra against every candidate in full, and against the scan of short ones."""

from __future__ import annotations

import numpy as np
import pytest
from spectral_widgets.records import Spectrum
from spectral_widgets.spectra import tails
from spectral_widgets.spectra.tail_scan import contenders
from spectral_widgets.spectra.tails import best_tail, fit_tail

LONG = tails._LONG


def spectra() -> dict[str, np.ndarray]:
    """Long spectra of all kinds: pure tails, bodies, noise, ties, a few giants, many decades."""
    rng, n = np.random.default_rng(0), LONG
    made = {f"power law {a}": rng.pareto(a, n) + 1 for a in (0.3, 0.7, 1.5, 4.0)}
    made |= {
        "noise": np.linalg.svd(rng.standard_normal((2 * n // 8, n // 8)), compute_uv=False).repeat(8) ** 2,
        "log-normal": rng.lognormal(0, 3, n),
        "ties": np.round(rng.pareto(1.0, n) + 1, 1),
        "doubled": np.repeat(rng.pareto(1.2, n // 2) + 1, 2),
        "giants": np.concatenate([rng.random(n - 3), [50.0, 60.0, 1e6]]),
        "body and tail": np.concatenate([rng.random(n - 200), rng.pareto(2.0, 200) + 1]),
        "decades": 10.0 ** -rng.uniform(0, 12, n),
        "two values": np.concatenate([np.ones(n - 1), [2.0]]),
    }
    return {name: np.sort(values) for name, values in made.items()}


SPECTRA = spectra()


def by_brute_force(values: np.ndarray) -> tuple[float, float, int]:
    """Exponent, distance and size of the best tail: every distinct start, every value of its tail."""
    logs = np.log(values / values[-1])
    best = (np.inf, 0.0, 0)
    for start in range(len(logs) - 1):
        if (start and logs[start] == logs[start - 1]) or logs[start] >= -1e-10:
            continue
        tail = logs[start:] - logs[start]
        rate = len(tail) / tail.sum()
        distance = np.abs(np.exp(-rate * tail) - 1 + np.arange(len(tail)) / len(tail)).max()
        if distance < best[0]:
            best = (distance, rate + 1, len(tail))
    return best[1], best[0], best[2]


@pytest.mark.parametrize("name", SPECTRA)
def test_the_fit_is_that_of_every_candidate_in_full(name):
    values = SPECTRA[name]
    fit = fit_tail(Spectrum(values, len(values), len(values), 1.0))
    alpha, distance, n_tail = by_brute_force(values)
    assert fit.alpha == pytest.approx(alpha, rel=1e-12)
    assert fit.distance == pytest.approx(distance, rel=1e-12, abs=1e-14)
    assert fit.n_tail == n_tail


@pytest.mark.parametrize("name", SPECTRA)
def test_long_and_short_spectra_are_fitted_alike(monkeypatch, name):
    logs = np.log(SPECTRA[name] / SPECTRA[name][-1])
    long = best_tail(logs)
    monkeypatch.setattr(tails, "_LONG", len(logs) + 1)
    assert best_tail(logs) == long


@pytest.mark.parametrize("n", [2, 3, 21, 255, 256, 257, 600])
def test_the_best_tail_is_among_the_contenders_at_any_length(n):
    logs = np.log(np.sort(np.random.default_rng(n).pareto(1.0, n) + 1))
    logs -= logs[-1]
    starts, rates = tails._candidates(logs)
    distances = np.array([tails._distance(logs[start:], rate) for start, rate in zip(starts, rates, strict=True)])
    found = contenders(logs, starts, rates)
    assert int(distances.argmin()) in found
    assert distances[found].max() <= distances.min() + 1e-12
