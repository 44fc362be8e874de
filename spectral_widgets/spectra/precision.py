"""Products by torch in the precision of their numbers, whatever the user has switched on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Lock
from typing import Any

import torch

_in_use = Lock()
_n_inside = 0
_as_found: list[tuple[Any, str, Any]] = []


@contextmanager
def full_precision(device_type: str) -> Iterator[None]:
    """Autocast and TF32 off while inside, and as they were found afterwards.

    Autocast belongs to a thread, TF32 to the process: the first one in switches it off, the last one out puts it back.
    """
    with ExitStack() as stack:
        stack.enter_context(torch.autocast(device_type, enabled=False))
        stack.enter_context(_without_tf32())
        yield


@contextmanager
def _without_tf32() -> Iterator[None]:
    global _n_inside
    with _in_use:
        if _n_inside == 0:
            _as_found[:] = [(owner, name, getattr(owner, name)) for owner, name, _ in _precisions()]
            for owner, name, full in _precisions():
                setattr(owner, name, full)
        _n_inside += 1
    try:
        yield
    finally:
        with _in_use:
            _n_inside -= 1
            if _n_inside == 0:
                for owner, name, found in _as_found:
                    setattr(owner, name, found)


def _precisions() -> list[tuple[Any, str, Any]]:
    """Every switch that lets a float32 product run in less, with the value that forbids it."""
    backends: list[Any] = [torch.backends.cuda.matmul]
    if hasattr(backends[0], "fp32_precision"):  # newer torch; its old switch complains when both are used
        backends.append(getattr(torch.backends.mkldnn, "matmul", None))
        return [(one, "fp32_precision", "ieee") for one in backends if one is not None]
    return [(backends[0], "allow_tf32", False)]
