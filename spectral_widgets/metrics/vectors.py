"""How many components carry the leading singular vectors."""

from __future__ import annotations

import numpy as np

from ..records import Complaint, LeadingVectors
from ..rmt import participation_ratio, porter_thomas_participation
from . import worked
from .registry import metric

SOURCE = "Porter and Thomas (1956) for random vectors; for layers arXiv 2605.12394"
_LAWS = ("scale_free", "transpose_blind", "permutation_blind", "sign_blind", "non_negative")


@metric(
    symbol="PR₁",
    cost="vectors",
    meaning="Components that carry the strongest singular vector, as a share of those of a random vector.",
    source=SOURCE,
    laws=_LAWS,
    worked=((worked.vectors([1.0, 1.0, 1.0, 1.0], [1.0, 0.0, 0.0, 0.0]), 0.5),),
)
def leading_participation(vectors: LeadingVectors) -> float:
    """``1 / Σ v⁴`` over ``(n + 2) / 3``, the smaller of both sides: about 1 for noise, near 0 for a single entry."""
    return float(_shares(vectors)[0])


@metric(
    symbol="PR_min",
    cost="vectors",
    meaning="The same for the most localised of the ten strongest singular vectors.",
    source=SOURCE,
    laws=_LAWS,
    worked=((worked.vectors([1.0, 1.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]), 1.0),),
)
def least_participation(vectors: LeadingVectors) -> float:
    """Smallest share of :func:`leading_participation` over the leading directions."""
    return float(_shares(vectors).min())


def _shares(vectors: LeadingVectors) -> np.ndarray:
    """For every direction the smaller of both sides' participation over its Porter–Thomas value."""
    if not len(vectors.singular_values):
        raise Complaint("The matrix is zero, so it has no leading direction.")
    sides = (vectors.left, vectors.right)
    return np.min([_of_side(side) for side in sides], axis=0)


def _of_side(side: np.ndarray) -> np.ndarray:
    expected = porter_thomas_participation(len(side))
    return np.array([participation_ratio(column) / expected for column in side.T])
