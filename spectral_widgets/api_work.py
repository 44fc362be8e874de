"""The door behind long calls: many items here or on an executor, with progress, and nothing lost by an interrupt."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import partial
from importlib import import_module
from typing import Any, TypeVar

from .api_progress import Progress, listener_for
from .jobs import Executors, Lost, NoExecutor, Telling, run_steps, told_steps
from .records import Complaint, Interrupted
from .spectra.threads import limited_threads, n_cores

_TO_BE_FOUND = (
    "define its classes and functions in a module that workers can import, not in a cell, "
    "or install cloudpickle here and on the workers"
)
T = TypeVar("T")
R = TypeVar("R")


def spread_steps(
    function: Callable[[T], R],
    items: Sequence[Any],
    costs: Sequence[float],
    payload_of: Callable[[Any], T],
    label: str,
    executor: Executors | None,
    progress: Progress,
    sizes: Sequence[float] | None = None,
) -> Iterator[tuple[int, R | Lost]]:
    """``(k, function(payload_of(items[k])))`` for all items: in their order here, or largest first on an executor."""
    listener = listener_for(progress)
    if executor is None:
        here = ((k, function(payload_of(one))) for k, one in enumerate(items))
        yield from told_steps(here, label, costs, listener)
        return
    telling = Telling(label, costs, listener)
    steps = run_steps(
        function,
        lambda k: payload_of(items[k]),
        costs,
        executor,
        sizes=sizes,
        stop=lambda: listener.stop_requested,
        tick=telling.tick,
        shared=_sharing,
    )
    yield from telling.steps(_checked(steps))


def _sharing(function: Callable[[T], R], n_workers: int) -> Callable[[T], R]:
    return partial(on_threads, function, max(1, n_cores() // n_workers))


def on_threads(function: Callable[[T], R], n_threads: int, payload: T) -> R:
    """``function(payload)`` on so many threads of BLAS and torch, on the worker's side."""
    with limited_threads(n_threads):
        return function(payload)


def _checked(steps: Iterator[tuple[int, R | Lost]]) -> Iterator[tuple[int, R | Lost]]:
    """The steps; where no task was taken or none came back, the executor is to blame and the reason is told."""
    n_done, lost = 0, None
    try:
        for index, result in steps:
            n_done += not isinstance(result, Lost)
            lost = result if isinstance(result, Lost) else lost
            yield index, result
    except NoExecutor as error:
        raise Complaint(str(error)) from error
    if lost is not None and not n_done:
        raise Complaint(f"The executor's workers brought nothing back ({lost.reason}): try it with one small matrix.")


def in_order(steps: Iterator[tuple[int, R]]) -> Generator[tuple[int, R]]:
    """The same by rising index, each as soon as all before it are there."""
    arrived: dict[int, R] = {}
    n_seen = 0
    for index, result in steps:
        arrived[index] = result
        while n_seen in arrived:
            yield n_seen, arrived.pop(n_seen)
            n_seen += 1


def last_of(steps: Generator[R], first: R, partial: Callable[[R], Any], is_whole: Callable[[R], bool], what: str) -> R:
    """The last step. What was found comes along in ``Interrupted`` where the steps are interrupted or cancelled."""
    last = first
    try:
        for step in steps:
            last = step
    except KeyboardInterrupt as interrupt:
        steps.close()
        raise _interrupted(what, partial(last)) from interrupt
    if not is_whole(last):
        raise _interrupted(what, partial(last))
    return last


def heard(
    steps: Iterator[R],
    n_steps: int,
    label: str,
    what: str,
    progress: Progress,
    partial: Callable[[R | None], Any] = lambda found: found,
) -> R:
    """The last of about ``n_steps`` growing results, told on the way; ``Interrupted.partial`` is the result so far."""
    is_ended = False

    def counted() -> Iterator[tuple[int, R]]:
        nonlocal is_ended
        for count, one in enumerate(steps, 1):
            is_ended = count >= n_steps
            yield min(count, n_steps) - 1, one
        is_ended = True

    told = told_steps(counted(), label, [1.0] * n_steps, listener_for(progress))
    results: Generator[R | None] = (one for _, one in told)
    last = last_of(results, None, partial, lambda _: is_ended, what)
    assert last is not None
    return last


def latest(steps: Iterable[R | None]) -> Iterator[R | None]:
    """At each step what the steps have given last."""
    last: R | None = None
    for one in steps:
        last = one if one is not None else last
        yield last


def _interrupted(what: str, partial: Any) -> Interrupted:
    return Interrupted(f"{what} was stopped; what was found until then is in the exception's .partial.", partial)


def pickled(value: Any, what: str) -> bytes:
    """The value in bytes, with classes of a notebook's cells where cloudpickle is installed (Dask brings it).

    Raises ``Complaint`` where it cannot be sent to another process.
    """
    try:
        pickler = import_module("cloudpickle")
    except ImportError:
        pickler = pickle
    try:
        return pickler.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # pickle raises many types
        advice = f"{_TO_BE_FOUND}." if pickler is pickle else "take out of it what cannot be pickled."
        raise Complaint(f"{what} cannot be sent to a worker ({error}): {advice}") from error


def unpickled(content: bytes, what: str) -> Any:
    """The value, on the worker's side. Raises ``Complaint`` where its classes are not to be had there."""
    try:
        return pickle.loads(content)
    except (AttributeError, ImportError) as error:
        raise Complaint(f"{what} cannot be read by a worker ({error}): {_TO_BE_FOUND}.") from error
