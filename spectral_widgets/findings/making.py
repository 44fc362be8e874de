"""From what was computed to what a report keeps of it: small, and without the user's data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import get_args

import numpy as np

from ..records import (
    AblationPlan,
    AblationReport,
    AblationResult,
    ChangeEntries,
    Complaint,
    Edit,
    LayerReport,
    Probe,
    RemoveTrap,
    ReportedEdit,
    ReportedProbe,
    SubtractMean,
    Track,
    Trap,
    TrapScan,
)

EDITS: tuple[ReportedEdit, ...] = get_args(ReportedEdit)


def kept_scan(scan: TrapScan) -> TrapScan:
    """The scan without the vectors of its traps, and with the full spectrum of its first shuffle at most."""
    first = scan.seeds[:1]
    spectra = [scan.spectrum_of(seed) for seed in first if seed in scan.decomposed]
    traps = tuple(replace(trap, left=np.empty(0), right=np.empty(0)) for trap in scan.traps)
    kept = tuple(one for one in spectra if one is not None)
    return replace(scan, traps=traps, spectra=kept, decomposed=first if kept else ())


def kept_ablation(result: AblationResult, trap: Trap, sentence: str, code: str = "") -> AblationReport | None:
    """What a report keeps of an ablation of ``trap``; ``None`` for an edit that is none of the four on the screen."""
    edit = edit_name(result.plan.edit)
    if edit is None:
        return None
    seed = result.plan.edit.seed if isinstance(result.plan.edit, RemoveTrap) else 0
    strongest = _strongest(result.controls)
    return AblationReport(
        layer=trap.layer.name,
        seed=trap.seed,
        index=trap.index,
        edit=edit,
        edit_seed=seed,
        label=result.plan.label,
        sentence=sentence,
        measure=result.measure,
        probe=_kept_probe(result.plan.probe),
        track=result.edit,
        companions=tuple(replace(one, extras={}) for one in result.companions),
        controls=tuple(one if one is strongest else replace(one, extras={}, cosine=None) for one in result.controls),
        verdict=result.verdict,
        device=result.device,
        precision=result.precision,
        stop=result.plan.stop,
        smallest_effect=result.plan.smallest_effect,
        caveat=result.caveat,
        code=code,
    )


def edit_name(edit: Edit) -> ReportedEdit | None:
    """Which of the four edits of a trap this is."""
    if isinstance(edit, RemoveTrap):
        return "replace" if edit.replacement == "random" else "remove"
    if isinstance(edit, SubtractMean):
        return "subtract_mean"
    return "change_entries" if isinstance(edit, ChangeEntries) else None


def result_of(report: AblationReport, layers: Iterable[LayerReport]) -> AblationResult:
    """The ablation as the charts and the screen take it. Raises ``Complaint`` where the report lacks its trap."""
    trap = trap_of(report, layers)
    probe = Probe(
        report.probe.kind,
        report.probe.n,
        report.probe.shape,
        report.probe.seed,
        description=report.probe.description,
        temperature=report.probe.temperature,
        code=report.probe.code,
    )
    edit = _edit_of(report, trap)
    plan = AblationPlan(edit, (), (), probe, 1, report.label, report.stop, report.smallest_effect)
    return AblationResult(
        plan, report.measure, report.track, report.companions, report.controls, report.verdict,
        report.device, report.precision, report.caveat,
    )  # fmt: skip


def trap_of(report: AblationReport, layers: Iterable[LayerReport]) -> Trap:
    """The trap that an ablation is about. Raises ``Complaint`` where the report lacks it."""
    for layer in layers:
        if layer.ref.name == report.layer and layer.scan is not None:
            for trap in layer.scan.of_seed(report.seed):
                if trap.index == report.index:
                    return trap
    raise Complaint(f"The report has an ablation of a trap of {report.layer} that it does not list.")


def _edit_of(report: AblationReport, trap: Trap) -> Edit:
    if report.edit == "subtract_mean":
        return SubtractMean(trap.layer)
    if report.edit == "change_entries":
        return ChangeEntries(trap.layer, trap.culprits)
    return RemoveTrap(trap, "random" if report.edit == "replace" else "zero", report.edit_seed)


def _kept_probe(probe: Probe) -> ReportedProbe:
    return ReportedProbe(
        probe.kind,
        probe.n,
        tuple(probe.shape),
        probe.seed,
        probe.description,
        probe.temperature,
        probe.labels is not None,
        probe.code,
    )


def _strongest(controls: Sequence[Track]) -> Track | None:
    measured = [one for one in controls if len(one.mean)]
    return max(measured, key=lambda track: float(track.mean[-1]), default=None)
