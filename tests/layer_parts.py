"""Small networks around one part, for the table of layer types."""

from __future__ import annotations

from collections.abc import Callable

import torch
import transformers
from torch import nn

SMALL = {"hidden_size": 16, "num_hidden_layers": 1, "intermediate_size": 24, "vocab_size": 40}


class Picked(nn.Module):
    """Runs one part on the inputs and flattens what comes out, with a head of scores behind."""

    def __init__(self, part: nn.Module, size: int, run: Callable[[nn.Module, torch.Tensor], torch.Tensor]):
        super().__init__()
        self.part, self.head, self._run = part, nn.Linear(size, 4), run

    def forward(self, x):
        return self.head(self._run(self.part, x).flatten(1))


class Experts(nn.Module):
    """Three experts of 6 × 5 in one tensor; all of them count."""

    def __init__(self):
        super().__init__()
        self.up = nn.Parameter(torch.randn(3, 6, 5))

    def forward(self, x):
        return torch.einsum("bi,eio->beo", x, self.up)


def packed(**options) -> nn.Module:
    return nn.MultiheadAttention(8, 2, batch_first=True, **options)


def attends(part: nn.Module, x: torch.Tensor) -> torch.Tensor:
    sequence = torch.stack([x, x.roll(1, -1), x.flip(-1)], 1)
    return part(sequence, sequence, sequence)[0]


def recurs(part: nn.Module, x: torch.Tensor) -> torch.Tensor:
    return part(torch.stack([x, x.flip(-1)], 1))[0]


def llama() -> nn.Module:
    config = transformers.LlamaConfig(
        **SMALL, num_attention_heads=4, num_key_value_heads=2, bos_token_id=0, eos_token_id=1
    )
    return transformers.LlamaForCausalLM(config)


def gpt2() -> nn.Module:
    sizes = {"vocab_size": 40, "n_positions": 32, "n_embd": 16, "n_layer": 1, "n_head": 2}
    return transformers.GPT2LMHeadModel(transformers.GPT2Config(**sizes, bos_token_id=0, eos_token_id=1))


def neox() -> nn.Module:
    sizes = {**SMALL, "num_attention_heads": 2, "max_position_embeddings": 32}
    return transformers.GPTNeoXForCausalLM(transformers.GPTNeoXConfig(**sizes, bos_token_id=0, eos_token_id=1))
