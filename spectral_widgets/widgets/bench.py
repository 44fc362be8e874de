"""The explorer without a page: what is chosen, what is computed, what runs. The widget only gives it a screen."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from ..jobs import Job, Lane
from ..probing.ablation import ablate_steps, batch_size_for, n_steps
from ..probing.plans import edit_for, plan_for
from ..records import AblationPlan, AblationResult, Complaint, Finding, Probe, Report
from ..spectra.threads import background_threads, limited_threads
from ..weights.model import Model
from . import asking, pinning, reporting, scanning
from .filling import filling_steps, waits
from .following import panels_after
from .known import Known
from .memory import key_of
from .screen import Screen
from .state import BenchState
from .stopping import stoppable_steps
from .tasks import TableProgress

#: Done, total, and the share of the work that is done.
Counted = tuple[int, int, float]
Counter = Callable[[Job[Any], int], Counted]
#: So long a cancelled job may take to end before the screen says that a step still runs.
PATIENCE_S = 0.1


class Bench(Known):
    """Controller of one explorer. Public verbs may be called from any thread; long work runs on two lanes.

    ``work`` steps decompositions and forward passes, ``screen`` draws panels, pins and exports, so that a
    long decomposition never delays a redraw.
    """

    def __init__(
        self,
        model: Model,
        state: BenchState,
        screen: Screen,
        probe: Probe | None = None,
        other: Model | None = None,
    ) -> None:
        super().__init__(model, state, probe, other)
        self.screen = screen
        self.jobs: dict[str, Job[Any]] = {}
        self._lock = threading.RLock()
        # All cores but one for the work, one for the screen: together never more than there are.
        self._work = Lane("spectral-work", partial(limited_threads, background_threads()))
        self._draw = Lane("spectral-screen", partial(limited_threads, 1))
        screen.attach(self, self._draw)

    def set(self, /, **changes: Any) -> None:
        """Change choices; the panels that depend on them follow. Raises ``Complaint`` and changes nothing."""
        with self._lock:
            before = self._state
            self._state = before.changed(changes, self.model.layers.names)
        self.screen.show_state(self._state)
        asked = before.exact != self._state.exact
        self.memory.ask_exactly(self._state.exact)
        moved = key_of(before.layer or "", before) != key_of(self._state.layer or "", self._state)
        if moved or asked or scanning.waits(self):
            self.scan_layer()
        self.screen.show(*panels_after(changes))
        if asked or waits(self):
            self.measure()

    # ---- long work

    def measure(self) -> Job[Any]:
        """Fill the table, cheapest layers first."""
        state = self._state
        return self._start(
            "layers",
            lambda: filling_steps(self, state),
            urgent=False,
            count=self._table_progress,
        )

    def scan_layer(self) -> Job[Any] | None:
        """Spectrum and shuffles of the chosen layer, ahead of the table."""
        layer, state = self.layer, self._state
        if layer is None:
            return None
        if layer.caveat:
            self.screen.failures[layer.name] = layer.caveat
            return None
        self.screen.failures.pop(layer.name, None)
        return self._start(
            "scan",
            lambda: scanning.scan_steps(self, layer, state),
            urgent=True,
            count=lambda job, n: _of(*scanning.done_and_total(self, layer, state)),
        )

    def reshuffle(self) -> None:
        """Move on to the next block of seeds."""
        self.set(seed=self._state.seed + self._state.n_shuffles)

    def ablate(self) -> Job[AblationResult]:
        """Run the chosen edit of the chosen trap. Raises ``Complaint`` when there is none to run."""
        if self.missing:
            raise Complaint(self.missing)
        plan, key = self.plan(), self.result_key()
        self.results.pop(key, None)
        total = n_steps(plan)

        def keep(job: Job[AblationResult], n: int) -> Counted:
            if job.last is not None:
                self.results[key] = job.last
            return _of(n, total)

        return self._start("ablate", lambda: ablate_steps(self.model, plan), urgent=True, count=keep)

    def plan(self) -> AblationPlan:
        """The ablation that the screen asks for."""
        trap, state = self.trap, self._state
        if trap is None:
            raise Complaint("Choose a trap first: an ablation edits the layer that has it.")
        edit = edit_for(trap, state.edit, state.probe_seed)
        probe = self.probe()
        return plan_for(
            edit,
            probe,
            trap=trap,
            n_controls=state.n_controls,
            seed=state.probe_seed,
            batch_size=batch_size_for(probe, self.model.outputs),
            controls=state.controls,
            stop=state.stop,
            smallest_effect=state.smallest_effect,
        )

    def ask(self, study: str | None = None, /, **settings: Any) -> Job[Any]:
        """Answer the chosen question, or this one with these settings. Raises ``Complaint`` when it cannot be asked."""
        if study is not None or settings:
            self.set(**asking.choices(self._state, study, settings))
        question = asking.askable(self)
        asked, key = self.asked(question), question.key(self._state)
        total = question.n_steps(asked)
        return self._start(
            "study",
            lambda: asking.answer_steps(self, question, asked, key),
            urgent=True,
            count=lambda _, n: _of(n, total),
        )

    def cancel(self, *names: str) -> None:
        """Ask jobs to stop before their next step; the screen says at once that they did, however long a step takes."""
        asked = {name: self.jobs[name] for name in names if name in self.jobs and self.jobs[name].is_active}
        for job in asked.values():
            job.cancel()
        until_s = time.monotonic() + PATIENCE_S
        for name, job in asked.items():
            if not job.ends_within(max(0.0, until_s - time.monotonic())):
                self.screen.cancelled(name, job)

    def wait(self, timeout: float | None = None) -> None:
        """Until nothing runs any more. Raises the first failed job's error."""
        while pending := [job for job in (*self._work.jobs, *self._draw.jobs) if job.is_active]:
            for job in pending:
                job.wait(timeout)

    def close(self) -> None:
        self._work.close()
        self._draw.close()

    # ---- pins

    def pin(self, note: str = "", what: str = "screen") -> Finding:
        """Pin what is on the screen: the ablation if there is one, else the trap, else the layer; or the answer."""
        if what not in ("screen", "answer"):
            raise Complaint(f"A pin keeps the 'screen' or the 'answer', not {what!r}.")
        scene = replace(self.scene(), what=what)
        finding = pinning.finding_from(self, note) if what == "screen" else pinning.answer_finding(self, note)
        self.pinned[finding.id] = scene
        self.findings.pin(finding)
        self.screen.show("findings")
        return finding

    def report(self, title: str = "") -> Report:
        """Everything pinned, ready to hand on."""
        return reporting.report_of(self, title)

    def later(self, make_steps: Callable[[], Iterator[None]]) -> None:
        """Slow but small work, such as rendering a picture, on the screen lane."""
        self._draw.submit(make_steps, label="screen")

    # ---- inside

    def _start(self, name: str, make_steps: Any, *, urgent: bool, count: Counter) -> Job[Any]:
        if name in self.jobs:
            self.jobs[name].cancel()
        run = self.screen.begin(name)
        seen = 0

        def on_step(job: Job[Any]) -> None:
            nonlocal seen
            if job.stop_requested:
                return
            seen += 1
            self.screen.progress(name, run, *count(job, seen), job)

        started: list[Job[Any]] = []
        steps = partial(stoppable_steps, make_steps, lambda: bool(started) and started[0].stop_requested)
        job = self._work.submit(
            steps, label=name, urgent=urgent, on_step=on_step, on_end=lambda j: self._ended(name, run, j)
        )
        started.append(job)
        self.jobs[name] = job
        return job

    def _ended(self, name: str, run: int, job: Job[Any]) -> None:
        self.screen.ended(name, run, job)
        if name == "layers" and job.state == "done" and waits(self):
            self.measure()
        if name == "scan" and job.state == "done" and scanning.waits(self):
            self.scan_layer()

    def _table_progress(self, job: Job[TableProgress], n: int) -> Counted:
        assert job.last is not None
        return job.last.n_layers, job.last.n_total, job.last.share


def _of(done: int, total: int) -> Counted:
    if total < 1:
        return done, 0, 0.0
    done = min(done, total)
    return done, total, done / total
