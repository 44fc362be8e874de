"""The tray of pinned findings."""

from __future__ import annotations

from collections.abc import Iterable

from ...records import Finding
from .. import text
from . import Json

FORMATS = {
    "html": "Web page (HTML)",
    "json": "JSON",
    "csv": "CSV",
    "markdown": "Markdown",
    "svg": "Chart (SVG)",
    "png": "Chart (PNG)",
}


def findings_view(findings: Iterable[Finding]) -> Json:
    """Pinned findings, newest last, and the formats that they can be exported in."""
    items = [
        {
            "id": one.id,
            "claim": one.claim,
            "layer": one.layer,
            "strength": one.strength,
            "note": one.note,
            "caveats": list(one.caveats),
            "created": text.moment(one.provenance.created),
        }
        for one in findings
    ]
    return {
        "items": items,
        "formats": [{"value": value, "label": label} for value, label in FORMATS.items()],
        "message": "" if items else "Nothing pinned yet: look at a layer, a trap or an ablation and press Pin.",
    }
