"""Work that needs much memory takes turns: what is set aside for something more urgent gives back all that it held."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, TypeVar

from ..spectra.abreast import left_steps

S = TypeVar("S")
R = TypeVar("R")


class Turns:
    """At most one piece of large work at a time, of those that are stepped on one thread."""

    def __init__(self) -> None:
        self._now: Generator[Any, None, Any] | None = None

    def alone(self, make_steps: Callable[[], Generator[S, None, R]]) -> Generator[S, None, R]:
        """The steps and result of ``make_steps()``.

        When other work asks to be alone between two steps, these are closed, which frees what they hold; they are
        made anew when it is their turn again.
        """
        while True:
            steps = make_steps()
            self._give_way_to(steps)
            try:
                # What was closed may have left a call that cannot be stopped, and that holds a matrix.
                yield from left_steps()  # type: ignore[misc]
                while self._now is steps:
                    try:
                        step = next(steps)
                    except StopIteration as stop:
                        return stop.value
                    yield step
            finally:
                steps.close()
                if self._now is steps:
                    self._now = None

    def _give_way_to(self, steps: Generator[Any, None, Any] | None) -> None:
        before, self._now = self._now, steps
        if before is not None:
            before.close()
