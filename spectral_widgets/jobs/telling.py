"""Telling how far long work is: what there is to say, and whom to say it to."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from .progress import Progress

#: A log gets a line at most so often.
LOG_EVERY_S = 5.0
# Of the time that went by: so much passes at least until the next line.
_LATER_PART = 0.05
#: Work that ends sooner is not worth a bar.
PATIENCE_S = 0.5
_BAR_EVERY_S = 0.1
# Whoever waits longer for a first result sees that time goes by.
_WAITING_S = 1.0
_log = logging.getLogger("spectral_widgets")


@dataclass(frozen=True, slots=True)
class Tally:
    """``done`` of ``total`` things, and the share of the work that they were, by which the time left is judged.

    >>> Tally("Measuring", 12, 39, Progress(1.0, 4.0, 3.0, 9.0)).words
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
        left, elapsed = self.progress.remaining_s, self.progress.elapsed_s
        parts = [f"{self.done} of {self.total}"]
        parts += [f"{duration_words(elapsed)} so far"] if not self.done and elapsed >= _WAITING_S else []
        parts += [rate_words(self.rate_per_s)] if self.rate_per_s is not None else []
        parts += [f"{duration_words(left)} left"] if left is not None and self.done < self.total else []
        return " · ".join(parts)


class Listener(Protocol):
    """Someone who is told how far it is, and may ask to stop."""

    @property
    def stop_requested(self) -> bool: ...
    @property
    def ticks(self) -> bool:
        """Whether it wants to hear between the steps too, from another thread; never two calls at once."""

    def tell(self, tally: Tally) -> None: ...
    def tick(self, tally: Tally) -> None: ...
    def end(self, tally: Tally) -> None:
        """The last word; it is not done if it was stopped or failed."""


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
    ticks = False

    def tell(self, tally: Tally) -> None:
        return

    def tick(self, tally: Tally) -> None:
        if self.ticks:
            self.tell(tally)

    def end(self, tally: Tally) -> None:
        return


class Calling(Silent):
    """A function of the user's that gets every :class:`Tally`."""

    def __init__(self, function: Callable[[Tally], object]) -> None:
        self._function = function

    def tell(self, tally: Tally) -> None:
        self._function(tally)


class Logging(Silent):
    """Lines, by default in the log of the package at level INFO: every few seconds, and seldomer in long work."""

    ticks = True

    def __init__(
        self, patience_s: float = LOG_EVERY_S, every_s: float = LOG_EVERY_S, say: Callable[[str], object] | None = None
    ) -> None:
        self._next_s, self._every_s = patience_s, every_s
        self._say: Callable[[str], object] = say or (lambda line: _log.info("%s", line))
        self._said = False

    def tell(self, tally: Tally) -> None:
        elapsed = tally.progress.elapsed_s
        if elapsed >= self._next_s:
            self._said, self._next_s = True, elapsed + max(self._every_s, _LATER_PART * elapsed)
            self._say(f"{tally.label}: {tally.words}")

    def end(self, tally: Tally) -> None:
        if self._said:
            self._say(f"{tally.label}: {outcome_words(tally)}")


class Terminal(Silent):
    """A bar on the terminal's error stream, in the words of the tally; it goes when all is done."""

    ticks = True

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

            # The words stand as the unit: tqdm puts a comma before what it calls a postfix.
            form = "{desc} {percentage:3.0f} %|{bar}| {unit}"
            stream = self._stream or sys.stderr
            words = {"desc": tally.label, "unit": tally.words}
            self._bar = tqdm(total=1.0, bar_format=form, file=stream, dynamic_ncols=True, **words)
        self._bar.n, self._bar.unit = tally.progress.share, tally.words
        self._bar.refresh()


def outcome_words(tally: Tally) -> str:
    """What is left to say at the end: ``39 of 39 in 12 s``."""
    return f"{tally.done} of {tally.total} in {duration_words(tally.progress.elapsed_s)}"
