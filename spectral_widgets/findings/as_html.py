"""Findings as one stand-alone page: no script, nothing loaded from anywhere, light, dark and on paper."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from importlib.resources import files
from typing import Any

from ..records import Finding, Picture, Report
from .as_json import report_to_dict
from .plain import cell, one_line, shown


def to_html(report: Report) -> str:
    """The page. Its policy forbids everything but its own style and pictures that are part of it."""
    data = report_to_dict(report)
    style = files(__package__).joinpath("report.css").read_text(encoding="utf-8")
    sections = "".join(
        _section(number, finding, item)
        for number, (finding, item) in enumerate(zip(report.findings, data["findings"], strict=True), 1)
    )
    count = len(data["findings"])
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(style)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{_line(data['title'])}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n"
        f"<header><h1>{_line(data['title'])}</h1>"
        f'<p class="meta">{count} {"finding" if count == 1 else "findings"} · {_line(data["created"])} · '
        f"{_line(data['schema'])}</p></header>\n"
        f"{_overview(data['findings'])}{sections}</main>\n</body>\n</html>\n"
    )


def _policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    nowhere = "default-src 'none'; base-uri 'none'; form-action 'none'"
    return f"{nowhere}; style-src 'sha256-{digest}'; img-src data:"


def _line(text: object) -> str:
    return escape(one_line(text), quote=True)


def _lines(text: object) -> str:
    return escape(shown(text), quote=True)


def _overview(findings: list[dict[str, Any]]) -> str:
    if not findings:
        return '<p class="empty">Nothing was pinned yet.</p>\n'
    rows = "".join(
        f'<tr><td class="number">{number}</td><td><a href="#finding-{number}">{_line(item["claim"])}</a></td>'
        f"<td><code>{_line(item['layer'])}</code></td><td>{_badge(item['strength'])}</td></tr>\n"
        for number, item in enumerate(findings, 1)
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("No.", "Finding", "Layer", "Strength"))
    return f'<table class="overview"><thead><tr>{head}</tr></thead><tbody>\n{rows}</tbody></table>\n'


def _badge(strength: str) -> str:
    return f'<span class="strength">{_line(strength)}</span>'


def _section(number: int, finding: Finding, item: dict[str, Any]) -> str:
    provenance = {key: value for key, value in item["provenance"].items() if key != "code"}
    code = item["provenance"]["code"]
    parts = [
        f'<p class="eyebrow">Finding {number} · <code>{_line(item["layer"])}</code> · '
        f"{_badge(item['strength'])}</p>"
        f"<h2>{_line(item['claim'])}</h2>",
        f'<blockquote class="note">{_lines(item["note"])}</blockquote>' if item["note"].strip() else "",
        *(_figure(picture) for picture in finding.pictures),
        _table("Evidence", item["evidence"]) if item["evidence"] else "",
        _caveats(item["caveats"]),
        _table("Provenance", provenance),
        f"<h3>Code that reproduces it</h3><pre><code>{_lines(code)}</code></pre>" if code.strip() else "",
    ]
    return f'<section id="finding-{number}">\n' + "\n".join(part for part in parts if part) + "\n</section>\n"


def _figure(picture: Picture) -> str:
    """The picture as an image, in which nothing can run; its text alone when there is no image."""
    if not picture.svg and not picture.png:
        return f'<p class="alt">Picture: {_line(picture.alt)}</p>'
    kind, content = ("svg+xml", picture.svg.encode(errors="replace")) if picture.svg else ("png", picture.png)
    data = base64.b64encode(content).decode()
    caption = f"<figcaption>{_line(picture.alt)}</figcaption>"
    return f'<figure><img alt="{_line(picture.alt)}" src="data:image/{kind};base64,{data}">{caption}</figure>'


def _table(title: str, rows: dict[str, Any]) -> str:
    body = "".join(
        f'<tr><th scope="row">{_line(key.replace("_", " "))}</th><td>{_line(cell(value))}</td></tr>'
        for key, value in rows.items()
    )
    return f'<h3>{title}</h3><table class="facts {title.lower()}"><tbody>{body}</tbody></table>'


def _caveats(caveats: list[str]) -> str:
    if not caveats:
        return ""
    return "<h3>Caveats</h3><ul>" + "".join(f"<li>{_line(caveat)}</li>" for caveat in caveats) + "</ul>"
