"""What the histogram of entries says exactly about the spectrum of a shuffled matrix."""

from __future__ import annotations

import numpy as np


def shuffled_second_moment(values: np.ndarray) -> float:
    """Mean over all shuffles of the mean squared eigenvalue of ``WᵀW / n_rows``.

    ``tr (WᵀW)²`` sums ``w_ia w_ib w_ja w_jb`` over rows i, j and columns a, b. Over all shuffles the mean of a term is
    that of distinct entries: of ``w⁴`` where ``i = j`` and ``a = b``, of ``w² w'²`` where one pair is equal, of four
    different ones elsewhere. All three follow from the sums of the first four powers. The first moment needs no law: a
    shuffle keeps ``Σ w²``.

    >>> round(shuffled_second_moment(np.eye(2)), 4)
    0.4167

    By hand: two of the six places of the two ones are a diagonal (eigenvalues ½, ½), four a line (1, 0), which makes
    ``(2 · ¼ + 4 · ½) / 6 = 5/12``.
    """
    n_rows, n_cols = values.shape
    flat = values.astype(np.float64).ravel()
    n_entries = len(flat)
    first, second, third, fourth = (float((flat**power).sum()) for power in (1, 2, 3, 4))
    pairs = (second**2 - fourth) / (n_entries - 1)
    fours = first**4 - 6 * first**2 * second + 3 * second**2 + 8 * first * third - 6 * fourth
    fours /= (n_entries - 1) * (n_entries - 2) * max(n_entries - 3, 1)
    total = fourth + (n_rows + n_cols - 2) * pairs + (n_rows - 1) * (n_cols - 1) * fours
    return total / (n_cols * n_rows**2)
