"""Does the trap go when its entries go? The same seeds before and after the named entries are set to the mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ... import charts
from ...records import ChangeEntries, SubtractMean, Trap, TrapScan
from ...spectra.edits import edited
from ...spectra.traps import find_traps_steps
from .. import text
from ..views import Json, fact
from .shared import scan_call, screen_scan_steps, trap_lines
from .study import Answer, Asked, Study, column, go, layer_of, table, trap_of

Result = tuple[TrapScan, TrapScan | None]
_NOTHING = "No single entry and no mean offset causes this trap, so there is nothing to take out."
_COLUMNS = (
    column("seed", "Seed", numeric=True),
    column("before", "Traps before", numeric=True),
    column("after", "Traps after", numeric=True),
    column("largest_before", "Largest λ before", numeric=True),
    column("largest_after", "Largest λ after", numeric=True),
)


def edit_of(trap: Trap) -> ChangeEntries | SubtractMean:
    """What takes the cause of a trap out: its named entries set to the mean, or the mean subtracted."""
    return SubtractMean(trap.layer) if trap.cause == "mean" else ChangeEntries(trap.layer, trap.culprits)


def _refuses(asked: Asked) -> str:
    trap = trap_of(asked)
    return "" if trap.cause == "mean" or trap.culprits else _NOTHING


def steps(asked: Asked) -> Iterator[Result]:
    """The scan of the screen, then the growing one of the changed matrix with the same seeds."""
    state, matrix = asked.state, asked.matrix()
    edit = edit_of(trap_of(asked))
    for before in screen_scan_steps(asked):
        yield before, None
    flat = edited(edit, matrix).astype(matrix.values.dtype)
    changed = replace(matrix, values=matrix.unfolding.unfold_block(flat))
    for after in find_traps_steps(changed, state.seeds, state.level, state.engine, view=state.view):
        yield before, after


def answer(asked: Asked, last: Result) -> Answer:
    """Traps before and after, seed by seed."""
    before, after = last
    trap = trap_of(asked)
    named = [("before", before)] + ([(f"without {_cause(trap)}", after)] if after is not None else [])
    return Answer(
        sentence=_sentence(trap, before, after),
        facts=_facts(trap, before, after),
        charts=[(charts.trap_strips(named), charts.trap_strips_text(named))],
        tables=[] if after is None else [table("The same seeds before and after", _COLUMNS, _rows(before, after))],
        caveat="" if after is None else after.caveat,
        actions=[
            go(
                "Set this up in Ablate",
                "Chooses the same change there, to measure what it does to the outputs.",
                edit="subtract_mean" if trap.cause == "mean" else "change_entries",
            )
        ],
        code=_code(asked, trap),
        evidence={"before": list(before.counts), "after": [] if after is None else list(after.counts)},
    )


def _cause(trap: Trap) -> str:
    if trap.cause == "mean":
        return "the mean offset"
    return "the named entry" if len(trap.culprits) == 1 else f"the {len(trap.culprits)} named entries"


def _sentence(trap: Trap, before: TrapScan, after: TrapScan | None) -> str:
    name, what = f"Trap {trap.index + 1} of {trap.layer.name}", _cause(trap)
    if after is None or trap.seed not in after.seeds:
        return f"{name}: the shuffles without {what} are still to come."
    was, now = (len(scan.of_seed(trap.seed)) for scan in (before, after))
    gone = "goes" if now < was else "stays, or another takes its place,"
    start = f"{name} {gone} without {what}: {_change(was, now)} in its own shuffle"
    if len(after.seeds) < len(before.seeds):
        return f"{start}."
    medians = text.number(before.median_count), text.number(after.median_count)
    return f"{start}, median over shuffles {medians[0]} → {medians[1]}."


def _change(was: int, now: int) -> str:
    return f"{text.plural(was, 'trap')} before, {now or 'none'} after"


def _facts(trap: Trap, before: TrapScan, after: TrapScan | None) -> list[Json]:
    places = text.places(trap.culprits, 6) if trap.cause != "mean" else "every entry"
    return [
        fact("changed", places, "Set to the mean of the layer; or, for a mean offset, the mean subtracted everywhere."),
        fact("traps before", text.counts(before.counts) or "–", "One number per shuffle."),
        fact("traps after", "…" if after is None else text.counts(after.counts) or "–", "The same seeds."),
    ]


def _rows(before: TrapScan, after: TrapScan) -> list[Json]:
    rows = []
    for k, seed in enumerate(after.seeds):
        was, now = before.largest[before.seeds.index(seed)], after.largest[k]
        rows.append({
            "seed": seed,
            "before": len(before.of_seed(seed)),
            "after": len(after.of_seed(seed)),
            "largest_before": text.number(was, 4),
            "largest_after": text.number(now, 4),
        })  # fmt: skip
    return rows


def _code(asked: Asked, trap: Trap) -> str:
    edit = "sw.SubtractMean(layer.ref)" if trap.cause == "mean" else "sw.ChangeEntries(layer.ref, trap.culprits)"
    after = scan_call(asked.state, f"changed.layers[{layer_of(asked).name!r}]")
    return asked.code(*trap_lines(asked), f"changed = sw.apply(model, {edit})", f"result = scan, {after}")


STUDY = Study(
    name="removal",
    title="Does the trap go when its entries go?",
    about="trap",
    help="Sets the entries that cause the trap to the mean of the layer (or subtracts a mean offset) in a copy, and "
    "shuffles again with the same seeds. The model stays as it is.",
    steps=steps,
    answer=answer,
    refuses=_refuses,
    n_steps=lambda asked: asked.state.n_shuffles + 1,
)
