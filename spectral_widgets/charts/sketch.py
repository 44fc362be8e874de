"""A spectrum as a handful of bar heights, for the small picture in a table row."""

from __future__ import annotations

import numpy as np

from ..records import Spectrum

FLOOR = 1e-4


def sketch(spectrum: Spectrum, n_bins: int = 24) -> tuple[float, ...]:
    """Heights in [0, 1] of the histogram of ln λ, tallest bar 1; all zero for a zero matrix.

    Eigenvalues below ``1e-4`` times the median positive one are left out, so that rank deficiency does not
    flatten the picture.
    """
    positive = spectrum.eigenvalues[spectrum.eigenvalues > 0]
    if not len(positive):
        return (0.0,) * n_bins
    kept = np.log(positive[positive >= FLOOR * np.median(positive)])
    # A little width keeps equal eigenvalues in one bin instead of a degenerate range.
    low, high = float(kept.min()) - 1e-6, float(kept.max()) + 1e-6
    counts, _ = np.histogram(kept, bins=n_bins, range=(low, high))
    return tuple(float(height) for height in counts / counts.max())
