"""Every measure between two distributions over classes, in one pass over blocks that stay in the cache."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor

from .divergence import BLOCK, mixture_gain

_TINY = torch.finfo(torch.float64).tiny
#: Measures beside the Jensen–Shannon divergence, with the words that a table shows.
TITLES = {
    "kl_forward_nats": "Kullback–Leibler divergence, original from edited (nats)",
    "kl_backward_nats": "Kullback–Leibler divergence, edited from original (nats)",
    "total_variation": "total variation",
    "top1_agreement": "same top class (share)",
    "logit_change": "relative change of the centred logits",
    "entropy_change_nats": "change of entropy (nats)",
    "accuracy": "accuracy with the edit",
    "accuracy_change": "change of accuracy",
    "loss_nats": "cross-entropy with the edit (nats)",
    "loss_change_nats": "change of cross-entropy (nats)",
}


def changes_between(log_p: Tensor, log_q: Tensor) -> dict[str, Tensor]:
    """All measures from original ``log_p`` to edited ``log_q``, float64 log-probabilities on the last axis.

    ``js_divergence_nats``, ``kl_forward_nats`` Σ p (log p − log q), ``kl_backward_nats`` Σ q (log q − log p),
    ``total_variation`` ½ Σ |p − q|, ``top1_agreement`` 0 or 1, ``logit_change`` (norm of the change of the
    logits over the norm of the logits, both centred over the classes, since a constant in the logits
    changes nothing) and ``entropy_change_nats`` H(q) − H(p). Classes that both rule out (−∞) count as
    equal. Each has the shape of ``log_p`` without its last axis.
    """
    parts = [
        changes_from(known_of(p, p.exp()), q, q.exp()) for p, q in zip(blocks_of(log_p), blocks_of(log_q), strict=True)
    ]
    return {name: torch.cat([part[name] for part in parts]).reshape(log_p.shape[:-1]) for name in parts[0]}


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What every comparison needs of some rows ``(rows, n_classes)`` of the original; computed once."""

    log_p: Tensor
    p: Tensor
    log_expected: Tensor
    norm: Tensor
    top: Tensor

    def repeated(self, times: int) -> Known:
        """The rows ``times`` times over."""
        parts = (getattr(self, part.name) for part in fields(self))
        return Known(*(part.repeat(times, *[1] * (part.ndim - 1)) for part in parts))


def blocks_of(values: Tensor) -> tuple[Tensor, ...]:
    """Rows ``(rows, n_classes)`` in blocks that stay in the cache."""
    return values.reshape(-1, values.shape[-1]).split(max(1, BLOCK // max(values.shape[-1], 1)))


def known_of(log_p: Tensor, p: Tensor) -> Known:
    """What is needed of some rows, from their log-probabilities and probabilities."""
    return Known(log_p, p, _expected(p, log_p), _centred_norm(log_p), log_p.argmax(-1, keepdim=True))


def js_divergence(log_p: Tensor, log_q: Tensor) -> Tensor:
    """Jensen–Shannon divergence in nats along the last axis, from float64 log-probabilities.

    ``Σ m h(δ)`` with ``m = (p + q)/2``, see :func:`divergence.mixture_gain`: every term is non-negative, so nothing
    cancels for nearly equal distributions and nothing underflows for far ones. Lies in [0, ln 2], is
    symmetric, and is 0 for equal arguments. Source of the definition: Lin (1991).

    >>> one, other = torch.tensor([0.0, -torch.inf]), torch.tensor([-torch.inf, 0.0])
    >>> round(float(js_divergence(one.double(), other.double())), 4)
    0.6931
    """
    return changes_between(log_p, log_q)["js_divergence_nats"]


def label_changes(log_p: Tensor, log_q: Tensor, labels: Tensor) -> dict[str, Tensor]:
    """Accuracy and cross-entropy of the edited model and their changes, averaged over each input's labels.

    ``labels`` has the shape of ``log_p`` without its last axis; negative ones are left out, and an input
    without any label gives ``nan``.
    """
    counted = labels >= 0
    index = labels.clamp(min=0).unsqueeze(-1)
    right = [(part.argmax(-1) == labels).double() for part in (log_p, log_q)]
    loss = [-part.gather(-1, index).squeeze(-1) for part in (log_p, log_q)]
    values = {
        "accuracy": right[1],
        "accuracy_change": right[1] - right[0],
        "loss_nats": loss[1],
        "loss_change_nats": loss[1] - loss[0],
    }
    return {name: _mean_over(value, counted) for name, value in values.items()}


def _mean_over(values: Tensor, counted: Tensor) -> Tensor:
    kept = torch.where(counted, values, 0.0).reshape(len(values), -1).sum(1)
    return kept / counted.reshape(len(values), -1).sum(1)


def changes_from(known: Known, log_q: Tensor, q: Tensor) -> dict[str, Tensor]:
    """All measures of :func:`changes_between` for some rows, from log-probabilities and probabilities."""
    difference, gap = known.p - q, log_q - known.log_p
    if not torch.isfinite(gap.sum()):
        gap = torch.nan_to_num(gap, nan=0.0, posinf=torch.inf, neginf=-torch.inf)
    return {
        "js_divergence_nats": mixture_gain(known.p, q, difference),
        "kl_forward_nats": -_expected(known.p, gap).clamp(max=0.0),
        "kl_backward_nats": _expected(q, gap).clamp(min=0.0),
        "total_variation": torch.linalg.vector_norm(difference, 1, dim=-1) / 2,
        "top1_agreement": (log_q.gather(-1, known.top).squeeze(-1) == log_q.amax(-1)).double(),
        "logit_change": _logit_change(known, log_q, gap),
        "entropy_change_nats": known.log_expected - _expected(q, log_q),
    }


def _expected(weights: Tensor, values: Tensor) -> Tensor:
    """``Σ w v`` where 0 · ∞ is 0: without infinities a plain product, which is far faster."""
    total = torch.linalg.vecdot(weights, values)
    if torch.isfinite(total).all():
        return total
    return torch.where(weights > 0, weights * values, 0.0).sum(-1)


def _logit_change(known: Known, log_q: Tensor, gap: Tensor) -> Tensor:
    change = _centred_norm(gap) / known.norm.clamp_min(_TINY)
    if torch.isfinite(change).all() and torch.isfinite(known.norm).all():
        return change
    both = torch.isfinite(known.log_p) & torch.isfinite(log_q)
    change = _masked_norm(gap, both) / _masked_norm(known.log_p, both).clamp_min(_TINY)
    return torch.where(torch.isinf(gap).any(-1), torch.inf, change)


def _centred_norm(values: Tensor) -> Tensor:
    """Norm after the mean over the last axis is taken away; not finite where a value is not."""
    square = torch.linalg.vecdot(values, values)
    return (square - values.sum(-1).square() / values.shape[-1]).clamp_min(0.0).sqrt()


def _masked_norm(values: Tensor, known: Tensor) -> Tensor:
    kept = torch.where(known, values, 0.0)
    mean = kept.sum(-1, keepdim=True) / known.sum(-1, keepdim=True).clamp_min(1)
    return torch.where(known, kept - mean, 0.0).norm(dim=-1)
