"""The spectrum of one layer with its nulls, its tail and the traps of its shuffles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ... import charts
from ...metrics import Evidence
from ...records import LayerRef, NullFit, Spectrum, SpectrumEstimate, TailFit, Trap, TrapScan
from ...spectra.nulls import MIN_SIDE, spike_count, threshold_of
from .. import text
from ..state import BenchState
from . import Json, fact
from .estimated import estimated_facts, exact_choice, said_of_estimate
from .trap import excess_of

_EMPTY: Json = {
    **{"chart": None, "facts": [], "counts": [], "marks": [], "shuffles": [], "layer": "", "subtitle": ""},
    "exact": None,
}


@dataclass(frozen=True, slots=True)
class Beside:
    """The other model's layer in the place of the chosen one; ``why_not`` says why there is none to show."""

    model: str
    evidence: Evidence | None = None
    why_not: str = ""


def empty_view() -> Json:
    """Nothing is chosen yet."""
    return {**_EMPTY, "status": "empty", "message": "Choose a layer in the table to see its spectrum here."}


def working_view(ref: LayerRef) -> Json:
    """A chosen layer that is being computed."""
    size = "×".join(map(str, ref.shape))
    return {**_EMPTY, "status": "working", "layer": ref.name, "message": f"Computing the spectrum, {size} …"}


def failed_view(name: str, sentence: str) -> Json:
    """A chosen layer that cannot be analysed."""
    return {**_EMPTY, "status": "failed", "layer": name, "message": sentence}


def spectrum_view(
    evidence: Evidence,
    scan: TrapScan | None,
    published: tuple[int, ...],
    state: BenchState,
    trap: Trap | None,
    beside: Beside | None = None,
) -> Json:
    """Chart, facts, trap counts of both engines and of the histogram, and the traps as marks."""
    there = beside.evidence if beside is not None else None
    seed = shown_seed(scan, state)
    marks = scan.of_seed(seed) if scan is not None and seed is not None else ()
    return {
        "status": "ready",
        "message": " ".join(
            filter(None, [said_of_estimate(evidence), _message(evidence, scan, state), _said_of(beside)])
        ),
        "layer": evidence.layer.name,
        "subtitle": _subtitle(evidence.layer, seed) + (f"; outline: {beside.model}" if there and beside else ""),
        "chart": _chart_json(evidence, scan, state, trap, there),
        "facts": _facts(evidence, there),
        "counts": _counts(scan, published),
        "marks": [_mark(one, scan) for one in marks if scan is not None],
        "shuffles": _shuffles(scan, seed),
        "exact": exact_choice(evidence, state),
    }


def spectrum_chart(
    evidence: Evidence, scan: TrapScan | None, state: BenchState, trap: Trap | None, beside: Beside | None = None
) -> tuple[Any, str]:
    """The chart of the panel, for files, and what it shows in words."""
    there = beside.evidence if beside is not None else None
    chart = charts.esd(*_drawn(evidence, scan), other=_spectrum_of(there), **_choices(scan, state, trap))
    return chart, _alt(evidence, scan, state, there)


def _chart_json(
    evidence: Evidence, scan: TrapScan | None, state: BenchState, trap: Trap | None, there: Evidence | None
) -> Json:
    rows = charts.esd_rows(*_drawn(evidence, scan), other=_spectrum_of(there), **_choices(scan, state, trap))
    spec = charts.esd_spec(tuple(rows), state.x_scale, state.y_scale)
    return {"spec": spec, "datasets": rows, "alt": _alt(evidence, scan, state, there)}


def _spectrum_of(evidence: Evidence | None) -> Spectrum | None:
    if evidence is None:
        return None
    return evidence.of(Spectrum) if evidence.exact else charts.stand_in(evidence.of(SpectrumEstimate))


def _said_of(beside: Beside | None) -> str:
    if beside is None or beside.evidence is not None:
        return ""
    return beside.why_not or f"Measuring this layer of {beside.model} …"


def _drawn(evidence: Evidence, scan: TrapScan | None) -> list[Any]:
    shown = [scan] if scan is not None and scan.seeds else []
    if not evidence.exact:
        return [evidence.of(SpectrumEstimate), *shown]
    return [evidence.of(Spectrum), evidence.of(NullFit), evidence.of(TailFit), *shown]


def _choices(scan: TrapScan | None, state: BenchState, trap: Trap | None) -> dict[str, Any]:
    return {
        "bins": state.bins,
        "x_scale": state.x_scale,
        "y_scale": state.y_scale,
        "seed": shown_seed(scan, state),
        "selected": (trap.seed, trap.index) if trap is not None else None,
    }


def shown_seed(scan: TrapScan | None, state: BenchState) -> int | None:
    """The shuffle whose spectrum is drawn: the chosen one, else the first."""
    if scan is None or not scan.seeds:
        return None
    return state.shuffle if state.shuffle in scan.seeds else scan.seeds[0]


