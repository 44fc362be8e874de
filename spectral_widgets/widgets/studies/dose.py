"""How much of it matters? The trap at every strength from nothing to double."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pandas as pd

from ... import charts
from ...charts.comparison import TITLES
from ...probing.ablation import ablate_steps, batch_size_for
from ...probing.many import dose_plan, dose_rows
from .. import text
from ..views import Json, fact
from .settings import whole
from .shared import trap_lines, trap_name
from .shared_ablation import INPUTS, INPUTS_THERE, input_fact, interval, probe_line, rows_of_frame, runs, unit_of
from .study import Answer, Asked, Study, column, table, trap_of

_EXTRA = {
    "top1_agreement": column("top1_agreement", "Same top class", numeric=True, help="Share of outputs, 0 to 1."),
    "accuracy": column("accuracy", "Accuracy", numeric=True, help="Share of labelled outputs that are right."),
    "loss_nats": column("loss_nats", "Cross-entropy", numeric=True, help="In nats."),
}


def factors_of(asked: Asked) -> list[float]:
    """Evenly spaced from 0 to 2; an odd number of them has 1 among them."""
    count = asked.settings["points"]
    return [round(2 * at / (count - 1), 6) for at in range(count)]


def steps(asked: Asked) -> Iterator[pd.DataFrame]:
    """One run with all strengths on the same inputs; a frame whenever a batch is complete."""
    factors, probe = factors_of(asked), asked.probe()
    plan = dose_plan(trap_of(asked), factors, probe, batch_size_for(probe, asked.model.outputs))
    for result in ablate_steps(asked.model, plan):
        if result.n_done:
            yield pd.DataFrame(dose_rows(result, factors))


def answer(asked: Asked, frame: pd.DataFrame) -> Answer:
    """The change at each strength, and what the ends do."""
    rows = rows_of_frame(frame)
    measure = next(name for name in TITLES if name in rows[0])
    sentence = _sentence(asked, rows, measure)
    extra = [shown for name, shown in _EXTRA.items() if name in rows[0]]
    columns = [
        column("factor", "Factor", numeric=True, help="0 removes the trap, 1 leaves it, 2 doubles it."),
        column("change", "Change", numeric=True, help="Mean change of the outputs."),
        column("interval", "95 % interval", numeric=True),
        *extra,
    ]
    return Answer(
        sentence=sentence,
        facts=[
            fact("taken out", _size(rows[0], measure), "Factor 0."),
            fact("doubled", _size(rows[-1], measure), "Factor 2."),
            input_fact(asked),
        ],
        charts=[(charts.dose_response(rows), sentence)],
        tables=[table(TITLES[measure], columns, [_row(row, measure, extra) for row in rows])],
        code=_code(asked),
        evidence={"factor": [row["factor"] for row in rows], measure: [row[measure] for row in rows]},
    )


def _size(row: Json, measure: str) -> str:
    return f"{text.number(row[measure])}{unit_of(measure)}"


def _sentence(asked: Asked, rows: list[Json], measure: str) -> str:
    name = trap_name(trap_of(asked))
    if not any(row[measure] for row in rows):
        return f"No strength of {name} changes any output."
    out, double = (_size(row, measure) for row in (rows[0], rows[-1]))
    below = [row[measure] for row in rows if row["factor"] <= 1]
    steady = all(before >= after for before, after in pairwise(below))
    how = "the less of it is left, the more the outputs change" if steady else "the change does not grow steadily"
    ends = f"Without {name} the outputs change by {out}, with twice as much by {double}"
    return f"{ends}; between nothing and all, {how}.{_accuracies(rows)}"


def _accuracies(rows: list[Json]) -> str:
    if "accuracy" not in rows[0]:
        return ""
    out, double = (text.number(row["accuracy"]) for row in (rows[0], rows[-1]))
    return f" Accuracy is {out} without it and {double} with twice as much."


def _row(row: Json, measure: str, extra: list[Json]) -> Json:
    found = {shown["key"]: text.number(row[shown["key"]]) for shown in extra}
    change = {"change": text.number(row[measure]), "interval": interval(row["low"], row["high"])}
    return {"factor": text.number(row["factor"]), **change, **found}


def _code(asked: Asked) -> str:
    return asked.code(
        *trap_lines(asked),
        probe_line(asked),
        f"result = sw.dose_response(model, trap, {factors_of(asked)}, probe)",
    )


STUDY = Study(
    name="dose",
    title="How much of it matters?",
    about="trap",
    help=f"Scales the trap from 0 (taken out) over 1 (as it is) to 2 (doubled). {INPUTS_THERE}",
    steps=steps,
    answer=answer,
    settings=(whole("points", "Strengths", 9, 3, 41, "How many factors from 0 to 2; an odd number includes 1."),),
    refuses=runs,
    also_depends=INPUTS,
)
