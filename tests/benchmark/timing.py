"""Seconds of several sides that take turns, by two clocks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time
from typing import Any

from .rows import Row

CLOCKS: dict[str, Callable[[], float]] = {"processor": process_time, "wall": perf_counter}
#: A side that takes less is repeated within its turn: shorter times are mostly what the machine did meanwhile.
LEAST_S = 0.05


class Stopwatch:
    """Seconds by clock between :meth:`start` and :meth:`stop`, summed."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(CLOCKS, 0.0)

    def start(self) -> None:
        self._since = {clock: now() for clock, now in CLOCKS.items()}

    def stop(self) -> None:
        for clock, now in CLOCKS.items():
            self.seconds[clock] += now() - self._since[clock]

    def __enter__(self) -> Stopwatch:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


@dataclass(frozen=True, slots=True)
class Side:
    """One way to do the work on an item. Its seconds are multiplied by ``factor``, where it does a part of the work.

    ``warm`` runs it once before it counts; work of many seconds has little to gain from that.
    """

    work: Callable[[Any], object]
    factor: float = 1.0
    warm: bool = True


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds by clock and side, one number per round."""

    seconds: dict[str, dict[str, list[float]]]

    def ratios(self, peer: str, ours: str, clock: str) -> tuple[float, ...]:
        """How many times longer ``peer`` took, round by round."""
        sides = self.seconds[clock]
        return tuple(one / other for one, other in zip(sides[peer], sides[ours], strict=True))

    def row(
        self,
        name: str,
        ours: str,
        peer: str,
        clock: str = "processor",
        says: dict[str, str] | None = None,
        **fields: Any,
    ) -> Row:
        """The ratio of ``peer`` to ``ours`` as a row; ``says`` are other words for the sides."""
        sides, words = self.seconds[clock], says or {}
        return Row(
            name,
            words.get(ours, ours),
            words.get(peer, peer),
            self.ratios(peer, ours, clock),
            clock=clock,
            ours_s=median(sides[ours]),
            peer_s=median(sides[peer]),
            **fields,
        )


def interleaved(sides: dict[str, Side], rounds: int, items: Sequence[Any] = (None,)) -> Times:
    """Time every side on every item, the sides by turns on each, forwards and backwards in alternate rounds."""
    repeats = {(side, k): _repeats(one, item) for k, item in enumerate(items) for side, one in sides.items()}
    seconds: dict[str, dict[str, list[float]]] = {clock: {side: [] for side in sides} for clock in CLOCKS}
    for number in range(rounds):
        totals = {side: dict.fromkeys(CLOCKS, 0.0) for side in sides}
        for k, item in enumerate(items):
            for side in list(sides)[:: 1 if number % 2 == 0 else -1]:
                for clock, value in _timed(sides[side], item, repeats[side, k]).items():
                    totals[side][clock] += value
        for side in sides:
            for clock in CLOCKS:
                seconds[clock][side].append(totals[side][clock])
    return Times(seconds)


def _repeats(side: Side, item: object) -> int:
    """How often the side is to be run in its turn, from a second run of it."""
    if not side.warm:
        return 1
    if (first := _timed(side, item, 1)["wall"]) < 10 * LEAST_S:
        first = _timed(side, item, 1)["wall"]
    return max(1, math.ceil(LEAST_S * side.factor / max(first, 1e-6)))


def _timed(side: Side, item: object, repeats: int) -> dict[str, float]:
    with Stopwatch() as watch:
        for _ in range(repeats):
            side.work(item)
    return {clock: side.factor * value / repeats for clock, value in watch.seconds.items()}
