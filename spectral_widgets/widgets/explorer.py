"""The screen: open a model, see its spectra, click a trap, measure the harm, export the findings."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ..findings import ReportDocument
from ..jobs import Job
from ..probing import probes
from ..records import AblationResult, Complaint, Finding, Probe, Report, Trap, TrapScan
from ..weights.layers import LayerList
from ..weights.model import Model
from . import reading
from .actions import handle
from .bench import Bench
from .live import LiveWidget
from .screen import Screen
from .state import BenchState
from .studies.study import Answer
from .views.explorer_still import explorer_html, explorer_text, still_of

_PATIENCE_S = 1.0


class Explorer(LiveWidget):
    """The explorer of one model. Everything the mouse can do has a method or an argument here.

    Choices are settings of :meth:`set` and arguments of :func:`explore`: ``layer``, ``selected``, ``x_scale``,
    ``y_scale``, ``bins``, ``seed``, ``n_shuffles``, ``level``, ``engine``, ``trap`` (``dict(seed=, index=)``),
    ``edit`` (``replace``, ``remove``, ``subtract_mean``, ``change_entries``), ``n_probes``, ``n_controls``,
    ``probe_seed``, ``controls`` (``moved``, ``same_magnitude``, ``rank_one``), ``probe_kind`` (``default``, ``random``,
    ``uniform``, ``permuted``, ``swapped``, ``labelled``), ``temperature``, ``stop`` (``all``, ``decided``),
    ``smallest_effect``, ``view`` (``raw``, ``centred``, ``double_centred``), ``study`` (the question),
    ``study_settings`` (settings by study), ``sort``, ``filter``, ``columns`` (metrics, and
    ``sketch``, ``kind``, ``depth``, ``shape``, ``aspect``), ``bands``, ``chart_x``, ``chart_y`` and ``chart_log``.
    """

    def __init__(
        self,
        model: Model,
        probe: Probe | None = None,
        compare: Model | None = None,
        report: Report | None = None,
        **settings: Any,
    ) -> None:
        names = model.layers.names
        state = BenchState().changed(settings, names)
        super().__init__(state=state.to_json(), _alt=f"Explorer of {model.name}")
        screen = Screen(self._post, lambda value: self._bridge.call(self._publish, value))
        self._bench = Bench(model, state, screen, probe, compare)
        if report is not None:
            if self._bench.is_reading:
                reading.fill(self._bench, report)
            reading.pin_all(self._bench, report)
        self._bench.measure()
        self._bench.scan_layer()

    # ---- by code

    def set(self, /, **choices: Any) -> Explorer:
        """Change any choice, as a click would. Raises ``Complaint`` and changes nothing when one cannot be."""
        self._bench.set(**choices)
        return self

    def reshuffle(self) -> Explorer:
        """Move on to the next block of shuffle seeds."""
        self._bench.reshuffle()
        return self

    def measure(self) -> Job[Any]:
        """Fill the table again from where it was cancelled."""
        return self._bench.measure()

    def ablate(self) -> Job[AblationResult]:
        """Run the chosen edit of the chosen trap; ``.wait()`` gives the result, ``.cancel()`` stops it."""
        return self._bench.ablate()

    def ask(self, study: str | None = None, /, **settings: Any) -> Job[Any]:
        """Answer the chosen question, or ``study`` with these settings; ``.wait()`` gives the records behind it."""
        return self._bench.ask(study, **settings)

    def cancel(self) -> None:
        """Stop everything that runs; what was computed is kept."""
        self._bench.cancel(*self._bench.jobs)

    def wait(self, timeout: float | None = None) -> Explorer:
        """Until nothing runs any more. Raises the error of a job that failed."""
        self._bench.wait(timeout)
        return self

    def pin(self, note: str = "", what: str = "screen") -> Finding:
        """Pin what is on the screen, with its provenance; ``what="answer"`` pins the answer to the question."""
        return self._bench.pin(note, what)

    def report(self, title: str = "") -> ReportDocument:
        """What is measured, tested and pinned as a document: ``.save("report.html")``, ``.json``, ``.md``, …"""
        bench = self._bench
        return ReportDocument(bench.report(title), loaded=bench.is_reading or bench.has_strangers)

    def load(self, report: ReportDocument | Report) -> Explorer:
        """Pin the findings of a report beside one's own; those about other weights say so."""
        reading.pin_all(self._bench, report.report if isinstance(report, ReportDocument) else report)
        return self

    # ---- what there is

    @property
    def model(self) -> Model:
        return self._bench.model

    @property
    def other(self) -> Model | None:
        """The model that is compared, if any."""
        return self._bench.other.model if self._bench.other is not None else None

    @property
    def recipe(self) -> str:
        """Python that gives the same screen without the mouse."""
        return self._bench.recipe()

    @property
    def table(self) -> pd.DataFrame:
        """Every metric measured so far, of the layers that are measured."""
        return self._bench.table()

    @property
    def selected(self) -> LayerList:
        """The layers selected in the table."""
        return self._bench.selected

    @property
    def scan(self) -> TrapScan | None:
        """Shuffles and traps of the chosen layer, as far as they are computed."""
        return self._bench.scan

    @property
    def trap(self) -> Trap | None:
        """The chosen trap."""
        return self._bench.trap

    @property
    def ablation(self) -> AblationResult | None:
        """The ablation on the screen, as far as it got."""
        return self._bench.ablation

    @property
    def answer(self) -> Answer | None:
        """The answer to the chosen question, as far as it got: sentence, facts, charts, tables, code."""
        answered = self._bench.answered
        return None if answered is None else answered.answer

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything pinned, oldest first."""
        return tuple(self._bench.findings.items)

    # ---- what the base asks for

    def _snapshot(self) -> None:
        words, self._png = still_of(self._bench)
        self._alt = explorer_text(self.model.name, words, self.findings)

    def _await_first(self) -> None:
        jobs = self._bench.jobs
        jobs["scan" if "scan" in jobs else "layers"].ends_within(_PATIENCE_S)

    def _still_html(self) -> str:
        return explorer_html(self.findings, self.table, self._bench.state.columns)

    def _handle(self, request: dict[str, Any]) -> None:
        handle(self._bench, self._post, request, self.freeze)

    def close(self) -> None:
        """Stop all work and take the view away."""
        bench = getattr(self, "_bench", None)
        if bench is not None:
            bench.close()
        super().close()


def explore(
    model: Model, probe: Any = None, compare: Model | None = None, report: Report | None = None, **settings: Any
) -> Explorer:
    """The explorer of a model; ``probe`` replaces the random inputs by a ``Probe`` or by data of your own.

    A pair is inputs and labels; a DataLoader gives its first inputs. ``compare`` is a second model on the same screen.
    """
    if probe is not None:
        probe = probes.as_probe(probe)
    if not len(model.layers):
        raise Complaint(f"{model.name} has no weight matrices to explore.")
    return Explorer(model, probe, compare, report, **settings)


def explore_report(report: Report, **settings: Any) -> Explorer:
    """The explorer of a report alone: all that it holds, without the model."""
    return Explorer(reading.model_of_report(report), report=report, **reading.state_of(report, settings))
