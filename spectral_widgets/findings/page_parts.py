"""Small pieces of HTML. Every text that goes through here comes out as text, whatever is in it."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from ..records import Picture
from .plain import cell, one_line, shown

#: Characters that a data address of an SVG picture carries as they are; quotes and markup are not among them.
_PLAIN_IN_ADDRESS = " =:/;,()@!*?[]{}|~+$-_.'"


def line(text: object) -> str:
    """One line of text, also within quotes of an attribute."""
    return escape(one_line(text), quote=True)


def lines(text: object) -> str:
    """Text with its line breaks."""
    return escape(shown(text), quote=True)


def table(head: Sequence[str], rows: Iterable[Sequence[str]], kind: str, caption: str = "") -> str:
    """A table of cells that are HTML already; a heading that starts with ``#`` is that of a column of numbers."""
    numeric = [one.startswith("#") for one in head]
    titles = "".join(
        f'<th scope="col"{_numeric(is_number)}>{one.lstrip("#")}</th>'
        for one, is_number in zip(head, numeric, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td{_numeric(is_number)}>{one}</td>" for one, is_number in zip(row, numeric, strict=True))
        + "</tr>\n"
        for row in rows
    )
    said = f"<caption>{caption}</caption>" if caption else ""
    return f'<table class="{kind}">{said}<thead><tr>{titles}</tr></thead><tbody>\n{body}</tbody></table>\n'


def _numeric(is_number: bool) -> str:
    return ' class="number"' if is_number else ""


def facts(rows: Mapping[str, Any], kind: str = "") -> str:
    """Names and values, one a row, as plain JSON values."""
    body = "".join(
        f'<tr><th scope="row">{line(key.replace("_", " "))}</th><td>{line(cell(value))}</td></tr>'
        for key, value in rows.items()
    )
    return f'<table class="facts{" " + kind if kind else ""}"><tbody>{body}</tbody></table>'


def code_block(code: str, title: str = "Code that reproduces it") -> str:
    """Python to read and to copy."""
    return f'<h4>{line(title)}</h4><pre class="code"><code>{lines(code)}</code></pre>' if code.strip() else ""


def bullets(texts: Iterable[str], title: str = "Caveats") -> str:
    """A list of sentences under a title; nothing where there are none."""
    items = "".join(f"<li>{line(text)}</li>" for text in texts)
    return f"<h4>{line(title)}</h4><ul>{items}</ul>" if items else ""


def picture_figure(picture: Picture) -> str:
    """The picture as an image, in which nothing can run; its text alone when there is no image."""
    if not picture.svg and not picture.png:
        return f'<p class="alt">Picture: {line(picture.alt)}</p>'
    kind, content = ("svg+xml", picture.svg.encode(errors="replace")) if picture.svg else ("png", picture.png)
    return _figure(picture.alt, f"data:image/{kind};base64,{base64.b64encode(content).decode()}")


def still_figure(svg: str, alt: str) -> str:
    """A chart of ours as an image; smaller than in base64."""
    return _figure(alt, "data:image/svg+xml," + quote(svg, safe=_PLAIN_IN_ADDRESS), "still")


def _figure(alt: str, address: str, kind: str = "") -> str:
    classes = f' class="{kind}"' if kind else ""
    image = f'<img alt="{line(alt)}" src="{address}">'
    return f"<figure{classes}>{image}<figcaption>{line(alt)}</figcaption></figure>\n"


def layer_link(name: str, places: Mapping[str, int]) -> str:
    """The name of a layer, leading to its part of the page where it has one."""
    shown_name = f"<code>{line(name)}</code>"
    return f'<a href="#layer-{places[name]}">{shown_name}</a>' if name in places else shown_name
