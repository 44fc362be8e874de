"""The compiled heart of :mod:`lanczos`: both products of a step in one pass over the matrix.

BLAS would read the matrix twice, and from a few megabytes on reading is what takes the time.
"""

from __future__ import annotations

import numpy as np

from .compiling import compiled_loosely

# Rows whose products are summed in float32 before they are added up in float64.
_ROWS = 256
# From here on a row and the two vectors leave the innermost cache, and four rows share one reading of the vectors.
_WIDE = 2048


def step_of(values: np.ndarray, right: np.ndarray, beta: np.float32, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """``image = W v − β u`` and ``Wᵀ image``, float32 and float64; ``values`` is ``(n_rows, n_cols)`` in rows."""
    n_rows, n_cols = values.shape
    image, back = np.empty(n_rows, np.float32), np.zeros(n_cols)
    # Read-only, whoever owns them: of all kinds of arrays that come in, one is compiled.
    source = values.view()
    source.flags.writeable = False
    n_fours = n_rows // 4 * 4 if n_cols >= _WIDE else 0
    _by_fours(source[:n_fours], right, beta, last[:n_fours], image[:n_fours], back)
    _by_rows(source[n_fours:], right, beta, last[n_fours:], image[n_fours:], back)
    return image, back


@compiled_loosely
def _by_rows(values, right, beta, last, image, back):
    n_rows, n_cols = values.shape
    for start in range(0, n_rows, _ROWS):
        part = np.zeros(n_cols, np.float32)
        for i in range(start, min(n_rows, start + _ROWS)):
            row, product = values[i], np.float32(0)
            for j in range(n_cols):
                product += row[j] * right[j]
            product -= beta * last[i]
            image[i] = product
            for j in range(n_cols):
                part[j] += product * row[j]
        for j in range(n_cols):
            back[j] += part[j]


@compiled_loosely
def _by_fours(values, right, beta, last, image, back):
    n_rows, n_cols = values.shape
    for start in range(0, n_rows, _ROWS):
        part = np.zeros(n_cols, np.float32)
        for i in range(start, min(n_rows, start + _ROWS), 4):
            first, second, third, fourth = values[i], values[i + 1], values[i + 2], values[i + 3]
            a, b, c, d = np.float32(0), np.float32(0), np.float32(0), np.float32(0)
            for j in range(n_cols):
                a += first[j] * right[j]
                b += second[j] * right[j]
                c += third[j] * right[j]
                d += fourth[j] * right[j]
            a -= beta * last[i]
            b -= beta * last[i + 1]
            c -= beta * last[i + 2]
            d -= beta * last[i + 3]
            image[i], image[i + 1], image[i + 2], image[i + 3] = a, b, c, d
            for j in range(n_cols):
                part[j] += a * first[j] + b * second[j] + c * third[j] + d * fourth[j]
        for j in range(n_cols):
            back[j] += part[j]
