"""One forward pass of a module, however it wants its inputs and gives its outputs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from ..records import Complaint
from .outputs import tensor_in

Forward = Callable[[nn.Module, Any], Any]


def forward_pass(module: nn.Module, inputs: Any, forward: Forward | None = None, name: str = "") -> Tensor:
    """The output tensor for a batch, without gradients: logits, hidden state, or what there is.

    A mapping is passed as keyword arguments, token ids under their name where the module has one. Raises
    ``torch.OutOfMemoryError`` as it is, and ``Complaint`` for every other failure.
    """
    name = name or type(module).__name__
    try:
        with torch.no_grad():
            result = _called(module, inputs, forward)
    except (Complaint, torch.OutOfMemoryError):
        raise
    except Exception as error:
        if _is_out_of_memory(error):
            raise torch.OutOfMemoryError(str(error)) from error
        raise Complaint(
            f"{name} failed on {_described(inputs)} ({_reason(error)}); give inputs that fit, or open it with forward=."
        ) from error
    return tensor_in(result)


def _called(module: nn.Module, inputs: Any, forward: Forward | None) -> Any:
    if forward is not None:
        return forward(module, inputs)
    if isinstance(inputs, Mapping):
        return module(**inputs)
    if "input_ids" in inspect.signature(module.forward).parameters:
        return module(input_ids=inputs)
    return module(inputs)


def _is_out_of_memory(error: Exception) -> bool:
    """The CPU allocator and MPS report it as a plain RuntimeError."""
    words = str(error).lower()
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and ("out of memory" in words or "can't allocate memory" in words)
    )


def _described(inputs: Any) -> str:
    if isinstance(inputs, Mapping):
        return ", ".join(f"{key}: {_described(value)}" for key, value in inputs.items())
    if not hasattr(inputs, "shape"):
        return f"a {type(inputs).__name__}"
    return f"inputs of shape {tuple(inputs.shape)} and type {str(inputs.dtype).removeprefix('torch.')}"


def _reason(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")[:300]
