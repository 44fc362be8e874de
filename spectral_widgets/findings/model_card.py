"""A section for the card of a model on Hugging Face, and a small card of its own."""

from __future__ import annotations

import json
from collections.abc import Collection
from math import isfinite

from ..records import AblationReport, LayerReport, Report
from ..records.text import plural
from .as_markdown import escaped, fenced
from .plain import number, one_line

#: Columns of the table of a card, those of them that were measured; a card is read, not computed with.
SHOWN = ("alpha", "stable_rank", "spikes", "traps")
MOST_ROWS = 60
#: Caveats of the table, and layers that are named at each of them.
MOST_REASONS, MOST_NAMES = 20, 6
_TAGS = ("random-matrix-theory", "spectral-analysis")


def model_card_section(report: Report) -> str:
    """The section “Model Examination” of a model card, to be put below the others or in the place of the empty one."""
    return "\n\n".join(["## Model Examination", "### Spectral analysis of the weights", *section_parts(report)]) + "\n"


def model_card_metadata(report: Report) -> str:
    """The block in YAML with which a card begins: tags, and the model that was looked at if it has a hub's name.

    Texts stand in double quotes as JSON has them, which is YAML.
    """
    lines = ["tags:", *(f"- {tag}" for tag in _TAGS)]
    name = one_line(report.model.name) if report.model is not None else ""
    if name.count("/") == 1 and all(one.isalnum() or one in "-_./" for one in name):
        lines.append(f"base_model: {json.dumps(name)}")
    return "\n".join(["---", *lines, "---", ""])


def section_parts(report: Report) -> list[str]:
    """Table of layers, ablations, findings in a line each, caveats, and how to get it again."""
    parts = [_about(report)]
    if report.layers:
        parts += [_table(report), _legend(report), *_reasons(report)]
    parts += ["\n".join(f"- {_ablated(one)}" for one in report.ablations)] if report.ablations else []
    if report.findings:
        parts.append("\n".join(f"- {escaped(one.claim)} ({escaped(one.strength)})" for one in report.findings))
    parts += ["\n".join(f"- {escaped(caveat)}" for caveat in report.caveats)] if report.caveats else []
    return [*parts, fenced(report.code)] if report.code.strip() else parts


def _about(report: Report) -> str:
    said = []
    if report.model is not None:
        model = report.model
        said.append(
            f"{escaped(model.name)}: {len(report.layers)} of {plural(model.n_layers, 'matrix', 'matrices')}, "
            f"{model.n_parameters:,} numbers in {escaped(model.precision)}, fingerprint {escaped(model.fingerprint)}."
        )
    if report.settings is not None and report.layers:
        seeds, level = len(report.settings.seeds), 100 * report.settings.level
        said.append(f"Traps are counted in {seeds} shuffles of the entries, {level:g} % false positives each.")
    own = report.versions.get("spectral_widgets")
    said.append(f"Made {escaped(report.created)}" + (f" with spectral\\_widgets {escaped(own)}." if own else "."))
    if not report.is_complete:
        said.append("The work was stopped before its end.")
    return " ".join(said)


def _table(report: Report) -> str:
    metrics = [card for name in SHOWN for card in report.cards if card.name == name]
    lines = ["| layer | shape | " + " | ".join(escaped(card.name) for card in metrics) + " |"]
    lines.append("| --- | --- |" + " ---: |" * len(metrics))
    lines += [_line(layer, [card.name for card in metrics]) for layer in report.layers[:MOST_ROWS]]
    left_out = len(report.layers) - MOST_ROWS
    return "\n".join([*lines, *([f"| … and {left_out} more | |" + " |" * len(metrics)] if left_out > 0 else [])])


def _line(layer: LayerReport, metrics: list[str]) -> str:
    shape = "×".join(map(str, layer.ref.shape))
    return " | ".join([f"| {escaped(layer.ref.name)}", shape, *(_cell(layer, name) for name in metrics)]) + " |"


def _cell(layer: LayerReport, metric: str) -> str:
    one = layer.measurement(metric)
    if one is None or not isfinite(one.value):
        return "–"
    error = f" ± {one.standard_error:.2g}" if one.is_estimated else ""
    return f"{number(float(f'{one.value:.4g}'))}{error}"


def _legend(report: Report) -> str:
    cards = [card for name in SHOWN for card in report.cards if card.name == name]
    said = [f"{escaped(card.name)}: {escaped(card.meaning)}" for card in cards]
    shown = [one for layer in report.layers for card in cards if (one := layer.measurement(card.name)) is not None]
    if any(one.is_estimated for one in shown):
        said.append("A number after ± is the standard error of an estimate; the full spectrum was not computed there.")
    return "\n".join(f"- {one}" for one in [*said, "A dash is a number that could not be computed."])


def _reasons(report: Report) -> list[str]:
    """Why numbers of the table are missing, estimated or in doubt: a line for each caveat, with its layers."""
    places: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for layer in report.layers:
        for name in (card for card in SHOWN if any(card == one.name for one in report.cards)):
            one = layer.measurement(name)
            if one is not None and one.caveat:
                layers, metrics = places.setdefault(_shared(one.caveat, layer.ref.name), ({}, {}))
                layers[layer.ref.name] = metrics[name] = None
    said = [f"- {_place(layers, metrics)}: {escaped(caveat)}" for caveat, (layers, metrics) in places.items()]
    left_out = len(said) - MOST_REASONS
    said[MOST_REASONS:] = [f"- … and {plural(left_out, 'caveat')} more."] if left_out > 0 else []
    return ["\n".join(["Caveats of the table:", "", *said])] if said else []


def _shared(caveat: str, name: str) -> str:
    """The caveat without the layer's own name at its head, so that layers can share it."""
    return f"the layer{caveat[len(name) :]}" if caveat.startswith(f"{name} (") else caveat


def _place(layers: Collection[str], metrics: Collection[str]) -> str:
    named = ", ".join(escaped(name) for name in list(layers)[:MOST_NAMES])
    more = f" and {len(layers) - MOST_NAMES} more" if len(layers) > MOST_NAMES else ""
    return f"{', '.join(map(escaped, metrics))} of {named}{more}"


def _ablated(one: AblationReport) -> str:
    part = "" if one.n_done >= one.probe.n else f" after {one.n_done} of {one.probe.n} inputs"
    said = f"{escaped(one.sentence)} Verdict{part}: {escaped(one.verdict.word)}. {escaped(one.verdict.reason)}"
    return f"{said} {escaped(one.caveat)}".rstrip()
