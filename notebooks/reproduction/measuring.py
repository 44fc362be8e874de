"""What is recorded of a checkpoint: accuracy, norm, and per matrix α, traps by both rules, σ and extreme entries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import spectral_widgets as sw
import torch
from spectral_widgets.records import TrapScan
from spectral_widgets.spectra.weightwatcher import published_rule_of

from . import train_modular_addition as addition
from .mnist import Mnist
from .train_modular_addition import Pairs

SHUFFLES = range(10)
DIGITS = 6  # significant ones that are kept

State = dict[str, np.ndarray]
Accuracies = Callable[[State], dict[str, float]]


def mnist_outputs(state: State, images: np.ndarray) -> np.ndarray:
    """Outputs ``(n, 10)`` of the multilayer perceptron."""
    values = images.astype(state["0.weight"].dtype)
    for name in ("0", "2"):
        values = np.maximum(values @ state[f"{name}.weight"].T + state[f"{name}.bias"], 0)
    return values @ state["4.weight"].T + state["4.bias"]


def mnist_accuracies(state: State, data: Mnist) -> dict[str, float]:
    """Part of the images whose largest output is the right one."""
    return {
        "train_accuracy": _share(mnist_outputs(state, data.train_images), data.train_labels),
        "test_accuracy": _share(mnist_outputs(state, data.test_images), data.test_labels),
    }


@torch.no_grad()
def addition_accuracies(state: State, pairs: Pairs) -> dict[str, float]:
    """Part of the pairs whose largest output is the right sum."""
    weights = {name: torch.from_numpy(array) for name, array in state.items()}
    return {
        "train_accuracy": _share(addition.logits(weights, pairs.train).numpy(), pairs.train_sums.numpy()),
        "test_accuracy": _share(addition.logits(weights, pairs.test).numpy(), pairs.test_sums.numpy()),
    }


def _share(outputs: np.ndarray, labels: np.ndarray) -> float:
    return round(float((outputs.argmax(axis=1) == labels).mean()), 4)


def measured(state: State, accuracies: Accuracies) -> dict[str, Any]:
    """One checkpoint as plain JSON. The position table of three rows is no weight matrix and is left out."""
    matrices = {name: array for name, array in state.items() if array.ndim == 2 and "position" not in name}
    return {
        **accuracies(state),
        "l2_norm": _rounded(np.sqrt(sum(np.sum(array.astype(float) ** 2) for array in matrices.values()))),
        "layers": {name.removesuffix(".weight"): layer_row(array) for name, array in matrices.items()},
    }


def layer_row(array: np.ndarray) -> dict[str, Any]:
    """α and its error, traps as mean and s.d. over the shuffles, σ of the bulk entries, smallest and largest entry.

    ``tool_count`` and ``tool_sigma`` are what the published tool says of the same shuffles: of the first, or of five
    pooled below 100 columns; its σ is 1 for noise. ``mean_in_thresholds`` is |mean entry| over the size beyond which
    the mean alone makes a trap, and ``entries_beyond`` counts the entries that do so alone. ``None``: the matrix is
    too small for a power law (20 eigenvalues) or for the calibrated edge.
    """
    matrix = np.asarray(array, dtype=np.float64)
    tail = sw.fit_tail(matrix)
    scan, published = sw.find_traps(matrix, SHUFFLES), sw.find_traps(matrix, SHUFFLES, engine="weightwatcher")
    statistics = scan.statistics
    rule = published_rule_of(scan)
    beyond = sum(abs(giant.value - statistics.mean) > statistics.threshold for giant in statistics.giants)
    return {
        "alpha": _rounded(tail.alpha),
        "alpha_error": _rounded(tail.alpha_error),
        **_counts("traps", scan),
        **_counts("published_traps", published),
        "sigma": _rounded(statistics.bulk_variance**0.5),
        "tool_count": rule.count,
        "tool_sigma": _rounded(rule.sigma),
        "mean_in_thresholds": _rounded(abs(statistics.mean) / statistics.mean_threshold),
        "entries_beyond": beyond,
        "smallest": _rounded(matrix.min()),
        "largest": _rounded(matrix.max()),
    }


def _counts(name: str, scan: TrapScan) -> dict[str, float | None]:
    if not scan.counts:
        return {name: None, f"{name}_sd": None}
    return {name: _rounded(float(np.mean(scan.counts))), f"{name}_sd": _rounded(float(np.std(scan.counts, ddof=1)))}


def _rounded(value: float) -> float | None:
    return float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None
