"""Benchmarks: ``make bench``, or one of them by ``python -m tests.benchmark metrics``. They print and judge nothing.

The two sides of a ratio alternate within one run, since milliseconds of a shared machine do not compare. Processor time
is what the work costs; the time on the clock also counts what else the machine does.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from statistics import quantiles
from time import perf_counter, process_time

import numpy as np
import scipy
import spectral_widgets as sw
import torch
from spectral_widgets import metrics
from spectral_widgets.records import Spectrum, WeightMatrix

from .test_against_powerlaw import theirs
from .trained import ORACLE, minilm_matrix
from .weightwatcher_tool import tail_alone

ROUNDS = 7
#: Costs of the metrics that stand in the table of speed: no shuffle, no bootstrap, no window, no vectors.
PLAIN = ("spectrum", "entries")


def plain_metrics() -> list[str]:
    """Names of all metrics of one matrix that neither shuffle nor sample."""
    return [one.card.name for one in metrics.metrics_named("all") if one.card.cost in PLAIN]


def singular_values(matrices: list[WeightMatrix]) -> None:
    """The singular values alone, as numpy gives them."""
    for matrix in matrices:
        np.linalg.svd(matrix.values, compute_uv=False)


def eigenvalues(matrices: list[WeightMatrix]) -> None:
    """The singular values alone, by our own way over the Gram matrix."""
    for matrix in matrices:
        sw.spectrum(matrix)


def metrics_table() -> list[str]:
    """The whole table of MiniLM's matrices against their singular values alone."""
    names = plain_metrics()
    matrices = [minilm_matrix(name) for name in ORACLE.index]
    sides: dict[str, Callable[[], object]] = {
        "table": lambda: sw.measure(matrices, names),
        "numpy's singular values": lambda: singular_values(matrices),
        "our singular values": lambda: eigenvalues(matrices),
    }
    return [f"{len(names)} metrics of {len(matrices)} matrices of MiniLM", *compared(sides)]


def tail_fits() -> list[str]:
    """The power-law fit alone against the package ``powerlaw`` and WeightWatcher's own, on noise and on a power law."""
    rng = np.random.default_rng(0)
    lines = []
    for n in (256, 1024):
        kinds = {
            "noise": sw.rmt.mp_quantiles((np.arange(n) + 0.5) / n, 0.5),
            "power law": np.sort(rng.pareto(1.5, n) + 1),
        }
        for kind, values in kinds.items():
            lines += [f"{kind}, {n} eigenvalues", *compared(sides_of_fit(values), rounds=3)]
    return lines


def sides_of_fit(eigenvalues: np.ndarray) -> dict[str, Callable[[], object]]:
    """The same fit by the two tools and by us, equal in what it finds."""
    spectrum = Spectrum(eigenvalues, len(eigenvalues), len(eigenvalues), 1.0)
    return {
        "powerlaw": lambda: theirs(eigenvalues, parameter_ranges={"alpha": [1.0001, None]}),
        "WeightWatcher": lambda: tail_alone(eigenvalues),
        "ours": lambda: sw.fit_tail(spectrum),
    }


def compared(sides: dict[str, Callable[[], object]], rounds: int = ROUNDS) -> list[str]:
    """Seconds of every side and the ratios to the last, in words."""
    lines, last = [f"{rounds} rounds: median (quartiles)"], list(sides)[-1]
    for clock, seconds in interleaved(sides, rounds).items():
        lines += [f"{side}: {spread(values)} s {clock}" for side, values in seconds.items()]
        for side in list(sides)[:-1]:
            ratios = [one / other for one, other in zip(seconds[side], seconds[last], strict=True)]
            lines.append(f"{side} / {last}: {spread(ratios)} {clock}")
    return lines


def interleaved(sides: dict[str, Callable[[], object]], rounds: int) -> dict[str, dict[str, list[float]]]:
    """Seconds by clock and side, one side after the other in every round, after one round that does not count."""
    clocks = {"of processor time": process_time, "on the clock": perf_counter}
    seconds: dict[str, dict[str, list[float]]] = {clock: {side: [] for side in sides} for clock in clocks}
    for number in range(rounds + 1):
        for side, work in sides.items():
            start = {clock: now() for clock, now in clocks.items()}
            work()
            for clock, now in clocks.items():
                if number:
                    seconds[clock][side].append(now() - start[clock])
    return seconds


def spread(values: list[float]) -> str:
    """Median and quartiles in words."""
    low, middle, high = quantiles(values, n=4)
    return f"{middle:.3g} ({low:.3g} to {high:.3g})"


def machine() -> str:
    """Processor, threads, and the versions that matter."""
    kernels = " ".join(f"{name}={os.environ[name]}" for name in sorted(os.environ) if name.startswith("OPENBLAS_"))
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, OMP_NUM_THREADS={os.environ.get('OMP_NUM_THREADS', 'unset')}, "
        f"{kernels or 'OPENBLAS_* unset'}; Python {platform.python_version()}, numpy {np.__version__}, "
        f"scipy {scipy.__version__}, torch {torch.__version__}"
    )


BENCHMARKS: dict[str, Callable[[], list[str]]] = {"metrics": metrics_table, "tails": tail_fits}


def main(names: list[str]) -> None:
    """Run these benchmarks, or all."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        sys.exit(f"There is no benchmark {unknown[0]!r}; choose from {', '.join(BENCHMARKS)}.")
    print(machine())
    for name in names or list(BENCHMARKS):
        print("\n".join([f"\n{name}", *BENCHMARKS[name]()]))


if __name__ == "__main__":
    main(sys.argv[1:])
