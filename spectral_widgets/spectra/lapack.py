"""Four routines of the OpenBLAS that comes with SciPy, called in place and without Python's lock.

SciPy's own functions hold the lock for the whole call, and NumPy's copy the matrix and know no two-stage reduction.
Where the library is another one (a build of one's own, another vendor's) ``available`` is false and NumPy does it all.
"""

from __future__ import annotations

import ctypes
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

import numpy as np
import scipy

_LOWER, _VALUES_ONLY, _WITH_VECTORS, _PLAIN, _TURNED = b"L", b"N", b"V", b"N", b"T"
_BY_VALUE, _BY_RANK = b"V", b"I"
_ONE = ctypes.c_size_t(1)  # Fortran is told the length of every word


@cache
def _routine(name: str) -> Any:
    """The routine by its name in SciPy's wheels, or ``None``; its integers have 32 bits."""
    try:
        found = getattr(ctypes.CDLL(_library()), f"scipy_{name}")
    except (AttributeError, OSError, StopIteration):
        return None
    found.restype = None
    return found


def _library() -> str:
    """A file that brings the library along; to import ``scipy.linalg`` for it would cost 17 MB of modules."""
    folder = Path(scipy.__file__).parent / "linalg"
    return str(next(path for path in folder.glob("cython_lapack.*") if path.name.endswith(tuple(EXTENSION_SUFFIXES))))


@cache
def available() -> bool:
    """Whether all that is used here can be had."""
    return None not in map(_routine, ("dsyrk_", "dsyevd_", "dsyevd_2stage_", "dsyevr_"))


def n_threads() -> int:
    """Threads that the library would use now; 1 where it does not say."""
    ask = _routine("openblas_get_num_threads")
    if ask is None:
        return 1
    ask.restype = ctypes.c_int
    return int(ask())


def add_gram(gram: np.ndarray, block: np.ndarray) -> None:
    """``gram += blockᵀ block`` in the upper triangle of ``gram``, in place; float64, the block in either order."""
    n_rows, n_cols = block.shape
    one = ctypes.byref(ctypes.c_double(1.0))
    # Fortran reads C order as the transpose: its lower triangle is our upper one, and our rows are its columns.
    along_rows = block.strides[1] == block.itemsize
    way, least = (_PLAIN, n_cols) if along_rows else (_TURNED, n_rows)
    stride = max(least, max(block.strides) // block.itemsize)
    _routine("dsyrk_")(
        *(_LOWER, way, _int(n_cols), _int(n_rows), one, _pointer(block), _int(stride)),
        *(one, _pointer(gram), _int(n_cols), _ONE, _ONE),
    )


def eigenvalues_in_place(gram: np.ndarray, two_stage: bool) -> np.ndarray:
    """Ascending eigenvalues from the upper triangle of a symmetric float64 matrix, which is destroyed.

    ``two_stage`` reduces to a band first: more arithmetic, most of it in matrix products. Raises ``LinAlgError``.
    """
    side, info = len(gram), ctypes.c_int(0)
    values = np.empty(side)
    routine = _routine("dsyevd_2stage_" if two_stage else "dsyevd_")
    work, places = np.empty(1), np.empty(1, dtype=np.int32)
    for asked in (True, False):
        sizes = (-1, -1) if asked else (len(work), len(places))
        routine(
            *(_VALUES_ONLY, _LOWER, _int(side), _pointer(gram), _int(side), _pointer(values)),
            *(_pointer(work), _int(sizes[0]), _pointer(places), _int(sizes[1]), ctypes.byref(info), _ONE, _ONE),
        )
        if info.value:
            raise np.linalg.LinAlgError("Eigenvalues did not converge")
        if asked:
            work, places = np.empty(int(work[0])), np.empty(int(places[0]), dtype=np.int32)
    return values


def top_pairs_in_place(gram: np.ndarray, above: float, count: int | None) -> tuple[np.ndarray, np.ndarray]:
    """The ``count`` largest eigenvalues, ascending, or those above a value, and their vectors ``(n, count)``.

    From the upper triangle of a symmetric float64 matrix, which is destroyed. Of the room for all vectors only what
    is found is ever written to. Raises ``LinAlgError``.
    """
    side, found, info = len(gram), ctypes.c_int(0), ctypes.c_int(0)
    values, vectors = np.empty(side), np.empty((side if count is None else count, side))
    support, work, places = np.empty(2 * side, np.int32), np.empty(1), np.empty(1, np.int32)
    for asked in (True, False):
        sizes = (-1, -1) if asked else (len(work), len(places))
        _routine("dsyevr_")(
            *(_WITH_VECTORS, _BY_VALUE if count is None else _BY_RANK, _LOWER),
            *(_int(side), _pointer(gram), _int(side), _float(above), _float(np.finfo(float).max)),
            *(_int(side + 1 - (count or side)), _int(side), _float(0.0), ctypes.byref(found)),
            *(_pointer(values), _pointer(vectors), _int(side), _pointer(support), _pointer(work), _int(sizes[0])),
            *(_pointer(places), _int(sizes[1]), ctypes.byref(info), _ONE, _ONE, _ONE),
        )
        if info.value:
            raise np.linalg.LinAlgError("Eigenvalues did not converge")
        if asked:
            work, places = np.empty(int(work[0])), np.empty(int(places[0]), np.int32)
    return values[: found.value].copy(), vectors[: found.value].T.copy()


def _float(value: float) -> Any:
    return ctypes.byref(ctypes.c_double(value))


def _int(value: int) -> Any:
    return ctypes.byref(ctypes.c_int(value))


def _pointer(array: np.ndarray) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)
