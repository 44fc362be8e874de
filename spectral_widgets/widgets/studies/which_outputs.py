"""Which outputs move? The classes or tokens whose probability an edit of the trap changes most."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from ... import charts
from ...probing.attribution import attribute_steps, rows_of
from ...probing.plans import EditName, edit_for
from ...weights.output_names import output_names
from .. import text
from ..views import Json, fact
from .settings import choice, whole
from .shared import trap_lines, trap_name
from .shared_ablation import EDITS, INPUTS, INPUTS_THERE, gives_scores, input_fact, probe_line, rows_of_frame
from .study import Answer, Asked, Study, column, table, trap_of

_CODE: dict[str, str] = {
    "remove": "sw.RemoveTrap(trap, 'zero')",
    "replace": "sw.RemoveTrap(trap, 'random', seed={seed})",
}
_COLUMNS = (
    column("name", "Output", help="Text of a token or name of a class where the model tells, else its number."),
    column("change", "Change", numeric=True, help="Mean change of its probability, after minus before."),
    column("interval", "95 % interval", numeric=True),
    column("before", "Before", numeric=True, help="Its mean probability without the edit."),
)


def steps(asked: Asked) -> Iterator[pd.DataFrame]:
    """The outputs that moved most so far, batch by batch."""
    edit: EditName = asked.settings["edit"]
    made = edit_for(trap_of(asked), edit, asked.state.probe_seed)
    for found in attribute_steps(asked.model, made, asked.probe()):
        frame = pd.DataFrame(rows_of(found, asked.settings["most"]))
        yield frame.assign(name=output_names(asked.model, frame["class"])).set_index("class")


def answer(asked: Asked, frame: pd.DataFrame) -> Answer:
    """Who gains and who loses."""
    rows = [{**row, "label": _label(row)} for row in rows_of_frame(frame.reset_index())]
    sentence = _sentence(asked, rows)
    return Answer(
        sentence=sentence,
        facts=[
            fact("edit", EDITS[asked.settings["edit"]]),
            fact("shown", text.plural(len(rows), "output"), "Those that moved most, either way."),
            input_fact(asked),
        ],
        charts=[(charts.moved_outputs(rows), sentence)],
        tables=[table("Change of probability", _COLUMNS, [_row(row) for row in rows])],
        code=_code(asked),
        evidence={"outputs": [{"name": row["label"], "change": row["change"]} for row in rows]},
    )


def _label(row: Json) -> str:
    return row["name"] if row["name"] == str(row["class"]) else f"{row['name']} ({row['class']})"


def _sentence(asked: Asked, rows: list[Json]) -> str:
    name = trap_name(trap_of(asked))
    clear = [row for row in rows if row["low"] > 0 or row["high"] < 0]
    if not clear:
        return f"No output clearly moves when {name} is edited."
    most = clear[0]
    way = "up" if most["change"] > 0 else "down"
    ends = f"{text.number(most['before'])} to {text.number(most['before'] + most['change'])}"
    gain = sum(row["change"] > 0 for row in clear)
    return (
        f"Output {most['label']} moves most when {name} is edited: its probability goes {way} from {ends} in the mean. "
        f"Of {len(rows)} shown, {gain} clearly gain and {len(clear) - gain} clearly lose."
    )


def _row(row: Json) -> Json:
    return {
        "name": row["label"],
        "change": text.signed(row["change"]),
        "interval": f"{text.signed(row['low'])} to {text.signed(row['high'])}",
        "before": text.number(row["before"]),
    }


def _code(asked: Asked) -> str:
    edit = _CODE[asked.settings["edit"]].format(seed=asked.state.probe_seed)
    return asked.code(
        *trap_lines(asked),
        probe_line(asked),
        f"result = sw.attribute(model, {edit}, probe, k={asked.settings['most']})",
    )


STUDY = Study(
    name="which_outputs",
    title="Which outputs move?",
    about="trap",
    help=f"The classes or tokens whose probability changes most when the trap is edited. {INPUTS_THERE}",
    steps=steps,
    answer=answer,
    settings=(
        choice("edit", "Edit", EDITS, "remove", "What is done to the trap."),
        whole("most", "Outputs shown", 12, 2, 100, "Those that moved most, either way."),
    ),
    refuses=gives_scores,
    also_depends=INPUTS,
)
