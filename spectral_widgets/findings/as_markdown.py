"""Findings as Markdown in which everything that was typed by someone comes out as text."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from ..records import Report
from .as_json import report_to_dict
from .plain import cell, one_line, shown

_SPECIAL = re.compile(r"[\\`*_{}\[\]()<>#|~!&$^@]")
_LEADING = re.compile(r"^([-+=:]|\d+(?=[.)]))")


def to_markdown(report: Report) -> str:
    """One section a finding: claim, evidence table, caveats, note, provenance, code."""
    data = report_to_dict(report)
    n_findings = len(data["findings"])
    count = f"{n_findings} finding{'' if n_findings == 1 else 's'}, {escaped(data['created'])}."
    parts = [f"# {escaped(data['title'])}", count]
    if report.layers or report.ablations:
        from .model_card import section_parts

        parts += ["## Layers", *section_parts(replace(report, findings=()))]
    for finding in data["findings"]:
        parts += _section(finding)
    return "\n\n".join(parts) + "\n"


def _section(finding: dict[str, Any]) -> list[str]:
    parts = [f"## {escaped(finding['claim'])}"]
    parts.append(f"Layer {escaped(finding['layer'])}. Strength: {escaped(finding['strength'])}.")
    if finding["note"].strip():
        parts.append(quoted(finding["note"]))
    if finding["evidence"]:
        parts.append(_table(("evidence", "value"), finding["evidence"]))
    if finding["caveats"]:
        parts.append("\n".join(f"- {escaped(caveat)}" for caveat in finding["caveats"]))
    parts += [f"Picture: {escaped(picture['alt'])}" for picture in finding["pictures"]]
    provenance = {key: value for key, value in finding["provenance"].items() if key != "code"}
    parts.append(_table(("provenance", "value"), provenance))
    code = finding["provenance"]["code"]
    return [*parts, fenced(code)] if code.strip() else parts


def _table(head: tuple[str, str], rows: dict[str, Any]) -> str:
    lines = [f"| {head[0]} | {head[1]} |", "| --- | --- |"]
    lines += [f"| {escaped(key)} | {escaped(cell(value))} |" for key, value in rows.items()]
    return "\n".join(lines)


def escaped(text: object) -> str:
    """One line of Markdown that shows the text as it is: no markup, link, mention, formula or HTML.

    >>> escaped("a|b ](x) <i> www.x.org")
    'a\\\\|b \\\\]\\\\(x\\\\) \\\\<i\\\\> www\\\\.x.org'
    """
    line = _SPECIAL.sub(lambda match: "\\" + match.group(), one_line(text))
    line = re.sub(r"\b(www)\.", r"\1\\.", line, flags=re.IGNORECASE)
    line = re.sub(r":(?=//)|(?<=mailto):|(?<=xmpp):", r"\\:", line, flags=re.IGNORECASE)
    return _LEADING.sub(_tamed, line)


def _tamed(match: re.Match[str]) -> str:
    start = match.group()
    return f"{start}\\" if start.isdigit() else f"\\{start}"


def quoted(text: str) -> str:
    """The text as a block quote that keeps its lines."""
    return "\n".join(f"> {escaped(line)}  " for line in shown(text).split("\n"))


def fenced(code: str) -> str:
    """The code in a fence that is longer than any run of backticks in it."""
    text = shown(code).rstrip("\n")
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    return f"{fence}python\n{text}\n{fence}"
