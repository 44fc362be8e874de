"""Steps that end early, within a step, where the job that runs them is not wanted any more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from ..weights.interrupting import Interrupted, interruptible

S = TypeVar("S")


def stoppable_steps(make_steps: Callable[[], Iterator[S]], is_unwanted: Callable[[], bool]) -> Iterator[S | None]:
    """The same steps; for one that is given up the last one comes again, and the caller looks at its flag as always."""
    steps, last = make_steps(), None
    try:
        while True:
            try:
                with interruptible(is_unwanted):
                    last = next(steps)
            except StopIteration:
                return
            except Interrupted:
                break
            yield last
        yield last
    finally:
        close = getattr(steps, "close", None)
        if close is not None:
            close()
