"""Models, inputs and edits that tests and benchmarks of ablations share: (model, probe, edits) for each.

Two MLPs and a small language model (d 256, 4 blocks, 8192 tokens) with random weights, the shipped network of digits,
and stories15M. The edits are of one layer in the middle unless said; thin ones are products of two thin matrices, dense
ones change every entry or scattered ones, as a trap and its matched controls do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import torch
from spectral_widgets.probing import probes
from spectral_widgets.records import Edit, MatchedControl, Probe, RemoveTrap, SubtractMean
from spectral_widgets.spectra.traps import find_traps
from spectral_widgets.weights import open_model
from spectral_widgets.weights.model import Model
from spectral_widgets.weights.shipped import digits_mlp
from torch import nn
from torch.nn.functional import gelu, scaled_dot_product_attention

from .trained import STORIES

Workload = tuple[Model, Probe, list[Edit]]
N_EDITS = 64
MLP_SIZES = (784, 1024, 1024, 10)
DEEP_SIZES = (784, 2048, 2048, 2048, 10)


class Block(nn.Module):
    """Attention and two layers, each behind a layer norm."""

    def __init__(self, width: int, n_heads: int) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        heads = (
            part.unflatten(-1, (self.n_heads, -1)).transpose(-3, -2) for part in self.qkv(self.before(x)).chunk(3, -1)
        )
        mixed = scaled_dot_product_attention(*heads, is_causal=True).transpose(-3, -2).flatten(-2)
        x = x + self.out(mixed)
        return x + self.down(gelu(self.up(self.between(x))))


class SmallLanguageModel(nn.Module):
    """Tokens to logits."""

    def __init__(self, n_tokens: int = 8192, width: int = 256, n_blocks: int = 4, n_heads: int = 4, length: int = 64):
        super().__init__()
        self.tokens, self.places = nn.Embedding(n_tokens, width), nn.Parameter(0.02 * torch.randn(length, width))
        self.blocks = nn.ModuleList([Block(width, n_heads) for _ in range(n_blocks)])
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, n_tokens, bias=False)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.tokens(tokens) + self.places[: tokens.shape[-1]]
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


def mlp(n_inputs: int = 32, *, dense: bool = False) -> Workload:
    """784–1024–1024–10 on a batch of Gaussian vectors; edits of the second of three layers."""
    return _workload(_layers(MLP_SIZES), "2.weight", probes.gaussian_vectors(n_inputs, 784), dense)


def deep_mlp(n_inputs: int = 32) -> list[Workload]:
    """784–2048–2048–2048–10, and thin edits of each of its four layers in turn."""
    probe = probes.gaussian_vectors(n_inputs, 784)
    names = [f"{2 * k}.weight" for k in range(len(DEEP_SIZES) - 1)]
    return [_workload(_layers(DEEP_SIZES), name, probe, dense=False) for name in names]


def language_model(n_inputs: int = 1, length: int = 32, *, dense: bool = False) -> Workload:
    """The small language model on random tokens; edits of the first feed-forward layer of the second block."""
    probe = probes.random_tokens(n_inputs, length, vocabulary_size=8192)
    return _workload(SmallLanguageModel(), "blocks.1.up.weight", probe, dense)


def digits(n_inputs: int = 32, *, dense: bool = False) -> Workload:
    """The network that ships with the package; edits of the second of three layers."""
    model = digits_mlp()
    return model, probes.gaussian_vectors(n_inputs, 64), _edits(model, "2.weight", dense)


def stories(n_inputs: int = 1, length: int = 32, *, dense: bool = False) -> Workload:
    """stories15M on random tokens; edits of a feed-forward layer of the fourth of six blocks."""
    model = open_model(STORIES)
    probe = probes.random_tokens(n_inputs, length, vocabulary_size=32000)
    return model, probe, _edits(model, "layers.3.w1", dense)


WORKLOADS: dict[str, Callable[..., Workload]] = {
    "MLP, 32 inputs": mlp,
    "MLP, 256 inputs": lambda **kind: mlp(256, **kind),
    "language model, 1 × 32": language_model,
    "language model, 8 × 64": lambda **kind: language_model(8, 64, **kind),
    "digits, 32 inputs": digits,
    "stories15M, 1 × 32": stories,
}


def _layers(sizes: tuple[int, ...]) -> nn.Sequential:
    parts = [part for sides in pairwise(sizes) for part in (nn.Linear(*sides), nn.ReLU())]
    return nn.Sequential(*parts[:-1])


def _workload(module: nn.Module, layer: str, probe: Probe, dense: bool) -> Workload:
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in module.parameters():
            if parameter.ndim > 1:
                parameter.normal_(0, parameter.shape[-1] ** -0.5, generator=generator)
    model = open_model(module.eval())
    return model, probe, _edits(model, layer, dense)


def _edits(model: Model, layer: str, dense: bool) -> list[Edit]:
    """An edit and its matched controls: the removal of a trap, or the subtraction of the mean."""
    matrix = model.read(layer)
    first: Edit = SubtractMean(matrix.ref)
    if dense:
        # Where there is no trap, that of the matrix with one giant entry changes as many weights.
        values = matrix.values.copy()
        values[3, 4] = 10 * abs(values).max()
        first = RemoveTrap(find_traps(replace(matrix, values=values), [0]).traps[0], "zero")
    return [first, *(MatchedControl(first, seed) for seed in range(N_EDITS - 1))]
