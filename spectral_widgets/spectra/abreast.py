"""Work in other threads: several pieces beside each other, or one that cannot be interrupted; left at any moment."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from threading import Event, Thread
from typing import TypeVar

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
_POLL_S = 0.02


def n_abreast(n_entries: int, n_bytes: int, n_pieces: int) -> int:
    """How many pieces of work, on so many entries and with so many bytes each, should run beside each other now."""
    if n_pieces < 2 or n_entries < MIN_ENTRIES or n_bytes > MOST_BYTES_OF_TWO:
        return 1
    return max(1, min(free_threads(), n_pieces, max(2, MOST_BYTES // n_bytes)))


def beside_steps(work: Callable[[], Result], n_entries: int) -> Steps[Result]:
    """``work()`` on so many entries; where that takes long in a thread, which cannot be stopped but left.

    Then it ends unheard, and errors with it. For calls of up to a second or so without a place to stop in between;
    they should write nowhere. The first call of compiled code is long whatever it works on: it loads the compiler.
    """
    if n_entries < MIN_ENTRIES_BESIDE and "numba" in sys.modules:
        return work()
    done, future = Event(), Future[Result]()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # raised again by whoever waits for it
            future.set_exception(error)
        done.set()

    Thread(target=run, name="beside", daemon=True).start()
    while not done.wait(_POLL_S):
        yield
    return future.result()


def abreast(pieces: Iterable[Callable[[], Steps[Result]]], n_threads: int) -> Iterator[Result | None]:
    """The results of all pieces in order, with ``None`` in between as often as a caller may want to stop.

    With one thread everything runs in the caller's, as many BLAS threads as it has. With more, each piece gets a
    thread of its own and one BLAS thread; closing the iterator ends them at their next step, and waits for that. An
    error of a piece is raised in its place.
    """
    if n_threads == 1:
        for piece in pieces:
            yield from _with_result(piece())
        return
    stop = Event()
    with limited_threads(1), ThreadPoolExecutor(n_threads, "abreast") as pool:
        futures = [pool.submit(_finished, piece, stop) for piece in pieces]
        try:
            for future in futures:
                yield from _awaited(future)
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)


def _with_result(steps: Steps[Result]) -> Iterator[Result | None]:
    yield (yield from steps)


def _finished(piece: Callable[[], Steps[Result]], stop: Event) -> Result | None:
    steps = piece()
    while not stop.is_set():
        try:
            next(steps)
        except StopIteration as end:
            return end.value
    steps.close()
    return None


def _awaited(future: Future[Result | None]) -> Iterator[Result | None]:
    while True:
        try:
            yield future.result(_POLL_S)
            return
        except NotYet:
            if future.done():  # the work's own timeout
                raise
            yield None
