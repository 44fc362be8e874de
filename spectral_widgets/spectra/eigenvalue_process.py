"""A process that receives matrices row by row and answers with their eigenvalues; it can be ended at any moment.

Run as ``python -m spectral_widgets.spectra.eigenvalue_process``. It reads rows, columns and bytes of an entry (4 or 8)
as eight bytes each, then the entries row by row in float32 or float64, and writes one byte (1: there are eigenvalues)
and then those, ascending, in float64. The Gram matrix grows while the rows come in, and half of it is all that is held.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from .decompose import summed_gram
from .routes import eigenvalues_by, route_of

HEAD_BYTES = 24
# A quarter of what is summed at a time elsewhere: 12 % more time for the Gram matrix, 9 MB less beside it.
_BLOCK_ENTRIES = 1 << 18


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Answer until the source ends."""
    while len(head := source.read(HEAD_BYTES)) == HEAD_BYTES:
        n_rows, n_cols, size = (int(one) for one in np.frombuffer(head, "<i8"))
        gram, _ = summed_gram(_received(source, n_rows, n_cols, size), n_cols)
        try:
            # Not the matrix is divided: nothing here ever writes to its lower triangle, which so takes no memory.
            answer = b"\x01" + (eigenvalues_in_place(gram) / n_rows).tobytes()
        except np.linalg.LinAlgError:
            answer = b"\x00"
        del gram
        target.write(answer)
        target.flush()


def eigenvalues_in_place(gram: np.ndarray) -> np.ndarray:
    """Ascending eigenvalues from the upper triangle of a float64 matrix, which is destroyed."""
    return eigenvalues_by(route_of(len(gram)), gram)


def _received(source: BinaryIO, n_rows: int, n_cols: int, size: int) -> Iterator[np.ndarray]:
    """Blocks of rows in float64, in one buffer."""
    n_block = min(n_rows, max(64, _BLOCK_ENTRIES // n_cols))
    wide, raw = np.empty((n_block, n_cols)), np.empty((n_block, n_cols), f"<f{size}")
    for start in range(0, n_rows, n_block):
        block = raw[: min(n_block, n_rows - start)]
        _fill(source, block)
        np.copyto(wide[: len(block)], block)
        yield wide[: len(block)]


def _fill(source: BinaryIO, block: np.ndarray) -> None:
    view = block.reshape(-1).view(np.uint8).data
    while len(view):
        n_bytes = source.readinto(view)  # type: ignore[attr-defined]
        if not n_bytes:
            raise SystemExit(0)
        view = view[n_bytes:]


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
