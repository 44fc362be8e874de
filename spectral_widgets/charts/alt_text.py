"""Alternative texts: what a picture shows, said in a sentence or two."""

from __future__ import annotations

import numpy as np

from ..records import AblationResult, NullFit, Patch, Spectrum, SpectrumEstimate, TailFit, TrapScan
from .comparison import measure_title


def esd_text(*records: Spectrum | SpectrumEstimate | TrapScan | NullFit | TailFit, seed: int | None = None) -> str:
    """What :func:`esd` shows of the same records: sizes, edge, tail, and where the traps are."""
    order = (Spectrum, SpectrumEstimate, NullFit, TailFit, TrapScan)
    known = sorted(records, key=lambda record: order.index(type(record)))
    return " ".join(_sentence(record, seed) for record in known)


def _sentence(record: Spectrum | SpectrumEstimate | TrapScan | NullFit | TailFit, seed: int | None) -> str:
    if isinstance(record, Spectrum):
        return f"Histogram of {len(record.eigenvalues)} eigenvalues, largest {record.eigenvalues[-1]:.3g}."
    if isinstance(record, SpectrumEstimate):
        return f"Estimated histogram of {record.n_cols} eigenvalues, largest {record.largest:.3g}."
    if isinstance(record, NullFit):
        return f"Marchenko–Pastur bulk from {record.low:.3g} to {record.high:.3g}."
    if isinstance(record, TailFit):
        if not np.isfinite(record.alpha):
            return "No power law could be fitted."
        return f"Power-law tail with exponent {record.alpha:.2f} from {record.xmin:.3g} on."
    return _scan_sentence(record, seed)


def _scan_sentence(scan: TrapScan, seed: int | None) -> str:
    if not scan.seeds:
        return "Nothing was shuffled yet."
    if scan.refused:
        return scan.caveat
    seed = scan.seeds[0] if seed is None else seed
    traps = scan.of_seed(seed)
    if not traps:
        return f"Shuffled with seed {seed}, the matrix has no trap."
    places = ", ".join(f"{trap.eigenvalue:.3g}" for trap in traps)
    noun = "trap" if len(traps) == 1 else "traps"
    return f"Shuffled with seed {seed}, the matrix has {len(traps)} {noun}, at {places}."


def neighbourhood_text(patch: Patch) -> str:
    """Which entry stands out, and by how much."""
    entry = patch.entry
    return (
        f"Weights around row {entry.row}, column {entry.column} of {patch.layer.name}: the entry is "
        f"{entry.value:.3g}, {entry.z_score:+.1f} standard deviations from the mean."
    )


def ablation_text(result: AblationResult) -> str:
    """How large the change is next to the largest control, and the verdict."""
    if not result.n_done:
        return "Nothing was measured yet."
    largest = max((float(track.mean[-1]) for track in result.controls if len(track.mean)), default=None)
    beside = "" if largest is None else f", the largest of {len(result.controls)} controls {largest:.3g}"
    return (
        f"{measure_title(result)} after {result.n_done} inputs: {result.edit.label} "
        f"{float(result.edit.mean[-1]):.3g}{beside}. Verdict: {result.verdict.word}."
    )