def _shuffles(scan: TrapScan | None, shown: int | None) -> list[Json]:
    if scan is None or scan.refused:
        return []
    return [
        {"seed": seed, "count": count, "shown": seed == shown}
        for seed, count in zip(scan.seeds, scan.counts, strict=True)
    ]


def _subtitle(ref: LayerRef, seed: int | None) -> str:
    size = "×".join(map(str, ref.shape))
    what = ", ".join(filter(None, (ref.kind, size, ref.cut)))
    return what + (f"; shuffle with seed {seed} behind it" if seed is not None else "")


def _message(evidence: Evidence, scan: TrapScan | None, state: BenchState) -> str:
    if scan is None or len(scan.seeds) < state.n_shuffles:
        return f"Shuffling: {len(scan.seeds) if scan else 0} of {state.n_shuffles} done."
    seed = shown_seed(scan, state)
    if seed not in scan.decomposed and evidence.exact:
        return f"Computing the spectrum of the shuffle with seed {seed} …"
    return scan.caveat


def _facts(evidence: Evidence, there: Evidence | None) -> list[Json]:
    """Values of the layer; where another model stands beside it, what both have: here / other."""
    here = _facts_of(evidence)
    if there is None:
        return here
    return [
        fact(f"{one['label']}, here / other", f"{one['value']} / {two['value']}", one["help"])
        for one, two in zip(here, _facts_of(there), strict=False)
    ]


def _facts_of(evidence: Evidence) -> list[Json]:
    if not evidence.exact:
        return estimated_facts(evidence)
    spectrum, null, tail = evidence.of(Spectrum), evidence.of(NullFit), evidence.of(TailFit)
    edges = f"{text.number(null.low)} – {text.number(null.high)}"
    return [
        fact("α", f"{text.number(tail.alpha)} ± {text.number(tail.alpha_error, 2)}", tail.caveat or
             f"Power-law exponent of the tail, {tail.n_tail} of {tail.n_eigenvalues} eigenvalues."),
        fact("λ max", text.number(float(spectrum.eigenvalues[-1])), "Largest eigenvalue of WᵀW / N."),
        fact("spikes", str(spike_count(spectrum, null)) if null.variance > 0 else "–",
             "Eigenvalues of the layer beyond the 99 % Tracy–Widom edge of its fitted bulk."),
        fact("σ² of the bulk", text.number(null.variance), f"Marchenko–Pastur fit; from the {null.how}."),
        fact("edges", edges, "Lower and upper edge of the fitted Marchenko–Pastur law."),
        fact("fit distance", text.number(null.goodness, 2),
             "Kolmogorov–Smirnov distance between the bulk and the fitted law, 0 to 1; small means noise-like."),
    ]  # fmt: skip


def _counts(scan: TrapScan | None, published: tuple[int, ...]) -> list[Json]:
    if scan is None:
        return []
    edge = threshold_of(scan.null, scan.level)
    beyond = [int((one.eigenvalues > edge).sum()) for one in scan.spectra]
    calibrated = scan.counts if scan.engine == "calibrated" else beyond
    level = f"{100 * scan.level:g} %"
    rule = text.counts(published) if published else "…"
    return [
        fact(f"calibrated, {level}", "–" if scan.layer.n_cols < MIN_SIDE else text.counts(calibrated) or "…",
             "Traps per shuffle beyond the Tracy–Widom edge, variance from the entries, moved by their kurtosis."),
        fact(_rule_label(scan, published), rule,
             "Traps by the published rule, each shuffle alone, the first few shuffles; its margin is wider."),
        fact("predicted", str(scan.predicted.count),
             "Traps that the histogram of entries foretells without any shuffle. " + scan.predicted.caveat),
    ]  # fmt: skip


def _rule_label(scan: TrapScan, published: tuple[int, ...]) -> str:
    part = f", first {len(published)}" if published and len(published) < len(scan.seeds) else ""
    return f"WeightWatcher rule{part}"


def _mark(trap: Trap, scan: TrapScan) -> Json:
    label = f"trap {trap.index + 1}: λ = {text.number(trap.eigenvalue)}"
    cause = {"entries": "single entries", "mean": "the mean offset", "collective": "no single cause"}[trap.cause]
    note = f"excess {excess_of(trap, scan)}; from {cause}"
    return {"seed": trap.seed, "index": trap.index, "label": label, "help": note}


def _alt(evidence: Evidence, scan: TrapScan | None, state: BenchState, there: Evidence | None = None) -> str:
    words = charts.esd_text(*_drawn(evidence, scan), seed=shown_seed(scan, state))
    beside = _spectrum_of(there)
    largest = f" The other model's largest eigenvalue is {beside.eigenvalues[-1]:.3g}." if beside is not None else ""
    return f"Spectrum of {evidence.layer.name}. {words}{largest}"
