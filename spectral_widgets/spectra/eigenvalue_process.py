"""A process that receives Gram matrices and answers with their eigenvalues; it can be ended at any moment.

Run as ``python -m spectral_widgets.spectra.eigenvalue_process``. It reads the side as eight bytes, then the rows of
the upper triangle in float64, and writes one byte (1: there are eigenvalues) and then those, ascending.
"""

from __future__ import annotations

import sys
from typing import BinaryIO

import numpy as np

from .routes import eigenvalues_by, route_of


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Answer until the source ends."""
    while len(head := source.read(8)) == 8:
        gram = _received(source, int.from_bytes(head, "little"))
        try:
            answer = b"\x01" + eigenvalues_in_place(gram).tobytes()
        except np.linalg.LinAlgError:
            answer = b"\x00"
        del gram
        target.write(answer)
        target.flush()


def eigenvalues_in_place(gram: np.ndarray) -> np.ndarray:
    """Ascending eigenvalues from the upper triangle of a float64 matrix, which is destroyed."""
    return eigenvalues_by(route_of(len(gram)), gram)


def _received(source: BinaryIO, side: int) -> np.ndarray:
    gram = np.zeros((side, side))
    for row in range(side):
        view = gram[row, row:].data.cast("B")
        while len(view):
            n_bytes = source.readinto(view)  # type: ignore[attr-defined]
            if not n_bytes:
                raise SystemExit(0)
            view = view[n_bytes:]
    return gram


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
