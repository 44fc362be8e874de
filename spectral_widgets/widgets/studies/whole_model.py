"""Which layers hold traps? All layers tested together, with the false-discovery rate under control."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ... import charts
from ...records import Complaint, LayerRef, LayerTraps, ModelScan, WeightMatrix
from ...spectra.whole_model import model_scan_steps
from ...weights.layers import Layer
from .. import text
from ..views import Json, fact
from .settings import number, whole
from .study import Answer, Asked, Study, column, table

_P_HELP = (
    "Tracy–Widom tail at the largest eigenvalue of each shuffle, combined so that it holds however the shuffles depend "
    "on each other (Rüger)."
)
_COLUMNS = (
    column("name", "Layer", help="Choose a row to look at the layer."),
    column("kind", "Kind"),
    column("traps", "Traps (median)", numeric=True, help="Median number of traps per shuffle."),
    column("p_value", "p-value", numeric=True, help=_P_HELP),
    column("q_value", "q-value", numeric=True, help="p-value adjusted for the number of layers (Benjamini–Hochberg)."),
    column("verdict", "Verdict"),
)  # fmt: skip


def steps(asked: Asked) -> Iterator[ModelScan]:
    """One layer more at each step; each is read, tested and let go."""
    yield from model_scan_steps(map(_readable, asked.model.layers), _seeds(asked), asked.settings["rate"])


def _seeds(asked: Asked) -> range:
    return range(asked.state.seed, asked.state.seed + asked.settings["shuffles"])


def _readable(layer: Layer) -> WeightMatrix | LayerRef:
    try:
        return layer.read()
    except Complaint as complaint:
        return replace(layer.ref, caveat=str(complaint))


def answer(asked: Asked, scan: ModelScan) -> Answer:
    """Which layers hold traps at the chosen rate, most certain first, and why others were not tested."""
    counted = any(one.scan is not None and one.scan.counts for one in scan.layers)
    ranked = sorted(scan.layers, key=lambda one: (one.left_out, one.q_value, -_traps(one)))
    return Answer(
        sentence=_sentence(asked, scan),
        facts=_facts(asked, scan),
        charts=[(charts.model_traps(scan), charts.model_traps_text(scan))] if counted else [],
        tables=[table("Layers, the most certain first", _COLUMNS, [_row(one, scan.rate) for one in ranked])],
        code=_code(asked),
        evidence={"rate": scan.rate, "found": [one.layer.name for one in scan.found], "tested": len(scan.tested)},
    )


def _traps(one: LayerTraps) -> float:
    return one.scan.median_count if one.scan is not None and one.scan.counts else -1.0


def _sentence(asked: Asked, scan: ModelScan) -> str:
    said = scan.sentence.partition(" Left out: ")[0]
    left_out = len(scan.layers) - len(scan.tested)
    if left_out:
        verb = "was" if left_out == 1 else "were"
        said += f" {text.plural(left_out, 'other')} {verb} not tested; the table says why."
    waiting = len(asked.model.layers) - len(scan.layers)
    return f"So far: {said}" if waiting else said


def _facts(asked: Asked, scan: ModelScan) -> list[Json]:
    layers = f"{len(scan.layers)} of {len(asked.model.layers)}"
    return [
        fact("layers read", layers, "One matrix at a time is in memory."),
        fact("tested", str(len(scan.tested)), "Layers with a p-value: large enough, entries not heavy-tailed."),
        fact("hold traps", str(len(scan.found)), f"q-value at most {scan.rate:g}."),
        fact("false discoveries", f"{100 * scan.rate:g} %", "Expected share of false ones among the layers named."),
    ]


def _row(one: LayerTraps, rate: float) -> Json:
    tested = "holds traps" if one.q_value <= rate else "none shown"
    verdict = f"not tested: {one.caveat}" if one.left_out else tested
    return {
        "name": one.layer.name,
        "kind": ", ".join(filter(None, (one.layer.kind, one.layer.cut))),
        "traps": text.number(one.scan.median_count) if one.scan is not None and one.scan.counts else "–",
        "p_value": "–" if one.left_out else text.p_value(one.p_value),
        "q_value": "–" if one.left_out else text.p_value(one.q_value),
        "verdict": verdict,
        "changes": {"layer": one.layer.name, "selected": [one.layer.name]},
    }


def _code(asked: Asked) -> str:
    seeds = _seeds(asked)
    call = f"sw.find_traps_in_model(model, range({seeds.start}, {seeds.stop}), rate={asked.settings['rate']})"
    return asked.code(f"result = {call}")


STUDY = Study(
    name="whole_model",
    title="Which layers hold traps?",
    about="model",
    help="Tests every layer of the model and keeps the expected share of false ones among those named below the rate.",
    steps=steps,
    answer=answer,
    settings=(
        number("rate", "False discoveries", 0.01, 0.0001, 0.5, "Share of the named layers that may be false."),
        whole("shuffles", "Shuffles per layer", 5, 1, 50, "Their p-values are combined into one per layer."),
    ),
    n_steps=lambda asked: len(asked.model.layers),
    also_depends=("seed",),
)
