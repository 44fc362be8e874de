"""Charts at the size at which they are printed: width in millimetres, letters in points."""

from __future__ import annotations

import math
import os
import re
from pathlib import Path
from typing import Any

import vl_convert

from ..records import Complaint, Picture
from .theme import on_paper, vegalite_version

POINTS_PER_MM = 72 / 25.4
#: Size in points at which labels are printed; one column of a journal is about 85 mm wide.
LABEL_PT, COLUMN_MM, DPI = 7.0, 85.0, 300.0
#: Labels of the house's dress, in pixels of the chart.
_LABEL_PX = 11.0
_LEGEND_PX = 165.0
_LARGEST_MM, _LARGEST_DPI, _MOST_PIXELS = 2000.0, 2400.0, 20_000


def save(
    chart: Any,
    path: str | os.PathLike[str],
    *,
    width_mm: float = COLUMN_MM,
    dpi: float = DPI,
    label_pt: float = LABEL_PT,
    dark: bool = False,
) -> Path:
    """Write a chart as ``.svg`` or ``.png``, ``width_mm`` wide with labels of ``label_pt`` points.

    The chart is laid out for that width, not shrunk to it. A PNG has ``width_mm · dpi / 25.4`` pixels and says its
    resolution; an SVG says its width in millimetres. Raises ``Complaint`` for another suffix or an impossible size.
    """
    target = Path(path).expanduser()
    suffix = target.suffix.lower()
    if suffix not in (".svg", ".png"):
        raise Complaint(f"{target.name}: a chart is saved as .svg or .png, not as {suffix!r}.")
    svg = svg_of(chart, width_mm, label_pt, dark=dark)
    content = svg.encode() if suffix == ".svg" else png_of(svg, width_mm, dpi)
    try:
        target.write_bytes(content)
    except OSError as error:
        raise Complaint(f"{target} could not be written: {error.strerror}. Choose another folder.") from error
    return target


def svg_of(chart: Any, width_mm: float, label_pt: float = LABEL_PT, *, dark: bool = False) -> str:
    """The chart as SVG of this width. Raises ``Complaint`` when it cannot be drawn."""
    _check(width_mm, DPI)
    if not 1 <= label_pt <= 72:
        raise Complaint(f"Labels of {label_pt!r} points cannot be printed: give 1 to 72.")
    spec = on_paper(chart.to_dict(), dark)
    scale = label_pt / _LABEL_PX
    spec = _laid_out(spec, width_mm * POINTS_PER_MM / scale)
    try:
        svg = vl_convert.vegalite_to_svg(spec, vl_version=vegalite_version())
    except ValueError as error:
        raise Complaint(f"The chart could not be drawn: {error}.") from error
    return at_width(svg, width_mm)


def png_of(svg: str, width_mm: float, dpi: float) -> bytes:
    """The pixels of an SVG at this width and resolution, with the resolution written in."""
    _check(width_mm, dpi)
    pixels = width_mm / 25.4 * dpi
    if pixels > _MOST_PIXELS:
        raise Complaint(f"{width_mm:g} mm at {dpi:g} dpi are {pixels:.0f} pixels; {_MOST_PIXELS} are the most.")
    sides = _sides(svg)
    in_pixels = _with_sides(svg, str(sides[0]), str(sides[1]))
    return vl_convert.svg_to_png(in_pixels, scale=pixels / sides[0] * 72 / dpi, ppi=dpi)


def sized_picture(chart: Any, name: str, width_mm: float, dpi: float) -> Picture:
    """The chart as a picture in both forms."""
    svg = svg_of(chart, width_mm)
    return Picture(name, "", svg, png_of(svg, width_mm, dpi))


def resized(picture: Picture, width_mm: float, dpi: float) -> Picture:
    """A picture that was drawn before, at this width; one without SVG stays as it is."""
    if not picture.svg:
        return picture
    svg = at_width(picture.svg, width_mm)
    return Picture(picture.name, picture.alt, svg, png_of(svg, width_mm, dpi))


def at_width(svg: str, width_mm: float) -> str:
    """The same drawing, so many millimetres wide; its own units are kept in its view box."""
    _check(width_mm, DPI)
    width, height = _sides(svg)
    return _with_sides(svg, f"{width_mm:g}mm", f"{width_mm * height / width:.4g}mm")


def _check(width_mm: float, dpi: float) -> None:
    if not 5 <= width_mm <= _LARGEST_MM or not math.isfinite(width_mm):
        raise Complaint(f"A chart {width_mm!r} mm wide cannot be drawn: give 5 to {_LARGEST_MM:g} mm.")
    if not 10 <= dpi <= _LARGEST_DPI:
        raise Complaint(f"A resolution of {dpi!r} dpi cannot be drawn: give 10 to {_LARGEST_DPI:g}.")


def _laid_out(spec: dict[str, Any], width_px: float) -> dict[str, Any]:
    """The spec with all of it, axes and legend too, ``width_px`` wide, where Vega-Lite can do that.

    A chart of several views keeps its own layout and is scaled as it is. Heights stay: some marks stand at a pixel.
    """
    if any(key in spec for key in ("hconcat", "vconcat", "concat", "repeat", "facet")):
        return spec
    spec = _with_legends(spec, max(1, int(width_px // _LEGEND_PX)), width_px)
    return spec | {"width": width_px, "autosize": {"type": "fit-x", "contains": "padding"}, "padding": 6}


def _with_legends(part: Any, columns: int, width_px: float) -> Any:
    """The spec with at most so many columns in its legends, and labels that stay inside."""
    if isinstance(part, list):
        return [_with_legends(one, columns, width_px) for one in part]
    if not isinstance(part, dict):
        return part
    made = {key: _with_legends(one, columns, width_px) for key, one in part.items() if key != "datasets"}
    if isinstance(legend := made.get("legend"), dict):
        made["legend"] = legend | {"columns": min(columns, legend.get("columns", columns))}
        made["legend"] |= {"labelLimit": width_px / columns - 24, "labelFontSize": 10}
    return made | ({"datasets": part["datasets"]} if "datasets" in part else {})


def _sides(svg: str) -> tuple[float, float]:
    """Width and height in the drawing's own units."""
    box = re.search(r'<svg[^>]*\bviewBox="\s*[-\d.e]+[ ,]+[-\d.e]+[ ,]+([\d.e]+)[ ,]+([\d.e]+)\s*"', svg)
    found = box or re.search(r'<svg[^>]*\bwidth="([\d.]+)(?:px)?"[^>]*\bheight="([\d.]+)(?:px)?"', svg)
    if found is None or not all(float(side) > 0 for side in found.groups()):
        raise Complaint("The picture does not say how large it is, so it cannot be given another size.")
    return float(found.group(1)), float(found.group(2))


def _with_sides(svg: str, width: str, height: str) -> str:
    start = re.search(r"<svg[^>]*>", svg)
    assert start is not None
    sides, tag = _sides(svg), start.group()
    for name, value in (("width", width), ("height", height)):
        tag = re.sub(rf'\s{name}="[^"]*"', "", tag, count=1)
        tag = tag.replace("<svg", f'<svg {name}="{value}"', 1)
    if "viewBox=" not in tag:
        tag = tag.replace("<svg", f'<svg viewBox="0 0 {sides[0]:g} {sides[1]:g}"', 1)
    return svg[: start.start()] + tag + svg[start.end() :]
