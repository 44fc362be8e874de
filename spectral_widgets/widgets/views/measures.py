"""The measures beside the main one: a second table of an ablation."""

from __future__ import annotations

import numpy as np

from ...probing.verdict import accuracy_interval, interval_at_end
from ...records import AblationResult, Track
from .. import text
from . import Json

_MEASURES = {
    "kl_forward_nats": ("KL divergence, forward", "Σ p ln(p/q) in nats, p before and q after the edit; infinite where "
                        "the edit rules out what was possible."),
    "kl_backward_nats": ("KL divergence, backward", "Σ q ln(q/p) in nats, p before and q after the edit."),
    "total_variation": ("total variation", "½ Σ |p − q|: the probability that moves, 0 to 1."),
    "top1_agreement": ("same top class", "Share of outputs whose most likely class stays, 0 to 1."),
    "logit_change": ("change of the logits", "Norm of the change over the norm of the logits, both centred."),
    "entropy_change_nats": ("change of entropy", "In nats; above zero the edited model is less sure."),
    "accuracy": ("accuracy with the edit", "Share of labelled outputs that are right after the edit."),
    "accuracy_change": ("change of accuracy", "After minus before, with a plus-four interval for paired answers."),
    "loss_nats": ("cross-entropy with the edit", "Mean of −ln p of the right class after the edit, in nats."),
    "loss_change_nats": ("change of cross-entropy", "After minus before, in nats; above zero the edit costs."),
}  # fmt: skip
#: Ends of what a measure can be; none lies below zero but these, and shares end at one.
_LEAST = {"entropy_change_nats": -np.inf, "accuracy_change": -1.0, "loss_change_nats": -np.inf}
_MOST = {"total_variation": 1.0, "top1_agreement": 1.0, "accuracy": 1.0, "accuracy_change": 1.0}
_SIGNED = ("entropy_change_nats", "accuracy_change", "loss_change_nats")


def measures_of(result: AblationResult) -> list[Json]:
    """One row a measure: the edit with its interval, and the strongest matched control beside it."""
    strongest = max(result.controls, key=lambda track: float(track.mean[-1]), default=None)
    return [
        _row(name, result.edit.extras[name], strongest.extras.get(name) if strongest else None, result)
        for name in _MEASURES
        if name in result.edit.extras
    ]


def _row(name: str, track: Track, control: Track | None, result: AblationResult) -> Json:
    title, meaning = _MEASURES[name]
    interval = "–"
    if not np.isinf(track.values).any():
        ends = accuracy_interval if name == "accuracy_change" else interval_at_end
        _, low, high = ends(track.values, result.plan.stop)
        low, high = max(low, _LEAST.get(name, 0.0)), min(high, _MOST.get(name, np.inf))
        interval = f"{_shown(name, low)} to {_shown(name, high)}"
    return {
        "key": name,
        "title": title,
        "help": meaning,
        "value": _shown(name, _mean(track)),
        "interval": interval,
        "control": "–" if control is None else _shown(name, _mean(control)),
    }


def _mean(track: Track) -> float:
    """Over the inputs that have a value: those without a label have none."""
    known = track.values[~np.isnan(track.values)]
    return float(known.mean()) if len(known) else float("nan")


def _shown(name: str, value: float) -> str:
    return text.signed(value) if name in _SIGNED else text.number(value)
