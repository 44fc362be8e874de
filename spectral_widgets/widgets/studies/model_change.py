"""What changed against the other model? Every layer that both have, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import isfinite
from typing import Any

from ... import charts
from ...metrics import frame_of
from ...metrics.pairs import measure_pairs_steps, pair_metric_names, pair_metrics_named
from ...records import Complaint, LayerRef, MatrixPair, Measurement, Table
from ...weights.pairing import Match, read_match
from .. import text
from ..views import Json, fact
from . import shared_compare as shared
from .settings import choice, live
from .study import Answer, Asked, Study, column, table

_SHOWN = (
    "relative_change", "relative_spectral_change", "update_rank", "update_stable_rank", "intruder_dimensions",
    "left_overlap", "left_overlap_by_chance", "weight_cka",
)  # fmt: skip
_CHARTED = {
    "relative_change": "Size of the change",
    "relative_spectral_change": "Largest singular value of it",
    "update_rank": "Rank of it",
    "update_stable_rank": "Stable rank of it",
    "intruder_dimensions": "Intruder dimensions",
    "left_overlap": "Overlap of subspaces",
    "weight_cka": "CKA of the weights",
}
assert {*_SHOWN, *_CHARTED} <= set(pair_metric_names())


def steps(asked: Asked) -> Iterator[Table]:
    """One layer more at each step; two matrices at a time are in memory."""
    cards = tuple(one.card for one in pair_metrics_named())
    refs: tuple[LayerRef, ...] = ()
    found: tuple[tuple[Measurement, ...], ...] = ()
    for match in shared.other_in(asked).pairing.matches:
        item = _readable(match)
        refs += (item if isinstance(item, LayerRef) else item.ref,)
        found += tuple(measure_pairs_steps([item], **shared.arguments(asked)))
        yield Table(refs, cards, found)


def _readable(match: Match) -> MatrixPair | LayerRef:
    try:
        return read_match(match)
    except Complaint as complaint:
        return replace(match.base.ref, caveat=str(complaint))


def answer(asked: Asked, last: Table) -> Answer:
    """What changed most, the change over depth, and a row for every layer."""
    other, rows = shared.other_in(asked), _rows(last)
    metric = asked.settings["metric"]
    drawn = []
    if any(isfinite(row[metric]) for row in rows):
        drawn = [
            (charts.change_by_layer(rows, metric, title=_title(metric)), charts.change_by_layer_text(rows, metric))
        ]
    return Answer(
        sentence=_sentence(asked, rows),
        facts=_facts(asked, rows),
        charts=drawn,
        tables=[table("Layers, most changed first", _columns(), [_shown(row) for row in _ranked(rows)])],
        caveat=" ".join([*other.failures.values(), *other.pairing.unmatched.values()][:4]),
        code=asked.code(f"other = {other.code}", f"result = sw.compare(model, other, {shared.said(asked)})"),
        evidence={"other": other.name, "relative_change": {row["layer"]: row["relative_change"] for row in rows}},
    )


def _rows(last: Table) -> list[dict[str, Any]]:
    return [
        {"layer": ref.name, "kind": ref.kind, "depth": ref.depth, "caveat": ref.caveat}
        | {one.metric: one.value for one in found}
        for ref, found in zip(last.layers, last.measurements, strict=True)
    ]


def _ranked(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: -row["relative_change"] if isfinite(row["relative_change"]) else 1.0)


def _sentence(asked: Asked, rows: list[dict[str, Any]]) -> str:
    total = len(shared.other_in(asked).pairing.matches)
    part = f" {total - len(rows)} of {total} layers still to compare." if len(rows) < total else ""
    ranked = [row for row in _ranked(rows) if isfinite(row["relative_change"])]
    if not ranked:
        return f"No layer could be compared so far.{part}"
    most = ranked[0]
    if most["relative_change"] == 0:
        return f"Nothing changed: all {len(ranked)} layers compared are equal.{part}"
    untouched = sum(1 for row in ranked if row["relative_change"] == 0)
    equal = f" {text.plural(untouched, 'layer is', 'layers are')} equal." if untouched else ""
    rank = f" by a difference of rank {text.number(most['update_rank'])}" if isfinite(most["update_rank"]) else ""
    return (
        f"{most['layer']} changed most: {text.number(100 * most['relative_change'])} % of its norm{rank}, of "
        f"{text.plural(len(ranked), 'layer')} compared.{equal}{part}"
    )


def _facts(asked: Asked, rows: list[dict[str, Any]]) -> list[Json]:
    other = shared.other_in(asked)
    intruders = sum(row["intruder_dimensions"] for row in rows if isfinite(row["intruder_dimensions"]))
    return [
        fact("here", asked.model.name, "The base of the comparison."),
        fact("other", other.name, "What is compared with it."),
        fact("compared", f"{len(rows)} of {len(asked.model.layers)}", "Layers that both have, by name and shape."),
        fact("intruders", text.number(intruders), "Leading directions of the other that the base does not have."),
    ]


def _columns() -> list[Json]:
    cards = [one.card for one in pair_metrics_named(_SHOWN)]
    return [
        column("layer", "Layer", help="Choose a row to look at the layer."),
        *(column(card.name, card.symbol, numeric=True, help=card.meaning) for card in cards),
    ]


def _shown(row: dict[str, Any]) -> Json:
    cells = {name: text.number(row[name]) for name in _SHOWN}
    return {"layer": row["layer"], **cells, "changes": {"layer": row["layer"], "selected": [row["layer"]]}}


def _title(metric: str) -> str:
    [one] = pair_metrics_named([metric])
    return f"{_CHARTED[metric].lower()}, {one.card.symbol}"


STUDY = Study(
    name="model_change",
    title="What changed against the other model?",
    about="model",
    help="Compares every layer that both models have: how large the difference is, of which rank, and whether the "
    "leading directions are still the same.",
    steps=steps,
    answer=answer,
    settings=(
        live(choice("metric", "Chart", _CHARTED, "relative_change")),
        *shared.SETTINGS,
    ),
    refuses=shared.refuses,
    n_steps=lambda asked: len(asked.other.pairing.matches) if asked.other is not None else 0,
    result=lambda asked, last: frame_of(last),
    topic="Two models",
)
