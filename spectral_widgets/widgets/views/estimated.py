"""What the panel of the spectrum says of a layer that is too large for a full one."""

from __future__ import annotations

from ...metrics import Evidence
from ...metrics.estimated import ESTIMATORS, sentence_of
from ...records import SpectrumEstimate
from ...spectra.costs import cost_of_spectrum
from .. import text
from ..state import BenchState
from . import Json, fact

#: Multiplications of a decomposition that take about a second on two cores.
_PER_SECOND = 40e9
_FACTS = (
    ("stable_rank", "stable rank", "Sum of the eigenvalues over the largest."),
    ("effective_rank", "effective rank", "Exponential of the entropy of the singular values."),
    ("spectral_entropy", "entropy", "Entropy of the shares of energy, over its largest value."),
)


def said_of_estimate(evidence: Evidence) -> str:
    """Why the picture is an estimate; empty where it is none."""
    if evidence.exact:
        return ""
    return sentence_of(evidence.of(SpectrumEstimate)) + " The exponent of the tail needs every eigenvalue."


def exact_choice(evidence: Evidence, state: BenchState) -> Json | None:
    """The button that asks for the full spectrum: its words, and the choice that it makes."""
    if evidence.exact:
        return None
    minutes = cost_of_spectrum(evidence.layer) / _PER_SECOND / 60
    about = f"about {minutes:.0f} min" if minutes >= 1.5 else "about a minute"
    return {
        "label": "Compute exactly",
        "help": f"Every eigenvalue of this layer, {about} on two cores; it can be cancelled.",
        "exact": [*state.exact, evidence.layer.name],
    }


def estimated_facts(evidence: Evidence) -> list[Json]:
    """The values of the layer with their standard errors."""
    estimate = evidence.of(SpectrumEstimate)
    largest = with_error(estimate.largest, estimate.largest_error)
    first = fact("λ max", largest, "Largest eigenvalue of WᵀW / N, and how far off it is at most.")
    found = ((label, ESTIMATORS[name](estimate), words) for name, label, words in _FACTS)
    return [first, *(fact(label, with_error(one.value, one.error), words) for label, one, words in found)]


def with_error(value: float, error: float) -> str:
    """A value and its standard error as the screen shows them.

    >>> with_error(12.34567, 0.2)
    '≈ 12.3 ± 0.2 estimated'
    """
    return f"≈ {text.number(value)} ± {text.number(error, 2)} estimated"
