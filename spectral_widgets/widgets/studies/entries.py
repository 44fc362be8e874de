"""What in the entries makes traps? The histogram's prediction beside what the shuffles show, entry by entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ... import charts
from ...records import Entry, EntrySurvival, Trap, TrapScan
from ...spectra.explain import entry_survival
from .. import text
from ..views import Json, fact
from .shared import in_view, scan_call, screen_scan_steps, shown_seed
from .study import Answer, Asked, Study, column, go, table

Result = tuple[EntrySurvival, TrapScan]
_MOST_ROWS = 60
_COMPARED = (
    column("cause", "Cause"),
    column("predicted", "Predicted λ", numeric=True, help="From the histogram of entries, without any shuffle."),
    column("measured", "Measured λ", numeric=True, help="In the shuffle that is shown; – where there is none."),
    column("kind", "Kind", help="Localised: few components carry it. Delocalised: all do."),
)
_CULPRITS = (
    column("trap", "Trap"),
    column("what", "Cause"),
    column("value", "Value", numeric=True),
    column("z_score", "z-score", numeric=True, help="Distance from the mean in standard deviations of the bulk."),
    column("share", "Share", numeric=True, help="Part of the trap's singular value that this carries."),
)


def steps(asked: Asked) -> Iterator[Result]:
    """The survival of the entries at once, with the growing scan of the screen."""
    survival = entry_survival(asked.matrix())
    for scan in screen_scan_steps(asked):
        yield survival, scan


def answer(asked: Asked, last: Result) -> Answer:
    """Number, place and kind of traps: foretold, and found in the shuffle that is shown."""
    survival, scan = last
    seed = shown_seed(asked, scan)
    traps = scan.of_seed(seed)
    return Answer(
        sentence=_sentence(asked, scan, traps, seed),
        facts=_facts(survival, scan),
        charts=[(charts.entry_survival(survival), charts.entry_survival_text(survival))],
        tables=_tables(scan, traps, seed),
        caveat=" ".join(filter(None, dict.fromkeys([scan.caveat, scan.predicted.caveat]))),
        actions=[go(f"Look at trap {one.index + 1}", trap={"seed": seed, "index": one.index}) for one in traps[:3]],
        code=asked.code(f"result = sw.entry_survival(layer), {scan_call(asked.state)}"),
        evidence={
            "predicted": list(scan.predicted.eigenvalues),
            "counts": list(scan.counts),
            "threshold": survival.threshold,
            "n_beyond": survival.n_beyond,
        },
    )


def cause_words(trap: Trap) -> str:
    """What makes a trap, in a few words."""
    if trap.cause == "mean":
        return "the mean offset"
    if trap.detail:
        return f"several large entries in one {trap.detail} of the shuffle"
    if trap.cause == "entries":
        noun = "entry" if len(trap.culprits) == 1 else "entries"
        return f"{noun} {text.places(trap.culprits, 2)}"
    return "no single cause"


def _sentence(asked: Asked, scan: TrapScan, traps: tuple[Trap, ...], seed: int) -> str:
    foretold = text.plural(scan.predicted.count, "trap")
    if scan.refused:
        return f"The histogram of {in_view(asked)} foretells {foretold}; the layer is too small to count any."
    said = f"The histogram of {in_view(asked)} foretells {foretold} and its shuffle with seed {seed} has {len(traps)}"
    if not traps:
        return f"{said}{_quiet(scan)}."
    return f"{said}: {', '.join(cause_words(one) for one in traps[:4])}{_more(traps)}."


def _quiet(scan: TrapScan) -> str:
    known = scan.statistics
    largest = max((abs(one.value - known.mean) for one in known.giants), default=0.0) / known.threshold
    entry = f"the largest entry has {largest:.2g} of the size" if largest else "no entry has half of the size"
    return f": {entry} that it takes, the mean {abs(known.mean) / known.mean_threshold:.2g} of its own"


def _more(traps: tuple[Trap, ...]) -> str:
    return f" and {len(traps) - 4} more" if len(traps) > 4 else ""


def _facts(survival: EntrySurvival, scan: TrapScan) -> list[Json]:
    known = scan.statistics
    lines = Counter(trap.detail for trap in scan.traps if trap.detail)
    return [
        fact("entries beyond the line", str(survival.n_beyond), "Entries that are large enough by themselves."),
        fact("the line σ (NM)^¼", text.number(survival.threshold), "Distance from the mean beyond which one entry "
             "makes a trap; σ is the deviation of the other entries."),
        fact("mean", f"{text.number(known.mean)} (trap beyond ±{text.number(known.mean_threshold)})",
             "A mean beyond σ (NM)^−¼ makes a trap by itself, a delocalised one."),
        fact("excess kurtosis", text.number(known.excess_kurtosis), "Of the entries without those beyond the line."),
        fact("traps per shuffle", text.counts(scan.counts) or "–"),
        fact("rows or columns that meet", text.plural(sum(lines.values()), "trap"),
             "Traps made by several large entries that the shuffle put into one row or column."),
    ]  # fmt: skip


def _tables(scan: TrapScan, traps: tuple[Trap, ...], seed: int) -> list[Json]:
    compared = _compared(scan, traps)
    ranked = [row for trap in traps for row in _shares(trap)][:_MOST_ROWS]
    found = [table("Predicted from the histogram, and measured", _COMPARED, compared)] if compared else []
    return found + (
        [table(f"What carries each trap of the shuffle with seed {seed}", _CULPRITS, ranked)] if ranked else []
    )


def _compared(scan: TrapScan, traps: tuple[Trap, ...]) -> list[Json]:
    """Every predicted trap with the measured one of its cause, then those that nothing foretold."""
    rows, left = [], list(traps)
    foretold = zip(scan.predicted.eigenvalues, scan.predicted.entries, strict=True)
    for eigenvalue, entry in list(foretold)[:_MOST_ROWS]:
        match = next((trap for trap in left if _is_of(trap, entry)), None)
        if match is not None:
            left.remove(match)
        cause = "the mean offset" if entry is None else f"entry ({entry.row}, {entry.column})"
        rows.append(_line(cause, text.number(eigenvalue, 4), match, "delocalised" if entry is None else "localised"))
    return rows + [_line(cause_words(trap), "–", trap, "") for trap in left]


def _is_of(trap: Trap, entry: Entry | None) -> bool:
    if entry is None:
        return trap.cause == "mean"
    return any((one.row, one.column) == (entry.row, entry.column) for one in trap.culprits)


def _line(cause: str, predicted: str, trap: Trap | None, kind: str) -> Json:
    if trap is None:
        return {"cause": cause, "predicted": predicted, "measured": "–", "kind": f"{kind} (foretold)"}
    kind = "localised" if trap.localised else "delocalised"
    return {"cause": cause, "predicted": predicted, "measured": text.number(trap.eigenvalue, 4), "kind": kind}


def _shares(trap: Trap) -> list[Json]:
    name = f"trap {trap.index + 1}"
    rows = [
        {"trap": name, "what": f"entry ({one.row}, {one.column})", "value": text.number(one.value, 4),
         "z_score": text.number(one.z_score), "share": text.percent(one.share)}
        for one in trap.culprits
    ]  # fmt: skip
    if trap.mean_share >= 0.01 or not rows:
        rows.append({"trap": name, "what": "mean offset", "value": "", "z_score": "",
                     "share": text.percent(trap.mean_share)})  # fmt: skip
    return rows


STUDY = Study(
    name="entries",
    title="What in the entries makes traps?",
    about="layer",
    help="Foretells the traps from the histogram of entries alone, and names the entries that carry the measured ones.",
    steps=steps,
    answer=answer,
    n_steps=lambda asked: asked.state.n_shuffles,
    also_depends=("shuffle",),
)
