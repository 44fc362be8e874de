"""What was pinned: each finding with its note, its pictures, its evidence and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..records import Finding
from .page_parts import bullets, code_block, facts, layer_link, line, lines, picture_figure, table


def findings_overview(findings: list[dict[str, Any]], places: Mapping[str, int]) -> str:
    """All claims in one table that leads to them."""
    rows = [
        (
            str(number),
            f'<a href="#finding-{number}">{line(item["claim"])}</a>',
            layer_link(item["layer"], places),
            badge(item["strength"]),
        )
        for number, item in enumerate(findings, 1)
    ]
    return table(("#No.", "Finding", "Layer", "Strength"), rows, "overview")


def badge(strength: str) -> str:
    """How strong a finding is, as a small label."""
    return f'<span class="strength">{line(strength)}</span>'


def finding_section(number: int, finding: Finding, item: dict[str, Any], places: Mapping[str, int]) -> str:
    """One finding; ``item`` is it as plain JSON values."""
    provenance = {key: value for key, value in item["provenance"].items() if key != "code"}
    parts = [
        f'<p class="eyebrow">Finding {number} · {layer_link(item["layer"], places)} · {badge(item["strength"])}</p>'
        f"<h3>{line(item['claim'])}</h3>",
        f'<blockquote class="note">{lines(item["note"])}</blockquote>' if item["note"].strip() else "",
        *(picture_figure(picture) for picture in finding.pictures),
        f"<h4>Evidence</h4>{facts(item['evidence'], 'evidence')}" if item["evidence"] else "",
        bullets(item["caveats"]),
        f"<h4>Provenance</h4>{facts(provenance, 'provenance')}",
        code_block(item["provenance"]["code"]),
    ]
    kept = "\n".join(part for part in parts if part)
    return f'<section class="finding" id="finding-{number}">\n{kept}\n</section>\n'
