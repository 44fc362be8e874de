"""The rows of the table of layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite, isinf

from ...charts.estimated import stand_in
from ...charts.sketch import sketch
from ...metrics import Evidence
from ...records import LayerRef, Measurement, Spectrum, SpectrumEstimate, TrapScan, WeightMatrix
from ...spectra.preview import estimated_stable_rank
from .. import text
from ..columns import OWN
from . import Json
from .bands import band_cell


def left_out_view(reasons: Mapping[str, str]) -> list[Json]:
    """Tensors that are no layers, by reason, the most frequent reason first."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in reasons.items():
        by_reason.setdefault(reason, []).append(name)
    ordered = sorted(by_reason.items(), key=lambda item: -len(item[1]))
    return [{"reason": reason, "names": names} for reason, names in ordered]


def waiting_row(ref: LayerRef) -> Json:
    """A row before anything was computed; :func:`dressed` puts the metrics into it."""
    return {
        "name": ref.name,
        "kind": ref.kind,
        "depth": ref.depth,
        "shape": list(ref.shape),
        "aspect": ref.aspect if isfinite(ref.aspect) else None,
        "cut": ref.cut,
        "sketch": None,
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
    spectrum = evidence.of(Spectrum) if evidence.exact else stand_in(evidence.of(SpectrumEstimate))
    return {**working_row(evidence.layer), "sketch": list(sketch(spectrum))}


def failed_row(ref: LayerRef, sentence: str) -> Json:
    """A row that says why it has no numbers."""
    return {**waiting_row(ref), "status": "failed", "caveat": sentence}


def measured_row(evidence: Evidence) -> Json:
    """A complete row."""
    scan = evidence.of(TrapScan)
    counts = f"{text.number(scan.median_count)} (per shuffle: {text.counts(scan.counts)})"
    return {**spectrum_row(evidence), "status": "done", "traps_text": "–" if scan.refused else counts}


def dressed(
    row: Json,
    measured: Mapping[str, Measurement],
    columns: Sequence[str],
    *,
    with_bands: bool = True,
    beside: Mapping[str, Measurement] | None = None,
) -> Json:
    """The row with its columns: values, caveats, bands, what it still waits for, and the other model's values."""
    metrics = [name for name in columns if name not in OWN]
    known = {name: measured[name] for name in metrics if name in measured}
    caveats = {name: _caveat(one) for name, one in known.items()}
    found = {name: band_cell(name, measured) for name in known} if with_bands else {}
    return {
        **dict.fromkeys(metrics),
        **row,
        **{name: _plain(one) for name, one in known.items()},
        "caveats": {**row["caveats"], **{name: words for name, words in caveats.items() if words}},
        "bands": {name: band for name, band in found.items() if band},
        "waiting": [name for name in metrics if name not in known] if row["status"] == "done" else [],
        "errors": {name: one.standard_error for name, one in known.items() if one.is_estimated},
        "other": {name: _plain(beside[name]) for name in metrics if beside and name in beside},
    }


def _plain(one: Measurement) -> float | None:
    return one.value if isfinite(one.value) else None


def _caveat(one: Measurement) -> str:
    return " ".join(filter(None, ("Infinite." if isinf(one.value) else "", one.caveat)))
