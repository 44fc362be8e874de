"""Picklable tasks on any executor: the largest first, results as they come, and a dead worker costs its own tasks."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from .crew import Crew, Executors, NoExecutor
from .guarding import Outcome, guarded
from .scheduling import largest_first

T = TypeVar("T")
R = TypeVar("R")

#: A task is given to a worker at most so many times.
MOST_ATTEMPTS = 3
#: Payloads on their way take at most this much memory together, or one of them more.
MOST_BYTES = 1 << 30
#: A cluster that raises one of these has itself tried again on other workers.
_FINAL = ("KilledWorker",)
_POLL_S = 0.1
_log = logging.getLogger("spectral_widgets")


@dataclass(frozen=True, slots=True)
class Lost:
    """A task without a result, and the sentence that says why; ``reason`` is the last error alone."""

    sentence: str
    reason: str


def run_steps(
    function: Callable[[T], R],
    payload_of: Callable[[int], T],
    costs: Sequence[float],
    executor: Executors,
    *,
    sizes: Sequence[float] | None = None,
    stop: Callable[[], bool] = lambda: False,
    tick: Callable[[], None] = lambda: None,
    shared: Callable[[Callable[[T], R], int], Callable[[T], R]] | None = None,
) -> Iterator[tuple[int, R | Lost]]:
    """Run ``function(payload_of(k))`` for every ``k`` and yield ``(k, result)`` in the order in which they end.

    ``costs`` are in any unit; the dearest starts first (Graham 1969). ``executor`` is any
    ``concurrent.futures.Executor``, or a function that makes one, which is then also closed here. ``function`` is
    found by its name on the other side, so it belongs to a module. A payload is made when it is sent; ``sizes`` in
    bytes bound how many are on their way together. ``shared(function, n)`` runs in its place where ``n`` workers
    share this machine. ``tick()`` is called every moment in which nothing comes.

    A worker that dies costs the tasks that it had: these are given out again, at most three times each, then
    yielded as ``Lost``. After the death of a worker a ``ProcessPoolExecutor`` takes nothing more: the rest runs on
    a new one, and what may have killed the old one alone. An error of ``function`` itself is raised here, and
    ``NoExecutor`` where the executor takes no task. Closing the generator, an interrupt and ``stop()`` cancel what
    waits.
    """
    crew = Crew(executor)
    if shared is not None and crew.n_local is not None:
        function = shared(function, crew.n_local)
    run = _Run(function, payload_of, costs, crew, sizes, stop, tick)
    try:
        yield from run.steps()
    finally:
        run.close()


class _Run(Generic[T, R]):
    def __init__(
        self,
        function: Callable[[T], R],
        payload_of: Callable[[int], T],
        costs: Sequence[float],
        crew: Crew,
        sizes: Sequence[float] | None,
        stop: Callable[[], bool],
        tick: Callable[[], None],
    ) -> None:
        self._function, self._payload_of, self._crew = function, payload_of, crew
        self._stop, self._tick = stop, tick
        self._sizes = [0.0] * len(costs) if sizes is None else sizes
        self._waiting = deque(largest_first(costs))
        self._flying: dict[int, Future[Outcome]] = {}
        self._arrived: SimpleQueue[tuple[int, Future[Outcome]]] = SimpleQueue()
        self._attempts: Counter[int] = Counter()
        self._suspects: set[int] = set()
        self._broken = self._ended = False

    def steps(self) -> Iterator[tuple[int, R | Lost]]:
        while self._waiting or self._flying:
            self._send()
            arrival = self._next()
            if arrival is None:
                return
            yield from self._received(*arrival)
        self._ended = True

    def close(self) -> None:
        """Cancel what waits; what runs ends by itself, unheard."""
        for future in self._flying.values():
            future.cancel()
        self._crew.close(wait=self._ended)

    def _send(self) -> None:
        if self._broken and not self._flying and self._waiting:
            self._crew.renew(len(self._waiting))
            self._broken = False
        while self._waiting and self._may_start(self._waiting[0]):
            index = self._waiting.popleft()
            self._attempts[index] += 1
            future = self._submitted(self._payload_of(index))
            self._flying[index] = future
            future.add_done_callback(partial(self._arrive, index))
            if future.done():
                return

    def _submitted(self, payload: T) -> Future[Outcome]:
        try:
            return self._crew.executor.submit(guarded, self._function, payload)
        except BrokenExecutor as error:
            future: Future[Outcome] = Future()
            future.set_exception(error)
            return future
        except Exception as error:  # one that was shut down raises what its library likes to
            raise NoExecutor(f"The executor takes no task ({_words(error)}): give one that is open.") from error

    def _arrive(self, index: int, future: Future[Outcome]) -> None:
        self._arrived.put((index, future))

    def _may_start(self, index: int) -> bool:
        if not self._flying:
            return True
        held = sum(self._sizes[other] for other in self._flying)
        if self._broken or len(self._flying) >= self._crew.width:
            return False
        alone = index in self._suspects or not self._suspects.isdisjoint(self._flying)
        return not alone and held + self._sizes[index] <= MOST_BYTES

    def _next(self) -> tuple[int, Future[Outcome]] | None:
        while not self._stop():
            try:
                return self._arrived.get(timeout=_POLL_S)
            except Empty:
                self._tick()
        return None

    def _received(self, index: int, future: Future[Outcome]) -> Iterator[tuple[int, R | Lost]]:
        del self._flying[index]
        try:
            outcome = future.result()
        except Exception as error:  # not from the task, which is guarded, but from whoever was to run it
            yield from self._lost(index, error)
            return
        self._suspects.discard(index)
        if outcome.error is not None:
            raise outcome.error
        yield index, outcome.result

    def _lost(self, index: int, error: Exception) -> Iterator[tuple[int, Lost]]:
        broken = isinstance(error, BrokenExecutor)
        if broken:
            self._suspects.add(index)
            self._broken = True
        if self._attempts[index] >= MOST_ATTEMPTS or type(error).__name__ in _FINAL:
            self._suspects.discard(index)
            yield index, _lost(error, self._attempts[index])
            return
        if not broken:
            _log.warning("a task was lost with its worker (%s) and is given out again", type(error).__name__)
        self._waiting.appendleft(index)


def _lost(error: Exception, attempts: int) -> Lost:
    reason = _words(error)
    often = "several times" if type(error).__name__ in _FINAL else f"{attempts} times"
    return Lost(f"It was given to workers {often} and none of them came back with it ({reason}).", reason)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {(str(error).strip().splitlines() or ['no reason was given'])[0].rstrip('.')}"
