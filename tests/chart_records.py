"""Small records of every kind, from which the charts are drawn, and the rows that a chart holds."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from spectral_widgets import charts
from spectral_widgets.records import (
    AblationPlan,
    AblationResult,
    Entry,
    EntryStatistics,
    LayerRef,
    NullFit,
    Patch,
    Probe,
    RemoveTrap,
    Spectrum,
    TailFit,
    Track,
    Trap,
    TrapPrediction,
    TrapScan,
    Verdict,
    WeibullFit,
)
from spectral_widgets.rmt import mp_edges

N_ROWS, N_COLS = 400, 100
LAYER = LayerRef("block.0.fc1.weight", "mlp_up", 0, (400, 100), N_ROWS, N_COLS, "float32")


@lru_cache
def spectrum(seed: int = 0, extra: tuple[float, ...] = (4.0, 7.5)) -> Spectrum:
    noise = np.random.default_rng(seed).standard_normal((N_ROWS, N_COLS))
    eigenvalues = np.linalg.eigvalsh(noise.T @ noise / N_ROWS)
    eigenvalues[N_COLS - len(extra) :] = extra
    return Spectrum(np.sort(eigenvalues), N_ROWS, N_COLS, 1.0)


def null(variance: float = 1.0) -> NullFit:
    low, high = mp_edges(N_COLS / N_ROWS, variance)
    centre, width = 1.01 * high, 0.02 * variance
    return NullFit("Marchenko–Pastur", variance, N_COLS / N_ROWS, low, high, centre, width, "planted")


def trap(seed: int, index: int, eigenvalue: float, p_value: float = 1e-9) -> Trap:
    left, right = np.eye(N_ROWS)[0], np.eye(N_COLS)[0]
    excess = null().excess_widths(eigenvalue)
    sizes = (1.0, 1.0, 134.0, 34.0)
    return Trap(LAYER, seed, index, eigenvalue, excess, p_value, left, right, *sizes, True, "entries", 0.0, ())


def scan(*traps: Trap, seeds: tuple[int, ...] = (3, 5)) -> TrapScan:
    spectra = tuple(spectrum(seed, tuple(one.eigenvalue for one in traps if one.seed == seed)) for seed in seeds)
    counts = tuple(sum(one.seed == seed for one in traps) for seed in seeds)
    statistics = EntryStatistics(N_ROWS * N_COLS, 0.0, 1.0, 1.0, 0.0, 14.1, 0.07, ())
    predicted = TrapPrediction((), (), ())
    largest = tuple(float(one.eigenvalues[-1]) for one in spectra)
    return TrapScan(
        LAYER, "calibrated", 0.01, seeds, 2.4, null(), spectra, counts, traps, statistics, predicted,
        largest=largest, decomposed=seeds,
    )  # fmt: skip


FIT = TailFit(2.7, 0.2, 1.5, 7.5, 0.06, 20, N_COLS)
SCAN = scan(trap(3, 0, 9.0), trap(3, 1, 5.0, 0.0), trap(5, 0, 8.0))
PATCH = Patch(
    LAYER, tuple(range(96, 101)), tuple(range(850, 859)), np.linspace(-1, 1, 45).reshape(5, 9),
    Entry(99, 856, -2.5, -41.0),
)  # fmt: skip


def track(label: str, level: float, n: int, seed: int = 0) -> Track:
    values = level * np.random.default_rng(seed).gamma(2.0, 0.5, n)
    counts = np.arange(1, n + 1)
    mean = np.cumsum(values) / counts
    half = np.where(counts > 1, level / np.sqrt(counts), np.nan)
    return Track(label, values, mean, mean - half, mean + half)


def ablation(measure="divergence_nats", level=0.02, n=60, n_controls=4, others=0.004) -> AblationResult:
    plan = AblationPlan(RemoveTrap(SCAN.traps[0]), (), (), Probe("vectors", 200, (8,)), 8, "test")
    companions = (track("remove the trap", level * 0.8, n, 1), track("subtract the mean", others / 2, n, 2))
    controls = tuple(track("control", others, n, 10 + seed) for seed in range(n_controls))
    verdict = Verdict("active", "beyond all controls", "rule")
    edit = track("replace the trap", level, n)
    return AblationResult(plan, measure, edit, companions, controls, verdict, "cpu", "float32")


def rows_of(chart, name):
    return charts.split(chart)[1][name]


_LOG_SIZES = np.linspace(-9.0, 1.5, 200)
WEIBULL = WeibullFit(
    1.2, 0.9, 0.999, 0.01, (0.1, 0.9), _LOG_SIZES, -np.expm1(-((np.exp(_LOG_SIZES) / 0.9) ** 1.2)), 100_000
)
COMPOSITION = [
    {
        "writer": f"layers.{block}.attn",
        "writer_depth": block,
        "writer_head": head,
        "reader": "layers.2.attn",
        "reader_depth": 2,
        "reader_head": 0,
        "reading": "key",
        "score": 0.1 + 0.05 * block,
        "z_rotated": 2.0 * block - head,
        "component": head,
    }
    for block in range(2)
    for head in range(2)
]
