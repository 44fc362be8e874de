"""Which heads compose? Scores of every head with every later one, against random heads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, fields
from math import isfinite
from typing import Any
from weakref import WeakKeyDictionary

import pandas as pd

from ... import charts
from ...metrics.composition import composition_steps
from ...records import Complaint, CompositionScore
from ...weights.attention import AttentionPart, attention_parts
from ...weights.model import Model
from .. import text
from ..views import Json, fact
from .settings import choice, flag, live, whole
from .study import Answer, Asked, Study, column, table

Scores = tuple[CompositionScore, ...]
_READINGS = {"key": "Key", "query": "Query", "value": "Value"}
_VALUES = {"z_rotated": "z, heads rotated", "z_score": "z, random heads", "score": "Score"}
_MOST_HEADS = 60
_REFUSALS: WeakKeyDictionary[Model, str] = WeakKeyDictionary()
_COLUMNS = (
    column("writer", "Writes"),
    column("reader", "Reads"),
    column("score", "Score", numeric=True, help="‖B A‖ / (‖B‖ ‖A‖), from 0 to 1."),
    column("z_score", "z, random heads", numeric=True, help="Standard deviations above random Gaussian heads: large "
           "for all trained heads, since they share a few strong directions."),
    column("z_rotated", "z, heads rotated", numeric=True, help="Standard deviations above the same two heads with a "
           "random rotation between them."),
    column("component", "Direction heard best", numeric=True, help="1 is the strongest singular direction that the "
           "writer has."),
    column("component_score", "Its score", numeric=True),
)  # fmt: skip


def _parts(model: Model) -> list[AttentionPart]:
    return [part for part in attention_parts(model) if not part.is_cross]


def refuses(asked: Asked) -> str:
    """Why heads cannot compose; empty when they can. Looked up once a model."""
    if asked.model not in _REFUSALS:
        _REFUSALS[asked.model] = _why_not(asked.model)
    return _REFUSALS[asked.model]


def _why_not(model: Model) -> str:
    try:
        parts = _parts(model)
    except Complaint as complaint:
        return str(complaint)
    stacks = [part.stack for part in parts]
    if len(set(stacks)) == len(stacks):
        return "This needs two attention layers one after the other; there is nothing to compose here."
    return ""


def steps(asked: Asked) -> Iterator[Scores]:
    """The scores of one reading head more at each step."""
    fold = asked.settings["fold_norms"]
    found: list[CompositionScore] = []
    heads = (part.head(k, fold_norms=fold) for part in _parts(asked.model) for k in range(part.heads.n_queries))
    for scores in composition_steps(heads):
        found += scores
        if scores:
            yield tuple(found)


def result(asked: Asked, scores: Scores) -> pd.DataFrame:
    """The frame of ``sw.composition_scores``."""
    names = [one.name for one in fields(CompositionScore)]
    return pd.DataFrame([[getattr(score, name) for name in names] for score in scores], columns=names)


def answer(asked: Asked, scores: Scores) -> Answer:
    """The matrix of one reading and its strongest pairs."""
    chosen = asked.settings
    reading, value = chosen["reading"], chosen["value"]
    own = [one for one in scores if one.reading == reading and isfinite(getattr(one, value))]
    ranked = sorted(own, key=lambda one: -float(getattr(one, value)))
    shown = _drawable(ranked)
    rows = [asdict(one) for one in own if one in shown] if len(shown) < len(own) else [asdict(one) for one in own]
    part = f" The chart shows the {_MOST_HEADS} strongest writers and readers." if len(rows) < len(own) else ""
    best = ranked[: chosen["most"]]
    return Answer(
        sentence=_sentence(asked, ranked),
        facts=_facts(asked, scores, ranked),
        charts=[(charts.composition(rows, reading, value), charts.composition_text(rows, reading, value))]
        if rows
        else [],
        tables=[table(f"Strongest pairs read by the {reading}", _COLUMNS, [_row(one) for one in best])] if best else [],
        caveat="A score says that heads are wired together, not that they do something with it." + part,
        code=asked.code(f"result = sw.composition_scores(model, fold_norms={chosen['fold_norms']})"),
        evidence={"reading": reading, "pairs": [_row(one) for one in best]},
    )


def _drawable(ranked: list[CompositionScore]) -> set[CompositionScore]:
    """All pairs, or those among the heads of the strongest ones where the chart has no room for all."""
    writers = list(dict.fromkeys((one.writer, one.writer_head) for one in ranked))[:_MOST_HEADS]
    readers = list(dict.fromkeys((one.reader, one.reader_head) for one in ranked))[:_MOST_HEADS]
    wanted = set(writers), set(readers)
    return {
        one
        for one in ranked
        if (one.writer, one.writer_head) in wanted[0] and (one.reader, one.reader_head) in wanted[1]
    }


def _sentence(asked: Asked, ranked: list[CompositionScore]) -> str:
    reading = asked.settings["reading"]
    if not ranked:
        return f"No pair of heads is compared by the {reading} so far."
    best = ranked[0]
    return (
        f"Head {_head(best, 'writer')} composes most with head {_head(best, 'reader')} by its {reading}: score "
        f"{text.number(best.score)}, {text.number(best.z_rotated)} standard deviations above the same heads rotated."
    )


def _facts(asked: Asked, scores: Scores, ranked: list[CompositionScore]) -> list[Json]:
    heads = {(one.writer, one.writer_head) for one in scores} | {(one.reader, one.reader_head) for one in scores}
    strong = sum(1 for one in ranked if one.z_rotated > 3)
    return [
        fact("heads", str(len(heads)), "Heads that have been compared."),
        fact("pairs", str(len(ranked)), f"A head and a later one that reads it by its {asked.settings['reading']}."),
        fact("beyond 3 deviations", str(strong), "Pairs more than 3 standard deviations above the same heads rotated; "
             f"of {len(ranked)} independent ones chance gives about {text.number(0.00135 * len(ranked), 2)}."),
    ]  # fmt: skip


def _head(one: CompositionScore, side: str) -> str:
    depth = getattr(one, f"{side}_depth")
    return f"{getattr(one, side) if depth is None else depth}.{getattr(one, f'{side}_head')}"


def _row(one: CompositionScore) -> dict[str, Any]:
    return {
        "writer": _head(one, "writer"),
        "reader": _head(one, "reader"),
        "score": text.number(one.score),
        "z_score": text.number(one.z_score),
        "z_rotated": text.number(one.z_rotated),
        "component": one.component + 1,
        "component_score": text.number(one.component_score),
    }


STUDY = Study(
    name="heads",
    title="Which heads compose?",
    about="model",
    help="How much of what a head writes another one reads, for every head and every later one of the same stack, "
    "against what random heads give. Heads are named block.head.",
    steps=steps,
    answer=answer,
    settings=(
        live(choice("reading", "Reads by its", _READINGS, "key")),
        live(choice("value", "Colour", _VALUES, "z_rotated", "What the matrix shows and the table is sorted by.")),
        live(whole("most", "Pairs in the table", 10, 1, 100)),
        flag("fold_norms", "Gains of the norm", True, "Multiplies the gains of the norm before the attention into "
             "what is read."),
    ),
    refuses=refuses,
    result=result,
    topic="Attention",
)  # fmt: skip
