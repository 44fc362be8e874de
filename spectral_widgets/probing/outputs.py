"""What is kept of a model's outputs, and how two of them are compared."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..records import Complaint, Measure
from .divergence import cosine, js_divergence, log_probabilities, relative_change


@dataclass(frozen=True, slots=True)
class Comparison:
    """Change per input ``(n_inputs,)`` and, without logits, the cosine per input."""

    change: Tensor
    cosine: Tensor | None


def prepared(output: Tensor, measure: Measure, what: str) -> Tensor:
    """What is kept of an output for comparison; refuses values that are not finite (in logits, −∞ is a mask)."""
    kept = log_probabilities(output) if measure == "divergence_nats" else output
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


def compared(original: Tensor, edited: Tensor, measure: Measure) -> Comparison:
    """Change between two prepared outputs, averaged over the positions of each input."""
    if measure == "divergence_nats":
        divergence = js_divergence(original, edited)
        return Comparison(divergence.reshape(len(divergence), -1).mean(dim=1), None)
    return Comparison(relative_change(original, edited), cosine(original, edited))
