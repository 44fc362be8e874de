"""The door to what is known of matrices too large to decompose, and of rows that are seen once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from .api_progress import Progress
from .api_sources import Matrix, matrix_of
from .api_work import heard, latest
from .records import SpectrumEstimate, StreamedVector, whole_number
from .spectra import slq, streaming


def estimate_spectrum(
    matrix: Matrix, probes: int = 16, steps: int = 48, *, seed: int = 0, progress: Progress = None
) -> SpectrumEstimate:
    """The spectrum of a layer, an array or a tensor by stochastic Lanczos quadrature, for :func:`charts.esd`.

    ``probes`` random directions of ``steps`` steps each; errors fall with the root of ``probes``, what is blurred with
    ``steps``. No power law may be fitted to it: on heavy tails its distribution function is off by some per cent.
    ``progress`` is that of :func:`measure`, and ``Interrupted.partial`` the estimate from fewer probes, if any.
    """
    whole, seed = matrix_of(matrix), whole_number(seed, "seed")
    made = slq.estimate_spectrum_steps(whole, probes, steps, seed=seed)
    found = heard(latest(made), slq.n_steps_of(whole, probes, steps), "Estimating", "The estimate", progress)
    assert found is not None
    return found


def streaming_top_vector(rows: Iterable[np.ndarray], *, seed: int = 0) -> StreamedVector:
    """The leading direction of rows, or of blocks of rows, that come once and in random order, with its error.

    Nothing is kept but 32 vectors. ``.sin_squared`` is how far the direction is from that of the rows in the long run;
    ``.caveat`` says where the order was not random, or no direction stands out.
    """
    return streaming.streaming_top_vector(rows, seed=whole_number(seed, "seed"))
