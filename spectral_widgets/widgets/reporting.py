"""From the screen to a report: every layer that is measured, every ablation that ran, and all that is pinned."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..findings.making import kept_ablation, kept_scan
from ..metrics import metrics_named
from ..probing.plans import sentence_of
from ..records import (
    AblationReport,
    AblationResult,
    LayerReport,
    NullFit,
    RemoveTrap,
    Report,
    ReportedModel,
    ReportSettings,
    Spectrum,
    SpectrumEstimate,
    TailFit,
    Trap,
)
from ..weights.layers import Layer
from ..weights.model import Model
from . import pins, recipe
from .memory import key_of
from .reading import ReportedWeights
from .views.trap import explanation_of

if TYPE_CHECKING:
    from .bench import Bench


def report_of(bench: Bench, title: str = "") -> Report:
    """What a reader gets without the model. A screen that shows a report hands its layers on as they came."""
    created = datetime.now(UTC).isoformat(timespec="seconds")
    findings = tuple(bench.findings.items)
    if isinstance(bench.model, ReportedWeights) and bench.model.report is not None:
        shown = bench.model.report
        return replace(shown, title=title or shown.title, findings=findings, created=created)
    layers = tuple(_layer_of(bench, layer) for layer in bench.model.layers if bench.memory.is_measured(layer.name))
    measured = {one.metric for layer in layers for one in layer.measurements}
    state = bench.state
    return Report(
        title or f"Findings in {bench.model.name}",
        findings,
        created,
        model=reported_model(bench.model),
        settings=ReportSettings(state.seeds, state.level, state.engine, state.view),
        versions=pins.versions(),
        cards=tuple(one.card for one in metrics_named("all") if one.card.name in measured),
        layers=layers,
        ablations=tuple(made for result in bench.results.values() if (made := _ablation_of(bench, result, layers))),
        code=bench.recipe(),
        is_complete=len(layers) == len(bench.model.layers),
    )


def reported_model(model: Model) -> ReportedModel:
    """What a report says of the model."""
    return ReportedModel(
        model.name,
        model.fingerprint(),
        len(model.layers),
        sum(slot.n_entries for slot in model.store.slots),
        model.device,
        model.precision,
        model.code,
        "" if model.module is not None else model.missing,
    )


def _layer_of(bench: Bench, layer: Layer) -> LayerReport:
    """The layer as it is stored; its shuffles are those of the screen's settings, where they are there."""
    raw = replace(bench.state, view="raw")
    evidence = bench.memory.evidence(layer.name)
    measurements = tuple(bench.memory.measured.get(layer.name, {}).values())
    if evidence is None:
        return LayerReport(layer.ref, measurements)
    scan = bench.memory.scan(layer.name, bench.state) or bench.memory.scan(layer.name, raw)
    kept = None if scan is None else kept_scan(scan)
    return LayerReport(
        layer.ref,
        measurements,
        evidence.of(Spectrum) if evidence.exact else None,
        None if evidence.exact else evidence.of(SpectrumEstimate),
        evidence.of(NullFit) if evidence.exact else None,
        evidence.of(TailFit) if evidence.exact else None,
        kept,
        () if kept is None else tuple(explanation_of(trap) for trap in kept.traps),
        bench.memory.published.get(key_of(layer.name, bench.state), ()),
        bench.model.layer_digest(layer.name),
        recipe.layer_code(bench.model.code, layer.name, recipe.scan_code(bench.state)),
    )


def _ablation_of(bench: Bench, result: AblationResult, layers: tuple[LayerReport, ...]) -> AblationReport | None:
    """The ablation with the trap that the report lists; one of another shuffle is left to the findings."""
    edit = result.plan.edit
    trap = edit.trap if isinstance(edit, RemoveTrap) else _trap_beside(result)
    listed = [one for layer in layers if layer.scan is not None for one in layer.scan.traps]
    if trap is None or not result.n_done:
        return None
    if not any((one.layer.name, one.seed, one.index) == (trap.layer.name, trap.seed, trap.index) for one in listed):
        return None
    lines = recipe.trap_code(bench.model.code, trap, recipe.scan_code(bench.state))
    return kept_ablation(result, trap, sentence_of(edit), recipe.ablation_code(lines, result))


def _trap_beside(result: AblationResult) -> Trap | None:
    """The trap of an edit that does not name it, from the other edits beside it."""
    found = [edit.trap for _, edit in result.plan.companions if isinstance(edit, RemoveTrap)]
    return found[0] if found else None
