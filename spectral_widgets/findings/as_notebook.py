"""A notebook that computes a report again and lays the numbers beside each other."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

from ..records import Report
from .as_markdown import escaped, quoted
from .plain import shown

Cell = dict[str, Any]
_WARNING = (
    "**This notebook was made from a report that somebody sent.** The code below is theirs and was not run. It stands "
    "in raw cells, which do nothing: read a cell, and turn it into a code cell only if you trust what it does."
)
_BESIDE = (
    "import pandas as pd\n\nagain = pd.DataFrame(\n"
    "    {one.ref.name: {m.metric: m.value for m in one.measurements} for one in doc.report.layers}\n).T\n"
    "found = pd.DataFrame(found).T\n"
    "pd.DataFrame({'largest difference': (again - found).abs().max(), 'largest value': found.abs().max()})"
)


def to_notebook(report: Report, *, trusted: bool = True) -> str:
    """The notebook as JSON, nbformat 4.5. Code that is not ``trusted`` becomes raw cells under a warning."""
    cells = [] if trusted else [_markdown(_WARNING)]
    cells += [_markdown(f"# {escaped(report.title)}\n\n{_beginning(report)}")]
    if report.code.strip():
        cells += [_markdown("## The whole report again"), _code(report.code, trusted)]
    if report.code.strip() and report.layers:
        cells += [_markdown("What the report says, as plain numbers, and how far it is from what came out now:")]
        cells += [_code(f"found = {_literal(report)}", trusted=True), _code(_BESIDE, trusted)]
    for one in report.ablations:
        words = f"## {escaped(one.sentence)}\n\n{escaped(one.verdict.word)}: {escaped(one.verdict.reason)}"
        cells += [_markdown(words), *_codes(one.code, trusted, "result.verdict")]
    for finding in report.findings:
        note = f"\n\n{quoted(finding.note)}" if finding.note.strip() else ""
        cells += [_markdown(f"## {escaped(finding.claim)}{note}"), *_codes(finding.provenance.code, trusted, "")]
    for number, cell in enumerate(cells):
        cell["id"] = hashlib.sha256(f"{number} {cell['source']}".encode()).hexdigest()[:12]
    notebook = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _beginning(report: Report) -> str:
    said = [f"Made {escaped(report.created)}."]
    if report.model is not None:
        said.append(f"Model {escaped(report.model.name)}, fingerprint {escaped(report.model.fingerprint)}.")
    versions = ", ".join(f"{escaped(name)} {escaped(version)}" for name, version in report.versions.items())
    said += [f"With {versions}."] if versions else []
    if "open_model(module" in report.code:
        said.append("The model was a live network: define it as `module` before the first cell of code.")
    return " ".join(said)


def _codes(code: str, trusted: bool, shown_last: str) -> list[Cell]:
    if not code.strip():
        return []
    return [_code(f"{code.rstrip()}\n{shown_last}" if trusted else code, trusted)]


def _markdown(text: str) -> Cell:
    return {"cell_type": "markdown", "id": "", "metadata": {}, "source": text}


def _code(text: str, trusted: bool) -> Cell:
    text = shown(text).rstrip("\n")
    if not trusted:
        return {"cell_type": "raw", "id": "", "metadata": {}, "source": text}
    made = {"cell_type": "code", "id": "", "metadata": {}, "source": text}
    return {**made, "execution_count": None, "outputs": []}


def _literal(report: Report) -> str:
    """The numbers as a Python literal: texts by ``repr`` in plain letters, missing numbers as ``None``."""
    lines = []
    for layer in report.layers:
        values = ", ".join(f"{one.metric!a}: {_number(one.value)}" for one in layer.measurements)
        lines.append(f"    {layer.ref.name!a}: {{{values}}},\n")
    return "{\n" + "".join(lines) + "}"


def _number(value: float) -> str:
    return repr(float(value)) if math.isfinite(value) else "float('nan')"
