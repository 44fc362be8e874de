"""Loops compiled to machine code. Importing this loads the compiler (half a second): do so only when it pays."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from numba import njit


def compiled(function: Callable[..., Any], **options: Any) -> Any:
    """The function compiled at its first call, kept on disk for later processes; it runs without Python's lock."""
    try:
        return njit(cache=True, nogil=True, **options)(function)
    except RuntimeError:
        # No folder of this machine can be written, so it is compiled once per process.
        return njit(nogil=True, **options)(function)


#: The same for sums whose order does not matter, so that the processor adds several numbers at a time, as BLAS does.
compiled_loosely = partial(compiled, fastmath={"reassoc", "contract", "nsz"})
