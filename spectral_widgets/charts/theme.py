"""Colours and dress of every chart, and the two ways out: to the page and to a file.

The colours are told apart by colour-blind eyes and have at least 3 : 1 contrast on white and on the dark
background of JupyterLab. Backgrounds are transparent on the page and solid in files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import vl_convert

from ..records import Complaint, Picture
from ..records.shown import UNWANTED, shown
from .later import alt
from .png import packed

LAYER = "#3D7FC4"
SHUFFLED = "#8C8C8C"
NULL = "#D55E00"
SHUFFLED_NULL = "#9467BD"
TAIL = "#1B9E77"
TRAP = "#D6277E"
BAND = "#C99700"
OTHER = "#A8614F"
INK = "#808080"
SERIES = ("#3D7FC4", "#1B9E77", "#B07D00", "#A461C2", "#C8603A")

# Vega blanks the labels it would crowd out on a log axis; keep those blank.
_SMALL = "datum.value && abs(datum.value) < 0.001"
NUMBERS = f"datum.label ? format(datum.value, {_SMALL} ? '.2~e' : '.4~g') : ''"
Width = int | str
FILE_WIDTH = 640
_FONT = "system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif"
_PAPER = {False: ("#FFFFFF", "#24292F"), True: ("#111111", "#E6E6E6")}


def dressed(chart: Any) -> Any:
    """The chart in the house's dress: transparent, quiet grid, legend on top."""
    return (
        chart.configure(background="transparent", font=_FONT)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=INK,
            titleColor=INK,
            domainColor=INK,
            tickColor=INK,
            gridColor=INK,
            gridOpacity=0.14,
            labelFontSize=11,
            titleFontSize=12,
            titleFontWeight="normal",
            titlePadding=8,
        )
        .configure_legend(
            orient="top",
            direction="horizontal",
            title=None,
            labelColor=INK,
            titleColor=INK,
            labelFontSize=11.5,
            labelLimit=320,
            symbolSize=90,
            symbolOpacity=1,
            symbolType="square",
            columns=3,
            rowPadding=3,
            symbolStrokeWidth=2.5,
            columnPadding=14,
            offset=6,
        )
    )


def scale(kind: str, **options: Any) -> alt.Scale:
    """A linear scale that starts at zero, or a logarithmic one, which has no zero to start at."""
    return alt.Scale(type="linear", zero=True, **options) if kind == "linear" else alt.Scale(type="log", **options)


def with_data(chart: Any, rows: dict[str, list[dict[str, Any]]]) -> Any:
    """The finished chart with its named datasets; last, since Altair copies them with every other step."""
    chart.datasets = rows
    return chart


@contextmanager
def unvalidated() -> Iterator[None]:
    """Build charts without checking each against the schema: three times faster, for redraws on the screen.

    Every chart is built with the check in the tests.
    """
    with alt.utils.schemapi.debug_mode(False):
        yield


def vegalite_version() -> str:
    """The Vega-Lite that draws the specs: the first that vl_convert has from Altair's own schema on.

    >>> vegalite_version().startswith("6.")
    True
    """
    wanted = _numbers(alt.SCHEMA_VERSION)
    known = [text for text in vl_convert.get_vegalite_versions() if _numbers(text)[0] == wanted[0]]
    enough = [text for text in known if _numbers(text) >= wanted]
    return min(enough, key=_numbers) if enough else max(known, key=_numbers)


def _numbers(version: str) -> tuple[int, int]:
    major, minor = version.lstrip("v").split(".")[:2]
    return int(major), int(minor)


def split(chart: Any) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """The Vega-Lite spec without any values, and the rows of its named datasets, all plain JSON."""
    bare = chart.copy(deep=False)
    bare.datasets = alt.Undefined
    rows = {} if chart.datasets is alt.Undefined else chart.datasets
    return json.loads(json.dumps(bare.to_dict(validate=False))), json.loads(json.dumps(rows, allow_nan=False))


def layered(charts: Sequence[Any], **properties: Any) -> dict[str, Any]:
    """The same spec as ``split(dressed(alt.layer(*charts).properties(**properties)))`` in a third of the time.

    Altair copies and hashes every chart at each step of that. The charts must read named datasets.
    """
    parts = [one.to_dict(validate=False, context={"top_level": False}) for one in charts]
    # What can be pointed at belongs to the whole chart, and says by name in which layer.
    params = []
    for place, part in enumerate(parts):
        own = part.pop("params", [])
        part.update({"name": f"view_{place}"} if own else {})
        params += [{**one, "views": [part["name"]]} for one in own]
    return json.loads(json.dumps({**_dress(), "layer": parts, **properties, **({"params": params} if params else {})}))


@lru_cache(maxsize=1)
def _dress() -> dict[str, Any]:
    bare = alt.layer(alt.Chart(alt.NamedData(name="none")).mark_point())
    spec = dressed(bare).to_dict(validate=False)
    return {key: spec[key] for key in ("config", "$schema")}


def picture(chart: Any, name: str, alt: str, *, dark: bool = False) -> Picture:
    """The chart as SVG text and as PNG bytes at twice its size; Complaint when it cannot be drawn."""
    spec, version = on_paper(chart.to_dict(), dark), vegalite_version()
    try:
        svg = vl_convert.vegalite_to_svg(spec, vl_version=version)
        png = vl_convert.vegalite_to_png(spec, vl_version=version, scale=2)
    except ValueError as error:
        advice = "Look at the records it was made of"
        raise Complaint(f"The chart {name!r} could not be drawn: {error}. {advice}.") from error
    return Picture(name, alt, svg, packed(png))


def still(spec: dict[str, Any], *, zoom: float = 1.0) -> bytes:
    """A complete Vega-Lite spec as PNG bytes on white, for a notebook that is read without a kernel."""
    return packed(vl_convert.vegalite_to_png(on_paper(spec, dark=False), vl_version=vegalite_version(), scale=zoom))


def _drawable(part: Any) -> Any:
    """A copy without characters that end the renderer, and the whole process with it: they are made visible."""
    if isinstance(part, dict):
        return {_drawable(key): _drawable(item) for key, item in part.items()}
    if isinstance(part, list | tuple):
        return [_drawable(item) for item in part]
    return shown(part) if isinstance(part, str) and UNWANTED.search(part) else part


def on_paper(spec: dict[str, Any], dark: bool) -> dict[str, Any]:
    """The spec for a file: a solid background, ink that fits it, and a width of its own."""
    paper, ink = _PAPER[dark]
    spec = _drawable(spec)
    config = spec.setdefault("config", {})
    config["background"] = paper
    for part, names in (("axis", ("labelColor", "titleColor")), ("legend", ("labelColor", "titleColor"))):
        config.setdefault(part, {}).update(dict.fromkeys(names, ink))
    spec["padding"] = 14
    if spec.get("width") == "container":
        spec["width"] = FILE_WIDTH
    return spec
