"""Leading singular vectors of two matrices, side by side."""

from __future__ import annotations

import numpy as np

from ...records import Complaint, MatrixPair, Spectrum, TopSubspaces
from ...spectra.dense import Dense
from ...spectra.nulls import fit_null, spike_count
from .difference import other_of


def subspaces_of(pair: MatrixPair, *, k: int | None = None, top: int = 10, threshold: float = 0.5) -> TopSubspaces:
    """Cosines of the ``k`` leading singular vectors of both matrices, and intruders among the ``top`` of the other.

    ``k`` of ``None`` is the number of spikes of the base beyond its fitted law of noise, at least 1 and at most half
    of the short side. ``threshold`` is in (0, 1]. Raises ``Complaint`` for settings that fit no matrix.

    Source: Björck and Golub (1973) for the angles; for intruder dimensions Shuttleworth et al. (2024, arXiv
    2410.21228), whose code takes the 10 leading left vectors and a cosine of 0.5.
    """
    n_rows, n_cols = pair.base.shape
    _check(k, top, threshold, pair)
    dense = Dense(pair.device)
    left, values, right = dense.svd(pair.base)
    other_left, other_values, other_right = dense.svd(other_of(pair))
    size, how = (k, "given") if k is not None else _by_spikes(values, n_rows)
    long_side = dense.product(left.T, other_left[:, : max(size, top)])
    short_side = dense.product(right, other_right[: max(size, top)].T)
    stored_left, stored_right = (short_side, long_side) if pair.transposed else (long_side, short_side)
    return TopSubspaces(
        base_values=values,
        other_values=other_values,
        left_cosines=stored_left[:size, :size],
        right_cosines=stored_right[:size, :size],
        best_left=np.abs(stored_left[:, :top]).max(axis=0),
        n_left=n_cols if pair.transposed else n_rows,
        n_right=n_rows if pair.transposed else n_cols,
        threshold=threshold,
        how=how,
        caveat=" ".join(filter(None, [pair.caveat, dense.caveat])),
    )


def _by_spikes(values: np.ndarray, n_rows: int) -> tuple[int, str]:
    spectrum = Spectrum(values[::-1] ** 2 / n_rows, n_rows, len(values), float((values**2).mean() / n_rows))
    null = fit_null(spectrum)
    spikes = spike_count(spectrum, null) if null.variance > 0 else 0
    return max(1, min(spikes, len(values) // 2)), "spikes of the base beyond its noise"


def _check(k: int | None, top: int, threshold: float, pair: MatrixPair) -> None:
    n_cols = pair.base.shape[1]
    if k is not None and not 1 <= k <= n_cols:
        raise Complaint(f"k={k} does not fit {pair.ref.name}: give a number of directions from 1 to {n_cols}.")
    if top < 1:
        raise Complaint(f"top={top} leaves no direction to look at; give 1 or more.")
    if not 0 < threshold <= 1:
        raise Complaint(f"threshold={threshold} is no cosine; give a number above 0 and at most 1.")
