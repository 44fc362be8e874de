"""A report as one page that needs nothing else: readable as it stands, and alive where scripts may run."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from ..records import Report
from .as_json import report_to_dict
from .page_cards import cards_section
from .page_charts import Drawn, PageCharts, ablation_drawn, spectrum_drawn
from .page_data import json_block
from .page_findings import finding_section, findings_overview
from .page_head import about_section, head_part
from .page_layer import layer_section
from .page_parts import line
from .page_table import layers_table

_PACKAGE = __package__.partition(".")[0]


def page_of(report: Report) -> str:
    """The page. Its policy allows its own style, its own scripts and pictures that are part of it, nothing else."""
    charts = PageCharts()
    spectra = [spectrum_drawn(layer, charts) for layer in report.layers]
    tests = [ablation_drawn(one, report, charts) for one in report.ablations]
    style, script = _style(), _script()
    scripts = ([_vega()] if any((*spectra, *tests)) else []) + [script]
    data = {
        "layers": [one.data if one is not None else None for one in spectra],
        "ablations": [one.data if one is not None else None for one in tests],
        "specs": charts.specs,
        "columns": charts.pool.columns,
    }
    code = "".join(f'<script type="module">{one}</script>\n' for one in scripts)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(style, scripts)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{line(report.title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f"<main>\n{_body(report, spectra, tests)}</main>\n"
        f'<script type="application/json" id="data">{json_block(data)}</script>\n{code}</body>\n</html>\n'
    )


def _body(report: Report, spectra: list[Drawn | None], tests: list[Drawn | None]) -> str:
    places = {layer.ref.name: place for place, layer in enumerate(report.layers, 1)}
    parts = [head_part(report, places), _findings(report, places)]
    if report.layers:
        parts.append(f'<section id="table"><h2>Layers</h2>\n{layers_table(report)}</section>\n')
        parts.append('<div id="layers">\n')
        for place, layer in enumerate(report.layers, 1):
            ablations = [
                (number, one, drawn)
                for number, (one, drawn) in enumerate(zip(report.ablations, tests, strict=True), 1)
                if one.layer == layer.ref.name
            ]
            parts.append(layer_section(place, layer, report.cards, spectra[place - 1], ablations))
        parts += ["</div>\n", cards_section(report.cards)]
    if report.model is not None or report.layers:
        parts.append(about_section(report))
    return "".join(parts)


def _findings(report: Report, places: dict[str, int]) -> str:
    if not report.findings:
        return "" if report.layers else '<p class="empty">Nothing was pinned yet.</p>\n'
    data = report_to_dict(report)["findings"]
    sections = "".join(
        finding_section(number, finding, item, places)
        for number, (finding, item) in enumerate(zip(report.findings, data, strict=True), 1)
    )
    return f'<div id="findings"><h2>Findings</h2>\n{findings_overview(data, places)}{sections}</div>\n'


def _policy(style: str, scripts: list[str]) -> str:
    nowhere = "default-src 'none'; base-uri 'none'; form-action 'none'"
    allowed = " ".join(_digest(one) for one in scripts)
    return f"{nowhere}; script-src {allowed}; style-src {_digest(style)}; img-src data:"


@cache
def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _style() -> str:
    return files(__package__).joinpath("report.css").read_text(encoding="utf-8")


@cache
def _script() -> str:
    return files(_PACKAGE).joinpath("static", "report.js").read_text(encoding="utf-8")


@cache
def _vega() -> str:
    from ..charts.bundle import vega_bundle

    return vega_bundle("page").decode()
