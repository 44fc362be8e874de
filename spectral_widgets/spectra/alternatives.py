"""Other laws for the tail that was found, and whether they fit it better than the power law."""

from __future__ import annotations

import numpy as np
from scipy.special import chdtrc, erfc

from ..records import Rival, Spectrum, TailAlternatives, TailFit
from ..rmt.tail_laws import Bend, cut_off, log_density, log_normal, most_likely
from .tails import fit_tail, positive_values

_LEVEL = 0.05


def fit_alternatives(spectrum: Spectrum, fit: TailFit | None = None) -> TailAlternatives:
    """Truncated power law ``x^(−α) e^(−λx)`` and log-normal law on the eigenvalues from ``fit.xmin`` on.

    All by maximum likelihood with ``xmin`` kept. ``ratio`` is Vuong's: the sum of the differences of the
    log-likelihoods over ``√n`` times their standard deviation, positive in favour of the power law. The p-value of
    the log-normal law is two-sided normal. The power law is the truncated one at ``λ = 0``, so their p-value is that
    of a likelihood-ratio test on a border: half the χ²₁ tail of twice the difference (the package ``powerlaw`` gives
    the whole tail, twice as much). Either rival can fit best where it is the power law; it then says so.

    Stops being true for short tails, and eigenvalues repel each other where the tests assume independence. For a true
    power law the p-value of the cut-off is below 0.05 in 5 to 8 samples of a hundred (most for α near 2, where the
    mean square is infinite); Vuong's for the log-normal law in almost none, since the power law is its limit too.
    Source: Clauset, Shalizi and Newman (2009), section 5; Vuong (1989); Self and Liang (1987) for the border.
    """
    fit = fit or fit_tail(spectrum)
    if not fit.n_tail:
        return _none(fit)
    logs = np.log(positive_values(spectrum.eigenvalues)[-fit.n_tail :] / fit.xmin)
    jacobian = float(logs.sum()) + fit.n_tail * float(np.log(fit.xmin))
    power = log_density(logs, fit.alpha - 1, 0.0, cut_off)
    truncated = _truncated(logs, power, jacobian, fit.xmin)
    lognormal = _lognormal(logs, power, jacobian, fit.xmin)
    return TailAlternatives(
        alpha=fit.alpha,
        xmin=fit.xmin,
        n_tail=fit.n_tail,
        log_likelihood=float(power.sum()) - jacobian,
        truncated=truncated,
        lognormal=lognormal,
        sentence=_sentence(truncated, lognormal),
        caveat=fit.caveat,
    )


def _truncated(logs: np.ndarray, power: np.ndarray, jacobian: float, xmin: float) -> Rival:
    rate, strength = most_likely(logs, cut_off)
    parameters = (("alpha", rate + 1), ("rate", strength / xmin))
    likelihood, log_ratio, ratio = _compared(logs, power, jacobian, rate, strength, cut_off)
    p_value = 0.5 * float(chdtrc(1, -2 * log_ratio)) if strength else 1.0
    return Rival("truncated power law", parameters, likelihood, log_ratio, ratio, p_value, strength == 0)


def _lognormal(logs: np.ndarray, power: np.ndarray, jacobian: float, xmin: float) -> Rival:
    rate, strength = most_likely(logs, log_normal)
    likelihood, log_ratio, ratio = _compared(logs, power, jacobian, rate, strength, log_normal)
    mean, deviation = -float("inf"), float("inf")
    if strength:
        mean, deviation = float(np.log(xmin)) - rate / (2 * strength), float(np.sqrt(0.5 / strength))
    parameters = (("mean of ln λ", mean), ("standard deviation of ln λ", deviation))
    p_value = float(erfc(abs(ratio) / np.sqrt(2)))
    return Rival("log-normal", parameters, likelihood, log_ratio, ratio, p_value, strength == 0)


def _compared(
    logs: np.ndarray, power: np.ndarray, jacobian: float, rate: float, strength: float, bend: Bend
) -> tuple[float, float, float]:
    """Log-likelihood of the rival, that of the power law less it, and Vuong's ratio."""
    if strength == 0:
        return float(power.sum()) - jacobian, 0.0, 0.0
    rival = log_density(logs, rate, strength, bend)
    differences = power - rival
    total, spread = float(differences.sum()), float(differences.std())
    # The power law is never likelier than a law that contains it; rounding may say so near the border.
    total = min(total, 0.0)
    ratio = total / (spread * float(np.sqrt(len(logs)))) if spread > 0 else 0.0
    return float(rival.sum()) - jacobian, total, ratio


def _sentence(*rivals: Rival) -> str:
    better = [one for one in rivals if one.p_value < _LEVEL and one.log_ratio < 0]
    if not better:
        return "Neither rival law fits this tail significantly better than the power law."
    named = " and ".join(f"the {one.law} (p = {one.p_value:.2g})" for one in better)
    return f"The tail is fitted significantly better by {named} than by the power law."


def _none(fit: TailFit) -> TailAlternatives:
    nan = float("nan")
    truncated = Rival("truncated power law", (), nan, nan, nan, nan, False)
    lognormal = Rival("log-normal", (), nan, nan, nan, nan, False)
    return TailAlternatives(nan, nan, 0, nan, truncated, lognormal, "There is no tail to compare laws on.", fit.caveat)
