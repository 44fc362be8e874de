"""Which way a spectrum is computed: the crossovers, where they come from, and how to measure them again.

Every route is float64 and through the Gram matrix; what differs is how its eigenvalues are found. Measured on an AMD
EPYC (Zen 4, 2 cores, shared with other work) with SciPy's OpenBLAS, in processor time on one thread, against
``np.linalg.svd(compute_uv=False)``: 3.0 times as fast at 384 × 1536, 3.3 to 3.8 at 768 × 3072, 3.7 at 1024 × 4096, 3.8
at 2048 × 2048, 4 to 5 at 768 × 50257. The last is mostly one product at nine tenths of the speed of ``dgemm``.

Two things were measured and not taken. Stacking small matrices of equal shape for one call of ``eigvalsh``: 2.6 times
as fast at 16 × 16, 1.17 at 64, 1.06 at 128, 1.03 at 256, some 20 µs a matrix. torch's ``eigvalsh`` on the processor:
0.6 to 0.9 times as fast below 2048.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from time import process_time
from typing import Literal

import numpy as np

from . import lapack
from .threads import limited_threads

Route = Literal["numpy", "one-stage", "two-stage"]
#: From this side on a reduction in two stages wins on one thread: level at 2048, 1.6 times as fast at 4096.
TWO_STAGE_FROM = 2048
#: On two threads it lost at 2048 and 3072, and at 4096 a busy machine left it open, so it is used on one only.
TWO_STAGE_THREADS = 1
#: Below this side two threads gain nothing on a quiet machine (6.5 ms against 6.6 at 384 × 1536), and on a busy one
#: they wait for each other: 3.5 times the processor time at 384 × 1536, ten times at 256 × 256.
ONE_THREAD_BELOW = 512
# Smaller products run on one thread anyway, and asking for it takes as long as they do.
_THREADED_FROM = 100
#: Entries of the weights that are turned into float64 at once. Between 2¹⁸ and 2²² the time is the same within 4 %.
BLOCK_ENTRIES = 1 << 20


def route_of(side: int, n_threads: int | None = None) -> Route:
    """The fastest route for a Gram matrix with this side, on the threads that the library uses now."""
    if not lapack.available():
        return "numpy"
    threads = lapack.n_threads() if n_threads is None else n_threads
    return "two-stage" if side >= TWO_STAGE_FROM and threads <= TWO_STAGE_THREADS else "one-stage"


def fitting_threads(side: int) -> AbstractContextManager[object]:
    """One thread while inside where a second one would only be in the way."""
    if _THREADED_FROM <= side < ONE_THREAD_BELOW and lapack.n_threads() > 1:
        return limited_threads(1)
    return nullcontext()


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
