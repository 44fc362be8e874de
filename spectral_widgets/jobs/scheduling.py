"""List scheduling on paper: how long recorded tasks take on several workers, the largest first."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Schedule:
    """``makespan_s`` from the first task's start to the last one's end; ``worker_of`` each task, in the given order.

    ``speedup`` is the work of all tasks, without what it takes to send them, over the makespan, and ``efficiency``
    the speedup of one worker.
    """

    n_workers: int
    makespan_s: float
    work_s: float
    worker_of: tuple[int, ...]

    @property
    def speedup(self) -> float:
        return self.work_s / self.makespan_s if self.makespan_s else 1.0

    @property
    def efficiency(self) -> float:
        return self.speedup / self.n_workers


def largest_first(costs: Sequence[float]) -> list[int]:
    """Indexes by falling cost; of equal ones the first goes first.

    >>> largest_first([1, 5, 3, 5])
    [1, 3, 2, 0]
    """
    return sorted(range(len(costs)), key=lambda index: -costs[index])


def schedule(
    seconds: Sequence[float], n_workers: int, *, send_s: float = 0.0, transfer_s: float | Sequence[float] = 0.0
) -> Schedule:
    """Give every task, the largest first, to the worker that is free first.

    ``seconds`` are recorded times of the tasks. ``send_s`` is what the one who gives them out needs for each, one
    after the other; ``transfer_s`` what the worker then needs before it can begin (one number or one a task). Without
    either the makespan is at most ``4/3 − 1/(3n)`` times the best possible and at least
    ``max(Σ seconds / n, max seconds)``. Source: Graham (1969), Bounds on multiprocessing timing anomalies.

    >>> schedule([3, 3, 2, 2, 2], 2).makespan_s
    7.0
    """
    if n_workers < 1 or min(seconds, default=0) < 0 or send_s < 0:
        raise ValueError(f"a schedule needs a worker and no negative time, got {n_workers} workers and {send_s} s")
    extra = [transfer_s] * len(seconds) if isinstance(transfer_s, int | float) else transfer_s
    free = [(0.0, worker) for worker in range(n_workers)]
    sender_s, worker_of = 0.0, [0] * len(seconds)
    for index in largest_first(seconds):
        free_s, worker = heapq.heappop(free)
        sender_s = max(free_s, sender_s) + send_s if send_s else 0.0
        heapq.heappush(free, (max(free_s, sender_s) + extra[index] + seconds[index], worker))
        worker_of[index] = worker
    makespan = max(end for end, _ in free) if seconds else 0.0
    return Schedule(n_workers, makespan, float(sum(seconds)), tuple(worker_of))


def scaling(
    seconds: Sequence[float], counts: Iterable[int], *, send_s: float = 0.0, transfer_s: float | Sequence[float] = 0.0
) -> list[Schedule]:
    """One schedule for every number of workers."""
    return [schedule(seconds, count, send_s=send_s, transfer_s=transfer_s) for count in counts]
