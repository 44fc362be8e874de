"""Telling how far steps are: after each of them, and in between, so that nobody looks at an empty or a stale line."""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from .progress import progress_of
from .telling import Listener, Tally

T = TypeVar("T")
TICK_S = 0.25


class Telling:
    """Tells ``listener`` how far steps of these ``costs``, in any unit, are."""

    def __init__(
        self, label: str, costs: Sequence[float], listener: Listener, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._label, self._costs, self._listener, self._clock = label, costs, listener, clock
        self._total, self._start_s = float(sum(costs)), clock()
        self._n_done, self._done, self._last_s = 0, 0.0, 0.0
        self._lock, self._ended = threading.RLock(), False

    def steps(self, steps: Iterator[tuple[int, T]]) -> Iterator[tuple[int, T]]:
        """Pass ``(index, result)`` on and tell after each; ends early once the listener asks to stop."""
        with self._lock:
            self._listener.tell(self._tally())
        try:
            for index, result in steps:
                with self._lock:
                    self._n_done, self._done = self._n_done + 1, self._done + self._costs[index]
                    self._last_s = self._elapsed_s()
                    self._listener.tell(self._tally())
                yield index, result
                if self._listener.stop_requested:
                    return
        finally:
            with self._lock:
                self._ended = True
                self._listener.end(self._tally())

    def tick(self) -> None:
        """Time went by; from any thread, at any time."""
        with self._lock:
            if not self._ended:
                self._listener.tick(self._tally())

    def _elapsed_s(self) -> float:
        return max(self._clock() - self._start_s, 0.0)

    def _tally(self) -> Tally:
        elapsed = self._elapsed_s()
        since = max(elapsed - self._last_s, 0.0) if self._n_done else 0.0
        progress = progress_of(min(self._done, self._total), self._total, elapsed, since)
        return Tally(self._label, min(self._n_done, len(self._costs)), len(self._costs), progress)


def told_steps(
    steps: Iterator[tuple[int, T]],
    label: str,
    costs: Sequence[float],
    listener: Listener,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[tuple[int, T]]:
    """Pass ``(index, result)`` on, and tell after each and every moment between them; see :class:`Telling`."""
    telling = Telling(label, costs, listener, clock)
    with ticking(telling.tick) if listener.ticks else _quiet():
        yield from telling.steps(steps)


@contextmanager
def ticking(tick: Callable[[], None], every_s: float = TICK_S) -> Iterator[None]:
    """Call ``tick`` from a thread of its own, which knows the running cell of a notebook as this one does."""
    ended = threading.Event()

    def run() -> None:
        while not ended.wait(every_s):
            tick()

    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(run,), name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        if thread is not threading.current_thread():  # which may have collected an abandoned generator
            thread.join()


@contextmanager
def _quiet() -> Iterator[None]:
    yield
