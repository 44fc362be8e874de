"""A page without a browser whose messages are timed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from spectral_widgets.weights.model import Model
from spectral_widgets.widgets.actions import handle
from spectral_widgets.widgets.columns import OWN
from spectral_widgets.widgets.protocol import VERSION
from spectral_widgets.widgets.state import BenchState

from ..pages import Page

Json = dict[str, Any]
PATIENCE_S = 120.0
_POLL_S = 0.001


class Watched(Page):
    """A page that counts from the moment before its model was opened; as the explorer's defaults have it."""

    def __init__(self, opened: Callable[[], Model], **settings: Any) -> None:
        self.began = time.monotonic()
        default = BenchState()
        counts = {name: getattr(default, name) for name in ("n_shuffles", "n_probes", "n_controls")}
        super().__init__(opened(), **{**counts, **settings})

    def __enter__(self) -> Watched:
        return self

    def __exit__(self, *_: object) -> None:
        self.bench.close()

    def pause(self, seconds: float) -> None:
        """Let the kernel work."""
        time.sleep(seconds)

    def until(self, seen: Callable[[Json], bool], since: int = 0) -> float:
        """Seconds from the beginning to the first message, from the ``since``-th on, that is what is looked for."""
        return self._arrival(seen, since) - self.began

    def redraw(self, changes: Json) -> float:
        """Seconds from a choice to the first spectrum that is drawn otherwise than before."""
        before = self.panel("spectrum")["chart"]

        def is_new(message: Json) -> bool:
            return message["kind"] == "panel" and message["panel"] == "spectrum" and message["data"]["chart"] != before

        return self._answered("set", {"changes": changes}, is_new)

    def cancelled(self, job: str) -> float:
        """Seconds from the request to the end of the job."""
        return self._answered("cancel", {"job": job}, lambda m: m["kind"] == "finished" and m["job"] == job)

    def has_numbers(self, message: Json) -> bool:
        """Rows of which one shows a metric."""
        metrics = [name for name in self.bench.state.columns if name not in OWN]
        return any(row.get(name) is not None for row in _rows(message) for name in metrics)

    def is_complete(self, message: Json) -> bool:
        """Rows of which one is done."""
        return any(row["status"] == "done" for row in _rows(message))

    def is_whole(self, message: Json) -> bool:
        """The message after which every row is done or has failed."""
        return all(row["status"] in ("done", "failed") for row in self.rows().values()) and self._has_all()

    def _has_all(self) -> bool:
        return len(self.rows()) == len(self.bench.model.layers)

    def _answered(self, kind: str, fields: Json, seen: Callable[[Json], bool]) -> float:
        with self._lock:
            since = len(self.messages)
        self._count += 1
        began = time.monotonic()
        handle(self.bench, self.send, {"v": VERSION, "id": self._count, "kind": kind, **fields}, lambda: None)
        return self._arrival(seen, since) - began

    def _arrival(self, seen: Callable[[Json], bool], since: int) -> float:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            with self._lock:
                fresh = list(zip(self.messages[since:], self.times[since:], strict=True))
            for message, moment in fresh:
                since += 1
                if seen(message):
                    return moment
            time.sleep(_POLL_S)
        raise TimeoutError(f"Nothing of what was waited for came within {PATIENCE_S:.0f} s.")


def _rows(message: Json) -> list[Json]:
    if message["kind"] == "panel" and message["panel"] == "layers":
        return message["data"]["rows"]
    return message["rows"] if message["kind"] == "rows" else []
