"""The explorer for readers without a kernel: a picture, what was pinned and the measured layers."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ...charts import theme
from ...records import Finding
from .metrics import metrics_view

if TYPE_CHECKING:
    from ..bench import Bench


def still_of(bench: Bench) -> tuple[str, bytes]:
    """Words and PNG of the chosen layer's spectrum, or of the metrics while no layer is chosen; no PNG if neither."""
    drawn = bench.screen.spectrum_chart()
    with theme.unvalidated():
        if drawn is not None:
            chart, words = drawn
            return words, theme.still(chart.to_dict())
        chart = metrics_view(bench)["chart"]
        if chart is None:
            return "", b""
        return chart["alt"], theme.still({**chart["spec"], "datasets": chart["datasets"]})


def explorer_text(name: str, words: str, findings: Sequence[Finding]) -> str:
    """What is on the screen, and every claim that was pinned, a line each."""
    return "\n".join(
        [f"Explorer of {name}", *([words] if words else []), *(f"Pinned: {one.claim}" for one in findings)]
    )


def explorer_html(findings: Sequence[Finding], table: Any, columns: Sequence[str]) -> str:
    """Table of the findings, then of the layers. Names and notes are text, whatever they contain."""
    shown = table[[name for name in columns if name in table.columns]].reset_index()
    layers = shown.to_html(index=False, escape=True, float_format="{:.4g}".format, border=0) if len(shown) else ""
    return _findings(findings) + layers


def _findings(findings: Sequence[Finding]) -> str:
    if not findings:
        return ""
    head = "".join(f"<th>{title}</th>" for title in ("Finding", "Layer", "Strength", "Note"))
    body = "".join(
        "<tr>"
        + "".join(f"<td>{html.escape(part)}</td>" for part in (one.claim, one.layer, one.strength, one.note))
        + "</tr>"
        for one in findings
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
