"""All benchmarks, in the order in which they run. One more is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module

from .rows import Row, Setting


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A module of this package with a generator ``rows(setting)``; what it says; the threads it is run with, by turns.

    ``seconds`` is about what one run of it takes, in full and quick, for the remaining time.
    """

    name: str
    says: str
    threads: tuple[int, ...]
    seconds: tuple[float, float]

    def rows(self) -> Callable[[Setting], Iterable[Row]]:
        """Its generator; only the child that runs it imports it."""
        return import_module(f".{self.name}", __package__).rows


BENCHMARKS = {
    one.name: one
    for one in (
        Benchmark("minilm", "a whole model against WeightWatcher's analyze, randomised and fitted", (1,), (150, 15)),
        Benchmark("traps", "ten shuffles with vectors against permutation + np.linalg.svd", (1, 2), (150, 8)),
        Benchmark("tail", "the power-law fit at 4,096 eigenvalues against powerlaw and WeightWatcher", (1,), (60, 8)),
        Benchmark("spectra", "eigenvalues in float64 against np.linalg.svd, scipy's gesdd and torch", (1, 2), (100, 4)),
        Benchmark("metrics", "the whole table against the singular values alone", (1,), (40, 4)),
        Benchmark("tails", "the power-law fit of short spectra, all kinds", (1,), (30, 6)),
        Benchmark("ablation", "forward passes per ablation, including the divergence", (1,), (150, 12)),
        Benchmark("screen", "first row, redraw and cancel as the kernel sees them", (2,), (120, 40)),
        Benchmark("memory", "memory above the model while exploring, in matrices", (2,), (90, 25)),
        Benchmark("threads", "two jobs of one thread against one job of two", (2,), (60, 15)),
        Benchmark("device", "the same work on a device and on the processor", (1,), (120, 15)),
    )
}
