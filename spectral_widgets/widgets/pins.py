"""From what is on the screen to a finding with its provenance."""

from __future__ import annotations

import hashlib
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from math import isfinite
from typing import Any

import numpy as np
import scipy
import torch

from ..charts.comparison import measure_title
from ..metrics import Evidence, measure_one, metrics_named
from ..records import AblationResult, Finding, Picture, Provenance, Strength, Track, Trap, TrapScan
from ..weights.model import Model
from . import text
from .columns import ESSENTIALS
from .state import BenchState
from .views.trap import explanation_of

Json = dict[str, Any]


def layer_claim(evidence: Evidence, scan: TrapScan) -> str:
    """What the table says of a layer."""
    values = {m.card.name: measure_one(evidence, m).value for m in metrics_named(ESSENTIALS)}
    return (
        f"{scan.layer.name}: α = {text.number(values['alpha'])}, {text.number(values['spikes'])} spikes, "
        f"traps per shuffle {text.counts(scan.counts) or '–'}."
    )


def trap_claim(trap: Trap) -> str:
    """What is known of a trap before any ablation."""
    chance = f", p {text.relation(trap.p_value)}" if isfinite(trap.p_value) else ""
    return (
        f"{trap.layer.name} has a trap at λ = {text.number(trap.eigenvalue, 4)}, "
        f"{text.number(trap.excess_widths)} Tracy–Widom widths beyond the edge{chance}. {explanation_of(trap)}"
    )


def ablation_claim(trap: Trap, result: AblationResult) -> str:
    """What an ablation says of a trap."""
    part = "" if result.is_complete else f" (after {result.n_done} of {result.plan.probe.n} probes)"
    return (
        f"{trap.layer.name}, trap at λ = {text.number(trap.eigenvalue, 4)}, edit “{result.plan.label}”: "
        f"{result.verdict.word}{part}. {measure_title(result)} {text.number(float(result.edit.mean[-1]))}. "
        f"{explanation_of(trap)}"
    )


def strength_of(result: AblationResult | None) -> Strength:
    """An edit that beats its controls is more than seen; nothing here spans several seeds and probes."""
    return "beats matched controls" if result is not None and result.verdict.beats_controls else "seen"


def layer_evidence(evidence: Evidence, scan: TrapScan) -> Json:
    """Numbers of a layer as plain JSON; a missing one is ``None`` and its caveat is listed."""
    measured = [measure_one(evidence, metric) for metric in metrics_named()]
    return {
        "metrics": {one.metric: _plain(one.value) for one in measured},
        "caveats": {one.metric: one.caveat for one in measured if one.caveat},
        "engine": scan.engine,
        "view": scan.view,
        "level": scan.level,
        "traps_per_shuffle": list(scan.counts),
        "predicted_traps": scan.predicted.count,
    }


def trap_evidence(trap: Trap) -> Json:
    """Numbers of a trap as plain JSON."""
    return {
        "shuffle_seed": trap.seed,
        "eigenvalue": trap.eigenvalue,
        "excess_widths": trap.excess_widths,
        "p_value": _plain(trap.p_value),
        "cause": trap.cause,
        "localised": trap.localised,
        "mean_share": trap.mean_share,
        "participation": {"long_side": trap.left_participation, "short_side": trap.right_participation},
        "entries": [
            {"row": e.row, "column": e.column, "value": e.value, "z_score": e.z_score, "share": e.share}
            for e in trap.culprits
        ],
    }


def ablation_evidence(result: AblationResult) -> Json:
    """Numbers of an ablation as plain JSON."""
    return {
        "measure": result.measure,
        "edit": _track(result.edit),
        "companions": [_track(track) for track in result.companions],
        "controls": [_track(track) for track in result.controls],
        "probes_done": result.n_done,
        "probes_planned": result.plan.probe.n,
        "probe": result.plan.probe.description,
        "labelled": result.plan.probe.labels is not None,
        "verdict": result.verdict.word,
        "reason": result.verdict.reason,
        "rule": result.verdict.rule,
    }


def finding_of(
    claim: str,
    layer: str,
    strength: Strength,
    evidence: Json,
    note: str,
    caveats: tuple[str, ...],
    provenance: Provenance,
    pictures: tuple[Picture, ...],
) -> Finding:
    """A finding under an id made of its claim and its moment."""
    name = hashlib.blake2b(f"{claim}|{provenance.created}".encode(), digest_size=6).hexdigest()
    caveats = tuple(dict.fromkeys(filter(None, caveats)))
    return Finding(name, claim, layer, strength, evidence, note, caveats, provenance, pictures)


def provenance_of(model: Model, layer: str, state: BenchState, code: str) -> Provenance:
    """Where the numbers on the screen come from."""
    return Provenance(
        model=model.name,
        fingerprint=model.fingerprint(),
        layer=layer,
        layer_digest=model.layer_digest(layer) if layer in model.layers.names else "",
        seeds=state.seeds,
        engine=state.engine,
        device=model.device,
        precision=model.precision,
        versions=versions(),
        created=datetime.now(UTC).isoformat(timespec="microseconds"),
        code=code,
    )


def versions() -> dict[str, str]:
    """Versions of everything that a number depends on."""
    try:
        own = version("spectral_widgets")
    except PackageNotFoundError:
        own = "not installed"
    return {
        "spectral_widgets": own,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "torch": torch.__version__,
    }


def _track(track: Track) -> Json:
    row: Json = {
        "label": track.label,
        "mean": _plain(float(track.mean[-1])) if len(track.mean) else None,
        "low": _plain(float(track.low[-1])) if len(track.low) else None,
        "high": _plain(float(track.high[-1])) if len(track.high) else None,
    }
    if track.cosine is not None and len(track.cosine):
        row["cosine"] = float(track.cosine.mean())
    if track.extras:
        row["measures"] = {name: _plain(float(part.mean[-1])) for name, part in track.extras.items() if len(part.mean)}
    return row


def _plain(value: float) -> float | None:
    return float(value) if isfinite(value) else None
