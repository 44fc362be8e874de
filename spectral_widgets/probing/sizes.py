"""How much a forward pass makes and does, and how many of them fit into one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

_MOST = 32
#: What an allocator of the CPU gives again without asking the system for pages.
_ACTIVATION_BYTES = {"cpu": 1 << 25}
_LARGE_BYTES = 1 << 27
_WEIGHT_BYTES = 1 << 26
#: Multiplications in about a tenth of a second.
_WORK = {"cpu": 3e9, "cuda": 4e11}


class Sizes:
    """Bytes of the largest output of any part of a model, and the multiplications of all of them."""

    def __init__(self) -> None:
        self.largest_bytes, self.n_products, self.device = 1, 0.0, "cpu"

    def add(self, part: nn.Module, output: Any) -> None:
        # A part with a forward of its own gives what was kept of another pass, and costs nothing.
        if isinstance(output, Tensor) and "forward" not in vars(part):
            self.largest_bytes = max(self.largest_bytes, output.nbytes)
            self.device = output.device.type
            weights = () if isinstance(part, nn.Embedding) else part._parameters.values()
            self.n_products += sum(output.numel() * w[0].numel() for w in weights if w is not None and w.ndim > 1)

    def with_output(self, output: Tensor) -> Sizes:
        self.largest_bytes = max(self.largest_bytes, output.nbytes)
        return self


@contextmanager
def measured(module: nn.Module) -> Iterator[Sizes]:
    """Sizes of the forward passes inside the block."""
    sizes = Sizes()
    handles = [
        part.register_forward_hook(lambda part, inputs, output: sizes.add(part, output)) for part in module.modules()
    ]
    try:
        yield sizes
    finally:
        for handle in handles:
            handle.remove()


def most_at_once(sizes: Sizes, patch_bytes: int) -> int:
    """How many passes in one keep memory bounded and end soon enough for a cancel to be felt; at least one."""
    by_memory = _ACTIVATION_BYTES.get(sizes.device, _LARGE_BYTES) // sizes.largest_bytes
    by_weights = _WEIGHT_BYTES // patch_bytes if patch_bytes else _MOST
    by_work = int(_WORK.get(sizes.device, _WORK["cpu"]) / max(sizes.n_products, 1.0))
    return max(1, min(_MOST, by_memory, by_weights, by_work))


def even_parts(items: Sequence[int], most: int) -> list[list[int]]:
    """The items in as few parts of at most ``most`` as possible, of nearly equal size."""
    n_parts = -(-len(items) // most)
    bounds = torch.linspace(0, len(items), n_parts + 1).round().int().tolist() if n_parts else []
    return [list(items[start:stop]) for start, stop in pairwise(bounds)]
