"""Spectra of large layers in steps short enough to be given up, and estimates where a full one would take too long."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..metrics import Evidence
from ..records import Complaint, Spectrum, SpectrumEstimate, WeightMatrix
from ..spectra.apart import spectrum_steps
from ..spectra.slq import estimate_spectrum_steps


def made_steps(evidence: Evidence) -> Iterator[None]:
    """Put the spectrum, or its estimate where the evidence is not exact, into the evidence, unless it is there."""
    if evidence.recalled(Spectrum if evidence.exact else SpectrumEstimate) is not None:
        return
    matrix = evidence.of(WeightMatrix)
    steps = spectrum_steps(matrix) if evidence.exact else estimate_spectrum_steps(matrix)
    found: Spectrum | SpectrumEstimate | None = None
    try:
        for step in steps:
            found = step
            yield
    except np.linalg.LinAlgError:
        raise Complaint("The eigenvalues did not converge; rescale the weights or leave it out.") from None
    assert found is not None
    evidence.add(found)
