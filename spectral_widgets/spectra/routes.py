"""Which way a spectrum is computed: the crossovers, where they come from, and how to measure them again.

Every route is float64 and through the Gram matrix; what differs is how its eigenvalues are found. Against singular
values by numpy's ``svd``, one thread, on an AMD EPYC (Zen 4) with OpenBLAS 0.3.30: 3.7 times as fast at 768 × 3072 and
1024 × 4096, 3.8 at 2048 × 2048, 2 at 64 × 256.

Two things were measured and not taken. Stacking small matrices of equal shape for one call of ``eigvalsh``: 0.98 to
1.06 times as fast from 16 × 16 to 256 × 256, since the library loops over them. torch's ``eigvalsh`` on the processor:
0.6 to 0.9 times as fast below 2048.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from time import process_time
from typing import Literal

import numpy as np

from . import lapack

Route = Literal["numpy", "one-stage", "two-stage"]
#: From this side on a reduction in two stages wins on one thread: level at 2048, 1.6 times as fast at 4096.
TWO_STAGE_FROM = 2048
#: On two threads it lost at every side up to 4096, so it is used on one only.
TWO_STAGE_THREADS = 1
#: Entries of the weights that are turned into float64 at once. Between 2¹⁸ and 2²² the time is the same within 4 %.
BLOCK_ENTRIES = 1 << 20


def route_of(side: int, n_threads: int | None = None) -> Route:
    """The fastest route for a Gram matrix with this side, on the threads that the library uses now."""
    if not lapack.available():
        return "numpy"
    threads = lapack.n_threads() if n_threads is None else n_threads
    return "two-stage" if side >= TWO_STAGE_FROM and threads <= TWO_STAGE_THREADS else "one-stage"


def eigenvalues_by(route: Route, gram: np.ndarray) -> np.ndarray:
    """Ascending eigenvalues of a symmetric float64 matrix in C order, which a route other than numpy's destroys."""
    if route == "numpy":
        return np.linalg.eigvalsh(gram, UPLO="U")
    return lapack.eigenvalues_in_place(gram, two_stage=route == "two-stage")


@dataclass(frozen=True, slots=True)
class RouteTime:
    """Processor seconds of one route at one side: the least of all rounds."""

    side: int
    route: Route
    n_threads: int
    seconds: float


def measured_routes(sides: Iterable[int], rounds: int = 3, seed: int = 0) -> tuple[RouteTime, ...]:
    """Every available route at every side, interleaved, on noise: what the constants of this file are read off."""
    routes: tuple[Route, ...] = ("numpy", "one-stage", "two-stage") if lapack.available() else ("numpy",)
    found = []
    for side in sides:
        noise = np.random.default_rng([seed, side]).standard_normal((side, side))
        gram = noise @ noise.T
        times: dict[Route, list[float]] = {route: [] for route in routes}
        for _ in range(rounds):
            for route in routes:
                copy = gram.copy()
                start = process_time()
                eigenvalues_by(route, copy)
                times[route].append(process_time() - start)
        found += [RouteTime(side, route, lapack.n_threads(), min(times[route])) for route in routes]
    return tuple(found)
