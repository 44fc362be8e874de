"""Is it settled over shuffles? Counts, spread of each rank, and whether the same entries are named each time."""

from __future__ import annotations

from collections.abc import Iterator

from ... import charts
from ...records import ShuffleSummary, TrapScan
from ...spectra.settled import summary_of
from ...spectra.traps import find_traps_steps
from .. import text
from ..views import Json, fact
from .settings import flag, whole
from .shared import layer_name, scan_call
from .study import Answer, Asked, Study, column, table

_MOST_CULPRITS = 30
_RANKS = (
    column("rank", "Rank", numeric=True, help="1 is the largest trap of a shuffle."),
    column("n", "Shuffles with it", numeric=True),
    column("mean", "Mean λ", numeric=True),
    column("deviation", "Spread", numeric=True, help="Standard deviation of the eigenvalue over shuffles."),
    column("low", "Smallest", numeric=True),
    column("high", "Largest", numeric=True),
)
_CULPRITS = (
    column("row", "Row", numeric=True),
    column("column", "Column", numeric=True),
    column("value", "Value", numeric=True),
    column("share", "Named in", numeric=True, help="Part of the shuffles in which some trap names this entry."),
)


def steps(asked: Asked) -> Iterator[TrapScan]:
    """One growing scan per shuffle, to the last one or until the count is settled."""
    state, chosen = asked.state, asked.settings
    seeds = range(state.seed, state.seed + chosen["most"])
    yield from find_traps_steps(
        asked.matrix(), seeds, state.level, state.engine, view=state.view, stop_early=chosen["stop_early"]
    )


def answer(asked: Asked, scan: TrapScan) -> Answer:
    """What the shuffles agree on."""
    summary = summary_of(scan)
    drawn = [] if scan.refused else [(charts.trap_spread(scan), charts.trap_spread_text(scan))]
    return Answer(
        sentence=_sentence(asked, summary),
        facts=_facts(asked, summary),
        charts=drawn,
        tables=_tables(summary),
        caveat=summary.caveat,
        code=_code(asked),
        evidence={"counts": list(summary.counts), "modal_count": summary.modal_count, "evidence": summary.evidence},
    )


def _sentence(asked: Asked, summary: ShuffleSummary) -> str:
    name, shuffles = layer_name(asked), text.plural(summary.n_shuffles, "shuffle")
    if not summary.counts:
        return f"No traps can be counted in {name}: it is too small for the edge law."
    count = text.plural(int(summary.modal_count), "trap")
    agree = summary.counts.count(int(summary.modal_count))
    if summary.settled:
        return f"Settled after {shuffles}: {name} has {count} in most shuffles ({agree} of {summary.n_shuffles})."
    return f"Not settled after {shuffles}: {name} has {count} most often, in {agree} of {summary.n_shuffles}."


def _facts(asked: Asked, summary: ShuffleSummary) -> list[Json]:
    most, early = asked.settings["most"], asked.settings["stop_early"]
    if summary.settled and early:
        why = f"settled after {summary.n_shuffles} of at most {most}"
    elif summary.n_shuffles == most:
        why = f"all {most} shuffles done"
    else:
        why = f"after {summary.n_shuffles} of {most}"
    return [
        fact("stopped", why, summary.rule),
        fact("traps per shuffle", text.counts(summary.counts) or "–"),
        fact("evidence", text.number(summary.evidence),
             "E-value for the commonest count holding in more than half of all shuffles; 20 settles it."),
    ]  # fmt: skip


def _tables(summary: ShuffleSummary) -> list[Json]:
    ranks = [
        {"rank": one.index + 1, "n": one.n, "mean": text.number(one.mean, 4), "deviation": text.number(one.deviation),
         "low": text.number(one.low, 4), "high": text.number(one.high, 4)}
        for one in summary.ranks
    ]  # fmt: skip
    named = [
        {"row": one.row, "column": one.column, "value": text.number(one.value, 4),
         "share": text.percent(one.share_of_seeds)}
        for one in summary.culprits[:_MOST_CULPRITS]
    ]  # fmt: skip
    rest = len(summary.culprits) - len(named)
    caption = "Entries that traps name" + (f", the first {len(named)} of {len(summary.culprits)}" if rest else "")
    found = [table("Eigenvalue of each trap over shuffles", _RANKS, ranks)] if ranks else []
    return found + ([table(caption, _CULPRITS, named)] if named else [])


def _code(asked: Asked) -> str:
    state, chosen = asked.state, asked.settings
    seeds = f"range({state.seed}, {state.seed + chosen['most']})"
    early = ", stop_early=True" if chosen["stop_early"] else ""
    return asked.code(f"result = {scan_call(state, seeds=seeds, more=early)}", "summary = sw.shuffle_summary(result)")


STUDY = Study(
    name="settled",
    title="Is it settled over shuffles?",
    about="layer",
    help="Shuffles again and again, and says whether the number of traps, their size and their entries stay the same.",
    steps=steps,
    answer=answer,
    settings=(
        whole("most", "Most shuffles", 20, 2, 200, "No more shuffles than this."),
        flag("stop_early", "Stop when settled", True, "Ends as soon as the count is shown to hold in most shuffles."),
    ),
    n_steps=lambda asked: asked.settings["most"],
)
