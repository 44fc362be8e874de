"""Every metric looked up: its card, all cards as a frame, and the same as a page to read."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import getdoc
from itertools import groupby

import pandas as pd

from ..records import Card
from .groups import group_of
from .registry import Metric, metric_names, metrics_named


def card(name: str) -> Card:
    """The card of a metric: symbol, unit, meaning, source, evidence, laws and cost. Metrics of pairs have one too.

    Raises ``Complaint`` when there is no metric of this name.

    >>> card("alpha").evidence
    'TailFit'
    """
    return _metric(name).card


def cards() -> tuple[Card, ...]:
    """All cards: metrics of one matrix, then of two, each in the order of registration."""
    return tuple(one.card for one in _all())


def reference() -> pd.DataFrame:
    """One row per metric, indexed by name: group, symbol, unit, meaning, formula, limits, source, evidence, cost, laws.

    ``formula`` is the text of the function, ``limits`` where its group stops meaning what it says. ``unit`` is empty
    for pure numbers, ``cost`` is one of :data:`records.Cost`, ``laws`` are words separated by commas.
    """
    rows = [
        {
            "name": one.card.name,
            "group": group_of(one).title,
            "symbol": one.card.symbol,
            "unit": one.card.unit,
            "meaning": one.card.meaning,
            "formula": _text(one),
            "limits": group_of(one).fails,
            "source": one.card.source,
            "evidence": one.card.evidence,
            "cost": one.card.cost,
            "laws": ", ".join(one.card.laws),
        }
        for one in _all()
    ]
    return pd.DataFrame(rows).set_index("name")


def reference_markdown() -> str:
    """The page ``notebooks/metrics.md``: a table per group with meaning, unit, formula and source; where it fails."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "# Metrics"
    yield ""
    yield "Made from the cards of the metrics by `sw.metrics.reference_markdown()`. A unit of 1 is a pure number;"
    yield "*weight* is the unit of the entries. Cost: *spectrum* takes the eigenvalues, *entries* one pass over the"
    yield "entries, *shuffles* decompositions of shuffled copies; *vectors*, *sampling* and *bootstrap* are measured on"
    yield "request."
    ordered = sorted(_all(), key=lambda one: list(_titles()).index(group_of(one).title))
    for group, members in groupby(ordered, key=group_of):
        yield from ("", f"## {group.title}", "")
        if group.fails:
            yield from (f"**Where they fail.** {group.fails}", "")
        yield "| name | symbol | unit | meaning | formula and limits | source | cost |"
        yield "|---|---|---|---|---|---|---|"
        for one in members:
            facts = (one.card.symbol, one.card.unit or "1", one.card.meaning, _text(one), one.card.source)
            yield f"| `{one.card.name}` | {' | '.join(map(_cell, facts))} | {one.card.cost} |"
    yield ""


def _titles() -> dict[str, None]:
    return dict.fromkeys(group_of(one).title for one in _all())


def _text(metric: Metric) -> str:
    """The docstring as one line of Markdown."""
    return " ".join((getdoc(metric.function) or "").replace("``", "`").split())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _all() -> tuple[Metric, ...]:
    # Pairs build on this room's registry, so that they are met late.
    from .pairs import pair_metrics_named

    return (*metrics_named("all"), *pair_metrics_named())


def _metric(name: str) -> Metric:
    from .pairs import pair_metric_names, pair_metrics_named

    of_pairs = name in pair_metric_names() and name not in metric_names()
    return (pair_metrics_named if of_pairs else metrics_named)((name,))[0]
