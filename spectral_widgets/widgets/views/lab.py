"""A lab for the page: the lesson once, then with every draw its numbers, curves as float32 beside the message."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from math import isfinite
from typing import Any

import numpy as np

from ...charts import theme
from ...charts.plot import Panel
from ...charts.plot_range import datasets_of
from ...charts.plot_spec import panel_spec, shape_of
from ...labs import Lab
from ...records.lab import LabFact
from .. import text
from ..lab_state import LabState
from . import Json


def lesson_view(lab: Lab) -> Json:
    """Words and dials of a lab."""
    return {
        "name": lab.name,
        "title": lab.title,
        "text": lab.text.split("\n\n"),
        "look_for": lab.look_for,
        "question": lab.question,
        "answer": lab.answer,
        "dials": [dial.to_json(dial.default) for dial in lab.dials],
        "animation": lab.animation,
    }


def drawn_view(
    lab: Lab, record: Any, state: LabState, known: Collection[str], *, is_complete: bool
) -> tuple[Json, list[bytes], set[str]]:
    """A record for the page, the buffers of its curves, and the shapes of its panels.

    The spec of a panel goes along only where its shape is not ``known`` to the page.
    """
    buffers: list[bytes] = []
    with theme.unvalidated():
        panels = [_panel(panel, known, buffers) for panel in lab.panels(record, state.theory)]
    view = {
        "panels": panels,
        "sentence": lab.sentence(record),
        "caveat": lab.caveat(record),
        "facts": [fact_row(fact) for fact in lab.facts(record)],
        "n_draws": record.n_draws,
        "n_total": lab.n_draws(state.values),
        "complete": is_complete,
    }
    return view, buffers, {panel["shape"] for panel in panels}


def complete_view(lab: Lab, record: Any, state: LabState) -> Json:
    """What the page has drawn last is all there is."""
    return {"n_draws": record.n_draws, "n_total": lab.n_draws(state.values), "complete": True}


def _panel(panel: Panel, known: Collection[str], buffers: list[bytes]) -> Json:
    shape = shape_of(panel)
    key = hashlib.sha256(repr(shape).encode()).hexdigest()[:16]
    datasets = {name: packed(columns, buffers) for name, columns in datasets_of(panel).items()}
    made = {"shape": key, "alt": panel.words, "datasets": datasets}
    return made if key in known else {**made, "spec": panel_spec(shape)}


def packed(columns: dict[str, np.ndarray], buffers: list[bytes]) -> Json:
    """Numbers of a dataset as one float32 buffer, column after column; words stay in the message."""
    numbers = {key: column for key, column in columns.items() if column.dtype.kind != "U"}
    words = {key: column.tolist() for key, column in columns.items() if column.dtype.kind == "U"}
    length = len(next(iter(columns.values())))
    buffers.append(np.concatenate([np.asarray(one, np.float32) for one in numbers.values()]).tobytes())
    return {"length": length, "numbers": list(numbers), "words": words, "buffer": len(buffers) - 1}


def fact_row(fact: LabFact) -> Json:
    """One line of the table, all text ready."""
    error = f" ± {text.number(fact.error, 2)}" if isfinite(fact.error) else ""
    return {
        "label": fact.label,
        "help": fact.help,
        "value": text.number(fact.value, 4) + error,
        "theory": text.number(fact.theory, 4),
        "deviation": text.signed(fact.deviation, 2) if isfinite(fact.deviation) else "–",
    }
