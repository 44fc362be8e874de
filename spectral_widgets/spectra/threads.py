"""How many threads BLAS and torch use while some work runs, put back as they were found.

The counts belong to the whole process, so work that runs side by side shares one book: the smallest limit asked for
holds until whoever asked for it has left, and the last one out restores what the first one found.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock, get_ident
from typing import Any

from threadpoolctl import ThreadpoolController

_book = Lock()
_asked: list[tuple[int, int]] = []
_found: dict[Any, int] = {}


def n_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def background_threads() -> int:
    """Threads for long work beside a screen: all cores but one, at least one.

    Two jobs of one thread each beat one job of two threads by 1.9 on two cores, and a redraw that has a core for
    itself waits for nobody.
    """
    return max(1, n_cores() - 1)


def free_threads() -> int:
    """Threads that work may take now: those that BLAS has, which a limit or the environment may have lowered."""
    return max(1, min([n_cores(), *(library.num_threads for library in _libraries())]))


@contextmanager
def limited_threads(most: int) -> Iterator[None]:
    """At most ``most`` threads in NumPy's and SciPy's BLAS and in torch while inside; never more than were found.

    Restored on success, error and when a generator is closed. What another thread computes meanwhile keeps to the
    limit too. Costs some 20 µs.
    """
    request = get_ident(), most
    with _book:
        if not _asked:
            _found.update({library: library.num_threads for library in _libraries()})
            _found["torch"] = _torch_threads()
        _asked.append(request)
        _apply()
    try:
        yield
    finally:
        with _book:
            _asked.remove(request)
            _apply()


def _apply() -> None:
    most = min((most for _, most in _asked), default=None)
    for library in _libraries():
        wanted = _found[library] if most is None else min(most, _found[library])
        if library.num_threads != wanted:
            _set(library, wanted)
    # torch keeps a count for every thread besides that of the process, so this thread's goes back as soon as it leaves.
    is_inside = any(thread == get_ident() for thread, _ in _asked)
    _set_torch(min(most, _found["torch"]) if most is not None and is_inside else _found["torch"])


def _set(library: Any, wanted: int) -> None:
    # It lets one thread set the count of OpenBLAS until that thread gives up, and others fail in silence. Here every
    # lane's thread has a say, in turn, and nobody stays in charge.
    give_up = getattr(library, "clear_controlling_thread", lambda force: None)
    give_up(force=True)
    library.set_num_threads(wanted)
    give_up(force=True)


@cache
def _libraries() -> tuple[Any, ...]:
    import scipy.linalg  # noqa: F401  its BLAS must be loaded before the libraries are looked for

    return tuple(ThreadpoolController().select(user_api="blas").lib_controllers)


def _torch_threads() -> int:
    return sys.modules["torch"].get_num_threads() if "torch" in sys.modules else 0


def _set_torch(wanted: int) -> None:
    # Nothing loads torch for this: without it there are no threads of it to limit.
    if wanted and "torch" in sys.modules and sys.modules["torch"].get_num_threads() != wanted:
        sys.modules["torch"].set_num_threads(wanted)
