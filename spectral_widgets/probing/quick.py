"""The measures of ``changes`` from logits in float32: a fraction of the cost, where rounding leaves enough of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
_BLOCK = {"cpu": 1 << 16}
_LARGE_BLOCK = 1 << 24
_NAMES = (
    "js_divergence_nats",
    "kl_forward_nats",
    "kl_backward_nats",
    "total_variation",
    "top1_agreement",
    "logit_change",
    "entropy_change_nats",
    "rounding",
)


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
    logits = _scaled(output.reshape(-1, output.shape[-1]), temperature)
    log_p = torch.log_softmax(logits, -1)
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
    found = torch.empty(len(_NAMES), *outputs.shape[:2], dtype=wide, device=outputs.device)
    for edits, part in _blocks(outputs):
        cut = rows.part(part.start, part.stop)
        for values, measure in zip(found, _measures(cut, _scaled(outputs[edits, part], temperature)), strict=True):
            values[edits, part] = measure
    return dict(zip(_NAMES, found, strict=True))


def _scaled(logits: Tensor, temperature: float) -> Tensor:
    logits = logits.float()
    return logits if temperature == 1.0 else logits / temperature


def _blocks(outputs: Tensor) -> Iterator[tuple[slice, slice]]:
    """Edits and rows that stay in the cache together: many edits of one row, else several rows of one edit."""
    n_edits, n_rows, n_classes = outputs.shape
    fits = max(1, _BLOCK.get(outputs.device.type, _LARGE_BLOCK) // n_classes)
    n_together = min(n_edits, fits)
    size = max(1, fits // n_together)
    for start in range(0, n_rows, size):
        for first in range(0, n_edits, n_together):
            yield slice(first, first + n_together), slice(start, min(start + size, n_rows))


def _measures(rows: Rows, logits: Tensor) -> Sequence[Tensor]:
    """In the order of the names, from ``g`` = change of the logits beside that of the original's top class.

    With ``s = Σ p (exp(g) − 1)``, ``x = (q/p − 1)/2 = (exp(g) − 1 − s) / (2 + 2s)`` is no difference of near numbers.
    """
    top = rows.top.expand(*logits.shape[:-1], 1)
    gap = logits - rows.logits
    gap -= gap.gather(-1, top)
    change = _centred_norm(gap)
    ratio = torch.expm1(gap)
    excess = vecdot(rows.p, ratio).unsqueeze(-1)
    ratio.sub_(excess).mul_(0.5 / (1 + excess))
    is_near = bool((ratio.amax() <= _NEAR) & (ratio.amin() >= -_NEAR))
    weighted = rows.p * ratio
    forward, backward, mixed, rounding = (
        _by_moments(weighted, ratio) if is_near else _by_logarithms(rows.p, weighted, ratio, gap, excess.squeeze(-1))
    )
    entropy = -backward - 2 * _wide(vecdot(weighted, rows.log_p))
    variation = weighted.abs_().sum(-1)
    return (
        mixed.clamp(0.0, MAX_DIVERGENCE_NATS),
        forward.clamp(min=0.0),
        backward.clamp(min=0.0),
        variation,
        logits.gather(-1, top).squeeze(-1) == logits.amax(-1),
        change / rows.norm,
        entropy,
        rounding * (variation + (excess.abs() / (1 + excess)).squeeze(-1)),
    )


def _by_moments(weighted: Tensor, ratio: Tensor) -> tuple[Tensor, Tensor, Tensor, float]:
    """KL(p‖q), KL(q‖p), Jensen–Shannon divergence by Taylor's series in x, from ``Σ p x²`` to ``Σ p x⁴``."""
    square = weighted * ratio
    second, third = _wide(square.sum(-1)), _wide(vecdot(square, ratio))
    fourth = _wide(vecdot(square.mul_(ratio), ratio))
    forward = 2 * second - 8 / 3 * third + 4 * fourth
    backward = 2 * second - 4 / 3 * third + 4 / 3 * fourth
    return forward, backward, second / 2 - third / 2 + 7 / 12 * fourth, 0.0


def _by_logarithms(
    p: Tensor, weighted: Tensor, ratio: Tensor, gap: Tensor, excess: Tensor
) -> tuple[Tensor, Tensor, Tensor, float]:
    """The same by ln(1 + s) and ln(1 + x) = ln(m/p), with m = (p + q)/2."""
    both = _wide(vecdot(weighted, gap))
    forward = torch.log1p(_wide(excess)) - _wide(vecdot(p, gap))
    logarithm = ratio.log1p_()
    mixed = both - forward / 2 - _wide(vecdot(p, logarithm)) - _wide(vecdot(weighted, logarithm))
    return forward, 2 * both - forward, mixed, _ROUNDING


def _wide(values: Tensor) -> Tensor:
    return values if values.device.type == "mps" else values.double()


def _centred_norm(gap: Tensor) -> Tensor:
    """Norm after the mean over the last axis is taken away, which is done only where it would cancel."""
    total, norm = gap.sum(-1), gap.norm(dim=-1)
    rest = norm.square() - total.square() / gap.shape[-1]
    if bool(((rest > 0.03 * norm.square()) | (norm == 0)).all()):
        return rest.sqrt()
    return (gap - total.unsqueeze(-1) / gap.shape[-1]).norm(dim=-1)
