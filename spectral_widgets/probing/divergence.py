"""How far two outputs are apart."""

from __future__ import annotations

import math

import torch
from torch import Tensor

MAX_DIVERGENCE_NATS = math.log(2)
_SERIES_BELOW = 1e-2
_FEW_TERMS_BELOW = 1e-4
_TERMS = (1 / 90, 1 / 56, 1 / 30, 1 / 12, 1 / 2)
_TINY = torch.finfo(torch.float64).tiny
#: Numbers in a block of rows that stays in the cache.
BLOCK = 1 << 16


def log_probabilities(logits: Tensor, temperature: float = 1.0) -> Tensor:
    """Log-softmax of ``logits / temperature`` over the last axis in float64; on the CPU where a device has none."""
    wide = (logits.cpu() if logits.device.type == "mps" else logits).double()
    return torch.log_softmax(wide if temperature == 1.0 else wide / temperature, dim=-1)


def probabilities(logits: Tensor, temperature: float = 1.0) -> tuple[Tensor, Tensor]:
    """:func:`log_probabilities` and their exponentials, with one exponential for both; NaN where there are none."""
    wide = (logits.cpu() if logits.device.type == "mps" else logits).double()
    scaled = wide if temperature == 1.0 else wide / temperature
    shifted = scaled - scaled.amax(-1, keepdim=True)
    parts = shifted.exp()
    total = parts.sum(-1, keepdim=True)
    return shifted.sub_(total.log()), parts.div_(total)


def mixture_gain(p: Tensor, q: Tensor, difference: Tensor) -> Tensor:
    """The Jensen–Shannon divergence ``Σ m h(δ)`` in nats along the last axis, with ``difference`` = p − q.

    ``m = (p + q)/2``, ``δ = (p − q)/(p + q)``, ``h(δ) = ½ [(1+δ) ln(1+δ) + (1−δ) ln(1−δ)]``; where δ is small
    and that cancels, its Taylor series. Every term is non-negative.
    """
    total = (p + q).clamp_min_(_TINY)
    delta = difference / total
    square = delta.square()
    largest = float(square.max())
    terms = _TERMS if largest > _FEW_TERMS_BELOW else _TERMS[2:]
    gain = square * terms[0]
    for term in terms[1:]:
        gain.add_(term).mul_(square)
    if largest >= _SERIES_BELOW:
        far = square >= _SERIES_BELOW
        gain[far] = _exact_gain(delta[far])
    return (torch.linalg.vecdot(total, gain) / 2).clamp(max=MAX_DIVERGENCE_NATS)


def _exact_gain(delta: Tensor) -> Tensor:
    return (torch.xlogy(1 + delta, 1 + delta) + torch.xlogy(1 - delta, 1 - delta)) / 2


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
