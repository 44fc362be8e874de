"""The measures of ``changes`` from logits in float32: a fraction of the cost, where rounding leaves enough of them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.linalg import vecdot

from ..spectra.abreast import MIN_ENTRIES_BESIDE, beside_steps
from .divergence import MAX_DIVERGENCE_NATS

#: Rounding in one sum of terms that cancel, relative to their size; more than a share of a result is too much.
_ROUNDING = 2.0**-23
MOST_ROUNDING = 3e-4
#: Logits of one edit below which float64 costs nothing that is felt.
FEWEST = 1 << 13
#: Ratios so near to one that four moments of them give every divergence within 1e-4.
_NEAR = 0.03
_LOWEST_LOG = -80.0
_BLOCK = 1 << 24
#: Logits that are worth a thread.
_SHARE = 1 << 19
_SMALLEST_REST = 2e-3


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """What every comparison needs of the original's rows ``(rows, n_classes)``; computed once, in float32.

    ``level (rows, 1)`` is what ln p is below the logits over the temperature.
    """

    logits: Tensor
    p: Tensor
    level: Tensor
    top: Tensor
    norm: Tensor

    def part(self, cut: slice) -> Rows:
        """Some of the rows."""
        return Rows(self.logits[cut], self.p[cut], self.level[cut], self.top[cut], self.norm[cut])


def loading_steps(output: Tensor) -> Generator[None, None, None]:
    """Load what comparing such outputs needs, and compile it where that was never done on this machine: some seconds.

    Yields where a caller may stop.
    """
    if output.device.type == "cpu" and _has_enough(output):
        yield from beside_steps(_load, MIN_ENTRIES_BESIDE)


@cache
def _load() -> None:
    one = torch.zeros(1, 2)
    _compiled_sums(_compiled_rows(one, 1.0), one[None], 1.0)


def _has_enough(output: Tensor) -> bool:
    return output.dtype != torch.float64 and output.numel() >= FEWEST


def rows_of(output: Tensor, temperature: float) -> Rows | None:
    """The original's rows; ``None`` where float32 does not do: float64 logits, few of them, or probabilities near 0."""
    if not _has_enough(output):
        return None
    logits = output.reshape(-1, output.shape[-1]).float().contiguous()
    rows = (_compiled_rows if logits.device.type == "cpu" else _plain_rows)(logits, temperature)
    return rows if bool(rows.norm.isfinite().all()) else None


def _compiled_rows(logits: Tensor, temperature: float) -> Rows:
    """The rows on the processor; a norm is NaN where a probability is too near 0."""
    from .sums import rows_into

    n_rows = len(logits)
    p, level, norm = torch.empty_like(logits), torch.empty(n_rows, 1), torch.empty(n_rows)
    rows = Rows(logits, p, level, torch.empty(n_rows, 1, dtype=torch.int64), norm)
    known = (part.numpy() for part in (logits, p, rows.top.flatten(), level.flatten(), norm))
    fill = partial(rows_into, *known, np.float32(1 / temperature), np.float32(_LOWEST_LOG))
    _in_shares(fill, n_rows, logits.numel())
    return rows


def _plain_rows(logits: Tensor, temperature: float) -> Rows:
    """The same on any device."""
    scaled = logits / temperature
    log_p = torch.log_softmax(scaled, -1)
    top = log_p.argmax(-1, keepdim=True)
    level = scaled.gather(-1, top) - log_p.gather(-1, top)
    norm = (log_p - log_p.mean(-1, keepdim=True)).norm(dim=-1)
    norm[~(log_p.amin(-1) > _LOWEST_LOG)] = torch.nan
    return Rows(logits, log_p.exp_(), level, top, norm)


def changes_in(rows: Rows, outputs: Tensor, temperature: float) -> dict[str, Tensor]:
    """All measures of ``changes.changes_between`` for several outputs ``(k, rows, n_classes)``, each ``(k, rows)``.

    ``rounding`` is what the divergences may be wrong by, in nats, beside 1e-4 of their size. Not finite where float32
    does not do.
    """
    wide = torch.float32 if outputs.device.type == "mps" else torch.float64
    sums = _compiled_sums if outputs.device.type == "cpu" else _blockwise_sums
    found = sums(rows, outputs, temperature).to(wide)
    return _changes(_Sums(*found.unbind(-1)), rows.norm.to(wide), outputs.shape[-1])


def _compiled_sums(rows: Rows, outputs: Tensor, temperature: float) -> Tensor:
    """``_Sums`` along the last axis ``(k, rows, 11)`` on the processor, in as many threads as torch uses."""
    sums = torch.empty(*outputs.shape[:2], len(_Sums._fields))
    # What has to be copied is copied one edit at a time.
    size = len(outputs) if outputs.dtype == torch.float32 and outputs.is_contiguous() else 1
    for some, after in zip(sums.split(size), outputs.split(size), strict=True):
        fill = partial(_fill, some, after.float().contiguous(), rows, temperature)
        _in_shares(fill, after.shape[1], after.numel())
    return sums


def _in_shares(fill: Callable[[int, int], None], n_rows: int, n_logits: int) -> None:
    """Let every thread fill a share of the rows, from where it begins to where it ends."""
    n_threads = max(1, min(torch.get_num_threads(), n_logits // _SHARE, n_rows))
    if n_threads == 1:
        fill(0, n_rows)
        return
    bounds = [n_rows * k // n_threads for k in range(n_threads + 1)]
    with ThreadPoolExecutor(n_threads) as pool:
        list(pool.map(fill, bounds[:-1], bounds[1:]))


def _fill(sums: Tensor, after: Tensor, rows: Rows, temperature: float, start: int, stop: int) -> None:
    from .sums import sums_into

    known = (part.numpy() for part in (rows.logits, rows.p, rows.top.flatten(), rows.level.flatten()))
    sums_into(sums.numpy(), after.numpy(), *known, np.float32(1 / temperature), np.float32(_NEAR), start, stop)


def _blockwise_sums(rows: Rows, outputs: Tensor, temperature: float) -> Tensor:
    """``_Sums`` along the last axis ``(k, rows, 11)`` on any device, by operations on blocks of bounded size."""
    sums = torch.empty(*outputs.shape[:2], len(_Sums._fields), device=outputs.device)
    for edits, part in _blocks(outputs):
        parts = _sums(rows.part(part), outputs[edits, part].float(), temperature)
        sums[edits, part] = torch.stack(parts, -1)
    return sums


def _blocks(outputs: Tensor) -> Iterator[tuple[slice, slice]]:
    """Edits and rows that fit into memory together: many edits of one row, else several rows of one edit."""
    n_edits, n_rows, n_classes = outputs.shape
    fits = max(1, _BLOCK // n_classes)
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
    log_p = rows.logits / temperature - rows.level
    cross, variation = vecdot(weighted, log_p), weighted.abs_().sum(-1)
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
