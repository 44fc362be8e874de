"""The table of layers: every measured number is in it, the essential ones are in sight."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import isfinite

from ..records import Card, LayerReport, Measurement, Report
from ..records.text import counts, number
from .page_parts import line

#: Columns in sight before anyone chose others, as far as they were measured.
ESSENTIALS = ("traps", "alpha", "stable_rank", "spikes", "spectral_norm")
_FEWEST = 4
_WIDTH, _HEIGHT = 96, 24


def shown_metrics(cards: Sequence[Card]) -> tuple[str, ...]:
    """The metrics whose columns start in sight."""
    known = [card.name for card in cards]
    essential = [name for name in ESSENTIALS if name in known]
    return tuple(essential if len(essential) >= min(_FEWEST, len(known)) else known[:_FEWEST])


def layers_table(report: Report) -> str:
    """One row a layer. ``data-key`` names a column and ``data-value`` what it is sorted by."""
    shown = shown_metrics(report.cards)
    cards = sorted(report.cards, key=lambda card: shown.index(card.name) if card.name in shown else len(shown))
    metrics = "".join(_metric_head(card, card.name in shown) for card in cards)
    plain = (("name", "Layer"), ("kind", "Kind"), ("depth", "Depth"), ("shape", "Shape"))
    head = "".join(f'<th scope="col" data-key="{key}">{title}</th>' for key, title in plain)
    sketch_head = '<th scope="col">Spectrum</th>'
    cut = len('<th scope="col" data-key="name">Layer</th>')
    rows = "\n".join(_row(place, layer, cards, shown) for place, layer in enumerate(report.layers, 1))
    return (
        '<div class="scroll" id="layers-table"><table class="layers">'
        f"<thead><tr>{head[:cut]}{sketch_head}{head[cut:]}{metrics}</tr></thead>\n<tbody>\n{rows}\n</tbody></table></div>\n"
    )


def _metric_head(card: Card, is_shown: bool) -> str:
    words = " ".join(filter(None, (card.name.replace("_", " "), f"[{card.unit}]" if card.unit else "")))
    unit = f' <span class="unit">{line(words)}</span>' if words != card.symbol else ""
    title = line(card.symbol)
    return (
        f'<th scope="col" class="number" data-key="{line(card.name)}" data-help="{line(card.meaning)}"'
        f"{'' if is_shown else ' hidden'}>{title}{unit}</th>"
    )


def _row(place: int, layer: LayerReport, cards: Sequence[Card], shown: Sequence[str]) -> str:
    ref = layer.ref
    shape = "×".join(map(str, ref.shape))
    cut = f' <span class="quiet">{line(ref.cut)}</span>' if ref.cut else ""
    cell = partial(_cell, layer, shown)
    return (
        f'<tr data-place="{place}"><th scope="row" data-value="{line(ref.name)}">'
        f'<a href="#layer-{place}"><code>{line(ref.name)}</code></a>{cut}</th><td>{_sketch(layer)}</td>'
        f'<td data-value="{line(ref.kind)}">{line(ref.kind)}</td>'
        f'<td data-value="{"" if ref.depth is None else ref.depth}">{"–" if ref.depth is None else ref.depth}</td>'
        f'<td data-value="{ref.n_entries}">{line(shape)}</td>{"".join(map(cell, cards))}</tr>'
    )


def _cell(layer: LayerReport, shown: Sequence[str], card: Card) -> str:
    """A number as it is read, with the full one to sort by; what limits it stands in ``data-help``."""
    hidden = "" if card.name in shown else " hidden"
    one = layer.measurement(card.name)
    if one is None:
        return f'<td class="number"{hidden}>–</td>'
    said = _said(layer, one)
    note = f' data-help="{line(said)}"' if said else ""
    mark = '<span class="mark" aria-hidden="true">*</span>' if one.caveat else ""
    value = f' data-value="{one.value:.9g}"' if isfinite(one.value) else ""
    error = f" ± {number(one.standard_error, 2)}" if one.is_estimated else ""
    text = f"{number(one.value)}{error}"
    if card.name == "traps" and one.value > 0:
        text = f'<span class="traps">{text}</span>'
    return f'<td class="number"{value}{note}{hidden}>{text}{mark}</td>'


def _said(layer: LayerReport, one: Measurement) -> str:
    scan = layer.scan
    each = f"Traps in each shuffle: {counts(scan.counts)}." if one.metric == "traps" and scan and scan.counts else ""
    return " ".join(part for part in (each, one.caveat) if part)


def _sketch(layer: LayerReport) -> str:
    """The spectrum as a small outline, for the eye alone."""
    from ..charts.estimated import stand_in
    from ..charts.sketch import sketch

    spectrum = layer.spectrum or (stand_in(layer.estimate) if layer.estimate is not None else None)
    if spectrum is None:
        return ""
    heights = sketch(spectrum)
    step = _WIDTH / len(heights)
    tops = "".join(
        f"V{_HEIGHT - 1 - height * (_HEIGHT - 3):.1f}H{(at + 1) * step:.1f}" for at, height in enumerate(heights)
    )
    path = f'<path d="M0 {_HEIGHT - 1}{tops}V{_HEIGHT - 1}Z"/>'
    box = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}"'
    return f'<svg class="sketch" {box} aria-hidden="true">{path}</svg>'
