"""One layer of a page: its picture, what is known of it, its traps and the code that computes it."""

from __future__ import annotations

from collections.abc import Sequence

from ..records import Card, LayerReport
from ..records.text import number
from .page_charts import Drawn
from .page_parts import bullets, code_block, line, still_figure, table
from .page_traps import Ablations, traps_part


def layer_section(
    place: int, layer: LayerReport, cards: Sequence[Card], drawn: Drawn | None, ablations: Ablations
) -> str:
    """The layer with this number; without a picture it says why."""
    ref = layer.ref
    words = ", ".join(filter(None, (ref.kind, "×".join(map(str, ref.shape)), ref.cut, ref.dtype)))
    caveats = [one for one in (ref.caveat, layer.estimate.caveat if layer.estimate else "") if one]
    figure = still_figure(drawn.still, drawn.alt) if drawn is not None else '<p class="quiet">No spectrum is known.</p>'
    return (
        f'<section class="layer" id="layer-{place}" data-place="{place}">\n'
        f'<p class="eyebrow">Layer {place} · {line(words)}</p><h3><code>{line(ref.name)}</code></h3>\n'
        f"{bullets(caveats)}{_known(layer)}{figure}{traps_part(place, layer, ablations)}"
        f"{_numbers(layer, cards)}"
        f"{code_block(layer.code, 'Code that measures and shuffles it')}</section>\n"
    )


def _known(layer: LayerReport) -> str:
    """The spectrum, its bulk and its tail in a line of numbers."""
    items: list[tuple[str, str]] = []
    if layer.spectrum is not None:
        items.append(("largest eigenvalue", number(float(layer.spectrum.eigenvalues[-1]), 4)))
    elif layer.estimate is not None:
        items.append(("largest eigenvalue, about", number(layer.estimate.largest, 4)))
    if layer.null is not None and layer.null.variance > 0:
        items.append(("bulk (Marchenko–Pastur)", f"{number(layer.null.low)} to {number(layer.null.high)}"))
        items.append(("distance of the bulk from that law", number(layer.null.goodness, 2)))
    if layer.tail is not None:
        error = f" ± {number(layer.tail.alpha_error, 2)}" if layer.tail.alpha_error == layer.tail.alpha_error else ""
        items.append(("tail exponent α", f"{number(layer.tail.alpha)}{error}"))
    if layer.digest:
        items.append(("digest of the weights", layer.digest[:12]))
    cells = "".join(f"<div><dt>{line(name)}</dt><dd>{line(value)}</dd></div>" for name, value in items)
    return f'<dl class="known">{cells}</dl>\n' if items else ""


def _numbers(layer: LayerReport, cards: Sequence[Card]) -> str:
    """Every measured number, folded away."""
    found = [(card, one) for card in cards if (one := layer.measurement(card.name)) is not None]
    if not found:
        return ""
    rows = [
        (
            f'<a href="#metric-{line(card.name)}">{line(card.symbol)}</a> <span class="quiet">{line(card.name)}</span>',
            number(one.value, 4) + (f" ± {number(one.standard_error, 2)}" if one.is_estimated else ""),
            line(card.unit),
            line(one.caveat),
        )
        for card, one in found
    ]
    inner = table(("Metric", "#Value", "Unit", "Caveat"), rows, "numbers")
    summary = f"<summary>All {len(rows)} numbers</summary>"
    return f'<details class="all-numbers">{summary}<div class="scroll">{inner}</div></details>\n'
