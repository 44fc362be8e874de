"""The top of a page: which model, what was found at a glance, and how it was made."""

from __future__ import annotations

from collections import Counter

from ..records import Report
from ..records.text import counts, moment, plural
from .page_parts import bullets, code_block, facts, layer_link, line


def head_part(report: Report, places: dict[str, int]) -> str:
    """Title, date, the model in a line, and the sentences to begin with."""
    model = report.model
    about = ""
    if model is not None:
        about = f"{model.name} · {plural(model.n_layers, 'layer')} · {model.n_parameters:,} parameters · "
        about = line(about.replace(",", "\u202f")) + " "
    part = (
        '<p class="warning">This report is a part: it was stopped before its end.</p>' if not report.is_complete else ""
    )
    return (
        f'<header><h1>{line(report.title)}</h1><p class="meta">{about}{line(_moment(report.created))}</p>'
        f"{part}{bullets(report.caveats)}</header>\n{_glance(report, places)}{_contents(report)}"
    )


def _contents(report: Report) -> str:
    """Links to the parts, where there is more than one."""
    if not report.layers:
        return ""
    parts = [("findings", "Findings")] if report.findings else []
    parts += [("table", "Table of layers"), ("layers", "Layer by layer"), ("meaning", "Meaning"), ("about", "About")]
    links = "".join(f'<a href="#{place}">{name}</a>' for place, name in parts)
    return f'<nav class="contents" aria-label="Parts of this page">{links}</nav>\n'


def _moment(created: str) -> str:
    return moment(created) if len(created) > len("2026-01-02T03:04") and created[10:11] == "T" else created


def _glance(report: Report, places: dict[str, int]) -> str:
    """What was found, in a few sentences that lead to it."""
    said = [*_of_traps(report, places), *_of_tests(report, places)]
    if report.findings:
        said.append(f'<a href="#findings">{plural(len(report.findings), "finding")}</a> pinned, with notes.')
    items = "".join(f"<li>{one}</li>" for one in said)
    return f'<ul class="glance">{items}</ul>\n' if items else ""


def _of_traps(report: Report, places: dict[str, int]) -> list[str]:
    scanned = [layer for layer in report.layers if layer.scan is not None and layer.scan.counts]
    if not scanned:
        return []
    trapped = [layer for layer in scanned if any(layer.scan.counts)]  # type: ignore[union-attr]
    if not trapped:
        return [f"None of {plural(len(scanned), 'shuffled layer')} has a trap."]
    most = sorted(trapped, key=lambda layer: -layer.scan.median_count)[:3]  # type: ignore[union-attr]
    named = ", ".join(
        f"{layer_link(layer.ref.name, places)} ({line(counts(layer.scan.counts))})"  # type: ignore[union-attr]
        for layer in most
    )
    verb = "has" if len(trapped) == 1 else "have"
    each = "Most, in each shuffle" if len(trapped) > len(most) else "In each shuffle"
    return [f"{len(trapped)} of {plural(len(scanned), 'shuffled layer')} {verb} traps. {each}: {named}."]


def _of_tests(report: Report, places: dict[str, int]) -> list[str]:
    if not report.ablations:
        return []
    words = Counter(one.verdict.word for one in report.ablations)
    said = ", ".join(f"{count} {line(word)}" for word, count in words.most_common())
    first = report.ablations[0]
    return [
        f"{plural(len(report.ablations), 'trap')} tested by taking it out while the model runs: {said}; "
        f"for instance in {layer_link(first.layer, places)}."
    ]


def about_section(report: Report) -> str:
    """Model, settings, versions and the code of the whole report."""
    rows: dict[str, object] = {"title": report.title, "created": report.created, "schema": report.schema}
    if report.model is not None:
        model = report.model
        rows |= {"model": model.name, "fingerprint": model.fingerprint, "layers": model.n_layers}
        rows |= {"parameters": model.n_parameters, "device": model.device, "precision": model.precision}
        rows |= {"runs": model.missing} if model.missing else {}
    if report.settings is not None:
        one = report.settings
        rows |= {"shuffle seeds": list(one.seeds), "level": one.level, "engine": one.engine, "view": one.view}
    rows |= {"versions": dict(report.versions)} if report.versions else {}
    code = code_block(report.code, "Code that makes this report again")
    return f'<section id="about"><h2>About this report</h2>\n{facts(rows)}{code}</section>\n'
