"""One piece of long work: a generator that a lane steps, seen from outside."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Generic, Literal, TypeVar

T = TypeVar("T")
#: What every step runs within, such as a limit on threads; entered on the lane's thread, left before anyone is told.
Around = Callable[[], AbstractContextManager[object]]
State = Literal["waiting", "running", "done", "cancelled", "failed"]
GRACE_S = 10.0
_END: Any = object()
_log = logging.getLogger(__name__)


class Job(Generic[T]):
    """A submitted generator: its state, its last result, and the two verbs ``cancel`` and ``wait``."""

    def __init__(
        self,
        make_steps: Callable[[], Iterator[T]],
        label: str = "",
        urgent: bool = False,
        on_step: Callable[[Job[T]], object] | None = None,
        on_end: Callable[[Job[T]], object] | None = None,
        around: Around = nullcontext,
    ) -> None:
        self.label = label
        self.urgent = urgent
        self.state: State = "waiting"
        self.last: T | None = None
        self.error: BaseException | None = None
        self._make_steps: Callable[[], Iterator[T]] | None = make_steps
        self._steps: Iterator[T] | None = None
        self._on_step = on_step
        self._on_end = on_end
        self._around = around
        self._stop = threading.Event()
        self._ended = threading.Event()
        self._thread: int | None = None
        self._began_s: float | None = None
        self._ended_s: float | None = None

    def __repr__(self) -> str:
        return f"Job({self.label!r}, {self.state}, {self.elapsed_s:.1f} s)"

    @property
    def is_active(self) -> bool:
        """True until the job is done, cancelled or failed."""
        return self.state in ("waiting", "running")

    @property
    def stop_requested(self) -> bool:
        return self._stop.is_set()

    @property
    def elapsed_s(self) -> float:
        """Seconds from the first step to the end, or to now; 0 while waiting."""
        if self._began_s is None:
            return 0.0
        return (time.monotonic() if self._ended_s is None else self._ended_s) - self._began_s

    def cancel(self) -> None:
        """Ask the job to stop before its next step; harmless when it has ended."""
        self._stop.set()

    def rest(self, seconds: float) -> None:
        """Leave the processor and the interpreter to others for this time; ends at once when the job is cancelled."""
        self._stop.wait(seconds)

    def ends_within(self, seconds: float) -> bool:
        """Whether the job has ended, or does so in this time; on its own lane, which would wait for itself, at once."""
        return self._ended.wait(0.0 if self._thread == threading.get_ident() else seconds)

    def wait(self, timeout: float | None = None) -> T | None:
        """The last result, once the job has ended; of a cancelled job, the last one it reached.

        A KeyboardInterrupt here cancels the job, gives it up to 10 s to close its generator, and is
        raised again: an interrupted cell leaves nothing running and nothing changed.
        Raises the job's own error, and TimeoutError after ``timeout`` seconds.
        """
        if self._thread != threading.get_ident():
            self._await_end(timeout)
        elif self.is_active:
            raise RuntimeError("a job cannot be waited for on its own lane: it would wait for ever")
        if self.error is not None:
            raise self.error
        return self.last

    def _await_end(self, timeout: float | None) -> None:
        try:
            ended = self._ended.wait(timeout)
        except KeyboardInterrupt:
            self.cancel()
            self._ended.wait(GRACE_S)
            raise
        if not ended:
            raise TimeoutError(f"{self.label or 'the job'} is still {self.state} after {timeout} s")

    def _advance(self) -> None:
        """One step on the lane's thread, or the end."""
        try:
            if self.stop_requested:
                return self._finish("cancelled")
            with self._around():
                if self._steps is None:
                    self._begin()
                step = next(self._steps, _END)  # type: ignore[arg-type]
        except BaseException as error:
            self.error = error
            return self._finish("failed")
        if step is _END:
            return self._finish("done")
        self.last = step
        return self._tell(self._on_step)

    def _begin(self) -> None:
        assert self._make_steps is not None
        self.state, self._began_s = "running", time.monotonic()
        self._steps = self._make_steps()

    def _finish(self, outcome: State) -> None:
        try:
            close = getattr(self._steps, "close", None)
            if close is not None:
                with self._around():
                    close()
        except BaseException as error:
            self.error = self.error or error
            outcome = "failed"
        # The generator's frame and the closure may hold whole weight matrices: let go of them.
        self._steps = self._make_steps = None
        self._ended_s = time.monotonic()
        self.state = outcome
        self._tell(self._on_end)
        self._on_step = self._on_end = None
        self._ended.set()

    def _tell(self, callback: Callable[[Job[T]], object] | None) -> None:
        if callback is None:
            return
        try:
            callback(self)
        except BaseException:
            _log.exception("a callback of job %r failed; the job goes on", self.label)
