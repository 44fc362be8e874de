"""The network of a llama2.c checkpoint, with parameters named as in the file.

RMS norm, rotary positions on neighbouring pairs, grouped-query attention, SwiGLU; logits out.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from .llama2c import Llama2cConfig

_EPSILON = 1e-5
_ROTARY_BASE = 10_000.0
_BLOCK = ("attention_norm", "wq", "wk", "wv", "wo", "ffn_norm", "w1", "w2", "w3")


def _norm(values: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    return functional.rms_norm(values, scale.shape, scale, eps=_EPSILON)


def _angles(length: int, head_width: int, device: torch.device) -> torch.Tensor:
    """Unit complex numbers ``(length, head_width / 2)``."""
    pairs = torch.arange(0, head_width, 2, device=device, dtype=torch.float32) / head_width
    turns = torch.outer(torch.arange(length, device=device, dtype=torch.float32), _ROTARY_BASE**-pairs)
    return torch.polar(torch.ones_like(turns), turns)


def _rotate(values: torch.Tensor, angles: torch.Tensor) -> torch.Tensor:
    """Turn neighbouring pairs of the last axis; ``values`` is ``(batch, heads, length, head_width)``."""
    pairs = torch.view_as_complex(values.float().unflatten(-1, (-1, 2)).contiguous())
    return torch.view_as_real(pairs * angles).flatten(-2).type_as(values)


class Block(nn.Module):
    """Attention, then the feed-forward part, each added to what came in."""

    attention_norm: nn.Parameter
    wq: nn.Parameter
    wk: nn.Parameter
    wv: nn.Parameter
    wo: nn.Parameter
    ffn_norm: nn.Parameter
    w1: nn.Parameter
    w2: nn.Parameter
    w3: nn.Parameter

    def __init__(self, tensors: dict[str, torch.Tensor], head_width: int):
        super().__init__()
        self.head_width = head_width
        for name in _BLOCK:
            self.register_parameter(name, nn.Parameter(tensors[name]))

    def _heads(self, values: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return functional.linear(values, weight).unflatten(-1, (-1, self.head_width)).transpose(1, 2)

    def forward(self, state: torch.Tensor, angles: torch.Tensor) -> torch.Tensor:
        calm = _norm(state, self.attention_norm)
        query, key = _rotate(self._heads(calm, self.wq), angles), _rotate(self._heads(calm, self.wk), angles)
        groups = query.shape[1] // key.shape[1]
        key, value = (part.repeat_interleave(groups, dim=1) for part in (key, self._heads(calm, self.wv)))
        mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        state = state + functional.linear(mixed.transpose(1, 2).flatten(-2), self.wo)
        calm = _norm(state, self.ffn_norm)
        gated = functional.silu(functional.linear(calm, self.w1)) * functional.linear(calm, self.w3)
        return state + functional.linear(gated, self.w2)


class Llama2c(nn.Module):
    """Tokens ``(batch, length)`` to next-token logits ``(batch, length, vocabulary)``."""

    gives_logits = True
    tok_embeddings: nn.Parameter
    norm: nn.Parameter
    wcls: nn.Parameter

    def __init__(self, tensors: dict[str, torch.Tensor], config: Llama2cConfig):
        super().__init__()
        self.sizes = config
        self.register_parameter("tok_embeddings", nn.Parameter(tensors["tok_embeddings"]))
        self.layers = nn.ModuleList(
            Block({name: tensors[f"layers.{index}.{name}"] for name in _BLOCK}, config.head_width)
            for index in range(config.n_layers)
        )
        self.register_parameter("norm", nn.Parameter(tensors["norm"]))
        if not config.shared_classifier:
            self.register_parameter("wcls", nn.Parameter(tensors["wcls"]))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        angles = _angles(tokens.shape[1], self.sizes.head_width, tokens.device)
        state = functional.embedding(tokens, self.tok_embeddings)
        for block in self.layers:
            state = block(state, angles)
        readout = self.tok_embeddings if self.sizes.shared_classifier else self.wcls
        return functional.linear(_norm(state, self.norm), readout)
