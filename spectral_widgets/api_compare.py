"""The door to pairs of models: what changed between them, and two nets brought into one order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from .api import Matrix, ModelSource, matrix_of, model_of
from .api_progress import Progress
from .api_work import heard
from .metrics import frame_of
from .metrics.pairs import (
    Chain,
    PairEvidence,
    match_chains,
    measure_pairs_steps,
    pair_metrics_named,
    permuted,
    vector_alignment,
)
from .records import (
    AlignedLayer,
    Alignment,
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
from .spectra.dense import Dense
from .weights.chains import Link, chain_of, reordered, state_of
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
    one, two = matrix_of(base), matrix_of(other)
    if one.unfolding.block_shape != two.unfolding.block_shape or one.values.shape != two.values.shape:
        shapes = " and ".join("×".join(map(str, matrix.ref.shape)) for matrix in (one, two))
        raise Complaint(f"The two matrices are {shapes}: give two of one shape.")
    rounding = max(rounding_of(matrix.ref.dtype) for matrix in (one, two))
    turned = isinstance(base, Layer) and is_turned(base)
    transposed = one.unfolding.transposed != turned
    return MatrixPair(one.ref, one.values, two.values, None, transposed, rounding, device=one.device)


def align(base: ModelSource, other: ModelSource, *, gamma: float = 0.0, seed: int = 0) -> Alignment:
    """Put the hidden units of one trained net into the order of another's, as close as weight matching gets.

    Both are plain chains of linear layers of equal shapes. The function that ``other`` computes does not change, nor
    do singular values; distances and singular vectors do. ``gamma`` in [0, 1] leaves out components whose singular
    value is below ``gamma`` times the largest. ``other`` itself stays as it is: load ``result.state_dict``.

    Raises ``Complaint`` for every other architecture. Source: Ainsworth, Hayase and Srinivasa (2023).
    """
    if not 0 <= gamma <= 1:
        raise Complaint(f"gamma={gamma} is no share of the largest singular value; give a number from 0 to 1.")
    first, second = model_of(base), model_of(other)
    (links_base, caveat_base), (links, caveat) = chain_of(first), chain_of(second)
    state_base, state = state_of(first), state_of(second)
    device = first.computes_on or first.device
    chain_base, chain = _chain(links_base, state_base, device), _chain(links, state, device)
    matching = match_chains(chain_base, chain, seed=seed)
    after = permuted(chain, matching.orders)
    dense = Dense(device)
    layers = tuple(_aligned_layers(links, chain_base, chain, after, gamma, dense))
    before, then = _distance(chain_base, chain), _distance(chain_base, after)
    names = [link.weight for link in links[:-1]]
    return Alignment(
        layers=layers,
        permutations=dict(zip(names, matching.orders, strict=True)),
        distance_before=before,
        distance_after=then,
        alignment_before=_mean([one.alignment_before for one in layers]),
        alignment_after=_mean([one.alignment_after for one in layers]),
        gamma=gamma,
        seed=seed,
        n_sweeps=matching.n_sweeps,
        converged=matching.converged,
        sentence=_alignment_sentence(matching.orders, layers, before, then),
        state_dict=reordered(state, links, matching.orders),
        caveat=" ".join(dict.fromkeys(filter(None, [caveat_base, caveat, matching.caveat, dense.caveat]))),
    )


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


def _chain(links: Sequence[Link], state: Mapping[str, torch.Tensor], device: str) -> Chain:
    def values(name: str) -> np.ndarray:
        return state[name].double().numpy(force=True)

    weights = tuple(values(link.weight) for link in links)
    vectors = tuple(
        np.stack([values(name) for name in link.vectors], axis=1) if link.vectors else np.zeros((len(weight), 0))
        for link, weight in zip(links, weights, strict=True)
    )
    return Chain(weights, vectors, device)


def _aligned_layers(
    links: Sequence[Link], base: Chain, before: Chain, after: Chain, gamma: float, dense: Dense
) -> Iterator[AlignedLayer]:
    for link, one, two, then in zip(links, base.weights, before.weights, after.weights, strict=True):
        yield AlignedLayer(
            layer=link.weight,
            distance_before=float(np.linalg.norm(one - two)),
            distance_after=float(np.linalg.norm(one - then)),
            alignment_before=vector_alignment(one, two, gamma, dense),
            alignment_after=vector_alignment(one, then, gamma, dense),
        )


def _distance(one: Chain, two: Chain) -> float:
    pairs = [*zip(one.weights, two.weights, strict=True), *zip(one.vectors, two.vectors, strict=True)]
    return float(np.sqrt(sum(((first - second) ** 2).sum() for first, second in pairs)))


def _alignment_sentence(
    orders: Sequence[np.ndarray], layers: Sequence[AlignedLayer], before: float, after: float
) -> str:
    moved = sum(int(np.count_nonzero(order != np.arange(len(order)))) for order in orders)
    total = sum(map(len, orders))
    means = [_mean([one.alignment_before for one in layers]), _mean([one.alignment_after for one in layers])]
    return (
        f"Weight matching moved {moved} of {total} hidden units: the distance went from {before:.3g} to {after:.3g}, "
        f"the alignment of singular vectors from {means[0]:.2f} to {means[1]:.2f}."
    )


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))
