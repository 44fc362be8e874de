"""Reading and hashing of large tensors that can be given up between two pieces."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_here = threading.local()


class Interrupted(BaseException):
    """What was being read is not wanted any more. No error: nothing may take it for one."""


@contextmanager
def interruptible(is_unwanted: Callable[[], bool]) -> Iterator[None]:
    """While inside, on this thread, :func:`look_up` raises as soon as ``is_unwanted()``."""
    before = getattr(_here, "is_unwanted", None)
    _here.is_unwanted = is_unwanted
    try:
        yield
    finally:
        _here.is_unwanted = before


def look_up() -> None:
    """Called between pieces of work that take some milliseconds each."""
    is_unwanted = getattr(_here, "is_unwanted", None)
    if is_unwanted is not None and is_unwanted():
        raise Interrupted
