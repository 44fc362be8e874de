"""Running means with intervals, and the rule that turns them into a word."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import t as student

from ..records import Track, Verdict

MIN_PROBES = 8
_CONFIDENCE = 0.95
_SILENT = " The edit changed no output at all: what it feeds may be silent on these inputs, so try inputs of your own."


def track_of(label: str, values: np.ndarray, cosine: np.ndarray | None = None) -> Track:
    """Values per probe with their running mean and running 95 % interval (Student's t)."""
    mean, low, high = running_interval(values)
    return Track(label, values, mean, low, high, cosine)


def running_interval(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean of the first k values for every k, with its two-sided 95 % interval; infinite for k = 1."""
    values = np.asarray(values, dtype=float)
    count = np.arange(1, len(values) + 1)
    mean = np.cumsum(values) / count
    centred = values - values[:1].sum()
    energy = np.cumsum(centred**2) - np.cumsum(centred) ** 2 / count
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(np.maximum(energy, 0) / (count - 1) / count)
        reach = np.where(count > 1, student.ppf((1 + _CONFIDENCE) / 2, count - 1) * error, np.inf)
    return mean, mean - reach, mean + reach


def rule_of(n_controls: int) -> str:
    """The rule of the verdict in words, as it stands on the screen."""
    return (
        f"Each of {n_controls} matched controls is a random edit of the same size and make elsewhere in the layer. "
        "Harmful: the edit changes the outputs more than the strongest control does, and the 95 % interval of "
        "the paired difference over the probes stays above zero "
        f"(a random edit would be the strongest in 1 of {n_controls + 1} cases). "
        "Benign: that interval stays at or below zero. Undecided: it includes zero; more probes may decide."
    )


def verdict_of(edit: Track, controls: Sequence[Track], unit: str = "") -> Verdict:
    """Compare an edit with the strongest of its matched controls, probe by probe; ``unit`` ends the numbers."""
    rule = rule_of(len(controls))
    n_done = len(edit.values)
    if not controls:
        return Verdict("undecided", "No matched controls were run, so there is nothing to judge by.", rule)
    if n_done < MIN_PROBES:
        return Verdict("undecided", f"Only {n_done} probes so far; at least {MIN_PROBES} are needed.", rule)
    strongest = max(controls, key=lambda track: float(track.mean[-1]))
    if not edit.values.any() and not strongest.values.any():
        return Verdict(
            "undecided", "Neither the edit nor any control changes the outputs: the layer is not used.", rule
        )
    mean, low, high = (float(part[-1]) for part in running_interval(edit.values - strongest.values))
    numbers = (
        f"the edit changes the outputs by {_shown(edit.mean[-1], unit)}, the strongest of {len(controls)} controls by "
        f"{_shown(strongest.mean[-1], unit)}; paired difference {_shown(mean, unit)}, "
        f"95 % interval {_shown(low)} to {_shown(high, unit)}."
    )
    if not edit.values.any():
        numbers += _SILENT
    if low > 0:
        return Verdict("harmful", f"More than any matched control: {numbers}", rule)
    if high <= 0:
        return Verdict("benign", f"Not more than random edits of the same size: {numbers}", rule)
    return Verdict("undecided", f"Too close to the controls to tell: {numbers}", rule)


def _shown(value: float, unit: str = "") -> str:
    number = f"{value:.3g}".replace("-", "−")
    return f"{number} {unit}" if unit else number
