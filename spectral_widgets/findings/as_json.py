"""Reports as JSON and back, by the schema in ``report.schema.json``."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

from ..records import (
    FIRST_SCHEMA,
    SCHEMA,
    AblationReport,
    Card,
    Complaint,
    Finding,
    LayerRef,
    LayerReport,
    Picture,
    Provenance,
    Report,
    ReportedModel,
    ReportSettings,
)
from .checking import check_report
from .plain import UNWANTED, missing, plain
from .schema import report_schema, violations
from .wire import from_wire, to_wire


def report_to_dict(report: Report) -> dict[str, Any]:
    """The report as plain JSON values. Pictures keep name and text; NaN becomes null and a caveat."""
    return {
        "schema": SCHEMA,
        "title": plain(report.title, "title"),
        "created": plain(report.created, "created"),
        "is_complete": report.is_complete,
        "model": to_wire(report.model),
        "settings": to_wire(report.settings),
        "versions": plain(dict(report.versions), "versions"),
        "code": plain(report.code, "code"),
        "caveats": plain(report.caveats, "caveats"),
        "cards": to_wire(report.cards),
        "layers": to_wire(report.layers),
        "ablations": to_wire(report.ablations),
        "findings": [_finding_to_dict(finding) for finding in report.findings],
    }


def _finding_to_dict(finding: Finding) -> dict[str, Any]:
    caveats = [*finding.caveats, *missing(finding.evidence, "evidence")]
    return {
        "id": plain(finding.id, "id"),
        "claim": plain(finding.claim, "claim"),
        "layer": plain(finding.layer, "layer"),
        "strength": finding.strength,
        "evidence": plain(finding.evidence),
        "note": plain(finding.note, "note"),
        "caveats": plain(caveats, "caveats"),
        "provenance": plain(asdict(finding.provenance), "provenance"),
        "pictures": [{"name": plain(one.name), "alt": plain(one.alt)} for one in finding.pictures],
    }


def to_json(report: Report) -> str:
    """Indented JSON that a strict reader accepts; characters that act on a terminal stand as their codes."""
    text = json.dumps(report_to_dict(report), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    return UNWANTED.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def from_json(text: str, name: str = "the text") -> Report:
    """The report in a JSON text. Raises Complaint for bad JSON, another schema, or a wrong structure."""
    data = _parsed(text, name)
    if not isinstance(data, dict) or "schema" not in data:
        raise Complaint(f"{name} is not a report of this package: it names no schema.")
    if data["schema"] not in (FIRST_SCHEMA, SCHEMA):
        read = f"{FIRST_SCHEMA!r} and {SCHEMA!r}"
        raise Complaint(f"{name} follows the schema {str(data['schema'])[:80]!r}; this version reads {read}.")
    wrong = next(violations(data, report_schema(1 if data["schema"] == FIRST_SCHEMA else 2)), None)
    if wrong is not None:
        raise Complaint(f"{name} is not a valid report: {wrong}.")
    try:
        report = _report_of(data)
        check_report(report)
    except (ArithmeticError, ValueError) as error:
        raise Complaint(f"{name} is not a valid report: {str(error).rstrip('.')}.") from error
    return report


def _report_of(data: dict[str, Any]) -> Report:
    findings = tuple(_finding_of(item) for item in data["findings"])
    if data["schema"] == FIRST_SCHEMA:
        return Report(data["title"], findings, data["created"])
    return Report(
        data["title"],
        findings,
        data["created"],
        model=from_wire(ReportedModel | None, data["model"]),
        settings=from_wire(ReportSettings | None, data["settings"]),
        versions=data["versions"],
        cards=from_wire(tuple[Card, ...], data["cards"]),
        layers=tuple(_layer_of(item) for item in data["layers"]),
        ablations=from_wire(tuple[AblationReport, ...], data["ablations"]),
        code=data["code"],
        caveats=tuple(data["caveats"]),
        is_complete=data["is_complete"],
    )


def _layer_of(data: dict[str, Any]) -> LayerReport:
    return from_wire(LayerReport, data, from_wire(LayerRef, data["ref"]))


def _parsed(text: str, name: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise Complaint(f"{name} is not JSON that can be read: {error}.") from error


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is not a JSON number")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{digits} is too large for a number")
    return value


def _finding_of(data: dict[str, Any]) -> Finding:
    provenance = data["provenance"]
    return Finding(
        id=data["id"],
        claim=data["claim"],
        layer=data["layer"],
        strength=data["strength"],
        evidence=data["evidence"],
        note=data["note"],
        caveats=tuple(data["caveats"]),
        provenance=Provenance(**{**provenance, "seeds": tuple(provenance["seeds"])}),
        pictures=tuple(Picture(one["name"], one["alt"], "", b"") for one in data["pictures"]),
    )
