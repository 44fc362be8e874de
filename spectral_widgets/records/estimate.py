"""What is known of a spectrum, or of its first direction, without a decomposition: values with errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .brief import brief


@brief
@dataclass(frozen=True, slots=True, eq=False)
class SpectrumEstimate:
    """The spectrum of ``WᵀW / n_rows`` as a few eigenvalues and a quadrature of all others.

    ``top (n_top,)`` are the largest eigenvalues, descending, one by one, and ``top_errors`` how far from each an
    eigenvalue can lie at most. ``largest`` and ``largest_error`` say the same of the largest one. Every row of
    ``nodes`` and ``weights``, both ``(n_probes, n_steps)``, is an independent quadrature of the other
    ``n_cols - n_top`` eigenvalues: weights sum to one in a row, and the spread between rows is the statistical error.
    ``mean_square`` of the entries is exact, and with it the sum of the eigenvalues, ``n_cols · mean_square``.
    """

    top: np.ndarray
    top_errors: np.ndarray
    largest: float
    largest_error: float
    nodes: np.ndarray
    weights: np.ndarray
    n_rows: int
    n_cols: int
    mean_square: float
    element_variance: float
    seed: int
    caveat: str = ""

    @property
    def n_probes(self) -> int:
        return len(self.nodes)

    @property
    def n_steps(self) -> int:
        return self.nodes.shape[1]

    @property
    def aspect(self) -> float:
        return self.n_cols / self.n_rows

    @property
    def floor(self) -> float:
        """Nodes up to here stand for eigenvalues that products in float32 cannot tell from zero."""
        return 1e-6 * self.largest

    @property
    def sum_of_eigenvalues(self) -> float:
        return self.n_cols * self.mean_square


@brief
@dataclass(frozen=True, slots=True, eq=False)
class StreamedVector:
    """The leading direction of rows that came once, and how sure it is.

    ``vector (n_cols,)`` has unit length. ``eigenvalue`` is the mean square of rows along the direction as it stood
    before they came, so it is not flattered by them; ``eigenvalue_error`` is its standard error. ``sin_squared`` is
    the estimated squared sine of the angle to the direction that the rows would give in the long run, from the
    disagreement of ``n_lanes`` parts of the stream that never met; ``drift`` is the same between its beginning and
    its end, in units of what that disagreement explains, ``nan`` with a caveat where rows are too few for it.
    """

    vector: np.ndarray
    eigenvalue: float
    eigenvalue_error: float
    sin_squared: float
    drift: float
    n_rows: int
    n_lanes: int
    caveat: str = ""
