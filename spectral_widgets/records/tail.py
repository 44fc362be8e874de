"""What is said about a tail beyond its exponent: rival laws, goodness of fit, Hill estimates, bands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from .brief import brief

BandName = Literal[
    "over-trained", "well-trained", "under-trained", "transmission", "mild shift", "strong shift", "no fit"
]


@dataclass(frozen=True, slots=True)
class Rival:
    """Another law fitted to the same tail by maximum likelihood, against the power law.

    ``parameters`` are by name, on the scale of the eigenvalues. ``log_ratio`` is the log-likelihood of the power
    law less that of the rival, in nats over the whole tail: positive favours the power law. ``ratio`` is the same
    over its standard deviation (Vuong), ``p_value`` the probability of such a ratio when both are equally good.
    ``is_power_law`` says that the rival fits best where it *is* the power law: ratio 0, p-value 1.
    """

    law: Literal["truncated power law", "log-normal"]
    parameters: tuple[tuple[str, float], ...]
    log_likelihood: float
    log_ratio: float
    ratio: float
    p_value: float
    is_power_law: bool


@brief
@dataclass(frozen=True, slots=True)
class TailAlternatives:
    """The laws of one tail: the power law's own log-likelihood in nats and its two rivals."""

    alpha: float
    xmin: float
    n_tail: int
    log_likelihood: float
    truncated: Rival
    lognormal: Rival
    sentence: str
    caveat: str = ""


@brief
@dataclass(frozen=True, slots=True, eq=False)
class TailBootstrap:
    """Distances of power-law tails refitted to random samples, beside the distance that was observed.

    ``p_value`` is ``(1 + #{distances ≥ observed}) / (1 + n)``; valid at any number of samples, so that a half-done
    run is a smaller result. ``standard_error`` is that of the p-value from the number of samples.
    """

    observed: float
    distances: np.ndarray
    p_value: float
    standard_error: float
    seed: int
    caveat: str = ""


@dataclass(frozen=True, slots=True)
class HillFit:
    """Hill estimate of the exponent from the ``n_top`` largest eigenvalues, of which ``xmin`` is the smallest.

    ``noise_alpha`` is what pure noise of this shape gives; ``like_noise`` says that the spectrum cannot be told
    from such noise.
    """

    alpha: float
    alpha_error: float
    xmin: float
    n_top: int
    n_eigenvalues: int
    noise_alpha: float
    like_noise: bool = False
    caveat: str = ""


@brief
@dataclass(frozen=True, slots=True, eq=False)
class HillPlot:
    """Hill estimates over the number of largest eigenvalues used, all arrays of the same length.

    ``noise_alpha`` is the estimate that pure noise of this shape gives with the same number. ``chosen`` is the
    estimate at the number in use.
    """

    n_top: np.ndarray
    alpha: np.ndarray
    alpha_error: np.ndarray
    noise_alpha: np.ndarray
    chosen: HillFit


@dataclass(frozen=True, slots=True)
class Band:
    """A range of an exponent or shape with the name that the field gives it, where that is from and where it fails."""

    name: BandName
    low: float
    high: float
    meaning: str
    source: str
    fails: str


@brief
@dataclass(frozen=True, slots=True, eq=False)
class FarmsFit:
    """Hill exponent of the pooled eigenvalues of submatrices, all of one shape ``window``.

    ``starts`` are the first row and column of each submatrix in the tensor's own view, ``window_alphas`` the
    exponents of the submatrices by themselves. ``alpha`` belongs to ``eigenvalues``, all of them pooled; for a
    convolution it is the mean over blocks, each pooled over the offsets of the kernel. ``full`` is the Hill fit of
    the whole matrix and ``noise_alpha`` what pure noise gives in such windows.
    """

    alpha: float
    window: tuple[int, int]
    starts: tuple[tuple[int, int], ...]
    window_alphas: tuple[float, ...]
    eigenvalues: np.ndarray
    how: str
    noise_alpha: float
    full: HillFit
    caveat: str = ""


@dataclass(frozen=True, slots=True)
class ErgCut:
    """The largest tail whose eigenvalues multiply to one, after scaling them to a mean of one.

    ``xmin`` is its smallest eigenvalue in those units, ``n_tail`` its size, ``log_det`` the sum of the logarithms
    of the tail, ``scale`` what an eigenvalue of ``WᵀW / n_rows`` is multiplied by to get there. ``tail_xmin`` is
    the start of the power-law tail in the same units and ``gap = tail_xmin − xmin``; ``nan`` without a tail fit.
    """

    xmin: float
    n_tail: int
    n_eigenvalues: int
    log_det: float
    scale: float
    tail_xmin: float
    gap: float
    caveat: str = ""
