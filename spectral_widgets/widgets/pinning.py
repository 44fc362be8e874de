"""Pinning: which finding the screen makes, with its pictures and the code that gives it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import charts
from ..charts import theme
from ..records import AblationResult, Complaint, Finding, Picture, Trap, TrapScan
from ..spectra.views import viewed
from . import pins, recipe
from .views.spectrum import spectrum_chart

if TYPE_CHECKING:
    from .bench import Bench

WHOLE_MODEL = "whole model"


def finding_from(bench: Bench, note: str) -> Finding:
    """The strongest thing on the screen as a finding. Raises ``Complaint`` when there is nothing to pin."""
    layer, scan, trap, result = bench.layer, bench.scan, bench.trap, bench.ablation
    if layer is None or scan is None or bench.evidence is None:
        raise Complaint("There is nothing to pin yet: choose a layer and wait for its spectrum.")
    matrix = viewed(bench.memory.matrix(layer), bench.state.view)
    evidence = bench.memory.complete_evidence(layer.name, bench.state, matrix)
    parts = {"layer": pins.layer_evidence(evidence, scan)}
    claim, code = pins.layer_claim(evidence, scan), recipe.scan_code(bench.state)
    lines = recipe.layer_code(bench.model.code, layer.name, code)
    if trap is not None:
        parts["trap"] = pins.trap_evidence(trap)
        claim, lines = pins.trap_claim(trap), recipe.trap_code(bench.model.code, trap, code)
    if trap is not None and result is not None and result.n_done:
        parts["ablation"] = pins.ablation_evidence(result)
        claim, lines = pins.ablation_claim(trap, result), recipe.ablation_code(lines, result)
    return pins.finding_of(
        claim,
        layer.name,
        pins.strength_of(result),
        parts,
        note,
        (scan.caveat, trap.caveat if trap else "", result.caveat if result else ""),
        pins.provenance_of(bench.model, layer.name, bench.state, lines),
        _pictures(bench, scan, trap, result),
    )


def answer_finding(bench: Bench, note: str) -> Finding:
    """The answer on the screen as a finding. Raises ``Complaint`` when there is none."""
    answered = bench.answered
    if answered is None:
        raise Complaint("There is no answer to pin yet: ask the question first.")
    study, answer = answered.study, answered.answer
    layer = answered.asked.layer.name if answered.asked.layer is not None else WHOLE_MODEL
    part = "" if answered.is_complete else "The question was stopped before its end."
    return pins.finding_of(
        answer.sentence,
        layer,
        "seen",
        {"study": {"question": study.title, "settings": dict(answered.asked.settings), **answer.evidence}},
        note,
        (answer.caveat, part),
        pins.provenance_of(bench.model, layer, answered.asked.state, answer.code),
        tuple(theme.picture(chart, f"{study.name}-{k + 1}", words) for k, (chart, words) in enumerate(answer.charts)),
    )


def _pictures(bench: Bench, scan: TrapScan, trap: Trap | None, result: AblationResult | None) -> tuple[Picture, ...]:
    evidence, layer = bench.evidence, bench.layer
    assert evidence is not None
    assert layer is not None
    esd, words = spectrum_chart(evidence, scan, bench.state, trap, bench.beside)
    pictures = [theme.picture(esd, "spectrum", words)]
    if trap is not None and trap.culprits:
        patch = bench.memory.patch(layer, trap.culprits[0])
        pictures.append(theme.picture(charts.neighbourhood(patch), "entries", charts.neighbourhood_text(patch)))
    if result is not None and result.n_done:
        pictures.append(theme.picture(charts.divergence(result), "divergence", charts.ablation_text(result)))
        pictures.append(theme.picture(charts.comparison(result), "comparison", charts.ablation_text(result)))
    return tuple(pictures)
