"""A lab for readers without a kernel: the lesson, the finding, the numbers and the question as text and as HTML."""

from __future__ import annotations

import html
from typing import Any

from ...labs import Lab
from .lab import fact_row


def lesson_text(lab: Lab, record: Any) -> str:
    """Title, finding and numbers, a line each."""
    lines = [f"Lab {lab.order}: {lab.title}"]
    if record is not None:
        rows = [fact_row(fact) for fact in lab.numbers(record)]
        lines.append(lab.words(record))
        lines += [
            f"{row['label']}: {row['value']}" + (f" (theory {row['theory']})" if row["theory"] != "–" else "")
            for row in rows
        ]
    return "\n".join(lines)


def lesson_html(lab: Lab, record: Any) -> str:
    """The lesson under its picture; the answer is folded."""
    parts = [f"<h3>{_safe(lab.title)}</h3>", *(f"<p>{_safe(part)}</p>" for part in lab.text.split("\n\n"))]
    parts.append(f"<p><b>What to look for.</b> {_safe(lab.look_for)}</p>")
    if record is not None:
        parts.append(_table(lab, record))
    parts.append(f"<p><b>Question.</b> {_safe(lab.question)}</p>")
    parts.append(f"<details><summary>Answer</summary><p>{_safe(lab.answer)}</p></details>")
    return "".join(parts)


def _table(lab: Lab, record: Any) -> str:
    head = "".join(f"<th>{title}</th>" for title in ("", "simulated", "theory", "difference in s.e."))
    rows = [fact_row(fact) for fact in lab.numbers(record)]
    keys = ("label", "value", "theory", "deviation")
    body = "".join("<tr>" + "".join(f"<td>{_safe(row[key])}</td>" for key in keys) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _safe(words: str) -> str:
    return html.escape(words)
