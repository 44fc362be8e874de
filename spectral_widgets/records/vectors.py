"""Leading singular vectors of a matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .brief import brief


@brief
@dataclass(frozen=True, slots=True, eq=False)
class LeadingVectors:
    """Strongest directions, largest first: ``left`` ``(n_rows, k)``, ``right`` ``(n_cols, k)``, all of unit length.

    ``left`` lie along the long side. Directions of equal singular values are not unique; then ``caveat`` says so.
    """

    singular_values: np.ndarray
    left: np.ndarray
    right: np.ndarray
    caveat: str = ""
