"""Stochastic Lanczos quadrature: a spectrum with error bars from products with the matrix alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.linalg import eigh_tridiagonal

from ..records import SpectrumEstimate, WeightMatrix, whole_number
from .lanczos_blocks import GramProduct, lanczos_steps, mean_square_of, n_pauses, tridiagonal

#: Directions sought one by one, and products spent on them.
N_TOP, TOP_STEPS = 32, 64
N_PROBES, N_STEPS = 16, 48
_BATCH = 8
#: A direction counts as found when its residual is below this part of its eigenvalue.
_FOUND = 1e-3
_SALT = 0x5EED


def estimate_spectrum(
    matrix: WeightMatrix, n_probes: int = N_PROBES, n_steps: int = N_STEPS, *, seed: int = 0
) -> SpectrumEstimate:
    """The spectrum of ``WᵀW / n_rows`` from about ``64 + n_probes · n_steps / 8`` passes over the entries.

    The largest eigenvalues come from one Lanczos run, with residuals as bounds. All others come as the quadratures
    of ``n_probes`` random directions that are orthogonal to those: unbiased for smooth functions of the eigenvalues
    up to the error of Gauss quadrature with ``n_steps`` nodes. Source: Ubaru, Chen and Saad (2017), with the
    leading directions set apart as in Meyer and others (2021). Products run on the device of the matrix, in the
    precision of its entries (float32 on MPS); all else is float64 on the processor. Raises ``Complaint`` for fewer than
    two probes or two steps.
    """
    last: SpectrumEstimate | None = None
    for found in estimate_spectrum_steps(matrix, n_probes, n_steps, seed=seed):
        last = found
    assert last is not None
    return last


def estimate_spectrum_steps(
    matrix: WeightMatrix, n_probes: int = N_PROBES, n_steps: int = N_STEPS, *, seed: int = 0
) -> Iterator[SpectrumEstimate | None]:
    """Like :func:`estimate_spectrum`; a step is a product or two, and gives the estimate as far as it got, if any."""
    whole_number(n_probes, "probes", 2)
    whole_number(n_steps, "steps", 2)
    values = matrix.values
    side = values.shape[1]
    # Salted: a matrix that somebody drew from the bare seed would have the probes among its rows.
    rng = np.random.default_rng([seed, _SALT])
    square, variance = yield from mean_square_of(values)
    start = rng.standard_normal((1, side))
    product = GramProduct(values, matrix.device)
    diagonal, beside, basis = yield from lanczos_steps(product, start, min(TOP_STEPS, side))
    top, errors, largest, error, directions = _leading(diagonal[0], beside[0], basis[0])
    nodes, weights = np.empty((0, 0)), np.empty((0, 0))
    for first in range(0, n_probes if len(top) < side else 0, _BATCH):
        probes = rng.standard_normal((min(_BATCH, n_probes - first), side))
        steps = min(n_steps, side - len(top))
        diagonal, beside, _ = yield from lanczos_steps(product, probes, steps, directions)
        pairs = [_quadrature(a, b) for a, b in zip(diagonal, beside, strict=True)]
        nodes = np.concatenate([nodes.reshape(-1, steps), [node for node, _ in pairs]])
        weights = np.concatenate([weights.reshape(-1, steps), [weight for _, weight in pairs]])
        said = _caveat(largest, product)
        yield SpectrumEstimate(
            top, errors, largest, error, nodes, weights, len(values), side, square, variance, seed, said
        )
    if not nodes.size:
        none, said = np.empty((n_probes, 0)), _caveat(largest, product)
        yield SpectrumEstimate(top, errors, largest, error, none, none, len(values), side, square, variance, seed, said)


def n_steps_of(matrix: WeightMatrix, n_probes: int = N_PROBES, n_steps: int = N_STEPS) -> int:
    """About how many steps :func:`estimate_spectrum_steps` takes. Raises the same."""
    whole_number(n_probes, "probes", 2)
    whole_number(n_steps, "steps", 2)
    shape = matrix.values.shape
    batches = [min(_BATCH, n_probes - first) for first in range(0, n_probes, _BATCH)]
    return len(batches) + sum(1 + n_pauses(shape, together) for together in [1] * TOP_STEPS + batches * n_steps)


def _leading(
    diagonal: np.ndarray, beside: np.ndarray, basis: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float, float, np.ndarray]:
    """Eigenvalues that were found, descending, their bounds, the largest with its bound, and the directions."""
    ritz, vectors = eigh_tridiagonal(*tridiagonal(diagonal, beside))
    bounds = beside[-1] * np.abs(vectors[-1])
    ritz, vectors, bounds = np.maximum(ritz[::-1], 0.0), vectors[:, ::-1], bounds[::-1]
    # Only those before the first that was not found: a gap in the list would be a hole in the spectrum.
    missed = np.flatnonzero(bounds > _FOUND * ritz)
    count = min(int(missed[0]) if len(missed) else len(ritz), N_TOP if len(missed) else len(ritz))
    return ritz[:count], bounds[:count], float(ritz[0]), float(bounds[0]), vectors[:, :count].T @ basis


def _quadrature(diagonal: np.ndarray, beside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    ritz, vectors = eigh_tridiagonal(*tridiagonal(diagonal, beside))
    return np.maximum(ritz, 0.0), vectors[0] ** 2


def _caveat(largest: float, product: GramProduct) -> str:
    return " ".join(filter(None, ["" if largest > 0 else "Every entry is zero.", product.caveat]))
