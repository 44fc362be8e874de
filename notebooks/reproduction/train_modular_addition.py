"""Train the one-layer transformer of the papers on addition modulo 113 and keep checkpoints.

Run ``OMP_NUM_THREADS=1 python -m reproduction.train_modular_addition --out FOLDER`` in ``notebooks/``; it stops after
an hour of CPU time. Shapes of arXiv 2605.12394: width 128, 4 heads of 32, 512 hidden units, ReLU, no layer norm,
context 3 ("a b ="), vocabulary 114. The paper does not state how it was trained. Ours, as usual in the literature on
grokking: AdamW with learning rate 1e-3, weight decay 1, betas 0.9 and 0.98, all training pairs in each step,
30 % of the pairs for training, normal initial weights of variance 1/128, seed 0; float32 with the loss in float64.

Only the output behind "=" enters the loss, so only that position is computed. Its query is the same for all pairs, and
keys and values depend on one token each: they are computed once per token. The outputs are those of the plain
transformer. Large arrays come and go in every step; glibc reuses their memory with MALLOC_TRIM_THRESHOLD_ and
MALLOC_MMAP_THRESHOLD_ set to 1000000000 in the environment, which makes it a third faster.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from .recording import parser_of, run

MODULUS = 113
VOCABULARY = MODULUS + 1
EQUALS = MODULUS
WIDTH, HEADS, HEAD_WIDTH, HIDDEN = 128, 4, 32, 512
TRAIN_PART = 0.3
LEARNING_RATE, WEIGHT_DECAY, BETAS = 1e-3, 1.0, (0.9, 0.98)

SHAPES = {  # matrices as PyTorch's Linear and Embedding hold them
    "embed.weight": (VOCABULARY, WIDTH),
    "position.weight": (3, WIDTH),
    "query.weight": (WIDTH, WIDTH),
    "key.weight": (WIDTH, WIDTH),
    "value.weight": (WIDTH, WIDTH),
    "out_proj.weight": (WIDTH, WIDTH),
    "fc1.weight": (HIDDEN, WIDTH),
    "fc1.bias": (HIDDEN,),
    "fc2.weight": (WIDTH, HIDDEN),
    "fc2.bias": (WIDTH,),
    "unembed.weight": (VOCABULARY, WIDTH),
}

Weights = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Pairs:
    """All pairs ``(n, 2)`` with their sums ``(n,)``, in seeded order."""

    train: torch.Tensor
    train_sums: torch.Tensor
    test: torch.Tensor
    test_sums: torch.Tensor


def load_pairs(seed: int = 0) -> Pairs:
    """The 113² pairs, shuffled; the first 30 % are for training."""
    every = torch.cartesian_prod(torch.arange(MODULUS), torch.arange(MODULUS))
    pairs = every[torch.from_numpy(np.random.default_rng(seed).permutation(len(every)))]
    sums = pairs.sum(dim=1) % MODULUS
    n_train = int(TRAIN_PART * len(pairs))
    return Pairs(pairs[:n_train], sums[:n_train], pairs[n_train:], sums[n_train:])


def initial_weights(seed: int = 0) -> Weights:
    """Normal with variance 1/128; biases are zero."""
    generator = torch.Generator().manual_seed(seed)
    return {
        name: torch.zeros(shape) if name.endswith("bias") else torch.randn(shape, generator=generator) / WIDTH**0.5
        for name, shape in SHAPES.items()
    }


def logits(weights: Weights, pairs: torch.Tensor) -> torch.Tensor:
    """Outputs ``(n, 114)`` behind "=" for pairs ``(n, 2)``."""
    tokens, places = weights["embed.weight"], weights["position.weight"]
    last = tokens[EQUALS] + places[2]
    sources = [tokens + places[0], tokens + places[1], last[None]]
    rows = [pairs[:, 0], pairs[:, 1], torch.zeros_like(pairs[:, 0])]
    query = (last @ weights["query.weight"].T).view(HEADS, HEAD_WIDTH)
    keys = [(one @ weights["key.weight"].T).view(-1, HEADS, HEAD_WIDTH) for one in sources]
    values = [(one @ weights["value.weight"].T).view(-1, HEADS, HEAD_WIDTH) for one in sources]
    scores = [(key * query).sum(dim=2)[row] / HEAD_WIDTH**0.5 for key, row in zip(keys, rows, strict=True)]
    attention = torch.stack(scores).softmax(dim=0)  # (3, n, heads)
    read = sum(part[..., None] * value[row] for part, value, row in zip(attention, values, rows, strict=True))
    stream = last + read.reshape(len(pairs), WIDTH) @ weights["out_proj.weight"].T
    hidden = nn.functional.linear(stream, weights["fc1.weight"], weights["fc1.bias"]).relu()
    stream = stream + nn.functional.linear(hidden, weights["fc2.weight"], weights["fc2.bias"])
    return stream @ weights["unembed.weight"].T


class ModularAdditionTraining:
    """The transformer in training: ``advance`` takes full-batch steps, ``state`` gives the weights."""

    def __init__(self, pairs: Pairs, seed: int = 0) -> None:
        self.step = 0
        self._pairs = pairs
        self._weights = {name: tensor.requires_grad_() for name, tensor in initial_weights(seed).items()}
        self._optimiser = torch.optim.AdamW(
            self._weights.values(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY, betas=BETAS, fused=True
        )

    def advance(self, n_steps: int) -> None:
        for _ in range(n_steps):
            self._optimiser.zero_grad(set_to_none=True)
            outputs = logits(self._weights, self._pairs.train).double()
            nn.functional.cross_entropy(outputs, self._pairs.train_sums).backward()
            self._optimiser.step()
        self.step += n_steps

    def state(self) -> dict[str, np.ndarray]:
        return {name: tensor.detach().numpy().copy() for name, tensor in self._weights.items()}


def main() -> None:
    """Command line."""
    options = parser_of(__doc__).parse_args()
    run(ModularAdditionTraining(load_pairs()), options)


if __name__ == "__main__":
    main()
