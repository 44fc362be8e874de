"""The measures of ``changes`` from logits in float32: a fraction of the cost, where rounding leaves enough of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.linalg import vecdot

from .divergence import MAX_DIVERGENCE_NATS

#: Rounding in one sum of terms that cancel, relative to their size; more than a share of a result is too much.
_ROUNDING = 2.0**-23
MOST_ROUNDING = 3e-4
#: Logits of one edit below which float64 costs nothing that is felt.
FEWEST = 1 << 13
#: Ratios so near to one that four moments of them give every divergence within 1e-4.
_NEAR = 0.03
_LOWEST_LOG = -80.0
_BLOCK = {"cpu": 1 << 17}
_LARGE_BLOCK = 1 << 24
_SMALLEST_REST = 2e-3


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """What every comparison needs of the original's rows ``(rows, n_classes)``; computed once, in float32."""

    logits: Tensor
    log_p: Tensor
    p: Tensor
    top: Tensor
    norm: Tensor

    def part(self, start: int, stop: int) -> Rows:
        """Some of the rows."""
        cut = slice(start, stop)
        return Rows(self.logits[cut], self.log_p[cut], self.p[cut], self.top[cut], self.norm[cut])


def rows_of(output: Tensor, temperature: float) -> Rows | None:
    """The original's rows; ``None`` where float32 does not do: float64 logits, few of them, or probabilities near 0."""
    if output.dtype == torch.float64 or output.numel() < FEWEST:
        return None
    logits = output.reshape(-1, output.shape[-1]).float()
    log_p = torch.log_softmax(logits if temperature == 1.0 else logits / temperature, -1)
    if not bool(log_p.min() > _LOWEST_LOG):
        return None
    norm = (log_p - log_p.mean(-1, keepdim=True)).norm(dim=-1)
    return Rows(logits, log_p, log_p.exp(), log_p.argmax(-1, keepdim=True), norm)


def changes_in(rows: Rows, outputs: Tensor, temperature: float) -> dict[str, Tensor]:
    """All measures of ``changes.changes_between`` for several outputs ``(k, rows, n_classes)``, each ``(k, rows)``.

    ``rounding`` is what the divergences may be wrong by, in nats, beside 1e-4 of their size. Not finite where float32
    does not do.
    """
    wide = torch.float32 if outputs.device.type == "mps" else torch.float64
    sums = torch.empty(len(_Sums._fields), *outputs.shape[:2], dtype=wide, device=outputs.device)
    for edits, part in _blocks(outputs):
        cut = rows.part(part.start, part.stop)
        sums[:, edits, part] = torch.stack(_sums(cut, outputs[edits, part].float(), temperature))
    return _changes(_Sums(*sums), rows.norm.to(wide), outputs.shape[-1])


def _blocks(outputs: Tensor) -> Iterator[tuple[slice, slice]]:
    """Edits and rows that stay in the cache together: many edits of one row, else several rows of one edit."""
    n_edits, n_rows, n_classes = outputs.shape
    fits = max(1, _BLOCK.get(outputs.device.type, _LARGE_BLOCK) // n_classes)
    n_together = min(n_edits, fits)
    size = max(1, fits // n_together)
    for start in range(0, n_rows, size):
        for first in range(0, n_edits, n_together):
            yield slice(first, first + n_together), slice(start, min(start + size, n_rows))


class _Sums(NamedTuple):
    """Sums over the classes, with g = change of the logits beside that of the original's top class.

    ``excess`` s = Σ p (exp(g) − 1), so that x = (q/p − 1)/2 = (exp(g) − 1 − s) / (2 + 2s) is no difference of near
    numbers. Where all x are small the four ``moments`` are Σ p x², Σ p x³, Σ p x⁴ and 0, else Σ p x g, Σ p g,
    Σ p ln(1+x) and Σ p x ln(1+x).
    """

    total: Tensor
    norm: Tensor
    excess: Tensor
    cross: Tensor
    variation: Tensor
    agrees: Tensor
    is_near: Tensor
    one: Tensor
    two: Tensor
    three: Tensor
    four: Tensor


def _sums(rows: Rows, logits: Tensor, temperature: float) -> tuple[Tensor, ...]:
    top = rows.top.expand(*logits.shape[:-1], 1)
    gap = logits - rows.logits
    if temperature != 1.0:
        gap /= temperature
    gap -= gap.gather(-1, top)
    ratio = torch.expm1(gap)
    excess = vecdot(rows.p, ratio)
    ratio.sub_(excess.unsqueeze(-1)).mul_((0.5 / (1 + excess)).unsqueeze(-1))
    weighted = rows.p * ratio
    low, high = ratio.aminmax()
    is_near = bool((high <= _NEAR) & (low >= -_NEAR))
    total, norm = gap.sum(-1), gap.norm(dim=-1)
    moments = _moments(weighted, ratio) if is_near else _logarithms(rows.p, weighted, ratio, gap)
    cross, variation = vecdot(weighted, rows.log_p), weighted.abs_().sum(-1)
    agrees = (logits.gather(-1, top).squeeze(-1) == logits.amax(-1)).float()
    return total, norm, excess, cross, variation, agrees, torch.full_like(total, float(is_near)), *moments


def _moments(weighted: Tensor, ratio: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    square = weighted * ratio
    second, third = square.sum(-1), vecdot(square, ratio)
    return second, third, vecdot(square.mul_(ratio), ratio), torch.zeros_like(second)


def _logarithms(p: Tensor, weighted: Tensor, ratio: Tensor, gap: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    both, expected = vecdot(weighted, gap), vecdot(p, gap)
    logarithm = ratio.log1p_()
    return both, expected, vecdot(p, logarithm), vecdot(weighted, logarithm)


def _changes(sums: _Sums, norm: Tensor, n_classes: int) -> dict[str, Tensor]:
    """The measures from the sums: divergences by Taylor's series in x, else by ln(1+s) and ln(1+x) = ln(m/p)."""
    near, one, two, three = sums.is_near > 0, sums.one, sums.two, sums.three
    forward = torch.where(near, 2 * one - 8 / 3 * two + 4 * three, torch.log1p(sums.excess) - two)
    backward = torch.where(near, 2 * one - 4 / 3 * two + 4 / 3 * three, 2 * one - forward)
    mixed = torch.where(near, one / 2 - two / 2 + 7 / 12 * three, one - forward / 2 - three - sums.four)
    square = sums.norm.square()
    rest = square - sums.total.square() / n_classes
    # Where the mean is nearly all of the change of the logits, taking it away cancels too much.
    change = torch.where((rest > _SMALLEST_REST * square) | (square == 0), rest, torch.nan).sqrt()
    rounding = _ROUNDING * (sums.variation + sums.excess.abs() / (1 + sums.excess))
    return {
        "js_divergence_nats": mixed.clamp(0.0, MAX_DIVERGENCE_NATS),
        "kl_forward_nats": forward.clamp(min=0.0),
        "kl_backward_nats": backward.clamp(min=0.0),
        "total_variation": sums.variation,
        "top1_agreement": sums.agrees,
        "logit_change": change / norm,
        "entropy_change_nats": -backward - 2 * sums.cross,
        "rounding": torch.where(near, 0.0, rounding),
    }
