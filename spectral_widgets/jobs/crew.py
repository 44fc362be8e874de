"""An executor as it was given, or one that takes its place when it is broken."""

from __future__ import annotations

import logging
import multiprocessing
import sys
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial

Executors = Executor | Callable[[], Executor]
#: Tasks on their way at once where it is not known how many workers there are.
UNKNOWN_WIDTH = sys.maxsize
_log = logging.getLogger("spectral_widgets")


class Crew:
    """Who runs the tasks. One that was made here is closed here; a given one stays open."""

    def __init__(self, executor: Executors) -> None:
        made = isinstance(executor, type) or not hasattr(executor, "submit")
        self._made = made
        self.executor: Executor = executor() if made else executor  # type: ignore[operator, assignment]
        self._make: Callable[[], Executor] = executor if made else _like(self.executor)  # type: ignore[assignment]

    @property
    def width(self) -> int:
        """Tasks that may be on their way: two a worker, so that none waits for the next; of a cluster all."""
        known = getattr(self.executor, "_max_workers", None)
        return 2 * known if known else UNKNOWN_WIDTH

    @property
    def n_local(self) -> int | None:
        """How many workers share this machine's cores; ``None`` of a cluster, which sees to its own."""
        local = isinstance(self.executor, ProcessPoolExecutor | ThreadPoolExecutor)
        return n_workers(self.executor) if local else None

    def renew(self, n_left: int) -> None:
        """Another executor in place of a broken one."""
        _log.warning("a worker died and its pool takes no more tasks: the remaining %d run on a new pool", n_left)
        self.close(wait=False)
        self.executor, self._made = self._make(), True

    def close(self, *, wait: bool) -> None:
        if self._made:
            self.executor.shutdown(wait=wait, cancel_futures=True)


def n_workers(executor: Executors) -> int | None:
    """How many tasks an executor runs at once; ``None`` where it does not say."""
    known = getattr(executor, "_max_workers", None)
    if known:
        return int(known)
    ncores = getattr(getattr(executor, "_client", None), "ncores", None)  # Dask
    if ncores is not None:
        return max(sum(ncores().values()), 1)
    ids = getattr(getattr(getattr(executor, "view", None), "client", None), "ids", None)  # ipyparallel
    return len(ids) or 1 if ids is not None else None


def _like(executor: Executor) -> Callable[[], Executor]:
    workers = getattr(executor, "_max_workers", None) or 1
    return partial(ProcessPoolExecutor, workers, mp_context=multiprocessing.get_context("spawn"))
