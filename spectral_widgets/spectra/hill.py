"""The Hill estimator of a spectrum, over a given number of its largest eigenvalues."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ..records import Complaint, HillFit, HillPlot, NullFit, Spectrum
from ..rmt.hill import hill_estimate, mp_hill_alpha, mp_hill_curve
from .nulls import fit_null, threshold_of
from .tails import MIN_TAIL, fit_tail, positive_values

Choice = int | Literal["half", "closest"]
_MOST_POINTS = 200
# n times the distance of n eigenvalues of noise from their fitted law exceeds a + b ln n in about one matrix of a
# hundred (simulated: Gaussian, uniform and clipped entries, short sides 30 to 512, aspects 1/8 to 1).
_NOISE_DISTANCE = (1.2, 0.65)
_NOISE_EDGE = 0.001


def fit_hill(spectrum: Spectrum, n_top: Choice = "half", null: NullFit | None = None) -> HillFit:
    """Exponent from the ``n_top`` largest eigenvalues; by default the upper half, the field's ``PL_Alpha_Hill``.

    ``i = ⌊n/2⌋`` in ascending order from zero, ``k = n − i``, ``α = 1 + k / Σ_{j ≥ i} ln(λⱼ/λᵢ)``; the error is
    ``(α − 1)/√k``. ``n_top`` is a number of eigenvalues, ``"half"``, or ``"closest"``: as many as the power law of
    smallest distance has, which makes the exponent that of ``fit_tail``. Scale-free. Eigenvalues that are zero are
    left out. ``null`` is the fitted law of noise when it is known already.

    Stops being true where there is no heavy tail: it then measures the shape of the matrix, and a spectrum like
    noise carries a caveat with the value that noise gives. Raises ``Complaint`` for a number that is not there.
    Source: Hill (1975); in the upper half: Zhou et al. (2023), TempBalance.
    """
    values = positive_values(spectrum.eigenvalues)
    count = _count_of(spectrum, len(values), n_top)
    if count < 2 or values[-1] <= values[-count] * (1 + 1e-10):
        return _no_fit(spectrum, len(values))
    noise = mp_hill_alpha(spectrum.aspect, _share(count, spectrum))
    alpha = hill_estimate(np.log(values[-count:]))
    like_noise = is_noise(spectrum, null or fit_null(spectrum))
    return HillFit(
        alpha=alpha,
        alpha_error=(alpha - 1) / float(np.sqrt(count)),
        xmin=float(values[-count]),
        n_top=count,
        n_eigenvalues=len(spectrum.eigenvalues),
        noise_alpha=noise,
        like_noise=like_noise,
        caveat=_caveat(len(spectrum.eigenvalues) - len(values), count, noise, like_noise),
    )


def hill_plot(spectrum: Spectrum, n_top: Choice = "half") -> HillPlot:
    """Estimates for at most 200 numbers of largest eigenvalues, from 2 to all that are positive.

    A flat stretch is a power law; a slope all along is another law, and noise has the curve ``noise_alpha``.
    """
    values = positive_values(spectrum.eigenvalues)
    if len(values) < 2 or values[-1] <= values[0]:
        raise Complaint("A Hill plot needs at least two positive eigenvalues that differ; this matrix has fewer.")
    counts = np.unique(np.geomspace(2, len(values), _MOST_POINTS).round().astype(int))
    logs = np.log(values / values[-1])[::-1]
    excess = np.cumsum(logs)[counts - 1] - counts * logs[counts - 1]
    kept = excess > 0
    counts, alpha = counts[kept], 1 + counts[kept] / excess[kept]
    shares = counts / len(spectrum.eigenvalues)
    return HillPlot(
        n_top=counts,
        alpha=alpha,
        alpha_error=(alpha - 1) / np.sqrt(counts),
        noise_alpha=mp_hill_curve(spectrum.aspect, shares),
        chosen=fit_hill(spectrum, n_top),
    )


def is_noise(spectrum: Spectrum, null: NullFit) -> bool:
    """Whether a spectrum cannot be told from noise: no eigenvalue beyond the edge, and as close to the law as noise."""
    n_eigenvalues = len(spectrum.eigenvalues)
    if not null.variance > 0 or spectrum.eigenvalues[-1] > threshold_of(null, _NOISE_EDGE):
        return False
    constant, slope = _NOISE_DISTANCE
    return n_eigenvalues * null.goodness <= constant + slope * float(np.log(n_eigenvalues))


def noise_sentence(noise_alpha: float) -> str:
    """The caveat of a Hill exponent that noise would give as well."""
    return (
        f"This spectrum cannot be told from pure noise, and pure noise of this shape gives {noise_alpha:.2f}: "
        "the value is geometry, not learning."
    )


def _count_of(spectrum: Spectrum, n_positive: int, n_top: Choice) -> int:
    if n_top == "half":
        return n_positive - n_positive // 2
    if n_top == "closest":
        fit = fit_tail(spectrum)
        if not fit.n_tail:
            raise Complaint(fit.caveat)
        return fit.n_tail
    if isinstance(n_top, str) or not 2 <= n_top <= n_positive:
        raise Complaint(
            f"n_top is {n_top!r}: give 'half', 'closest' or a number from 2 to the {n_positive} positive eigenvalues."
        )
    return int(n_top)


def _share(count: int, spectrum: Spectrum) -> float:
    # The law has no estimate for the whole of it; all eigenvalues but half of one is as near as a sample comes.
    n_eigenvalues = len(spectrum.eigenvalues)
    return min(count, n_eigenvalues - 0.5) / n_eigenvalues


def _no_fit(spectrum: Spectrum, n_positive: int) -> HillFit:
    nan = float("nan")
    caveat = f"No Hill estimate: {n_positive} positive eigenvalues, and at least two that differ are needed."
    return HillFit(nan, nan, nan, 0, len(spectrum.eigenvalues), nan, caveat=caveat)


def _caveat(n_zero: int, count: int, noise_alpha: float, like_noise: bool) -> str:
    doubts = {
        f"Only {count} eigenvalues enter, so alpha is uncertain.": count < MIN_TAIL,
        f"{n_zero} eigenvalues are zero and were left out.": n_zero > 0,
        noise_sentence(noise_alpha): like_noise,
    }
    return " ".join(sentence for sentence, applies in doubts.items() if applies)
