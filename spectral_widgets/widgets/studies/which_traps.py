"""Which traps matter? Every trap is edited by turns, of one layer or of all, beside its own matched controls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from ... import charts
from ...charts.comparison import TITLES
from ...probing.many import ablate_traps_steps, row_of
from ...records import Complaint, Trap
from ...spectra.traps import find_traps
from ...weights.layers import Layer
from .. import text
from ..views import Json, fact
from .settings import choice, whole
from .shared import scan_call
from .shared_ablation import (
    CHOSEN_THERE,
    EDITS,
    RUNS,
    input_fact,
    interval,
    probe_line,
    rows_of_frame,
    runs,
    runs_code,
    settings_of,
    unit_of,
)
from .study import About, Answer, Asked, Study, also_ask, column, table

_CAUSES = {"entries": "single entries", "mean": "mean offset", "collective": "no single cause"}
_STRONG = ("active", "harmful")
_COLUMNS = (
    column("trap", "Trap", help="Choose a row to go to the layer and the trap."),
    column("layer", "Layer"),
    column("cause", "Cause"),
    column("change", "Change", numeric=True, help="Mean change of the outputs by the edit."),
    column("interval", "95 % interval", numeric=True),
    column("floor", "Noise floor", numeric=True, help="Mean change by the strongest matched control."),
    column("verdict", "Verdict", help="By the rule of the Ablate panel."),
)
_ACCURACY = column("accuracy", "Accuracy", numeric=True, help="Change of accuracy, after minus before.")


def steps(asked: Asked) -> Iterator[pd.DataFrame]:
    """Find the traps layer by layer, one shuffle each, then ablate the strongest by turns: a growing table."""
    yield pd.DataFrame()
    traps: list[Trap] = []
    skipped: list[str] = []
    for layer in _layers(asked):
        try:
            traps += find_traps(layer.read(), **_scan_settings(asked), spectra="none").traps
        except Complaint:
            skipped.append(layer.name)
        yield _frame([], skipped, len(traps))
    chosen = sorted(traps, key=lambda trap: -trap.excess_widths)[: asked.settings["most"]]
    probe, rows = asked.probe(), []
    for trap, result in ablate_traps_steps(
        asked.model, chosen, probe, asked.settings["edit"], **settings_of(asked, probe)
    ):
        rows.append(row_of(trap, result))
        yield _frame(rows, skipped, len(traps))


def _layers(asked: Asked) -> list[Layer]:
    return [asked.layer] if asked.layer is not None else list(asked.model.layers)


def _scan_settings(asked: Asked) -> dict[str, Any]:
    state = asked.state
    return {"seeds": [state.seed], "level": state.level, "engine": state.engine, "view": state.view}


def _frame(rows: Sequence[Json], skipped: Sequence[str], found: int) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows))
    frame.attrs |= {"skipped": tuple(skipped), "found": found}
    return frame


def answer(asked: Asked, frame: pd.DataFrame) -> Answer:
    """How many traps matter, each with its change and its noise floor."""
    rows = rows_of_frame(frame)
    if not rows:
        return Answer(sentence=_nothing(asked, frame), caveat=_caveat(asked, frame), code=_code(asked, frame))
    measure = next(name for name in TITLES if name in rows[0])
    sentence = _sentence(rows, measure)
    strongest = max(rows, key=lambda row: row[measure])
    return Answer(
        sentence=sentence,
        facts=[
            fact("traps ablated", f"{len(rows)} of {frame.attrs['found']}", "The strongest come first."),
            fact("edit", rows[0]["edit"]),
            input_fact(asked),
            fact("controls", str(asked.state.n_controls), "Matched controls beside each trap."),
        ],
        charts=[(charts.trap_harm(rows), sentence)],
        tables=[table(TITLES[measure], _columns(rows[0]), [_row(row, measure) for row in rows])],
        caveat=_caveat(asked, frame),
        actions=_actions(strongest),
        code=_code(asked, frame),
        evidence={"traps": [{key: row[key] for key in ("layer", "trap", measure, "verdict")} for row in rows]},
    )


def _sentence(rows: Sequence[Json], measure: str) -> str:
    words = Counter(row["verdict"] for row in rows)
    strong = [row for row in rows if row["verdict"] in _STRONG]
    counts = ", ".join(f"{count} {word}" for word, count in words.most_common())
    if not strong:
        return f"Of {text.plural(len(rows), 'trap')} none is shown to do more than its matched controls: {counts}."
    most = max(strong, key=lambda row: row[measure])
    size = f"{text.number(most[measure])}{unit_of(measure)}"
    verb = "matters" if len(strong) == 1 else "matter"
    beaten = sum(not row["beats_controls"] for row in strong)
    is_are = "is" if beaten == 1 else "are"
    beside = f" Of these, {beaten} {is_are} not shown to do more than random edits of the same size." if beaten else ""
    return (
        f"{len(strong)} of {text.plural(len(rows), 'trap')} {verb} ({counts}); most of all trap {most['trap'] + 1} of "
        f"{most['layer']}, which changes the outputs by {size}.{beside}"
    )


def _nothing(asked: Asked, frame: pd.DataFrame) -> str:
    where = asked.layer.name if asked.layer is not None else asked.model.name
    found = frame.attrs.get("found", 0)
    if found:
        return f"{text.plural(found, 'trap')} found so far in {where}; none is measured yet."
    return f"No trap in {where}, in the shuffle with seed {asked.state.seed}."


def _caveat(asked: Asked, frame: pd.DataFrame) -> str:
    skipped = frame.attrs.get("skipped", ())
    left = max(0, frame.attrs.get("found", 0) - asked.settings["most"])
    parts = [f"{text.plural(left, 'weaker trap')} left out: raise the number of traps to see them."] if left else []
    parts += [f"Not read: {', '.join(skipped)}."] if skipped else []
    return " ".join(parts)


def _columns(row: Json) -> list[Json]:
    """With labels the change of accuracy stands before the verdict that it decides."""
    *before, verdict = _COLUMNS
    return [*before, *([_ACCURACY] if "accuracy_change" in row else []), verdict]


def _row(row: Json, measure: str) -> Json:
    return {
        "trap": f"trap {row['trap'] + 1}",
        "layer": row["layer"],
        "cause": _CAUSES[row["cause"]],
        "change": text.number(row[measure]),
        "interval": interval(row["low"], row["high"]),
        "floor": text.number(row["noise_floor"]),
        "accuracy": text.signed(row["accuracy_change"]) if "accuracy_change" in row else "–",
        "verdict": row["verdict"],
        "changes": _place(row),
    }


def _place(row: Json) -> Json:
    trap = {"seed": int(row["seed"]), "index": int(row["trap"])}
    return {"layer": row["layer"], "selected": [row["layer"]], "trap": trap}


def _actions(row: Json) -> list[Json]:
    name = f"trap {row['trap'] + 1} of {row['layer']}"
    return [also_ask("How much of the strongest matters?", "dose", f"Scales {name} from 0 to 2.", **_place(row))]


def _code(asked: Asked, frame: pd.DataFrame) -> str:
    skipped = frame.attrs.get("skipped", ())
    layers = f"[one for one in model.layers if one.name not in {skipped!r}]" if skipped else "model.layers"
    call = scan_call(asked.state, "one", f"[{asked.state.seed}]")
    return asked.code(
        probe_line(asked),
        f"scans = [{call} for one in {layers if asked.layer is None else '[layer]'}]",
        "traps = [trap for scan in scans for trap in scan.traps]",
        f"strongest = sorted(traps, key=lambda trap: -trap.excess_widths)[:{asked.settings['most']}]",
        f"result = sw.ablate_traps(model, strongest, probe, edit={asked.settings['edit']!r},\n    {runs_code(asked)})",
    )


def _study(name: str, title: str, about: About, where: str) -> Study:
    scan = ("seed", "level", "engine", "view")
    return Study(
        name=name,
        title=title,
        about=about,
        help=f"Takes every trap of {where} out by turns and measures what it does. {CHOSEN_THERE}",
        steps=steps,
        answer=answer,
        settings=(
            choice("edit", "Edit", EDITS, "remove", "What is done to each trap."),
            whole("most", "Most traps", 24, 1, 1000, "The strongest by their excess over the edge."),
        ),
        refuses=runs,
        also_depends=(*RUNS, *(scan if about == "model" else ())),
    )


LAYER = _study("traps_of_layer", "Which traps of this layer matter?", "layer", "the layer")
MODEL = _study("which_traps", "Which traps matter?", "model", "every layer")
