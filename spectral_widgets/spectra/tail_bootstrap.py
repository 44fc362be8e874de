"""Is the tail a power law at all? Random samples from the fitted law, refitted in the same way."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..records import Complaint, Spectrum, TailBootstrap, TailFit
from .tails import best_tail, fit_tail, positive_values


def tail_bootstrap_steps(
    spectrum: Spectrum, fit: TailFit | None = None, samples: int = 1000, seed: int = 0
) -> Iterator[TailBootstrap]:
    """Goodness of fit of the power-law tail, one random sample a step.

    A sample has as many values as the spectrum has positive eigenvalues: each with probability ``n_tail / n`` from
    the fitted power law, otherwise drawn with replacement from the eigenvalues below ``xmin``. It is refitted with a
    new, exact search for ``xmin``. The p-value is the share of samples whose distance is at least the observed one,
    the observed one counted among them; below 0.1 the power law is ruled out by Clauset's rule. Sample ``i`` depends
    on ``seed`` and ``i`` alone.

    Eigenvalues of a matrix repel each other and lie closer to a law than independent values do, so the p-value is
    a generous one. Raises ``Complaint`` without a tail to test, or for less than one sample.
    Source: Clauset, Shalizi and Newman (2009), section 4.1; Davison and Hinkley (1997) for the 1 in the count.
    """
    fit = fit or fit_tail(spectrum)
    if samples < 1:
        raise Complaint(f"A bootstrap of {samples} samples says nothing: ask for at least one.")
    if not fit.n_tail:
        raise Complaint(fit.caveat)
    return _steps(positive_values(spectrum.eigenvalues), fit, samples, seed)


def _steps(values: np.ndarray, fit: TailFit, samples: int, seed: int) -> Iterator[TailBootstrap]:
    body = np.log(values[: len(values) - fit.n_tail] / fit.xmin)
    distances = np.empty(samples)
    for index in range(samples):
        logs = _sample(body, fit.n_tail, fit.alpha - 1, np.random.default_rng([seed, index]))
        distances[index] = best_tail(logs - logs[-1])[2]
        yield _result(fit, distances[: index + 1].copy(), seed)


def _sample(body: np.ndarray, n_tail: int, rate: float, rng: np.random.Generator) -> np.ndarray:
    """Ascending logarithms relative to ``xmin`` of one random sample of the whole spectrum."""
    total = len(body) + n_tail
    n_inside = int(rng.binomial(total, n_tail / total))
    tail = rng.exponential(1 / rate, n_inside)
    below = rng.choice(body, total - n_inside) if len(body) else np.empty(0)
    return np.sort(np.concatenate([below, tail]))


def _result(fit: TailFit, distances: np.ndarray, seed: int) -> TailBootstrap:
    n_samples = len(distances)
    p_value = (1 + int(np.count_nonzero(distances >= fit.distance))) / (1 + n_samples)
    error = float(np.sqrt(p_value * (1 - p_value) / (1 + n_samples)))
    return TailBootstrap(fit.distance, distances, p_value, error, seed, fit.caveat)
