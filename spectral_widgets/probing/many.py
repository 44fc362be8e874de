"""Many edits of one model: every trap by turns, and one trap at several strengths."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from ..records import AblationPlan, AblationResult, Complaint, Probe, ScaleTrap, Together, Track, Trap, TrapScan
from .ablation import RunnableModel, ablate
from .plans import EditName, edit_for, label_of, plan_for

FACTORS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0)
Row = dict[str, Any]


def traps_of(scans: TrapScan | Trap | Iterable[TrapScan | Trap]) -> tuple[Trap, ...]:
    """The traps themselves; of a scan those of its first shuffle, since others show the same traps again."""
    items = [scans] if isinstance(scans, TrapScan | Trap) else list(scans)
    found: list[Trap] = []
    for item in items:
        if isinstance(item, TrapScan):
            found += item.of_seed(item.seeds[0]) if item.seeds else ()
        else:
            found.append(item)
    return tuple(found)


def ablate_traps_steps(
    model: RunnableModel, traps: Sequence[Trap], probe: Probe, edit: EditName = "remove", **settings: Any
) -> Iterator[tuple[Trap, AblationResult]]:
    """One finished ablation per trap, in the order given; ``settings`` are those of :func:`plan_for`."""
    for trap, plan in zip(traps, trap_plans(traps, probe, edit, **settings), strict=True):
        yield trap, ablate(model, plan)


def trap_plans(traps: Sequence[Trap], probe: Probe, edit: EditName = "remove", **settings: Any) -> list[AblationPlan]:
    """One plan per trap; ``settings`` are those of :func:`plan_for`."""
    return [plan_for(edit_for(trap, edit), probe, companions=False, **settings) for trap in traps]


def row_of(trap: Trap, result: AblationResult) -> Row:
    """A trap with its measured change, the noise floor of its controls and its verdict, for a table.

    ``noise_floor`` is the mean change of the strongest matched control.
    """
    floor = max((float(track.mean[-1]) for track in result.controls), default=math.nan)
    return {
        "layer": trap.layer.name,
        "seed": trap.seed,
        "trap": trap.index,
        "eigenvalue": trap.eigenvalue,
        "p_value": trap.p_value,
        "cause": trap.cause,
        "edit": result.plan.label,
        **_numbers(result.edit, result),
        "noise_floor": floor,
        "verdict": result.verdict.word,
        "beats_controls": result.verdict.beats_controls,
        "reason": result.verdict.reason,
        "caveat": result.caveat,
        "n_probes": result.n_done,
    }


def missing_row(trap: Trap, caveat: str) -> Row:
    """A trap whose ablation is missing, and why."""
    return {"layer": trap.layer.name, "seed": trap.seed, "trap": trap.index, "verdict": "undecided", "caveat": caveat}


def together_plan(traps: Sequence[Trap], probe: Probe, edit: EditName = "remove", **settings: Any) -> AblationPlan:
    """One run of all traps edited at once, with each alone beside it; ``settings`` are those of :func:`plan_for`.

    Raises ``Complaint`` for fewer than two, and for traps of one layer from different shuffles.
    """
    if len(traps) < 2:
        raise Complaint("It takes at least two traps to edit together: choose more.")
    singles = [edit_for(trap, edit) for trap in traps]
    plan = plan_for(Together(tuple(singles)), probe, companions=False, **settings)  # type: ignore[arg-type]
    names = [f"{trap.layer.name} · trap {trap.index + 1} alone" for trap in traps]
    return replace(plan, companions=tuple(zip(names, singles, strict=True)))


def dose_plan(trap: Trap, factors: Sequence[float], probe: Probe, batch_size: int) -> AblationPlan:
    """One run with the trap at every strength; all see the same inputs."""
    if len(factors) == 0 or not all(math.isfinite(factor) for factor in factors):
        raise Complaint("A dose–response needs finite factors: 0 removes the trap, 1 leaves it, 2 doubles it.")
    first, *rest = (ScaleTrap(trap, float(factor)) for factor in factors)
    companions = tuple((label_of(edit), edit) for edit in rest)
    return AblationPlan(first, companions, (), probe, batch_size, label_of(first))


def dose_rows(result: AblationResult, factors: Sequence[float]) -> list[Row]:
    """A row per factor with the measured change and its interval."""
    tracks = [result.edit, *result.companions]
    return [{"factor": float(factor), **_numbers(track, result)} for factor, track in zip(factors, tracks, strict=True)]


def _numbers(track: Track, result: AblationResult) -> Row:
    row: Row = {result.measure: float(track.mean[-1]), "low": float(track.low[-1]), "high": float(track.high[-1])}
    return row | {name: float(part.mean[-1]) for name, part in track.extras.items()}
