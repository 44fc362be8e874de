"""Running means with intervals, and the rule that turns them into a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from scipy.stats import t as student

from ..records import Stop, Track, Verdict, VerdictWord
from .sequences import running_sequence, sequence_reach
from .words import labelled_rule, numbers_of, rule_of, signed

__all__ = ["MIN_PROBES", "rule_for", "rule_of", "running_interval", "track_of", "verdict_of"]

MIN_PROBES = 8
#: Below this many probes a confidence sequence, which is exact for Gaussian values, is not looked at.
MIN_SEQUENCE = 32
SMALLEST_ACCURACY = 0.01
SMALLEST_LOSS_NATS = 0.01
_CONFIDENCE = 0.95
_SILENT = " The edit changed no output at all: what it feeds may be silent on these inputs, so try inputs of your own."


def track_of(
    label: str, values: np.ndarray, cosine: np.ndarray | None = None, extras: Mapping[str, np.ndarray] | None = None
) -> Track:
    """Values per probe with their running mean and running 95 % interval (Student's t)."""
    mean, low, high = running_interval(values)
    inner = {name: track_of(name, part) for name, part in (extras or {}).items()}
    return Track(label, values, mean, low, high, cosine, inner)


def running_interval(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean of the first k values for every k, with its two-sided 95 % interval; infinite for k = 1.

    Along the last axis.
    """
    values = np.asarray(values, dtype=float)
    n_values = values.shape[-1]
    count = np.arange(1, n_values + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.cumsum(values, -1) / count
        centred = values - values[..., :1]
        energy = np.cumsum(centred**2, -1) - np.cumsum(centred, -1) ** 2 / count
        error = np.sqrt(np.maximum(energy, 0) / (count - 1) / count)
        reach = np.where(count > 1, _quantiles(n_values) * error, np.inf)
        return mean, mean - reach, mean + reach


@lru_cache(maxsize=64)
def _quantiles(n: int) -> np.ndarray:
    """Student's t quantile of the two-sided interval for 1 … n values; NaN for one."""
    quantiles = student.ppf((1 + _CONFIDENCE) / 2, np.arange(n, dtype=float))
    quantiles.setflags(write=False)
    return quantiles


def verdict_of(
    edit: Track,
    controls: Sequence[Track],
    unit: str = "",
    *,
    stop: Stop = "all",
    smallest_effect: float = 0.0,
) -> Verdict:
    """The word for an edit among its matched controls, probe by probe; ``unit`` ends the numbers.

    Where the inputs have labels, harmful or benign by accuracy and loss; else active or inert by the change of
    the outputs. With ``stop`` = ``"decided"`` all intervals are confidence sequences.
    """
    plain = _among_controls(edit, controls, unit, stop, smallest_effect)
    if "accuracy_change" not in edit.extras:
        return plain
    if len(edit.values) < MIN_PROBES:
        return replace(plain, rule=labelled_rule(SMALLEST_ACCURACY, stop))
    return _by_labels(edit, plain, len(controls), stop)


def rule_for(
    n_controls: int, *, labelled: bool, stop: Stop = "all", smallest_effect: float = 0.0, unit: str = ""
) -> str:
    """The rule of a run, with or without labelled inputs."""
    if labelled:
        return labelled_rule(SMALLEST_ACCURACY, stop)
    return rule_of(n_controls, stop, smallest_effect, unit)


def _among_controls(edit: Track, controls: Sequence[Track], unit: str, stop: Stop, smallest: float) -> Verdict:
    rule = rule_of(len(controls), stop, smallest, unit)
    n_done, needed = len(edit.values), MIN_PROBES if stop == "all" else MIN_SEQUENCE
    if not controls:
        return Verdict("undecided", "No matched controls were run, so there is nothing to judge by.", rule)
    if n_done < needed:
        return Verdict("undecided", f"Only {n_done} probes so far; at least {needed} are needed.", rule)
    strongest = max(controls, key=lambda track: float(track.mean[-1]))
    if not edit.values.any() and not strongest.values.any():
        return Verdict(
            "undecided", "Neither the edit nor any control changes the outputs: the layer is not used.", rule
        )
    mean, low, high = _difference(edit, strongest) if stop == "all" else _sequences(edit, controls)
    numbers = numbers_of(edit, strongest, len(controls), (mean, low, high), unit, stop)
    if not edit.values.any():
        numbers += _SILENT
    word: VerdictWord = "inert" if high <= smallest else "active" if low > 0 else "undecided"
    return Verdict(word, f"{_WHY[word]}: {numbers}", rule, word == "active")


_WHY: dict[VerdictWord, str] = {
    "active": "More than any matched control",
    "inert": "Not more than random edits of the same size",
    "undecided": "Too close to the controls to tell",
}


def _difference(edit: Track, strongest: Track) -> tuple[float, float, float]:
    mean, low, high = (float(part[-1]) for part in running_interval(edit.values - strongest.values))
    return mean, low, high


def _sequences(edit: Track, controls: Sequence[Track]) -> tuple[float, float, float]:
    """The difference to the strongest control, whichever that is, with error control for looking all the time.

    “More than all controls” needs every sequence above zero, so each stands at the full level; “not more
    than some control” may come from any of them, so there the level is shared out.
    """
    values = edit.values - np.stack([track.values for track in controls])
    mean, low, _ = (part[:, -1] for part in running_sequence(values, 1 - _CONFIDENCE))
    _, _, high = (part[:, -1] for part in running_sequence(values, (1 - _CONFIDENCE) / len(controls)))
    return float(mean.min()), float(low.min()), float(high.min())


def _by_labels(edit: Track, plain: Verdict, n_controls: int, stop: Stop) -> Verdict:
    """Harmful if accuracy moves, either way; benign if it is shown to stay. The loss is told beside it."""
    accuracy = accuracy_interval(edit.extras["accuracy_change"].values, stop)
    loss = interval_at_end(edit.extras["loss_change_nats"].values, stop)
    changes = f"accuracy changes by {signed(*accuracy)}, cross-entropy by {signed(*loss, unit='nats')}"
    beside = f" {_BESIDE[plain.word].format(n_controls)}" if n_controls else ""
    rule = labelled_rule(SMALLEST_ACCURACY, stop)
    moved = _direction("accuracy", accuracy[1] > 0, accuracy[2] < 0)
    stays = max(map(abs, accuracy[1:])) <= SMALLEST_ACCURACY
    word: VerdictWord = "benign" if stays else "harmful" if moved else "undecided"
    why = {"benign": ["accuracy stays"], "harmful": moved, "undecided": ["more labelled inputs may decide"]}
    told = why[word] + _direction("cross-entropy", loss[1] > SMALLEST_LOSS_NATS, loss[2] < -SMALLEST_LOSS_NATS)
    reason = f"{'; '.join(told).capitalize()}: {changes}.{beside}"
    return Verdict(word, reason, rule, plain.beats_controls)


_BESIDE: dict[VerdictWord, str] = {
    "active": "The outputs change more than by any of {} matched controls.",
    "inert": "The strongest of {} matched controls, all of the same size, changes the outputs at least as much.",
    "undecided": "Whether the outputs change more than by {} matched controls is undecided.",
}


def _direction(what: str, rises: bool, falls: bool) -> list[str]:
    return [f"{what} rises"] if rises else [f"{what} falls"] if falls else []


def accuracy_interval(changes: np.ndarray, stop: Stop = "all") -> tuple[float, float, float]:
    """Mean change of accuracy with an interval that stays open where no answer has changed yet.

    For the interval one input whose answer was gained, one whose answer was lost and two without a change are
    added: the plus-four interval for paired proportions, after Agresti and Min (2005) with twice their
    pseudo-counts, which also covers changes as rare as 3 in n. Inputs without labels (NaN) do not count.
    """
    known = changes[np.isfinite(changes)]
    count = len(known) + 4
    mean = float(known.sum() / count)
    deviation = np.sqrt(max(((known**2).sum() + 2) / count - mean**2, 0.0))
    if stop == "all":
        reach = float(_quantiles(count + 1)[-1] * deviation / np.sqrt(count))
    else:
        reach = float(sequence_reach(deviation, np.array(count)))
    plain = float(known.mean()) if len(known) else 0.0
    return plain, mean - reach, mean + reach


def interval_at_end(values: np.ndarray, stop: Stop = "all") -> tuple[float, float, float]:
    """Mean of all finite values with its 95 % interval; with ``stop`` = ``"decided"`` a confidence sequence."""
    known = values[np.isfinite(values)]
    if len(known) < 2:
        return 0.0, -np.inf, np.inf
    interval = running_interval if stop == "all" else running_sequence
    mean, low, high = (float(part[-1]) for part in interval(known))
    return mean, low, high
