"""Work in other threads: several pieces beside each other, or one that cannot be interrupted; left at any moment."""

from __future__ import annotations

import atexit
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from threading import Event, Thread
from typing import Generic, TypeVar

from .threads import free_threads, limited_threads

Result = TypeVar("Result")
#: A piece of work: yields ``None`` where it may be left, and returns its result.
Steps = Generator[None, None, Result]

#: Work on fewer entries gains little from a second thread.
MIN_ENTRIES = 1 << 18
#: Work on this many entries takes long enough to be left in between.
MIN_ENTRIES_BESIDE = 1 << 20
#: More than two pieces take at most this much memory together, and two at most this much each.
MOST_BYTES, MOST_BYTES_OF_TWO = 1 << 28, 1 << 30
#: The interpreter waits so long at its end for calls that cannot be stopped: under some of them it would crash.
EXIT_S = 10.0
_POLL_S = 0.02
_running: set[_Call] = set()
_left: set[_Call] = set()
_leaving = Event()


def n_abreast(n_entries: int, n_bytes: float, n_pieces: int) -> int:
    """How many pieces of work, on so many entries and with so many bytes each, should run beside each other now."""
    if n_pieces < 2 or n_entries < MIN_ENTRIES or n_bytes > MOST_BYTES_OF_TWO:
        return 1
    return max(1, min(free_threads(), n_pieces, max(2, int(MOST_BYTES / n_bytes))))


def beside_steps(work: Callable[[], Result], n_entries: int, least: int = MIN_ENTRIES_BESIDE) -> Steps[Result]:
    """``work()`` on so many entries; where that takes long in a thread, which cannot be stopped but left.

    From ``least`` entries on it does: what goes through each entry a few times only takes more of them.

    Then it ends unheard, and errors with it; the next call waits for that, so that no more than one is under way in
    vain. For calls of a second or so without a place to stop in between. The first call of compiled code is long
    whatever it works on: it loads the compiler.
    """
    if n_entries < least and "numba" in sys.modules:
        return work()
    yield from left_steps()
    call = _Call(work, "beside")
    try:
        while not call.wait(_POLL_S):
            yield
    except GeneratorExit:
        call.leave()
        raise
    return call.result()


def left_steps() -> Steps[None]:
    """Until all calls that were left have ended, and what they hold is gone."""
    while any(not one.wait(_POLL_S) for one in tuple(_left)):
        yield


def abreast(pieces: Iterable[Callable[[], Steps[Result]]], n_threads: int) -> Iterator[Result | None]:
    """The results of all pieces in order, with ``None`` in between as often as a caller may want to stop.

    With one thread everything runs in the caller's, as many BLAS threads as it has. With more, each piece gets a
    thread of its own, and BLAS has one in the whole process until the iterator is closed; closing ends all pieces at
    their next step, and waits for that. An error of a piece is raised in its place.
    """
    if n_threads == 1:
        for piece in pieces:
            yield from _with_result(piece())
        return
    stop = Event()
    calls = [_Call(partial(_finished, piece, stop), "abreast", start=False) for piece in pieces]
    waiting = deque(calls)
    threads = [Thread(target=_work, args=(waiting, stop), name="abreast", daemon=True) for _ in range(n_threads)]
    with ExitStack() as stack:
        stack.enter_context(limited_threads(1))
        stack.callback(_ended, threads, calls)
        stack.callback(stop.set)
        for thread in threads:
            thread.start()
        for call in calls:
            while not call.wait(_POLL_S) or _leaving.is_set():
                yield None
            yield call.result()


class _Call(Generic[Result]):
    """A call in another thread, and what became of it."""

    def __init__(self, work: Callable[[], Result], name: str, *, start: bool = True) -> None:
        self._work: Callable[[], Result] | None = work
        self._done = Event()
        self._result: Result | None = None
        self._error: BaseException | None = None
        if start:
            _running.add(self)
            Thread(target=self.run, name=name, daemon=True).start()

    def run(self) -> None:
        """Do the work, here and now."""
        work, self._work = self._work, None
        _running.add(self)
        try:
            assert work is not None
            self._result = work()
        except BaseException as error:  # raised again by whoever waits for it
            self._error = error
        finally:
            # What the work held is let go of before anybody hears of its end.
            del work
            if self in _left:
                self.forget()
            _running.discard(self)
            _left.discard(self)
            self._done.set()

    def wait(self, seconds: float) -> bool:
        """Whether it has ended, within so many seconds."""
        return self._done.wait(seconds)

    def leave(self) -> None:
        """Nobody waits for it any longer."""
        _left.add(self)
        if self._done.is_set():
            _left.discard(self)
            self.forget()

    def forget(self) -> None:
        """Let go of what came of it: an error holds the frames that it came through, and they this call."""
        self._result = self._error = None

    def result(self) -> Result:
        """What came of it, once."""
        result, error = self._result, self._error
        self.forget()
        try:
            if error is not None:
                raise error
            return result  # type: ignore[return-value]
        finally:
            del result, error


def _with_result(steps: Steps[Result]) -> Iterator[Result | None]:
    yield (yield from steps)


def _work(waiting: deque[_Call[Result]], stop: Event) -> None:
    while True:
        try:
            call = waiting.popleft()
        except IndexError:
            return
        call.run()


def _finished(piece: Callable[[], Steps[Result]], stop: Event) -> Result | None:
    if stop.is_set() or _leaving.is_set():
        return None
    steps = piece()
    while not (stop.is_set() or _leaving.is_set()):
        try:
            next(steps)
        except StopIteration as end:
            return end.value
    steps.close()
    return None


def _ended(threads: Iterable[Thread], calls: Iterable[_Call[Result]]) -> None:
    for thread in threads:
        thread.join()
    for call in calls:
        call.forget()


@atexit.register
def _end_all() -> None:
    """Pieces end at their next step, calls by themselves."""
    _leaving.set()
    for call in tuple(_running):
        call.wait(EXIT_S)
