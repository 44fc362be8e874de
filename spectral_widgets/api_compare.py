"""The door to pairs of models: what changed between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from .api_progress import Progress
from .api_sources import Matrix, ModelSource, layer_of, matrix_of, model_of
from .api_work import heard
from .metrics import frame_of
from .metrics.pairs import PairEvidence, measure_pairs_steps, pair_metrics_named
from .records import (
    Card,
    Complaint,
    DifferenceSpectrum,
    LayerRef,
    MatrixPair,
    Measurement,
    Table,
    TopSubspaces,
    WeightMatrix,
)
from .weights.layers import Layer
from .weights.pairing import Match, Pairing, is_turned, paired, read_match, rounding_of

if TYPE_CHECKING:
    import pandas as pd

_Row = tuple[LayerRef, tuple[Measurement, ...]]
_MATRICES = (Layer, WeightMatrix, np.ndarray, torch.Tensor)


def compare(
    base: ModelSource | Matrix,
    other: ModelSource | Matrix,
    metrics: Sequence[str] | None = None,
    *,
    k: int | None = None,
    top: int = 10,
    threshold: float = 0.5,
    progress: Progress = None,
) -> pd.DataFrame:
    """A frame with one row per layer that both models have, and one column per pair metric (all for ``None``).

    ``other`` may be a fine-tuned model, a later step of training, an independently trained net, or a low-rank adapter
    (a file, a folder or a live model that carries one). Names are matched without the prefixes of wrappers. Numbers
    that could not be computed are ``nan``, and ``caveats`` says why. ``frame.attrs["unmatched"]`` maps every layer
    without a counterpart to a sentence, ``frame.attrs["sentence"]`` says what was compared.

    ``k`` is the number of leading directions whose subspaces are compared; ``None`` takes the spikes of the base.
    ``top`` and ``threshold`` define intruder dimensions. Two matrices give a single row. ``progress`` is that of
    :func:`measure`, and ``Interrupted.partial`` the frame of the layers so far. Raises ``Complaint`` when no layer
    is in both.
    """
    cards = tuple(one.card for one in pair_metrics_named(metrics))
    pairing, items = _items(base, other)
    steps = _row_steps(items, metrics, k=k, top=top, threshold=threshold)
    frame = partial(_framed, pairing, cards)
    n_steps = max(len(pairing.matches), 1)
    return frame(heard(steps, n_steps, "Comparing", "The comparison", progress, frame))


def _row_steps(
    items: Iterator[MatrixPair | LayerRef], metrics: Sequence[str] | None, **settings: Any
) -> Iterator[list[_Row]]:
    """Rows, one more a step; one pair at a time, since neither model needs to fit into memory."""
    rows: list[_Row] = []
    for item in items:
        ref = item if isinstance(item, LayerRef) else item.ref
        rows += ((ref, row) for row in measure_pairs_steps([item], metrics, **settings))
        yield rows


def _framed(pairing: Pairing, cards: tuple[Card, ...], rows: list[_Row] | None) -> pd.DataFrame:
    rows = rows or []
    frame = frame_of(Table(tuple(ref for ref, _ in rows), cards, tuple(row for _, row in rows)))
    frame.attrs["unmatched"] = dict(pairing.unmatched)
    frame.attrs["sentence"] = _sentence(len(rows), pairing)
    return frame


def subspace_overlap(
    base: Matrix, other: Matrix, *, k: int | None = None, top: int = 10, threshold: float = 0.5
) -> TopSubspaces:
    """Cosines between the leading singular vectors of two matrices of one shape; see :func:`compare`."""
    return PairEvidence(pair_of(base, other), k=k, top=top, threshold=threshold).of(TopSubspaces)


def difference_spectrum(base: Matrix, other: Matrix) -> DifferenceSpectrum:
    """Singular values of other − base, with the floor below which they are rounding."""
    return PairEvidence(pair_of(base, other)).of(DifferenceSpectrum)


def pair_of(base: Matrix, other: Matrix) -> MatrixPair:
    """Two matrices as a pair. A low-rank layer is not added to the base here; give :func:`compare` the models.

    Raises ``Complaint`` when their shapes differ.
    """
    base, other = layer_of(base), layer_of(other)
    one, two = matrix_of(base), matrix_of(other)
    if one.unfolding.block_shape != two.unfolding.block_shape or one.values.shape != two.values.shape:
        shapes = " and ".join("×".join(map(str, matrix.ref.shape)) for matrix in (one, two))
        raise Complaint(f"The two matrices are {shapes}: give two of one shape.")
    rounding = max(rounding_of(matrix.ref.dtype) for matrix in (one, two))
    turned = isinstance(base, Layer) and is_turned(base)
    transposed = one.unfolding.transposed != turned
    return MatrixPair(one.ref, one.values, two.values, None, transposed, rounding, device=one.device)


def _items(base: Any, other: Any) -> tuple[Pairing, Iterator[MatrixPair | LayerRef]]:
    are_matrices = [isinstance(one, _MATRICES) for one in (base, other)]
    if all(are_matrices):
        return Pairing(()), iter([pair_of(base, other)])
    if any(are_matrices):
        raise Complaint("One of the two is a matrix and the other a model; compare two models or two matrices.")
    first, second = model_of(base), model_of(other)
    pairing = paired(first, second)
    if not pairing.matches:
        raise Complaint(
            f"No layer of {first.name} has its name in {second.name}; compare two versions of one architecture."
        )
    return pairing, (_readable(match) for match in pairing.matches)


def _readable(match: Match) -> MatrixPair | LayerRef:
    """The pair, or the layer's reference with a caveat that says why there is none."""
    try:
        return read_match(match)
    except Complaint as complaint:
        return replace(match.base.ref, caveat=str(complaint))


def _sentence(n_rows: int, pairing: Pairing) -> str:
    noun = "layer" if n_rows == 1 else "layers"
    rest = f"; {len(pairing.unmatched)} without a counterpart" if pairing.unmatched else ""
    return f"{n_rows} {noun} compared{rest}."
