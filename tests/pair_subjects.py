"""Pairs of random matrices, and the value of any pair metric for them."""

from __future__ import annotations

import numpy as np
from spectral_widgets.metrics import pairs
from spectral_widgets.records import FactoredMatrix, MatrixPair

from .metric_subjects import matrix

ALL = {metric.card.name: metric for metric in pairs.pair_metrics_named()}


SHAPES = [(40, 24), (30, 30), (20, 45)]


def pair(base, other, **changes):
    one, two = matrix(base), matrix(other)
    return MatrixPair(one.ref, one.values, two.values, None, one.unfolding.transposed, **changes)


def low_rank_pair(base, left, right):
    one = matrix(base)
    if one.unfolding.transposed:
        left, right = right.T, left.T
    update = FactoredMatrix(one.ref, left, right)
    return MatrixPair(one.ref, one.values, None, update, one.unfolding.transposed)


def value(metric, base, other, **chosen):
    evidence = pairs.PairEvidence(pair(base, other), **chosen)
    return metric.function(*(evidence.of(kind) for kind in metric.evidence))


def subject(seed):
    """A base with strong directions, and a change of it of one, three or all directions."""
    rng = np.random.default_rng(seed)
    shape = SHAPES[seed % 3]
    base = rng.standard_normal(shape) + 2 * rng.standard_normal((shape[0], 2)) @ rng.standard_normal((2, shape[1]))
    rank = (1, 3, min(shape))[seed // 3 % 3]
    return base, base + 0.3 * rng.standard_normal((shape[0], rank)) @ rng.standard_normal((rank, shape[1]))


def orthogonal(n, rng):
    return np.linalg.qr(rng.standard_normal((n, n)))[0]
