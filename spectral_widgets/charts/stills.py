"""Charts as SVG texts that are small, and the same however often they are drawn."""

from __future__ import annotations

import re
from itertools import count
from typing import Any

import vl_convert

from . import theme

_PLACES = re.compile(r' (?:d|transform|[xy][12]?|width|height)="[^"]*"')
_TENTHS = re.compile(r"(\d+\.\d)\d+")
_FOR_SCRIPTS = re.compile(r' (?:class|role|aria-[a-z]+|pointer-events|cursor|font-family)="[^"]*"')
_UNSEEN = re.compile(r'<text [^>]*\bopacity="0"[^>]*>[^<]*</text>|<path [^>]*\bdisplay="none"[^>]*/>')
_DEFAULTS = ('opacity="1"', 'transform="translate(0,0)"', 'stroke-dasharray="1,0"', 'x="0"', 'y="0"',
             'stroke-width="1"', 'font-weight="normal"')  # fmt: skip
_USUAL = re.compile(f" (?:{'|'.join(map(re.escape, _DEFAULTS))})")
_UNDRAWN = re.compile(r'<path d="[^"]*"/>')
_CLIP = re.compile(r"\bclip\d+\b(?=[\")])")
_QUOTES = re.compile(r'="([^"\']*)"')
_FONT = "system-ui, Segoe UI, Helvetica Neue, DejaVu Sans, Arial, sans-serif"


def still_svg(spec: dict[str, Any]) -> str:
    """A complete Vega-Lite spec as SVG text on white, for a picture that carries an alternative text of its own.

    Places are given to a tenth of a pixel; what only scripts and readers of the inner parts need is left out.
    """
    paper = theme.on_paper(spec, dark=False)
    paper["config"]["aria"] = False
    svg = vl_convert.vegalite_to_svg(paper, vl_version=theme.vegalite_version())
    svg = _UNSEEN.sub("", _FOR_SCRIPTS.sub("", svg)).replace("<svg ", f'<svg font-family="{_FONT}" ', 1)
    svg = _PLACES.sub(lambda part: _TENTHS.sub(r"\1", part.group()), svg)
    svg = _UNDRAWN.sub("", _USUAL.sub("", svg))
    return _QUOTES.sub(r"='\1'", _renumbered(svg))


def _renumbered(svg: str) -> str:
    """Clip paths are counted over all that a process has drawn; here they begin anew."""
    numbers = count(1)
    names: dict[str, str] = {}
    for found in _CLIP.findall(svg):
        if found not in names:
            names[found] = f"clip{next(numbers)}"
    return _CLIP.sub(lambda part: names[part.group()], svg)
