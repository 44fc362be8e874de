"""Pair metrics of the entries: how alike two matrices are as a whole."""

from __future__ import annotations

import numpy as np

from ...records import CentredKernels, MatrixPair
from . import worked
from .difference import other_of
from .registry import pair_metric

ONE, TWO = [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], [[1.0, 0.0], [0.0, -1.0], [0.0, 0.0]]


@pair_metric(
    symbol="cos",
    meaning="Cosine between the two matrices read as long vectors: 1 is the same direction, 0 is chance.",
    source="Inner product of Frobenius, Golub and Van Loan, section 2.3",
    laws=("scale_free", "symmetric", "one_for_equal", "rotation_blind", "permutation_blind", "transpose_blind"),
    worked=((worked.pair(ONE, TWO), 0.0), (worked.pair(ONE, [[2.0, 0.0], [0.0, 2.0], [0.0, 0.0]]), 1.0)),
)
def cosine_of_weights(pair: MatrixPair) -> float:
    """``⟨W, W'⟩ / (‖W‖ ‖W'‖)``; a low-rank update stays in its factors."""
    base = pair.base.astype(np.float64)
    squared = float((base**2).sum())
    if pair.update is not None:
        left, right = pair.update.left.astype(np.float64), pair.update.right.astype(np.float64)
        with_update = float(((base @ right.T) * left).sum())
        inner = squared + with_update
        other = squared + 2 * with_update + float(((left.T @ left) * (right @ right.T)).sum())
    else:
        values = other_of(pair)
        inner, other = float((base * values).sum()), float((values**2).sum())
    return inner / float(np.sqrt(squared * other)) if squared > 0 and other > 0 else float("nan")


@pair_metric(
    symbol="CKA",
    meaning="Linear centred kernel alignment, output units as samples: do they relate to each other alike?",
    source="Kornblith et al. (2019), equation 4, with weights in the place of activations",
    laws=("scale_free", "symmetric", "within_unit", "one_for_equal", "rotation_blind_right"),
    worked=((worked.kernels(ONE, ONE), 1.0), (worked.kernels([[1.0], [-1.0], [0.0]], [[1.0], [1.0], [-2.0]]), 0.0)),
)
def weight_cka(kernels: CentredKernels) -> float:
    """``‖Yᵀ X‖_F² / (‖XᵀX‖_F ‖YᵀY‖_F)``, output units as samples, inputs as features, centred.

    This is not the similarity of representations: that needs activations on data. It changes when the rows of one
    matrix alone are permuted, so that independently trained nets score low until they are aligned, and it is blind to
    any rotation of the inputs.
    """
    scale = kernels.base_norm * kernels.other_norm
    return min(kernels.cross / scale, 1.0) if scale > 0 else float("nan")
