"""What if several go together? The joint edit of any of a layer's traps, beside the sum of their single effects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ... import charts
from ...charts.comparison import TITLES
from ...probing.ablation import ablate_steps
from ...probing.many import together_plan
from ...records import AblationResult, Complaint, Track, Trap
from ...spectra.traps import find_traps
from .. import text
from ..views import Json, fact
from .settings import Setting, choice, flag
from .shared import layer_name, scan_call
from .shared_ablation import (
    CHOSEN_THERE,
    EDITS,
    RUNS,
    floor_of,
    input_fact,
    interval,
    probe_line,
    runs,
    runs_code,
    settings_of,
    unit_of,
)
from .study import Answer, Asked, Study, column, table

#: So many traps have a switch of their own; the others share one.
SINGLE = 8
_REST = "others"
_COLUMNS = (
    column("edit", "Taken out"),
    column("change", "Change", numeric=True, help="Mean change of the outputs."),
    column("interval", "95 % interval", numeric=True),
)


def steps(asked: Asked) -> Iterator[AblationResult]:
    """The run of the joint edit with every single one beside it."""
    state, probe = asked.state, asked.probe()
    scan = find_traps(asked.matrix(), [state.seed], state.level, state.engine, view=state.view, spectra="none")
    chosen = [scan.traps[at] for at in chosen_of(asked, len(scan.traps))]
    if len(chosen) < 2:
        count = text.plural(len(scan.traps), "trap")
        raise Complaint(f"{layer_name(asked)} has {count} in this shuffle and {len(chosen)} is chosen: it takes two.")
    plan = together_plan(chosen, probe, asked.settings["edit"], **settings_of(asked, probe))
    for result in ablate_steps(asked.model, plan):
        if result.n_done:
            yield result


def chosen_of(asked: Asked, n_traps: int) -> list[int]:
    """Which traps the switches choose, of so many."""
    return [at for at in range(n_traps) if asked.settings[f"trap_{at + 1}" if at < SINGLE else _REST]]


def answer(asked: Asked, result: AblationResult) -> Answer:
    """The joint effect beside the sum of the single ones, and beside the strongest control of the whole."""
    joint, singles = result.edit, result.companions
    total = sum(float(track.mean[-1]) for track in singles)
    sentence = _sentence(asked, result, total)
    unit = unit_of(result.measure)
    floor = floor_of(result)
    return Answer(
        sentence=sentence,
        facts=[
            fact("together", f"{text.number(float(joint.mean[-1]))}{unit}", "Mean change by the joint edit."),
            fact("sum of the single ones", f"{text.number(total)}{unit}", "What would come if they did not interact."),
            fact("strongest control", f"{text.number(floor)}{unit}", "Random edits of the same joint size."),
            fact("verdict", result.verdict.word, result.verdict.rule),
            input_fact(asked),
        ],
        charts=[(charts.comparison(result), charts.ablation_text(result))],
        tables=[table(TITLES[result.measure], _COLUMNS, _rows(joint, singles, total))],
        caveat=result.caveat,
        code=_code(asked, _traps_of(result)),
        evidence={"together": float(joint.mean[-1]), "sum_of_singles": total, "verdict": result.verdict.word},
    )


def _traps_of(result: AblationResult) -> tuple[Trap, ...]:
    return tuple(edit.trap for _, edit in result.plan.companions)  # type: ignore[union-attr]


def _sentence(asked: Asked, result: AblationResult, total: float) -> str:
    joint, unit = float(result.edit.mean[-1]), unit_of(result.measure)
    names = ", ".join(str(trap.index + 1) for trap in _traps_of(result))
    beside = f"{text.number(joint)}{unit}, the sum of the single effects is {text.number(total)}{unit}"
    low, high = float(result.edit.low[-1]), float(result.edit.high[-1])
    how = "more than" if low > total else "less than" if high < total else "about as much as"
    start = f"Together traps {names} of {layer_name(asked)} do {how} one by one"
    return f"{start}: {beside}. As a whole: {result.verdict.word}."


def _rows(joint: Track, singles: Sequence[Track], total: float) -> list[Json]:
    rows = [_row("all together", joint), *(_row(track.label, track) for track in singles)]
    return [*rows, {"edit": "sum of the single ones", "change": text.number(total), "interval": "–"}]


def _row(label: str, track: Track) -> Json:
    change = text.number(float(track.mean[-1]))
    return {"edit": label, "change": change, "interval": interval(float(track.low[-1]), float(track.high[-1]))}


def _code(asked: Asked, traps: Sequence[Trap]) -> str:
    picked = ", ".join(f"scan.traps[{trap.index}]" for trap in traps)
    return asked.code(
        probe_line(asked),
        f"scan = {scan_call(asked.state, seeds=f'[{asked.state.seed}]')}",
        f"result = sw.ablate_together(model, [{picked}], probe,\n"
        f"    edit={asked.settings['edit']!r}, {runs_code(asked)})",
    )


def _switches() -> tuple[Setting, ...]:
    own = [
        flag(f"trap_{k}", f"Trap {k}", True, f"Trap {k} of the layer, strongest first.") for k in range(1, SINGLE + 1)
    ]
    return (*own, flag(_REST, f"Beyond {SINGLE}", True, f"All traps after number {SINGLE}."))


STUDY = Study(
    name="together",
    title="What if several go together?",
    about="layer",
    help="Takes several traps of the layer's first shuffle out at once, beside each alone. Those that the layer does "
    f"not have are passed over. {CHOSEN_THERE}",
    steps=steps,
    answer=answer,
    settings=(choice("edit", "Edit", EDITS, "remove", "What is done to each trap."), *_switches()),
    refuses=runs,
    also_depends=RUNS,
)
