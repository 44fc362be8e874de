"""What is kept of a model's outputs, and how two of them are compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from ..records import Complaint, Measure
from .changes import changes_between, label_changes
from .divergence import cosine, log_probabilities, relative_change


@dataclass(frozen=True, slots=True)
class Comparison:
    """Change per input ``(n_inputs,)``; without logits the cosine per input, with logits further measures."""

    change: Tensor
    cosine: Tensor | None
    extras: Mapping[str, Tensor] = field(default_factory=dict)


def prepared(output: Tensor, measure: Measure, what: str, temperature: float = 1.0) -> Tensor:
    """What is kept of an output for comparison; refuses values that are not finite (in logits, −∞ is a mask)."""
    kept = log_probabilities(output, temperature) if measure == "divergence_nats" else output
    # The logarithm of a softmax is NaN wherever a logit is NaN or +∞, or all of them are −∞.
    if torch.isnan(kept).any() or (measure == "relative_change" and torch.isinf(kept).any()):
        raise Complaint(f"The outputs of {what} contain NaN or infinity: try a smaller probe or float32.")
    return kept


def check_shape(shape: tuple[int, ...], n_inputs: int, measure: Measure) -> None:
    """Raises ``Complaint`` unless an output has one entry per input on its first axis and, for logits, classes."""
    n_outputs = shape[0] if shape else 1
    if not shape or n_outputs != n_inputs:
        raise Complaint(
            f"The model gave {n_outputs} outputs for {n_inputs} inputs: the first axis of its "
            "output must be the input's; pass forward=... that arranges it so."
        )
    if measure == "divergence_nats" and len(shape) < 2:
        raise Complaint(
            "The model's output has one number for each input, which is no distribution over classes: "
            "pass forward=... that returns logits."
        )


def compared(original: Tensor, edited: Tensor, measure: Measure, labels: Tensor | None = None) -> Comparison:
    """Change between two prepared outputs, averaged over the positions of each input."""
    if measure == "relative_change":
        return Comparison(relative_change(original, edited), cosine(original, edited))
    values = changes_between(original, edited)
    means = {name: value.reshape(len(value), -1).mean(dim=1) for name, value in values.items()}
    if labels is not None:
        means |= label_changes(original, edited, labels)
    return Comparison(means.pop("js_divergence_nats"), None, means)


def labels_for(labels: object, shape: tuple[int, ...], start: int, stop: int, device: torch.device) -> Tensor:
    """Labels of inputs start to stop. Raises ``Complaint`` unless they fit outputs of ``shape``."""
    chosen = torch.as_tensor(labels)[start:stop].to(device)
    if tuple(chosen.shape) != shape[:-1]:
        raise Complaint(
            f"The labels of {len(chosen)} inputs have shape {tuple(chosen.shape)} and the outputs {shape}: give "
            f"labels of shape {shape[:-1]}, one class for each output, −100 where there is none."
        )
    if int(chosen.max()) >= shape[-1]:
        raise Complaint(f"A label is {int(chosen.max())} but the model has {shape[-1]} classes: count from 0.")
    return chosen
