"""What a lab found, as a number beside what theory says."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite


@dataclass(frozen=True, slots=True)
class LabFact:
    """One number: simulated ``value`` with its standard ``error`` beside ``theory``; ``nan`` where there is none.

    ``checked`` says that the theory holds at this size, so that simulation must agree with it within a few standard
    errors; leave it off for a limit that this size has not reached. ``scale`` is the size of the quantity that tells a
    wrong theory from a right one, needed only where the theory is zero.
    """

    label: str
    value: float
    error: float = float("nan")
    theory: float = float("nan")
    help: str = ""
    checked: bool = False
    scale: float = float("nan")

    @property
    def deviation(self) -> float:
        """Simulation less theory in standard errors; ``nan`` where either is missing."""
        if not (isfinite(self.theory) and self.error > 0):
            return float("nan")
        return (self.value - self.theory) / self.error
