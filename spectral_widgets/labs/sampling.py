"""What labs share: a stream of random numbers per draw, draws in steps that stay short, means with their errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from ..spectra.threads import limited_threads

T = TypeVar("T")
#: Multiplications of the first step and of each that follows: some milliseconds, and a few hundredths of a second.
FIRST_WORK, STEP_WORK = 5_000_000, 60_000_000
#: What a draw costs whatever its size, in multiplications.
LEAST_WORK = 100_000
#: Below it a second thread is only in the way: 20 times the processor time at 160 × 80 on a busy machine.
ONE_THREAD_WORK = 300_000_000


def stream(seed: int, draw: int) -> np.random.Generator:
    """The random numbers of one draw: the same whatever was drawn before and however many are drawn in all."""
    return np.random.default_rng((seed, draw))


def gram_work(n_rows: int, n_cols: int) -> int:
    """Multiplications that the eigenvalues of an ``N × M`` matrix take, about: ``N M² + 2 M³``."""
    return n_rows * n_cols**2 + 2 * n_cols**3


def grow_steps(draw: Callable[[int], T], n_draws: int, work: int) -> Iterator[list[T]]:
    """Growing lists of ``draw(0)``, ``draw(1)``, …; the last holds ``n_draws``.

    A step takes as many draws of ``work`` multiplications as fit into a few hundredths of a second, at least one; the
    first is shorter, so that something is seen at once.
    """
    drawn: list[T] = []
    budget = FIRST_WORK
    while len(drawn) < n_draws:
        n_more = min(max(1, budget // max(work, LEAST_WORK)), n_draws - len(drawn))
        with limited_threads(1) if work < ONE_THREAD_WORK else nullcontext():
            drawn = drawn + [draw(index) for index in range(len(drawn), len(drawn) + n_more)]
        budget = STEP_WORK
        yield drawn


def mean_and_error(values: ArrayLike) -> tuple[float, float]:
    """Mean over draws and its standard error; the error of a single draw is ``nan``.

    >>> mean_and_error([1.0, 3.0])
    (2.0, 1.0)
    """
    values = np.asarray(values, dtype=float)
    error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")
    return float(values.mean()), error


def deviation_and_error(values: ArrayLike) -> tuple[float, float]:
    """Standard deviation over draws and its standard error, ``s √((κ − 1) / 4n)``; ``nan`` for a single draw.

    >>> [round(one, 3) for one in deviation_and_error([-1.0, 1.0, 0.0, 0.0])]
    [0.816, 0.204]
    """
    values = np.asarray(values, dtype=float)
    if len(values) < 2:
        return float("nan"), float("nan")
    deviation, squares = float(values.std(ddof=1)), (values - values.mean()) ** 2
    if not squares.any():
        return 0.0, 0.0
    kurtosis = float((squares**2).mean() / squares.mean() ** 2)
    return deviation, deviation * float(np.sqrt((kurtosis - 1) / (4 * len(values))))


def density(values: ArrayLike, edges: np.ndarray) -> np.ndarray:
    """Heights of a histogram of *all* values: its area is the share that lies between the outer edges."""
    values = np.ravel(np.asarray(values, dtype=float))
    counts, _ = np.histogram(values, edges)
    return counts / (len(values) * np.diff(edges))
