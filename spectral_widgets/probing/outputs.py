"""One forward pass, and what to compare of its outputs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ..records import Complaint, Measure
from .divergence import cosine, js_divergence, log_probabilities, relative_change

Forward = Callable[[nn.Module, Any], Any]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Change per input ``(n_inputs,)`` and, without logits, the cosine per input."""

    change: Tensor
    cosine: Tensor | None


def forward_pass(module: nn.Module, inputs: Any, forward: Forward | None = None) -> Tensor:
    """The output tensor of a model for a batch of inputs, without gradients."""
    with torch.no_grad():
        return output_tensor(_call(module, inputs, forward), type(module).__name__)


def output_tensor(raw: Any, name: str) -> Tensor:
    """The tensor to compare: logits where there are any, else the last hidden state, else the output itself."""
    for key in ("logits", "last_hidden_state"):
        found = raw.get(key) if isinstance(raw, Mapping) else getattr(raw, key, None)
        if isinstance(found, Tensor):
            return found
    if isinstance(raw, tuple | list) and raw and isinstance(raw[0], Tensor):
        return raw[0]
    if isinstance(raw, Tensor):
        return raw
    raise Complaint(
        f"{name} returned {type(raw).__name__}, which holds no tensor to compare: "
        "pass forward=lambda module, inputs: ... that returns logits or features."
    )


def prepared(output: Tensor, measure: Measure, what: str) -> Tensor:
    """What is kept of an output for comparison; refuses values that are not finite."""
    if torch.isnan(output).any() or torch.isposinf(output).any():
        raise Complaint(f"The outputs of {what} contain NaN or infinity: try a smaller probe or float32.")
    return log_probabilities(output) if measure == "divergence_nats" else output


def compared(original: Tensor, edited: Tensor, measure: Measure) -> Comparison:
    """Change between two prepared outputs, averaged over the positions of each input."""
    if measure == "divergence_nats":
        divergence = js_divergence(original, edited)
        return Comparison(divergence.reshape(len(divergence), -1).mean(dim=1), None)
    return Comparison(relative_change(original, edited), cosine(original, edited))


def _call(module: nn.Module, inputs: Any, forward: Forward | None) -> Any:
    try:
        if forward is not None:
            return forward(module, inputs)
        if isinstance(inputs, Mapping):
            return module(**inputs)
        if "input_ids" in inspect.signature(module.forward).parameters:
            return module(input_ids=inputs)
        return module(inputs)
    except (Complaint, torch.OutOfMemoryError):
        raise
    except Exception as error:
        raise Complaint(
            f"{type(module).__name__} failed on a probe of {_described(inputs)} "
            f"({type(error).__name__}: {_first_line(error)}): pass a probe that fits, "
            "for example probe=sw.probes.batch(your_inputs)."
        ) from error


def _described(inputs: Any) -> str:
    if isinstance(inputs, Mapping):
        return ", ".join(f"{key} {_described(value)}" for key, value in inputs.items())
    return f"shape {tuple(inputs.shape)} and type {str(inputs.dtype).removeprefix('torch.')}"


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0][:300] or "no message"
