"""From a weight matrix to its eigenvalues."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

import numpy as np

from ..records import Spectrum, WeightMatrix
from . import lapack
from .routes import BLOCK_ENTRIES, eigenvalues_by, fitting_threads, route_of

# Squaring in float64 leaves eigenvalues trustworthy down to about (1e-8)² of the largest one's scale.
_FLOOR = 1e-16
# A mean beyond this many deviations leaves too few digits in "mean square less squared mean".
_LARGE_MEAN = 3.0
_MIRROR = 256
Moments = tuple[float, float]


def spectrum_of(matrix: WeightMatrix) -> Spectrum:
    """Eigenvalues of ``WᵀW / n_rows``, through the Gram matrix in float64, on the device of the matrix.

    Relative to the largest, singular values are good down to about 1e-7, the noise of float32 weights: see
    ``Spectrum.n_uncertain``. What lies below 1e-8 is reported as exactly zero. The matrix is turned into float64 in
    blocks of rows, so that the Gram matrix is all that is held besides it. A device without memory leaves the work to
    the processor, and ``caveat`` says so.
    """
    return spectrum_of_values(matrix.values, matrix.device)


def spectrum_of_values(values: np.ndarray, device: str = "cpu") -> Spectrum:
    """:func:`spectrum_of` for entries ``(n_rows, n_cols)`` that are no layer of their own: a block, a difference."""
    eigenvalues, moments, caveat = _decomposed(values, device)
    return Spectrum(
        eigenvalues=floored(eigenvalues),
        n_rows=values.shape[0],
        n_cols=values.shape[1],
        element_variance=_variance(values, *moments),
        caveat=caveat,
    )


def gram_of(values: np.ndarray) -> np.ndarray:
    """``WᵀW / n_rows`` in float64, ``(n_cols, n_cols)``."""
    gram, _ = _upper_gram(values)
    for start in range(0, len(gram), _MIRROR):
        stop = start + _MIRROR
        corner = np.triu(gram[start:stop, start:stop])
        gram[start:stop, start:stop] = corner + np.triu(corner, 1).T
        gram[stop:, start:stop] = gram[start:stop, stop:].T
    return gram


def eigenvalues_of(values: np.ndarray, device: str = "cpu") -> np.ndarray:
    """Ascending eigenvalues of the Gram matrix, rounding noise below the floor set to zero."""
    return floored(_decomposed(values, device)[0])


def top_pairs_of(
    values: np.ndarray, above: float, count: int | None = None, device: str = "cpu"
) -> tuple[np.ndarray, np.ndarray, str]:
    """The ``count`` largest eigenvalues, descending, or those above a value, and their unit vectors as columns.

    The third is the caveat of a device that has no room.
    """
    above, caveat = max(above, 0.0), ""
    if count == 0 or not np.isfinite(above):
        return np.empty(0), np.empty((values.shape[1], 0)), ""
    if device != "cpu":
        from .dense import Dense

        dense = Dense(device)
        if (pairs := dense.gram_pairs(values)) is not None:
            return *_above(*pairs, above, count), ""
        caveat = dense.caveat
    with fitting_threads(values.shape[1]), suppress(np.linalg.LinAlgError):
        if lapack.available():
            eigenvalues, vectors = lapack.top_pairs_in_place(_upper_gram(values)[0], above, count)
            return eigenvalues[::-1].copy(), vectors[:, ::-1].copy(), caveat
    eigenvalues, vectors = np.linalg.eigh(gram_of(values))
    return *_above(eigenvalues[::-1], vectors[:, ::-1], above, count), caveat


def _above(
    eigenvalues: np.ndarray, vectors: np.ndarray, above: float, count: int | None
) -> tuple[np.ndarray, np.ndarray]:
    count = int(np.count_nonzero(eigenvalues > above)) if count is None else count
    return eigenvalues[:count].copy(), vectors[:, :count].copy()


def floored(eigenvalues: np.ndarray) -> np.ndarray:
    """Ascending eigenvalues with what is rounding noise set to zero."""
    return np.where(eigenvalues > _FLOOR * eigenvalues[-1], eigenvalues, 0.0)


def _decomposed(values: np.ndarray, device: str) -> tuple[np.ndarray, Moments, str]:
    """Eigenvalues, mean and mean square of the entries, and a caveat where the device was asked and could not."""
    if device == "cpu":
        return *_on_processor(values), ""
    from . import device as devices

    if not devices.has_eigenvalues(device, values.shape[1]):
        return *_on_processor(values), ""
    gram = devices.attempt_gram(values, device)
    if gram is None:
        return *_on_processor(values), devices.processor_took_over(device, values.shape)
    # The device is still multiplying while the mean is taken here.
    mean = float(values.mean(dtype=np.float64))
    moments = mean, float(gram.diagonal().mean())
    eigenvalues = devices.attempt_eigenvalues(gram)
    if eigenvalues is None:
        # The Gram matrix was most of the way: it is kept.
        kept = gram.cpu().numpy()
        return eigenvalues_by(route_of(len(kept)), kept), moments, devices.processor_took_over(device, values.shape)
    return eigenvalues, moments, ""


def _on_processor(values: np.ndarray) -> tuple[np.ndarray, Moments]:
    with fitting_threads(values.shape[1]):
        gram, total = _upper_gram(values)
        moments = total / values.size, float(gram.diagonal().mean())
        return eigenvalues_by(route_of(len(gram)), gram), moments


def _upper_gram(values: np.ndarray) -> tuple[np.ndarray, float]:
    """``WᵀW / n_rows`` with at least its upper triangle filled, and the sum of the entries."""
    gram, total = summed_gram(_wide_blocks(values), values.shape[1])
    gram /= len(values)
    return gram, total


def summed_gram(blocks: Iterable[np.ndarray], n_cols: int) -> tuple[np.ndarray, float]:
    """``WᵀW`` with at least its upper triangle filled, and the sum of the entries, from blocks of rows."""
    gram, total = np.zeros((n_cols, n_cols)), 0.0
    for block in blocks:
        total += float(block.sum())
        if lapack.available():
            lapack.add_gram(gram, block)
        else:
            gram += block.T @ block
    return gram, total


def _wide_blocks(values: np.ndarray) -> Iterator[np.ndarray]:
    """The rows in float64, some at a time, in one buffer: a fresh array for each would cost its page faults."""
    n_block = min(len(values), max(64, BLOCK_ENTRIES // values.shape[1]))
    # A wide tensor comes as a transposed view, which is read along its own rows.
    turned = values.flags.f_contiguous and not values.flags.c_contiguous
    buffer = np.empty((n_block, values.shape[1]), order="F" if turned else "C")
    for start in range(0, len(values), n_block):
        block = values[start : start + n_block]
        np.copyto(buffer[: len(block)], block)
        yield buffer[: len(block)]


def _variance(values: np.ndarray, mean: float, mean_square: float) -> float:
    """Variance of the entries, from their moments wherever that keeps its digits."""
    variance = mean_square - mean * mean
    if mean * mean <= _LARGE_MEAN**2 * variance:
        return variance
    return float(values.var(dtype=np.float64))
