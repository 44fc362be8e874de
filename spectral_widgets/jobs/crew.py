"""An executor as it was given, or one that takes its place when it is broken."""

from __future__ import annotations

import logging
import multiprocessing
import reprlib
import sys
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from typing import Any

Executors = Executor | Callable[[], Executor]
#: Tasks on their way at once where it is not known how many workers there are.
UNKNOWN_WIDTH = sys.maxsize
_short = reprlib.repr
_WHAT_TO_GIVE = "give one of concurrent.futures, such as ProcessPoolExecutor(4), or a function that makes one"
_log = logging.getLogger("spectral_widgets")


class NoExecutor(Exception):
    """What was given as executor takes no tasks; the sentence says why."""


class Crew:
    """Who runs the tasks. One that was made here is closed here; a given one stays open.

    Raises ``NoExecutor`` for what is neither an executor nor a function that makes one.
    """

    def __init__(self, executor: Executors) -> None:
        self._made = not _takes_tasks(executor)
        self._make: Callable[[], Executor] = partial(_made_by, executor) if self._made else _like(executor)
        self.executor: Executor = self._make() if self._made else executor  # type: ignore[assignment]

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
    try:
        return _n_of_cluster(executor)
    except Exception:  # a client that was closed raises many types; who gives it a task is told so
        return None


def _n_of_cluster(executor: Executors) -> int | None:
    ncores = getattr(getattr(executor, "_client", None), "ncores", None)  # Dask
    if ncores is not None:
        return max(sum(ncores().values()), 1)
    ids = getattr(getattr(getattr(executor, "view", None), "client", None), "ids", None)  # ipyparallel
    return len(ids) or 1 if ids is not None else None


def _takes_tasks(given: Any) -> bool:
    return hasattr(given, "submit") and not isinstance(given, type)


def _made_by(factory: Any) -> Executor:
    if not callable(factory):
        own = next((name for name in ("get_executor", "executor") if hasattr(factory, name)), None)  # a client's
        advice = f"give what its .{own}() makes" if own else _WHAT_TO_GIVE
        raise NoExecutor(f"executor={_short(factory)} is no executor: {advice}.")
    executor = factory()
    if not _takes_tasks(executor):
        name = getattr(factory, "__name__", _short(factory))
        raise NoExecutor(f"{name} made {_short(executor)} and no executor: {_WHAT_TO_GIVE}.")
    return executor


def _like(executor: Any) -> Callable[[], Executor]:
    workers = getattr(executor, "_max_workers", None) or 1
    return partial(ProcessPoolExecutor, workers, mp_context=multiprocessing.get_context("spawn"))
