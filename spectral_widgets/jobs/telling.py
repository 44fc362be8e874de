"""Telling how far long work is: what there is to say, and whom to say it to."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from .progress import Progress, progress_of

T = TypeVar("T")
#: A log gets a line at most so often.
LOG_EVERY_S = 5.0
#: Work that ends sooner is not worth a bar.
PATIENCE_S = 0.5
_BAR_EVERY_S = 0.1
_log = logging.getLogger("spectral_widgets")


@dataclass(frozen=True, slots=True)
class Tally:
    """``done`` of ``total`` things, and the share of the work that they were, by which the time left is judged.

    >>> Tally("Measuring", 12, 39, progress_of(1, 4, 3.0)).words
    '12 of 39 · 4.0/s · 9.0 s left'
    """

    label: str
    done: int
    total: int
    progress: Progress

    @property
    def rate_per_s(self) -> float | None:
        """Things per second so far; ``None`` while there is none."""
        return self.done / self.progress.elapsed_s if self.done and self.progress.elapsed_s > 0 else None

    @property
    def words(self) -> str:
        left = self.progress.remaining_s
        parts = [f"{self.done} of {self.total}"]
        parts += [rate_words(self.rate_per_s)] if self.rate_per_s is not None else []
        parts += [f"{duration_words(left)} left"] if left is not None and self.done < self.total else []
        return " · ".join(parts)


class Listener(Protocol):
    """Someone who is told how far it is, and may ask to stop."""

    @property
    def stop_requested(self) -> bool: ...
    def tell(self, tally: Tally) -> None: ...
    def end(self, tally: Tally) -> None:
        """The last word; it is not done if it was stopped or failed."""


def told_steps(
    steps: Iterator[tuple[int, T]],
    label: str,
    costs: Sequence[float],
    listener: Listener,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[tuple[int, T]]:
    """Pass ``(index, result)`` on and tell after each; ends early once the listener asks to stop."""
    start_s, total = clock(), float(sum(costs))
    n_done, done = 0, 0.0

    def tally() -> Tally:
        return Tally(label, n_done, len(costs), progress_of(min(done, total), total, max(clock() - start_s, 0.0)))

    listener.tell(tally())
    try:
        for index, result in steps:
            n_done, done = n_done + 1, done + costs[index]
            listener.tell(tally())
            yield index, result
            if listener.stop_requested:
                return
    finally:
        listener.end(tally())


def duration_words(seconds: float) -> str:
    """A time in two digits or so: ``9.0 s``, ``75 s``, ``12 min``, ``3.5 h``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def rate_words(per_second: float) -> str:
    """A rate in the unit that gives a number of at least one: ``3.1/s``, ``12/min``, ``2.0/h``."""
    for unit, times in (("s", 1.0), ("min", 60.0), ("h", 3600.0)):
        if per_second * times >= 1 or unit == "h":
            break
    rate = per_second * times
    return f"{rate:.1f}/{unit}" if rate < 10 else f"{rate:.0f}/{unit}"


class Silent:
    """Nobody listens."""

    stop_requested = False

    def tell(self, tally: Tally) -> None:
        return

    def end(self, tally: Tally) -> None:
        return


class Calling(Silent):
    """A function of the user's that gets every :class:`Tally`."""

    def __init__(self, function: Callable[[Tally], object]) -> None:
        self._function = function

    def tell(self, tally: Tally) -> None:
        self._function(tally)


class Logging(Silent):
    """A line in the log of the package at level INFO, every few seconds."""

    def __init__(self, every_s: float = LOG_EVERY_S) -> None:
        self._every_s, self._said_s = every_s, 0.0

    def tell(self, tally: Tally) -> None:
        if tally.progress.elapsed_s - self._said_s >= self._every_s:
            self._said_s = tally.progress.elapsed_s
            _log.info("%s: %s", tally.label, tally.words)

    def end(self, tally: Tally) -> None:
        if self._said_s:
            _log.info("%s: %s", tally.label, outcome_words(tally))


class Terminal(Silent):
    """A bar on the terminal's error stream, in the words of the tally; it goes when all is done."""

    def __init__(self, patience_s: float = PATIENCE_S, stream: Any = None) -> None:
        self._patience_s, self._stream = patience_s, stream
        self._bar: Any = None
        self._said_s = float("-inf")

    def tell(self, tally: Tally) -> None:
        elapsed = tally.progress.elapsed_s
        if elapsed < self._patience_s or elapsed - self._said_s < _BAR_EVERY_S:
            return
        self._said_s = elapsed
        self._show(tally)

    def end(self, tally: Tally) -> None:
        if self._bar is not None:
            self._show(tally)
            self._bar.leave = tally.done < tally.total
            self._bar.close()

    def _show(self, tally: Tally) -> None:
        if self._bar is None:
            from tqdm import tqdm  # type: ignore[import-untyped]

            form = "{desc} {percentage:3.0f} %|{bar}| {postfix}"
            stream = self._stream or sys.stderr
            self._bar = tqdm(total=1.0, bar_format=form, file=stream, dynamic_ncols=True, desc=tally.label)
        self._bar.n = tally.progress.share
        self._bar.set_postfix_str(tally.words, refresh=True)


def outcome_words(tally: Tally) -> str:
    """What is left to say at the end: ``39 of 39 in 12 s``."""
    return f"{tally.done} of {tally.total} in {duration_words(tally.progress.elapsed_s)}"
