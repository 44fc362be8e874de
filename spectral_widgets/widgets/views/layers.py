"""The table of layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan

from ...charts.sketch import sketch
from ...metrics import Evidence, measure_one, metrics_named
from ...records import LayerRef, Spectrum, TrapScan, WeightMatrix
from ...spectra.preview import estimated_stable_rank
from .. import text
from . import Json

#: The metrics that have a column, in order; each is described by its card.
COLUMN_METRICS = ("alpha", "stable_rank", "spikes", "traps")
_TITLES = {"alpha": "α", "stable_rank": "stable rank", "spikes": "spikes", "traps": "traps"}


def columns() -> list[Json]:
    """Columns of the table with title, unit and help."""
    own = [
        ("name", "layer", "", "Name of the weight in the model."),
        ("kind", "kind", "", "What the layer does, read from its name and type."),
        ("depth", "depth", "block", "Index of the block that the layer belongs to."),
        ("shape", "shape", "", "Shape of the tensor."),
        ("aspect", "aspect", "M / N", "Short side over long side of the matrix."),
    ]
    measured = [
        (one.card.name, _TITLES[one.card.name], one.card.unit, f"{one.card.meaning} {one.card.source}.")
        for one in metrics_named(COLUMN_METRICS)
    ]
    keys = ("key", "title", "unit", "help")
    named, *others = [dict(zip(keys, column, strict=True)) for column in [*own, *measured]]
    sketch_help = "Histogram of the eigenvalues, log axis."
    return [named, {"key": "sketch", "title": "ESD", "unit": "ln λ", "help": sketch_help}, *others]


def left_out_view(reasons: Mapping[str, str]) -> list[Json]:
    """Tensors that are no layers, by reason, the most frequent reason first."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in reasons.items():
        by_reason.setdefault(reason, []).append(name)
    ordered = sorted(by_reason.items(), key=lambda item: -len(item[1]))
    return [{"reason": reason, "names": names} for reason, names in ordered]


def waiting_row(ref: LayerRef) -> Json:
    """A row before anything was computed."""
    empty = dict.fromkeys((*COLUMN_METRICS, "sketch"))
    return {
        "name": ref.name,
        "kind": ref.kind,
        "depth": ref.depth,
        "shape": list(ref.shape),
        "aspect": None if isnan(ref.aspect) else ref.aspect,
        "cut": ref.cut,
        **empty,
        "traps_text": "",
        "caveats": {},
        "status": "failed" if ref.caveat else "waiting",
        "caveat": ref.caveat,
    }


def working_row(ref: LayerRef) -> Json:
    """A row being computed."""
    return {**waiting_row(ref), "status": "working"}


def preview_row(matrix: WeightMatrix) -> Json:
    """A row of a large layer at once, with what a few products with the matrix tell."""
    note = "Estimated from a few Lanczos steps while the spectrum is being computed."
    value = estimated_stable_rank(matrix)
    return {**working_row(matrix.ref), "stable_rank": value, "caveats": {"stable_rank": note}}


def spectrum_row(evidence: Evidence) -> Json:
    """A row whose spectrum is there while its shuffles are still to come."""
    row = {**working_row(evidence.layer), "caveats": {}}
    _fill(row, evidence, [name for name in COLUMN_METRICS if name != "traps"])
    return row


def failed_row(ref: LayerRef, sentence: str) -> Json:
    """A row that says why it has no numbers."""
    return {**waiting_row(ref), "status": "failed", "caveat": sentence}


def measured_row(evidence: Evidence) -> Json:
    """A complete row."""
    row = {**waiting_row(evidence.layer), "status": "done"}
    _fill(row, evidence, COLUMN_METRICS)
    scan = evidence.of(TrapScan)
    row["traps_text"] = f"{text.number(scan.median_count)} (per shuffle: {text.counts(scan.counts)})"
    if scan.refused:
        row["traps_text"] = "–"
    return row


def _fill(row: Json, evidence: Evidence, metrics: Sequence[str]) -> None:
    for metric in metrics_named(metrics):
        measured = measure_one(evidence, metric)
        row[measured.metric] = None if isnan(measured.value) else measured.value
        if measured.caveat:
            row["caveats"][measured.metric] = measured.caveat
    row["sketch"] = list(sketch(evidence.of(Spectrum)))
