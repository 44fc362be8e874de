"""Where the eigenvalues of a finite noise matrix stand on average, one by one."""

from __future__ import annotations

import numpy as np

from .marchenko_pastur import mp_cdf

_POINTS = 4097


def mp_levels(n_rows: int, n_cols: int, n_pooled: int = 1) -> np.ndarray:
    """Typical places of all eigenvalues of ``n_pooled`` matrices of normal entries of variance one, ascending.

    Place ``x`` of the ``j``-th solves ``M F(x) + ¼ − a(x)/2 = (j − ½)/n_pooled``: the Marchenko–Pastur distribution
    ``F`` and the first correction of real entries, ``a`` being the arcsine distribution between the edges. Levels of
    noise hardly stray, so functions of a spectrum are good to order ``1/M²`` at these places, where the plain law is
    good to ``1/M``. Source of the correction: Bai and Silverstein (2004), the mean of linear statistics.

    >>> len(mp_levels(20, 10)), bool(abs(mp_levels(400, 200).mean() - 1) < 1e-3)
    (10, True)
    """
    aspect = n_cols / n_rows
    share = np.linspace(0.0, 1.0, _POINTS)
    # In the angle both edges are smooth, and the arcsine distribution is a straight line.
    places = 1 + aspect - 2 * np.sqrt(aspect) * np.cos(np.pi * share)
    counted = n_cols * mp_cdf(places, aspect) + 0.25 - share / 2
    # Beyond the edges, and just inside of them at small sizes, the correction is not increasing.
    return np.interp((np.arange(n_cols * n_pooled) + 0.5) / n_pooled, np.maximum.accumulate(counted), places)
