"""One queue, one thread: steps jobs one ``next()`` at a time, urgent ones first."""

from __future__ import annotations

import atexit
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any, TypeVar

from .job import Around, Job

T = TypeVar("T")
IDLE_S = 10.0
_lanes: weakref.WeakSet[Lane] = weakref.WeakSet()


class Lane:
    """A worker for one device. Its daemon thread starts with the first job and ends when idle.

    Between any two steps the lane looks again at what is most wanted: a cancelled job is closed first,
    then an urgent one is stepped, then the oldest. A long job thus pauses while an urgent one runs.
    Generators are created, stepped and closed on one thread; so are all callbacks. Every step, and the closing, runs
    within ``around()``: a limit on threads, for example.
    """

    def __init__(self, name: str, around: Around = nullcontext) -> None:
        self.name = name
        self._around = around
        self._jobs: list[Job[Any]] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        _lanes.add(self)

    def __repr__(self) -> str:
        return f"Lane({self.name!r}, {len(self._jobs)} jobs)"

    def submit(
        self,
        make_steps: Callable[[], Iterator[T]],
        *,
        label: str = "",
        urgent: bool = False,
        on_step: Callable[[Job[T]], object] | None = None,
        on_end: Callable[[Job[T]], object] | None = None,
    ) -> Job[T]:
        """Queue the generator that ``make_steps`` makes; callbacks get the job. RuntimeError once closed."""
        job = Job(make_steps, label, urgent, on_step, on_end, self._around)
        with self._changed:
            if self._closed:
                raise RuntimeError(f"lane {self.name!r} is closed and takes no more jobs")
            self._start_thread()
            assert self._thread is not None
            job._thread = self._thread.ident
            self._jobs.append(job)
            self._changed.notify_all()
        return job

    @property
    def jobs(self) -> tuple[Job[Any], ...]:
        """Jobs that have not ended, oldest first."""
        with self._changed:
            return tuple(self._jobs)

    @property
    def closed(self) -> bool:
        """Whether it takes no more jobs."""
        return self._closed

    def close(self, timeout: float | None = 5.0) -> bool:
        """Cancel every job and end the thread; True when it has ended within ``timeout`` seconds."""
        with self._changed:
            self._closed = True
            for job in self._jobs:
                job.cancel()
            thread = self._thread
            self._changed.notify_all()
        if thread is None or thread is threading.current_thread():
            return thread is None
        thread.join(timeout)
        return not thread.is_alive()

    def _start_thread(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=f"lane-{self.name}", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while (job := self._most_wanted()) is not None:
            job._advance()
            if not job.is_active:
                with self._changed:
                    self._jobs.remove(job)
            # A paused worker must not keep the last job, and with it a model, alive.
            del job

    def _most_wanted(self) -> Job[Any] | None:
        with self._changed:
            while not self._jobs:
                if self._closed or not self._changed.wait(IDLE_S):
                    if self._jobs:
                        break
                    self._thread = None
                    return None
            return min(self._jobs, key=lambda job: (not job.stop_requested, not job.urgent))


@atexit.register
def _close_lanes() -> None:
    """Let every running generator restore what it touched before the interpreter goes."""
    for lane in list(_lanes):
        lane.close(timeout=2.0)
