"""How far two outputs are apart."""

from __future__ import annotations

import math

import torch
from torch import Tensor

MAX_DIVERGENCE_NATS = math.log(2)
_SERIES_BELOW = 1e-2
_LARGEST_GAP = 400.0
#: Numbers in a block of rows that stays in the cache.
BLOCK = 1 << 16


def log_probabilities(logits: Tensor, temperature: float = 1.0) -> Tensor:
    """Log-softmax of ``logits / temperature`` over the last axis in float64; on the CPU where a device has none."""
    wide = (logits.cpu() if logits.device.type == "mps" else logits).double()
    return torch.log_softmax(wide if temperature == 1.0 else wide / temperature, dim=-1)


def entropy_gain(half_gap: Tensor) -> Tensor:
    """``h(δ)`` from ``a = |log q − log p| / 2``, where ``e = exp(−2a)`` and ``δ = (1 − e)/(1 + e)``.

    NaN, which −∞ in both gives, counts as ``a = 0``.
    ``h = ln 2 − ln(1 + e) − 2 a e / (1 + e)``; near δ = 0, where that cancels, its Taylor series.
    """
    half_gap = torch.nan_to_num(half_gap, nan=0.0, posinf=_LARGEST_GAP)
    decay = torch.exp(-2 * half_gap)
    square = ((1 - decay) / (1 + decay)).square_()
    exact = MAX_DIVERGENCE_NATS - torch.log1p(decay) - 2 * half_gap * decay / (1 + decay)
    series = square * (1 / 2 + square * (1 / 12 + square * (1 / 30 + square * (1 / 56 + square / 90))))
    return torch.where(square < _SERIES_BELOW, series, exact)


def relative_change(original: Tensor, edited: Tensor) -> Tensor:
    """``‖edited − original‖ / ‖original‖`` per input (first axis), in float64."""
    a, b = _flat(original), _flat(edited)
    return (b - a).norm(dim=1) / a.norm(dim=1).clamp_min(torch.finfo(torch.float64).tiny)


def cosine(original: Tensor, edited: Tensor) -> Tensor:
    """Cosine between original and edited output per input (first axis), in float64."""
    return torch.nn.functional.cosine_similarity(_flat(original), _flat(edited), dim=1)


def _flat(tensor: Tensor) -> Tensor:
    wide = tensor.cpu() if tensor.device.type == "mps" else tensor
    return wide.double().reshape(len(wide), -1)
