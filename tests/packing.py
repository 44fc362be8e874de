"""Weights of four bits, packed number by number: what the code under test has to take apart."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

N_IN, N_OUT, N_GROUPS, GIANT = 40, 48, 8, (5, 12)
SIZE = N_IN // N_GROUPS
AWQ = (0, 2, 4, 6, 1, 3, 5, 7)
PACKINGS = ("gptq", "awq", "bytes")


def parts(middle: int | None = None):
    """Levels, zero points ``(n_out, n_groups)`` and scales; one entry alone in its group is a giant."""
    draws = np.random.default_rng(3)
    zeros = draws.integers(5, 11, (N_OUT, N_GROUPS)) if middle is None else np.full((N_OUT, N_GROUPS), middle)
    scales = draws.uniform(0.5, 1.5, (N_OUT, N_GROUPS)).astype(np.float16).astype(np.float32)
    row, column = GIANT
    group = column // SIZE
    spread = draws.integers(-4, 5, (N_OUT, N_IN))
    spread[row, group * SIZE : (group + 1) * SIZE] = 0
    levels = zeros.repeat(SIZE, 1) + spread
    levels[row, column], scales[row, group] = 15, 64
    return levels, zeros, scales


def word(numbers) -> int:
    """Eight numbers as one signed int32, the first in the lowest bits, by way of its hexadecimal digits."""
    return int(np.uint32(int("".join(f"{int(number):x}" for number in reversed(list(numbers))), 16)).astype(np.int32))


def in_rows(matrix, order=range(8)) -> torch.Tensor:
    """Every row of a matrix in words of eight."""
    rows = [[word(row[at : at + 8][list(order)]) for at in range(0, len(row), 8)] for row in matrix]
    return torch.tensor(rows, dtype=torch.int32)


def stored(packing: str, one: int = 1) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """Tensors of a layer called fc, and its weight."""
    levels, zeros, scales = parts(8 if packing == "bytes" else None)
    weight = torch.from_numpy(((levels - zeros.repeat(SIZE, 1)) * scales.repeat(SIZE, 1)).astype("float32"))
    if packing == "bytes":
        pairs = torch.from_numpy(levels[:, ::2] + 16 * levels[:, 1::2]).to(torch.uint8)
        return {"fc.weight": pairs, "fc.weight_scale": torch.from_numpy(scales)}, weight
    tensors = {"fc.scales": torch.from_numpy(scales.T.copy()).half()}
    if packing == "awq":
        return tensors | {"fc.qweight": in_rows(levels.T, AWQ), "fc.qzeros": in_rows(zeros.T, AWQ)}, weight
    index = torch.arange(N_IN, dtype=torch.int32) // SIZE
    qweight = in_rows(levels).T.contiguous()
    return tensors | {"fc.qweight": qweight, "fc.qzeros": in_rows(zeros.T - one), "fc.g_idx": index}, weight


class Packed(nn.Module):
    """A live layer with packed buffers, which it takes apart number by number."""

    def __init__(self, packing: str):
        super().__init__()
        self.packing, self.in_features, self.out_features = packing, N_IN, N_OUT
        for name, tensor in stored(packing)[0].items():
            self.register_buffer(name.removeprefix("fc."), tensor)

    def dequantised(self) -> torch.Tensor:
        if self.packing == "bytes":
            levels = torch.stack([self.weight % 16, self.weight // 16], 2).reshape(N_OUT, N_IN)
            return (levels.float() - 8) * self.weight_scale.repeat_interleave(SIZE, 1)
        order = AWQ if self.packing == "awq" else range(8)
        turned = self.qweight if self.packing == "awq" else self.qweight.T
        levels, zeros = digits(turned, order), digits(self.qzeros, order)
        levels = levels.T if self.packing == "awq" else levels
        zeros = (zeros + (self.packing == "gptq")).T.repeat_interleave(SIZE, 1)
        return (levels - zeros) * self.scales.float().T.repeat_interleave(SIZE, 1)

    def forward(self, x):
        return nn.functional.linear(x, self.dequantised())


def digits(words: torch.Tensor, order) -> torch.Tensor:
    """Numbers of words along rows, read from their hexadecimal digits."""
    rows = [[int(digit, 16) for value in row for digit in f"{value % 2**32:08x}"[::-1]] for row in words.tolist()]
    back = [8 * start + list(order).index(output) for start in range(words.shape[1]) for output in range(8)]
    return torch.tensor(rows, dtype=torch.float32)[:, back]
