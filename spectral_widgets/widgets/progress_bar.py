"""The bar of a long call in a notebook cell; at its end a line of text stands in its place."""

from __future__ import annotations

import html
import threading
from collections.abc import Mapping
from typing import Any

import anywidget
import traitlets

from ..jobs import Tally
from ..jobs.telling import PATIENCE_S, outcome_words
from . import assets
from .shells import hear_while_busy

_EVERY_S = 0.1


class ProgressBar(anywidget.AnyWidget):
    """A labelled bar with Cancel. Its trait is written by the running cell itself, so it moves while that runs."""

    _esm = assets.STATIC / "progress_bar.js"
    _css = assets.STATIC / "progress_bar.css"
    tally = traitlets.Dict().tag(sync=True)

    def __init__(self, tally: dict[str, Any]) -> None:
        super().__init__(tally=tally)
        self._cancelled = threading.Event()
        hear_while_busy(self.comm)
        self.on_msg(self._receive)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        data, metadata = super()._repr_mimebundle_(**options) or ({}, {})
        text = f"{self.tally['label']}: {self.tally['words']}"
        bar = f'<progress max="1" value="{self.tally["share"]:.3f}"></progress>'
        return {**data, "text/plain": text, "text/html": f"<p>{html.escape(text)} {bar}</p>"}, metadata

    @property
    def cancelled(self) -> bool:
        """Whether Cancel was pressed; the message comes on another thread while a cell runs."""
        return self._cancelled.is_set()

    def _receive(self, widget: Any, content: Any, buffers: Any) -> None:
        if isinstance(content, Mapping) and content.get("kind") == "cancel":
            self._cancelled.set()


class NotebookBar:
    """Shows a :class:`ProgressBar` once the work takes a while, and text in its place when it ends."""

    ticks = True

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._bar: ProgressBar | None = None
        self._said_s = float("-inf")

    @property
    def stop_requested(self) -> bool:
        return self._bar is not None and self._bar.cancelled

    def tell(self, tally: Tally) -> None:
        elapsed = tally.progress.elapsed_s
        if elapsed < self._patience_s or elapsed - self._said_s < _EVERY_S:
            return
        self._said_s = elapsed
        if self._bar is None:
            self._bar = _shown(ProgressBar(_json(tally)))
        else:
            self._bar.tally = _json(tally)

    def tick(self, tally: Tally) -> None:
        self.tell(tally)

    def end(self, tally: Tally) -> None:
        """A saved notebook then has a line of text, and no view of a widget that is gone."""
        if self._bar is None:
            return
        from IPython.display import update_display

        self._bar.tally = _json(tally) | {"words": outcome_words(tally), "ended": True}
        text = f"{tally.label}: {outcome_words(tally)}."
        update_display({"text/plain": text}, display_id=self._bar.model_id, raw=True)
        self._bar.close()


def _shown(bar: ProgressBar) -> ProgressBar:
    from IPython.display import display

    data, metadata = bar._repr_mimebundle_()
    display(data, metadata=metadata, raw=True, display_id=bar.model_id)
    return bar


def _json(tally: Tally) -> dict[str, Any]:
    return {"label": tally.label, "share": tally.progress.share, "words": tally.words, "ended": False}
