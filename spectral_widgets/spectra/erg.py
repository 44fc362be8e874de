"""The trace-log condition of SETOL: the tail whose eigenvalues multiply to one, and the matrix it spans."""

from __future__ import annotations

import numpy as np

from ..records import Complaint, ErgCut, Spectrum, TailFit, WeightMatrix
from .dense import Dense
from .tails import fit_tail, positive_values


def erg_cut(spectrum: Spectrum, fit: TailFit | None = None) -> ErgCut:
    """Start and size of the tail with ``Σ ln λ = 0``, in units where the mean eigenvalue is one (``Tr X = M``).

    From the largest eigenvalue down, the tail is extended until the sum of logarithms first drops below zero; the
    eigenvalue that does it belongs to the tail. Sums of logarithms cannot overflow at any size. ``gap`` is the start
    of the power-law tail less that of this one: positive where the power law is the smaller tail (usually α > 2),
    near zero at α = 2, negative when the layer is over-regularised. Scale-free.

    The mean counts zero eigenvalues, the product leaves them out; a matrix whose positive eigenvalues multiply to
    more than one however many are taken has them all in the tail, and says so. WeightWatcher's ``detX_num`` is
    ``n_tail``, except where its product of numbers leaves the range of a double, from some thousand eigenvalues on:
    then it is off by a percent or so.

    Stops being true as a test for α = 2: where the cut lies depends on how much bulk is below the tail. For a pure
    power law it lies at ``m e^(−1/(α−1))`` times its start, ``m = (α−1)/(α−2)``: at 1.2 for α = 3, at 1 for none.
    Source: Martin and Hinrichs (2025), SETOL, arXiv 2507.17912.
    """
    values = positive_values(spectrum.eigenvalues)
    total = len(spectrum.eigenvalues)
    nan = float("nan")
    if not len(values):
        return ErgCut(nan, 0, total, nan, nan, nan, nan, "No eigenvalue is positive: there is nothing to cut.")
    fit = fit or fit_tail(spectrum)
    scale = total / float(values.sum())
    logs = np.log(values * scale)[::-1]
    sums = np.cumsum(logs)
    # Rounding of a sum that ends at zero exactly, as for equal eigenvalues, is no drop below it.
    below = np.flatnonzero(sums < -1e-12 * np.abs(logs).cumsum())
    n_tail = int(below[0]) + 1 if len(below) else len(values)
    xmin, tail_xmin = float(values[-n_tail] * scale), fit.xmin * scale
    return ErgCut(
        xmin=xmin,
        n_tail=n_tail,
        n_eigenvalues=total,
        log_det=float(sums[n_tail - 1]),
        scale=scale,
        tail_xmin=tail_xmin,
        gap=tail_xmin - xmin,
        caveat=_caveat(len(below) > 0, total - len(values)),
    )


def effective_correlation_space(matrix: WeightMatrix, n_directions: int) -> np.ndarray:
    """The matrix cut down to its largest singular directions: ``Σ sᵢ uᵢ vᵢᵀ`` over the first ``n_directions``.

    ``(n_rows, n_cols)`` in float64, oriented as ``matrix.values``; ``matrix.unfolding.fold`` turns it back into the
    tensor. ``n_directions`` is that of a cut: ``erg_cut(...).n_tail``, or ``fit_tail(...).n_tail``. Raises
    ``Complaint`` for a number that is not there. Source: Eckart and Young (1936); SETOL, arXiv 2507.17912.
    """
    values = np.asarray(matrix.values, dtype=np.float64)
    if not 1 <= n_directions <= values.shape[1]:
        raise Complaint(f"n_directions is {n_directions}: {matrix.ref.name} has 1 to {values.shape[1]} directions.")
    dense = Dense(matrix.device)
    left, singular, right = dense.svd(values)
    return dense.product(left[:, :n_directions] * singular[:n_directions], right[:n_directions])


def _caveat(is_cut: bool, n_zero: int) -> str:
    if is_cut:
        return ""
    zeros = f", and {n_zero} are zero" if n_zero else ""
    return f"The eigenvalues above zero never multiply to less than one{zeros}: the tail holds them all."
