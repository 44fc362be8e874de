"""Reports as JSON and back, by the schema in ``report.schema.json``."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

from ..records import SCHEMA, Complaint, Finding, Picture, Provenance, Report
from .plain import missing, plain
from .schema import report_schema, violations


def report_to_dict(report: Report) -> dict[str, Any]:
    """The report as plain JSON values. Pictures keep name and text; NaN becomes null and a caveat."""
    return {
        "schema": report.schema,
        "title": plain(report.title, "title"),
        "created": plain(report.created, "created"),
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
    """Indented JSON that a strict reader accepts."""
    return json.dumps(report_to_dict(report), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def from_json(text: str, name: str = "the text") -> Report:
    """The report in a JSON text. Raises Complaint for bad JSON, another schema, or a wrong structure."""
    data = _parsed(text, name)
    if not isinstance(data, dict) or "schema" not in data:
        raise Complaint(f"{name} is not a report of this package: it names no schema.")
    if data["schema"] != SCHEMA:
        raise Complaint(f"{name} follows the schema {data['schema']!r}; this version reads {SCHEMA!r} only.")
    wrong = next(violations(data, report_schema()), None)
    if wrong is not None:
        raise Complaint(f"{name} is not a valid report: {wrong}.")
    findings = tuple(_finding_of(item) for item in data["findings"])
    return Report(data["title"], findings, data["created"], data["schema"])


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
