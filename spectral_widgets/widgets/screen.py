"""From the bench to the page: panels, rows, progress; drawn on the screen lane, at most ten times a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ..charts import theme
from ..jobs import Job, Lane, Throttled, progress_of
from ..records import Complaint
from . import reading
from .protocol import message
from .state import BenchState
from .tasks import scanned_row
from .views import Json
from .views import ablate as ablate_panel
from .views import findings as findings_panel
from .views import metrics as metrics_panel
from .views import spectrum as spectrum_panel
from .views import study as study_panel
from .views import table as table_panel
from .views import trap as trap_panel
from .views.ablate_choices import ablate_fields

if TYPE_CHECKING:
    from ..weights.layers import Layer
    from .bench import Bench

Send = Callable[..., object]
_LABELS = {
    "layers": "Measuring layers",
    "scan": "Shuffling",
    "ablate": "Passing inputs",
    "study": "Finding the answer",
}
_PANELS_OF = {
    "layers": ("layers", "metrics"),
    "scan": ("spectrum", "trap", "study", "ablate"),
    "ablate": ("ablate",),
    "study": ("study",),
}
_DRAWN_MEANWHILE = {"layers": "metrics", "ablate": "ablate", "study": "study"}
_REDRAW_S = 0.4


class Screen:
    """Everything that goes to the page. ``send(message, buffers)`` may be called from any thread."""

    def __init__(self, send: Send, publish_state: Callable[[Json], object]) -> None:
        self._send, self._publish = send, publish_state
        self._wanted: set[str] = set()
        self._lock = threading.Lock()
        self._runs: dict[str, int] = {}
        self._over: dict[str, int] = {}
        self._redrawn_s = 0.0
        self._progress: dict[str, Throttled] = {}
        self._rows: dict[str, Json] = {}
        self._send_rows = Throttled(self._flush_rows)
        self.failures: dict[str, str] = {}

    def attach(self, bench: Bench, lane: Lane) -> None:
        self._bench, self._lane = bench, lane

    # ---- panels

    def show(self, *panels: str) -> None:
        """Draw these panels soon, each once however often it was asked for."""
        with self._lock:
            fresh = set(panels) - self._wanted
            self._wanted |= fresh
        if fresh and not self._lane.closed:
            self._lane.submit(self._draw_steps, label="draw", urgent=True)

    def show_state(self, state: BenchState) -> None:
        self._publish(state.to_json())

    def notice(self, words: str, level: str = "error") -> None:
        self._send(message("notice", level=level, text=words))

    def _draw_steps(self) -> Iterator[None]:
        while panel := self._next_wanted():
            try:
                with theme.unvalidated():
                    data = self._view(panel)
                self._send(message("panel", panel=panel, data=data))
            except Complaint as complaint:
                self.notice(str(complaint))
            yield

    def _next_wanted(self) -> str | None:
        with self._lock:
            return self._wanted.pop() if self._wanted else None

    def _view(self, panel: str) -> Json:
        return {
            "layers": lambda: table_panel.table_view(self._bench, self._is_active("layers")),
            "metrics": lambda: metrics_panel.metrics_view(self._bench),
            "spectrum": self._spectrum,
            "trap": self._trap,
            "study": self._study,
            "ablate": self._ablate,
            "findings": lambda: findings_panel.findings_view(self._bench.findings.items),
        }[panel]()

    def _spectrum(self) -> Json:
        bench = self._bench
        layer, evidence, state = bench.layer, bench.evidence, bench.state
        if layer is None:
            return spectrum_panel.empty_view()
        if layer.name in self.failures:
            return spectrum_panel.failed_view(layer.name, self.failures[layer.name])
        if evidence is None:
            return spectrum_panel.working_view(layer.ref)
        view = spectrum_panel.spectrum_view(evidence, bench.scan, bench.published, state, bench.trap, bench.beside)
        return reading.said_of_spectrum(view, bench.scan, state) if bench.is_reading else view

    def spectrum_chart(self) -> tuple[Any, str] | None:
        """The spectrum on the screen as a chart with its words; ``None`` while there is none."""
        bench = self._bench
        if bench.evidence is None:
            return None
        return spectrum_panel.spectrum_chart(bench.evidence, bench.scan, bench.state, bench.trap, bench.beside)

    def _trap(self) -> Json:
        bench = self._bench
        trap, scan = bench.trap, bench.scan
        if trap is None or scan is None or bench.layer is None:
            return trap_panel.empty_view(scan)
        patch = None
        if trap.culprits and not bench.is_reading:
            patch = bench.memory.patch(bench.layer, trap.culprits[0])
        return trap_panel.trap_view(trap, scan, patch)

    def _ablate(self) -> Json:
        bench = self._bench
        missing = bench.missing
        probe = None if missing else bench.probe()
        missing = "" if bench.is_reading and bench.ablation is not None else missing
        return ablate_panel.ablate_view(
            bench.state,
            bench.trap,
            probe,
            missing,
            bench.ablation,
            self._is_active("ablate"),
            fields=ablate_fields(bench.model, bench.given_probe, bench.state),
            unit="nats" if bench.model.outputs == "logits" else "",
        ) | {"run": self._runs.get("ablate")}

    def _study(self) -> Json:
        return study_panel.study_view(self._bench, self._is_active("study")) | {"run": self._runs.get("study")}

    # ---- rows

    def show_row(self, row: Json) -> None:
        with self._lock:
            self._rows[row["name"]] = row
        self._send_rows()

    def refresh_row(self, layer: Layer, state: BenchState) -> None:
        """Show a row again after a re-shuffle; everything it needs is in the memory."""
        self.show_row(scanned_row(layer, self._bench.memory, state))
        self.show("metrics")

    def refresh_other(self, name: str) -> None:
        """Show a row again, now that the other model's layer is measured too."""
        row = self._bench.memory.rows.get(name)
        if row is not None:
            self.show_row(row)

    def _flush_rows(self) -> None:
        with self._lock:
            rows, self._rows = list(self._rows.values()), {}
        if rows:
            self._send(message("rows", rows=table_panel.dressed_rows(self._bench, rows)))

    # ---- jobs

    def begin(self, name: str) -> int:
        self._runs[name] = run = self._runs.get(name, 0) + 1
        self._progress[name] = Throttled(self._send)
        return run

    def progress(self, name: str, run: int, done: int, total: int, share: float, job: Job[Any]) -> None:
        """Telemetry of a running job, and now and then its panel."""
        if run != self._runs.get(name) or run == self._over.get(name):
            return
        remaining = progress_of(share, 1.0, job.elapsed_s).remaining_s
        self._progress[name](
            message(
                "progress",
                job=name,
                run=run,
                label=_LABELS[name],
                done=done,
                total=total,
                elapsed_s=job.elapsed_s,
                remaining_s=remaining,
            )
        )
        if name in _DRAWN_MEANWHILE and time.monotonic() - self._redrawn_s > _REDRAW_S:
            self._redrawn_s = time.monotonic()
            self.show(_DRAWN_MEANWHILE[name])

    def cancelled(self, name: str, job: Job[Any]) -> None:
        """The last word on a cancelled job whose step cannot be interrupted; what it still does is not told."""
        with self._lock:
            run = self._runs[name]
            if self._over.get(name) == run:
                return
            self._over[name] = run
        self._say_finished(name, run, "cancelled", f"{_outcome(name, job, 'cancelled')} Its last step is still ending.")

    def ended(self, name: str, run: int, job: Job[Any]) -> None:
        """The last word on a job, after its last telemetry, and its panels as they are now."""
        if run != self._runs.get(name):
            return
        with self._lock:
            is_told = self._over.get(name) == run
            self._over[name] = run
        if is_told:
            self._send_rows.flush()
            self.show(*_PANELS_OF[name])
        else:
            self._say_finished(name, run, job.state, _outcome(name, job, job.state))

    def _say_finished(self, name: str, run: int, outcome: str, words: str) -> None:
        self._progress[name].flush()
        self._send_rows.flush()
        self._send(message("finished", job=name, run=run, outcome=outcome, message=words))
        self.show(*_PANELS_OF[name])

    def _is_active(self, name: str) -> bool:
        job = self._bench.jobs.get(name)
        return job is not None and job.is_active and not job.stop_requested


def _outcome(name: str, job: Job[Any], state: str) -> str:
    if state == "failed":
        error = job.error
        return (
            str(error) if isinstance(error, Complaint) else f"{_LABELS[name]} failed: {type(error).__name__}: {error}"
        )
    took = f"{job.elapsed_s:.1f} s"
    if state == "cancelled":
        return f"Cancelled after {took}; what was computed is kept."
    return f"Done in {took}."
