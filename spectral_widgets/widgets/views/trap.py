"""One trap explained."""

from __future__ import annotations

from ... import charts
from ...records import Patch, Trap, TrapScan
from .. import text
from . import Json, chart_json, fact

_EMPTY: Json = {
    "title": "",
    "explanation": "",
    "facts": [],
    "culprits": [],
    "actions": [],
    "chart": None,
    "chart_caption": "",
}


def empty_view(scan: TrapScan | None) -> Json:
    """No trap is chosen: says what to do, or that there is none."""
    if scan is not None and scan.refused:
        message = scan.caveat
    elif scan is not None and scan.seeds and not any(scan.counts):
        message = "No shuffle of this layer has a trap: nothing stays beyond the edge of noise."
    elif scan is not None:
        message = "Click a trap, a triangle in the spectrum or a button below it, to see what causes it."
    else:
        message = "Choose a layer, then a trap in its spectrum: what causes it is explained here."
    return {**_EMPTY, "status": "empty", "message": message}


def trap_view(trap: Trap, scan: TrapScan, patch: Patch | None) -> Json:
    """Eigenvalue, excess, p-value, localisation, cause, culprits and the matrix around the first of them."""
    chart = None if patch is None else chart_json(charts.neighbourhood(patch), charts.neighbourhood_text(patch))
    return {
        "status": "ready",
        "message": trap.caveat,
        "title": f"Trap {trap.index + 1} of {trap.layer.name}, shuffle with seed {trap.seed}",
        "explanation": explanation_of(trap),
        "facts": _facts(trap, scan),
        "culprits": [
            {"row": e.row, "column": e.column, "value": text.number(e.value, 4), "z_score": text.number(e.z_score),
             "share": e.share}
            for e in trap.culprits
        ],
        "actions": _actions(trap),
        "chart": chart,
        "chart_caption": "" if patch is None else f"The weights around ({patch.entry.row}, {patch.entry.column})",
    }  # fmt: skip


def _actions(trap: Trap) -> list[Json]:
    """What can be asked next: whether it goes with its cause, in a copy, and whether it averages out."""
    averaging = {
        "label": "Does it average out?",
        "help": "Shuffles many times; shows below how the largest eigenvalue and the edge of noise fluctuate by size.",
        "study": "averaging",
        "changes": {},
    }
    if trap.cause != "mean" and not trap.culprits:
        return [averaging]
    label = "Subtract the mean offset" if trap.cause == "mean" else "Remove these entries"
    words = "In a copy: shuffles again with the same seeds and shows below whether the trap goes."
    return [{"label": label, "help": words, "study": "removal", "changes": {}}, averaging]


def explanation_of(trap: Trap) -> str:
    """What causes a trap, in one sentence."""
    kind = "localised" if trap.localised else "delocalised"
    if trap.cause == "mean":
        return f"A mean offset causes this {kind} trap: it carries {100 * trap.mean_share:.0f} % of it."
    if trap.cause == "entries":
        carried = 100 * sum(entry.share for entry in trap.culprits)
        noun = "The entry" if len(trap.culprits) == 1 else "The entries"
        verb = "carries" if len(trap.culprits) == 1 else "carry"
        return f"{noun} {text.places(trap.culprits)} {verb} {carried:.0f} % of this {kind} trap{_met(trap)}."
    if trap.detail:
        return f"No single entry and no mean offset explains this {kind} trap: middling entries make it{_met(trap)}."
    return (
        f"No single entry and no mean offset explains this {kind} trap: several middling entries meet in a row "
        "or column, or it is a chance excess of noise."
    )


def _met(trap: Trap) -> str:
    return f", together in one {trap.detail} of the shuffled matrix" if trap.detail else ""


def _facts(trap: Trap, scan: TrapScan) -> list[Json]:
    return [
        fact("eigenvalue λ", text.number(trap.eigenvalue, 4), "Eigenvalue of the shuffled matrix."),
        fact("excess", excess_of(trap, scan),
             "Distance beyond the expected edge of noise, in Tracy–Widom widths; as a multiple of the edge where the "
             "entries are too heavy-tailed for that law."),
        fact("p-value", text.p_value(trap.p_value) if trap.p_value == trap.p_value else "–",
             trap.caveat or "Chance that pure noise of these entries reaches this far."),
        fact("long side", _participation(trap.left_participation, trap.left_expected, trap.layer.n_rows),
             "Participation ratio 1/Σv⁴ of the long singular vector; a random one has (n+2)/3 (Porter–Thomas)."),
        fact("short side", _participation(trap.right_participation, trap.right_expected, trap.layer.n_cols),
             "Participation ratio 1/Σv⁴ of the short singular vector; a random one has (n+2)/3 (Porter–Thomas)."),
        fact("mean offset", text.percent(trap.mean_share), "Part of the singular value that the mean carries."),
        fact("predicted", _predicted(trap, scan), "What the histogram of entries foretells, without a shuffle."),
    ]  # fmt: skip


def excess_of(trap: Trap, scan: TrapScan) -> str:
    """How far out a trap lies: in widths of the edge law where it holds, else as a multiple of the edge."""
    if scan.statistics.heavy:
        return f"{text.number(trap.eigenvalue / scan.null.high)} times the edge"
    return f"{text.number(trap.excess_widths)} widths"


def _participation(measured: float, expected: float, size: int) -> str:
    return f"{text.number(measured)} of {size} (noise {text.number(expected)})"


def _predicted(trap: Trap, scan: TrapScan) -> str:
    same = [
        value
        for value, cause, entry in zip(
            scan.predicted.eigenvalues, scan.predicted.causes, scan.predicted.entries, strict=True
        )
        if cause == trap.cause and (entry is None or _is_named(entry, trap))
    ]
    return f"λ = {text.number(same[0], 4)}" if same else "not foretold"


def _is_named(entry: object, trap: Trap) -> bool:
    named = {(culprit.row, culprit.column) for culprit in trap.culprits[:1]}
    return (entry.row, entry.column) in named  # type: ignore[attr-defined]
