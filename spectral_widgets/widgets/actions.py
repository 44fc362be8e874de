"""What the page may ask for. A handler checks and enqueues; every request gets exactly one answer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from pandas import DataFrame

from ..findings import ReportDocument
from ..findings.tables import table_csv, table_json
from ..metrics.frame import rows_of
from ..records import Complaint, Report
from .bench import Bench
from .protocol import ACTIONS, JOBS, PANELS, VERSION, message
from .views.findings import FORMATS

Json = dict[str, Any]
Reply = Callable[..., object]
_log = logging.getLogger(__name__)
_MIME = {
    "json": "application/json",
    "csv": "text/csv",
    "markdown": "text/markdown",
    "html": "text/html",
    "svg": "image/svg+xml",
    "png": "image/png",
}
_SUFFIX = {"markdown": "md"}


def handle(bench: Bench, send: Reply, request: Json, freeze: Callable[[], object]) -> None:
    """Answer one request of the page; never raises, whatever the page sent."""
    identity = request.get("id") if isinstance(request, dict) else None

    def answer(buffers: list[bytes] | None = None, **fields: object) -> None:
        send(message("answer", id=identity, **fields), buffers)

    try:
        kind = checked_kind(request)
        if kind == "freeze":
            freeze()
            answer(ok=True)
        elif kind in _SLOW:
            bench.later(lambda: later_steps(lambda: _SLOW[kind](bench, request), answer))
        else:
            answer(ok=True, **(_QUICK[kind](bench, request) or {}))
    except Exception as error:
        answer(ok=False, error=sentence_of(error))


def sentence_of(error: BaseException) -> str:
    """A complaint as it is; anything else is ours, so it says so and goes to the log."""
    if isinstance(error, Complaint):
        return str(error)
    _log.exception("a request of the page failed", exc_info=error)
    return f"Something went wrong here ({type(error).__name__}: {error}); nothing that was found is lost."


def checked_kind(request: Any) -> str:
    """The action of a request. Raises ``Complaint`` for one of another version or that no view knows."""
    if not isinstance(request, dict) or request.get("v") != VERSION:
        raise Complaint("The page and the kernel are of different versions: reload the page and run the cell again.")
    kind = request.get("kind")
    if kind not in ACTIONS:
        raise Complaint(f"The kernel knows no action {kind!r}: reload the page and run the cell again.")
    return kind


def _hello(bench: Bench, request: Json) -> None:
    bench.screen.show(*PANELS)


def _set(bench: Bench, request: Json) -> None:
    changes = request.get("changes", {})
    if not isinstance(changes, dict):
        raise Complaint(f"The changes of a set must be named by their settings, not {changes!r}.")
    bench.set(**changes)


def _cancel(bench: Bench, request: Json) -> None:
    if request.get("job") not in JOBS:
        raise Complaint(f"There is no job {request.get('job')!r} to cancel.")
    bench.cancel(request["job"])


def _measure(bench: Bench, request: Json) -> None:
    bench.measure()
    bench.screen.show("layers")


def _ablate(bench: Bench, request: Json) -> None:
    bench.ablate()
    bench.screen.show("ablate")


def _ask(bench: Bench, request: Json) -> None:
    bench.ask()
    bench.screen.show("study")


def _recipe(bench: Bench, request: Json) -> Json:
    return {"code": bench.recipe()}


def _pin(bench: Bench, request: Json) -> tuple[Json, None]:
    return {"finding": bench.pin(str(request.get("note", "")), str(request.get("what", "screen"))).id}, None


def _note(bench: Bench, request: Json) -> None:
    bench.findings.note(str(request.get("finding")), str(request.get("note", "")))
    bench.screen.show("findings")


def _unpin(bench: Bench, request: Json) -> None:
    bench.findings.unpin(str(request.get("finding")))
    bench.screen.show("findings")


def _export(bench: Bench, request: Json) -> tuple[Json, list[bytes]]:
    wanted = str(request.get("format"))
    if request.get("what") == "table":
        return {"filename": f"layers.{wanted}", "mime": _MIME.get(wanted, "")}, [table_file(bench.table(), wanted)]
    if wanted not in FORMATS:
        raise Complaint(f"There is no export format {wanted!r}: choose one of {', '.join(FORMATS)}.")
    if not bench.findings.items:
        raise Complaint("Nothing is pinned yet, so there is nothing to export: pin a finding first.")
    content = exported(bench.report(), wanted)
    name = f"findings.{_SUFFIX.get(wanted, wanted)}"
    return {"filename": name, "mime": _MIME[wanted]}, [content]


def exported(report: Report, wanted: str) -> bytes:
    """A report in one format, as bytes; of pictures, those of the newest finding's last chart."""
    document = ReportDocument(report)
    if wanted in ("svg", "png"):
        pictures = [picture for finding in report.findings for picture in finding.pictures]
        if not pictures:
            raise Complaint("The pinned findings have no charts: pin one from the screen.")
        return pictures[-1].svg.encode() if wanted == "svg" else pictures[-1].png
    makers = {
        "json": document.to_json,
        "csv": ReportDocument(replace(report, layers=())).to_csv,
        "markdown": document.to_markdown,
        "html": document.to_html,
    }
    return makers[wanted]().encode()


def table_file(frame: DataFrame, wanted: str) -> bytes:
    """The measured layers in one format, with unit and source of every metric."""
    makers = {"csv": table_csv, "json": table_json}
    if wanted not in makers:
        raise Complaint(f"A table has no format {wanted!r}: choose one of {', '.join(makers)}.")
    if frame.empty:
        raise Complaint("No layer is measured yet, so there is nothing to save.")
    return makers[wanted](rows_of(frame), frame.attrs["cards"]).encode()


def later_steps(work: Callable[[], tuple[Json, list[bytes] | None]], answer: Reply) -> Iterator[None]:
    """One slow request as a job of the screen lane: done, then answered."""
    yield
    try:
        fields, buffers = work()
        answer(buffers, ok=True, **fields)
    except Exception as error:
        answer(ok=False, error=sentence_of(error))


_QUICK: dict[str, Callable[[Bench, Json], Json | None]] = {
    "hello": _hello,
    "set": _set,
    "cancel": _cancel,
    "measure": _measure,
    "reshuffle": lambda bench, request: bench.reshuffle(),
    "ablate": _ablate,
    "ask": _ask,
    "recipe": _recipe,
    "note": _note,
    "unpin": _unpin,
}
_SLOW: dict[str, Callable[[Bench, Json], tuple[Json, list[bytes] | None]]] = {"pin": _pin, "export": _export}
