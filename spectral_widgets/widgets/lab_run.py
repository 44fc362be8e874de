"""A lab at work, without a page: the dials, the draw they set off, and what of it is shown."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from ..jobs import Job, Lane
from ..labs import Lab
from .actions import sentence_of
from .lab_state import LabState
from .protocol import message
from .views.lab import complete_view, drawn_view, lesson_view

Send = Callable[..., object]
#: The first result of a draw is shown at once; those that follow not more often than this.
REDRAW_S = 0.1
#: Time that the page has for the first result before the draw goes on. Steps would take it a processor, and every hop
#: of the message through the threads of the kernel would wait for the interpreter.
FIRST_SHOWN_S = 0.06


class LabRun:
    """One lab on one lane. A change of a dial cancels the draw that runs and starts another.

    ``send(message, buffers)`` and ``publish(state)`` may be called from any thread.
    """

    def __init__(self, lab: Lab, state: LabState, send: Send, publish: Callable[[dict[str, Any]], object]) -> None:
        self.lab, self.state = lab, state
        self.record: Any = None
        self.is_complete = False
        self._send, self._publish = send, publish
        self._lane = Lane(f"lab {lab.name}")
        self._lock = threading.RLock()
        self._run = 0
        self._known: set[str] = set()
        self._shown_s = 0.0
        self._begun = threading.Event()
        self._job = self._start()

    # ---- what the user does

    def set(self, **changes: Any) -> None:
        """Move dials, ``seed`` or ``theory``. Raises ``Complaint`` and changes nothing when one cannot be."""
        with self._lock:
            before, self.state = self.state, self.state.changed(self.lab, changes)
        self._publish(self.state.to_json())
        if not before.same_draws(self.state):
            self._job.cancel()
            self._job = self._start()
        elif before != self.state:
            self.show()

    def wait(self, timeout: float | None = None) -> Any:
        """The complete record of the dials as they stand."""
        return self._job.wait(timeout)

    def await_first(self, timeout: float) -> Any:
        """The first record there is, complete or not."""
        self._begun.wait(timeout)
        return self.record

    def code(self) -> str:
        """Python that gives what is on the screen."""
        return self.lab.code(self.state.values, self.state.seed, self.state.theory)

    def lesson(self) -> dict[str, Any]:
        """What does not change while dials move, for a page that has just opened: it knows no spec yet."""
        with self._lock:
            self._known = set()
        self.show()
        return lesson_view(self.lab)

    def show(self) -> None:
        """Draw the last record again."""
        self._lane.submit(self._show_steps, label="draw", urgent=True)

    def close(self) -> None:
        self._lane.close()

    # ---- the draw

    def _start(self) -> Job[Any]:
        with self._lock:
            self._run += 1
            run, state = self._run, self.state
        return self._lane.submit(
            lambda: self.lab.draw_steps(state.values, state.seed),
            label=self.lab.title,
            on_step=lambda job: self._stepped(run, job),
            on_end=lambda job: self._ended(run, job),
        )

    def _stepped(self, run: int, job: Job[Any]) -> None:
        if run != self._run or job.stop_requested:
            return
        is_first = self.is_complete or self.record is None or self._drawn != run
        self.record, self.is_complete, self._drawn = job.last, False, run
        self._begun.set()
        if is_first or time.monotonic() - self._shown_s >= REDRAW_S:
            self._show()
        if is_first and self.record.n_draws < self.lab.n_draws(self.state.values):
            job.rest(FIRST_SHOWN_S)

    def _ended(self, run: int, job: Job[Any]) -> None:
        if run != self._run:
            return
        if job.state == "done":
            self.is_complete = True
            self._show_end()
        elif job.error is not None:
            self._begun.set()
            self._send(message("notice", level="error", text=sentence_of(job.error)))

    def _show_steps(self) -> Iterator[None]:
        yield
        self._show()

    def _show(self) -> None:
        """On the lane only, so that views go out in the order of their records."""
        if self.record is None:
            return
        with self._lock:
            state, known = self.state, self._known
        view, buffers, shapes = drawn_view(self.lab, self.record, state, known, is_complete=self.is_complete)
        known |= shapes
        self._shown_s, self._shown = time.monotonic(), self.record
        self._send(message("drawn", data=view), buffers)

    def _show_end(self) -> None:
        """A record that is on the page already need not be drawn there again to be the last."""
        if self._shown is self.record:
            self._send(message("drawn", data=complete_view(self.lab, self.record, self.state)))
        else:
            self._show()

    _drawn = 0
    _shown: Any = None
