"""The draws of lab 4: one matrix with a signal, giants and a mean offset, and shuffles of its entries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..records import LayerRef, NullFit, TrapPrediction, Unfolding, WeightMatrix
from ..rmt import TW_MEAN
from ..spectra.decompose import eigenvalues_of
from ..spectra.entries import entry_statistics
from ..spectra.explain import predict_traps
from ..spectra.nulls import null_of_entries, threshold_of
from .lab import Values
from .sampling import gram_work, grow_steps, stream

#: Chance with which noise passes for a trap.
LEVEL = 0.01
#: Draws are counted from zero, so the matrix has a stream that no shuffle has.
_OF_THE_MATRIX = 1 << 30


@dataclass(frozen=True, eq=False)
class ShuffleDraws:
    """Spectra of one matrix and of its shuffles ``(n_draws, n_cols)``, and what its histogram foretells.

    ``entry`` and ``mean`` are those asked for, ``sizes`` the distances of all entries from their mean, descending.
    """

    entry: float
    mean: float
    n_giants: int
    n_rows: int
    n_cols: int
    own: np.ndarray
    eigenvalues: np.ndarray
    sizes: np.ndarray
    null: NullFit
    prediction: TrapPrediction

    @property
    def n_draws(self) -> int:
        return len(self.eigenvalues)

    @property
    def aspect(self) -> float:
        return self.n_cols / self.n_rows

    @property
    def variance(self) -> float:
        """Of the entries without giants, about their mean."""
        return self.null.variance

    @property
    def edge(self) -> float:
        """Mean largest eigenvalue where there is no trap."""
        return self.null.edge_centre + TW_MEAN * self.null.edge_width

    @property
    def counts(self) -> np.ndarray:
        """Traps of each shuffle."""
        return np.asarray((self.eigenvalues > threshold_of(self.null, LEVEL)).sum(axis=1))


def draw_steps(values: Values, seed: int) -> Iterator[ShuffleDraws]:
    """Growing numbers of shuffles of one matrix."""
    n_rows, entry, n_giants = values["n_rows"], values["entry"], values["n_giants"]
    n_cols = max(20, round(values["aspect"] * n_rows))
    matrix = planted(n_rows, n_cols, entry, n_giants, values["mean"], values["strength"], stream(seed, _OF_THE_MATRIX))
    statistics = entry_statistics(_as_layer(matrix))
    null = null_of_entries(statistics, n_rows, n_cols)
    prediction = predict_traps(statistics, n_rows, n_cols, threshold_of(null, LEVEL))
    sizes = np.sort(np.abs(matrix - statistics.mean), axis=None)[::-1]
    own = eigenvalues_of(matrix)

    def one(draw: int) -> np.ndarray:
        return eigenvalues_of(stream(seed, draw).permutation(matrix.ravel()).reshape(matrix.shape))

    for drawn in grow_steps(one, values["n_draws"], gram_work(n_rows, n_cols)):
        yield ShuffleDraws(
            entry, values["mean"], n_giants, n_rows, n_cols, own, np.array(drawn), sizes, null, prediction
        )


def planted(
    n_rows: int, n_cols: int, entry: float, n_giants: int, mean: float, strength: float, rng: np.random.Generator
) -> np.ndarray:
    """Normal noise of variance one, plus ``√N θ u vᵀ``, with giants of size ``entry`` in some cells, plus a mean.

    Noise and signal are centred, so that ``mean`` is the mean of all entries but the giants' excess.
    """
    u, v = rng.standard_normal(n_rows), rng.standard_normal(n_cols)
    size = np.sqrt(n_rows * strength) / (np.linalg.norm(u) * np.linalg.norm(v))
    values = rng.standard_normal((n_rows, n_cols)) + size * np.outer(u, v)
    values -= values.mean()
    values.flat[rng.choice(values.size, n_giants, replace=False)] = entry
    return values + mean


def _as_layer(values: np.ndarray) -> WeightMatrix:
    n_rows, n_cols = values.shape
    ref = LayerRef("planted", "linear", None, values.shape, n_rows, n_cols, "float64")
    return WeightMatrix(ref, values, Unfolding.of_shape(values.shape))
