"""The charts of a report as files: of findings as they were pinned, else those of layers and ablations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..records import Complaint, LayerReport, Picture, Report
from .making import result_of

KINDS = ("spectrum", "ablation", "comparison")


def chart_of(report: Report, layer: str, kind: str = "spectrum", index: int = 0) -> Any:
    """An Altair chart of one layer: its ``spectrum``, or the ``ablation`` or ``comparison`` of its ``index``-th test.

    Raises ``Complaint`` for a layer, a kind or an ablation that the report does not have.
    """
    from .. import charts

    found = report.layer(layer)
    if found is None:
        known = ", ".join(one.ref.name for one in report.layers[:20]) or "none"
        raise Complaint(f"The report has no layer {layer!r}; it has {known}.")
    if kind == "spectrum":
        records = drawn(found)
        if not records:
            raise Complaint(f"The report has no spectrum of {layer}: {found.ref.caveat or 'it could not be computed'}.")
        return charts.esd(*records)
    if kind not in KINDS:
        raise Complaint(f"There is no chart {kind!r}; choose one of {', '.join(KINDS)}.")
    tests = report.ablations_of(layer)
    if not 0 <= index < len(tests) or not tests[index].n_done:
        raise Complaint(f"The report has no ablation {index} of {layer} with a result; it has {len(tests)}.")
    result = result_of(tests[index], report.layers)
    return charts.divergence(result) if kind == "ablation" else charts.comparison(result)


def drawn(layer: LayerReport) -> list[Any]:
    """The records that the chart of a layer's spectrum is drawn from."""
    main = layer.spectrum if layer.spectrum is not None else layer.estimate
    if main is None:
        return []
    scan = layer.scan if layer.scan is not None and layer.scan.seeds else None
    return [one for one in (main, layer.null, layer.tail, scan) if one is not None]


def pictures_of(report: Report, width_mm: float, dpi: float) -> Iterator[Picture]:
    """Every picture of the findings, else of every layer and ablation, at this width."""
    from ..charts.saving import resized, sized_picture

    pinned = [one for finding in report.findings for one in finding.pictures if one.svg or one.png]
    for one in pinned:
        yield resized(one, width_mm, dpi)
    if pinned:
        return
    for layer in report.layers:
        if drawn(layer):
            name = file_word(layer.ref.name)
            yield sized_picture(chart_of(report, layer.ref.name), f"{name}-spectrum", width_mm, dpi)
        for k, test in enumerate(report.ablations_of(layer.ref.name)):
            if test.n_done:
                chart = chart_of(report, layer.ref.name, "ablation", k)
                yield sized_picture(chart, f"{file_word(layer.ref.name)}-ablation-{k + 1}", width_mm, dpi)


def file_word(name: str) -> str:
    """A layer's name as part of a file's name: letters, digits, dots and dashes only.

    >>> file_word("../h.0/attn[head 3]")
    'h.0-attn-head-3'
    """
    return re.sub(r"[^A-Za-z0-9.]+", "-", name).strip("-.")[:80] or "layer"
