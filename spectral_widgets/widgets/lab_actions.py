"""What the page of a lab may ask for; every request gets exactly one answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..records import Complaint
from .actions import Json, Reply, checked_kind, sentence_of
from .lab_run import LabRun
from .protocol import message


def handle_lab(run: LabRun, send: Reply, request: Json, freeze: Callable[[], object]) -> None:
    """Answer one request; never raises, whatever the page sent."""
    try:
        fields = _DO[_known(request)](run, request, freeze)
        send(message("answer", id=request.get("id"), ok=True, **(fields or {})), None)
    except Exception as error:
        send(message("answer", id=request.get("id"), ok=False, error=sentence_of(error)), None)


def _known(request: Json) -> str:
    kind = checked_kind(request)
    if kind not in _DO:
        raise Complaint(f"A lab has no action {kind!r}: reload the page and run the cell again.")
    return kind


def _set(run: LabRun, request: Json, freeze: Any) -> None:
    changes = request.get("changes", {})
    if not isinstance(changes, dict):
        raise Complaint(f"The changes of a set must be named by their dials, not {changes!r}.")
    run.set(**changes)


_DO: dict[str, Callable[[LabRun, Json, Any], Json | None]] = {
    "hello": lambda run, request, freeze: {"lesson": run.lesson()},
    "set": _set,
    "recipe": lambda run, request, freeze: {"code": run.code()},
    "freeze": lambda run, request, freeze: freeze(),
}
