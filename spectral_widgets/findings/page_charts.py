"""The charts of a page: specs that are drawn once, the rows that go into them, and a still picture of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from ..records import AblationReport, Complaint, LayerReport, Report
from .making import result_of
from .page_data import ColumnPool
from .plain import one_line

Scale = Literal["log", "linear"]
SCALES: tuple[Scale, ...] = ("log", "linear")
#: The picture that stands on paper and in front of who has no script.
STILL: tuple[Scale, Scale] = ("log", "linear")
CURVES = ("null", "shuffled_null")
#: Points of a control's curve, and of every other one.
FEW, MANY = 24, 64


@dataclass(slots=True)
class PageCharts:
    """What the script draws from: specs, each once, and packed rows."""

    pool: ColumnPool = field(default_factory=ColumnPool)
    specs: list[Any] = field(default_factory=list)

    def spec_at(self, spec: Any) -> int:
        """The place of this spec."""
        if spec not in self.specs:
            self.specs.append(spec)
        return self.specs.index(spec)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One chart: what the script needs, the same as an SVG text, and what it shows in words."""

    data: dict[str, Any]
    still: str
    alt: str


def spectrum_drawn(layer: LayerReport, charts: PageCharts) -> Drawn | None:
    """The spectrum of a layer on all four pairs of axes; ``None`` where there is none."""
    from .. import charts as drawing
    from ..charts.stills import still_svg

    records: list[Any] = [one for one in (layer.spectrum or layer.estimate, layer.null, layer.tail) if one is not None]
    records += [layer.scan] if layer.scan is not None and layer.scan.seeds else []
    if not records:
        return None
    try:
        rows = {(x, y): smoothed(drawing.esd_rows(*records, x_scale=x, y_scale=y)) for x in SCALES for y in SCALES}
    except Complaint:
        return None
    specs = {pair: drawing.esd_spec(tuple(rows[pair]), *pair) for pair in rows}
    alt = one_line(f"Spectrum of {layer.ref.name}. {drawing.esd_text(*records)}")
    data = {
        "alt": alt,
        "axes": {
            f"{x} {y}": {"spec": charts.spec_at(zoomed(specs[x, y])), "rows": charts.pool.packed(rows[x, y])}
            for x, y in rows
        },
        "per_bin": {x: _per_bin(rows[x, "linear"]) for x in SCALES},
    }
    return Drawn(data, still_svg({**specs[STILL], "datasets": rows[STILL]}), alt)


def smoothed(rows: Mapping[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """The rows with every second point of the smooth curves, which is enough for the eye; their ends stay."""
    thin = {name: [*part[:-1:2], part[-1]] for name, part in rows.items() if name in CURVES and part}
    return {**rows, **thin}


def _per_bin(rows: Mapping[str, Any]) -> float | None:
    """Eigenvalues in a bin per unit of density: all bins of an axis are equally wide on it."""
    bars = rows.get("layer") or rows.get("estimated") or ()
    return max((bar["count"] / bar["density"] for bar in bars if bar["count"]), default=None)


def zoomed(part: Any, *, top: bool = True) -> Any:
    """The spec with its two axes held by the parameters ``zoom_x`` and ``zoom_y`` while those have a value."""
    if isinstance(part, list):
        return [zoomed(one, top=False) for one in part]
    if not isinstance(part, dict):
        return part
    out = {key: zoomed(value, top=False) for key, value in part.items()}
    if isinstance(out.get("mark"), dict):
        out["mark"]["clip"] = True
    for axis in ("x", "y"):
        channel = out["encoding"].get(axis) if isinstance(out.get("encoding"), dict) else None
        if isinstance(channel, dict) and "field" in channel:
            channel["scale"] = {**(channel.get("scale") or {}), "domainRaw": {"expr": f"zoom_{axis}"}}
    if top:
        out["params"] = [*out.get("params", []), *({"name": f"zoom_{axis}", "value": None} for axis in ("x", "y"))]
    return out


def _thinned(rows: list[dict[str, Any]], n_done: int, most: int) -> list[dict[str, Any]]:
    """Running means at so many numbers of inputs, half of them early, where the means still move."""
    half = np.append(np.geomspace(1, n_done, most // 2), np.linspace(1, n_done, most // 2))
    kept = set(half.round().astype(int).tolist()) | {max((row["probe"] for row in rows), default=0)}
    return [row for row in rows if row["probe"] in kept]


def ablation_drawn(one: AblationReport, report: Report, charts: PageCharts) -> Drawn | None:
    """The running means of an edit, its companions and its controls; ``None`` where nothing was measured."""
    from .. import charts as drawing
    from ..charts.stills import still_svg
    from ..charts.theme import split, unvalidated

    result = result_of(one, report.layers)
    if not result.n_done:
        return None
    with unvalidated():
        spec, rows = split(drawing.divergence(result))
    rows = {name: _thinned(part, result.n_done, FEW if name == "controls" else MANY) for name, part in rows.items()}
    alt = one_line(f"{one.layer}: {drawing.ablation_text(result)}")
    data = {"alt": alt, "spec": charts.spec_at(spec), "rows": charts.pool.packed(rows)}
    return Drawn(data, still_svg({**spec, "datasets": rows}), alt)
