"""The screen of a lab: dials, a live chart, the numbers beside theory, a question with its answer."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ..charts import theme
from ..charts.plot_spec import figure
from ..labs import Lab, lab_named
from .lab_actions import handle_lab
from .lab_run import LabRun
from .lab_state import LabState
from .live import LiveWidget
from .views.lab_still import lesson_html, lesson_text

_PATIENCE_S = 5.0


class LabBench(LiveWidget):
    """One lab, live. ``choices`` are places of its dials, ``seed`` and ``theory``; all that a mouse can do is here."""

    def __init__(self, name: str, /, **choices: Any) -> None:
        lab = lab_named(name)
        state = LabState(lab.defaults).changed(lab, choices)
        super().__init__(state=state.to_json(), _screen="lab", _alt=f"Lab: {lab.title}")
        self._picture = b""
        self._run = LabRun(lab, state, self._post, lambda value: self._bridge.call(self._publish, value))

    def set(self, /, **choices: Any) -> LabBench:
        """Move dials, ``seed`` or ``theory``. Raises ``Complaint`` and changes nothing when one cannot be."""
        self._run.set(**choices)
        return self

    def wait(self, timeout: float | None = None) -> LabBench:
        """Until everything is drawn. Raises the error of a draw that failed."""
        self._run.wait(timeout)
        return self

    @property
    def lab(self) -> Lab:
        """The lesson that is shown."""
        return self._run.lab

    @property
    def record(self) -> Any:
        """The complete record of the dials as they stand; waits for it."""
        return self._run.wait()

    @property
    def chart(self) -> Any:
        """What is on the screen as an Altair chart."""
        return self.lab.chart(self.record, self._run.state.theory)

    @property
    def facts(self) -> pd.DataFrame:
        """Every number beside theory, with its standard error."""
        facts = self.lab.numbers(self.record)
        columns = {name: [getattr(one, name) for one in facts] for name in ("value", "error", "theory", "deviation")}
        return pd.DataFrame(columns, index=pd.Index([one.label for one in facts], name="quantity"))

    @property
    def sentence(self) -> str:
        """The finding in plain words."""
        return self.lab.words(self.record)

    @property
    def code(self) -> str:
        """Python that gives the same record and chart without the mouse."""
        return self._run.code()

    # ---- what the base asks for

    def _handle(self, request: dict[str, Any]) -> None:
        handle_lab(self._run, self._post, request, self.freeze)

    def _snapshot(self) -> None:
        self._take()
        self._alt, self._png = self._still()

    def _still(self) -> tuple[str, bytes]:
        return lesson_text(self.lab, self._run.record), self._picture

    def _still_html(self) -> str:
        return lesson_html(self.lab, self._run.record)

    def _take(self) -> None:
        record = self._run.await_first(_PATIENCE_S)
        if record is not None:
            with theme.unvalidated():
                self._picture = theme.still(figure(self.lab.panels(record, self._run.state.theory)))

    def close(self) -> None:
        """Stop all work and take the view away."""
        run = getattr(self, "_run", None)
        if run is not None:
            run.close()
        super().close()
