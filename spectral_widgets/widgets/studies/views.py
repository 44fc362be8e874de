"""Mean offset or single entries? The same shuffles of the layer as it is, centred, and centred by row and column."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from ... import charts
from ...records import TrapScan, View
from ...spectra.traps import find_traps_steps
from ...spectra.views import VIEWS
from .. import text
from ..views import Json, fact
from .shared import VIEW_WORDS, layer_name
from .study import Answer, Asked, Study, column, table

Result = tuple[TrapScan, ...]
_COLUMNS = (
    column("name", "Entries", help="Choose a row to see its spectrum above."),
    column("traps", "Traps (median)", numeric=True),
    column("counts", "Per shuffle"),
    column("largest", "Largest λ (median)", numeric=True, help="Largest eigenvalue of each shuffle."),
    column("edge", "Edge of noise", numeric=True, help="An eigenvalue of a shuffle beyond it is a trap."),
)


def steps(asked: Asked) -> Iterator[Result]:
    """The scans so far, one shuffle more at each step."""
    state, matrix = asked.state, asked.matrix()
    done: Result = ()
    for view in VIEWS:
        for scan in find_traps_steps(matrix, state.seeds, state.level, state.engine, view=view):
            yield (*done, scan)
        done = (*done, scan)


def answer(asked: Asked, scans: Result) -> Answer:
    """Counts and largest eigenvalues of each view, and the conclusion in words."""
    named = [(VIEW_WORDS[scan.view], scan) for scan in scans]
    return Answer(
        sentence=_sentence(asked, scans),
        facts=[fact(f"traps, {name}", text.number(scan.median_count), "Median over shuffles.") for name, scan in named],
        charts=[(charts.trap_strips(named), charts.trap_strips_text(named))],
        tables=[table("The same shuffles, less what is subtracted first", _COLUMNS, [_row(scan) for scan in scans])],
        caveat=scans[0].caveat,
        code=_code(asked),
        evidence={scan.view: {"counts": list(scan.counts), "largest": _largest(scan)} for scan in scans},
    )


def _row(scan: TrapScan) -> Json:
    return {
        "name": VIEW_WORDS[scan.view],
        "traps": text.number(scan.median_count),
        "counts": text.counts(scan.counts) or "–",
        "largest": text.number(_largest(scan), 4),
        "edge": text.number(scan.threshold, 4),
        "changes": {"view": scan.view},
    }


def _largest(scan: TrapScan) -> float:
    return median(scan.largest)


def _sentence(asked: Asked, scans: Result) -> str:
    name, counts = layer_name(asked), {scan.view: scan.median_count for scan in scans if not scan.refused}
    if scans[0].refused:
        return f"No traps can be counted in {name}: it is too small for the edge law."
    raw = counts["raw"]
    if "double_centred" not in counts:
        return f"{name} has {text.number(raw)} traps per shuffle as stored; the other views are still to come."
    return f"{name}: {conclusion(counts)}."


def conclusion(counts: dict[View, float]) -> str:
    """What the median numbers of traps in the three views say about their cause."""
    raw, centred, double = counts["raw"], counts["centred"], counts["double_centred"]
    if raw == centred == double:
        return (
            "no traps in any view"
            if not raw
            else "single entries make its traps, no mean offset; all stay in every view"
        )
    parts = []
    if centred < raw:
        part = "all of its traps" if not centred else f"{text.number(raw - centred)} of {text.number(raw)} traps"
        parts.append(f"a mean offset makes {part}, which goes when the mean is subtracted")
    elif centred > raw:
        parts.append(f"the mean hides {text.number(centred - raw)} of {text.number(centred)} traps")
    if double < centred:
        parts.append(f"{text.number(centred - double)} more go with the means of rows and columns")
    elif double > centred:
        parts.append(f"{text.number(double - centred)} more show once the means of rows and columns are gone")
    if 0 < centred < raw and double:
        parts.append("single entries make the rest")
    return "; ".join(parts)


def _code(asked: Asked) -> str:
    state = asked.state
    seeds = f"range({state.seed}, {state.seed + state.n_shuffles})"
    call = f"sw.find_traps(layer, {seeds}, {state.level}, {state.engine!r}, view=view)"
    return asked.code(f"result = tuple({call} for view in {VIEWS!r})")


STUDY = Study(
    name="views",
    title="Mean offset or single entries?",
    about="layer",
    help="Repeats the same shuffles with the mean subtracted, and with the means of rows and columns subtracted: a "
    "mean offset makes a trap in the raw entries only, a giant entry in all three.",
    steps=steps,
    answer=answer,
    n_steps=lambda asked: len(VIEWS) * asked.state.n_shuffles,
)
