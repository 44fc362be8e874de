"""The door to alignment: two nets brought into one order of their hidden units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from .api_progress import Progress
from .api_sources import ModelSource, model_of
from .api_work import heard
from .metrics.pairs import N_STARTS, Chain, Matching, match_chains_steps, permuted, vector_alignment
from .records import AlignedLayer, Alignment, Complaint, whole_number
from .spectra.dense import Dense
from .weights.chains import Link, chain_of, reordered, state_of


def align(
    base: ModelSource, other: ModelSource, *, gamma: float = 0.0, seed: int = 0, progress: Progress = None
) -> Alignment:
    """Put the hidden units of one trained net into the order of another's, as close as weight matching gets.

    Both are plain chains of linear layers of equal shapes. The function that ``other`` computes does not change, nor
    do singular values; distances and singular vectors do. ``gamma`` in [0, 1] leaves out components whose singular
    value is below ``gamma`` times the largest. ``other`` itself stays as it is: load ``result.state_dict``.
    ``progress`` is that of :func:`measure`. ``Interrupted.partial`` is the alignment by the best order so far, ``None``
    before there is one; singular vectors may be missing there, and the caveat says of how many layers.

    Raises ``Complaint`` for every other architecture. Source: Ainsworth, Hayase and Srinivasa (2023).
    """
    if not 0 <= gamma <= 1:
        raise Complaint(f"gamma={gamma} is no share of the largest singular value; give a number from 0 to 1.")
    nets = _nets(base, other, gamma, whole_number(seed, "seed"))
    dense = Dense(nets.base.device)
    n_steps = N_STARTS + len(nets.links)
    whole = heard(_steps(nets, dense), n_steps, "Aligning", "The alignment", progress, partial(_aligned, nets, dense))
    found = _aligned(nets, dense, whole)
    assert found is not None
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Nets:
    """Two nets as chains, what the other one is made of, and what was asked."""

    base: Chain
    other: Chain
    links: Sequence[Link]
    state: Mapping[str, torch.Tensor]
    gamma: float
    seed: int
    caveats: tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class _Matched:
    """The best matching so far, and the layers whose singular vectors were compared."""

    matching: Matching
    after: Chain
    layers: tuple[AlignedLayer, ...] = ()


def _nets(base: ModelSource, other: ModelSource, gamma: float, seed: int) -> _Nets:
    first, second = model_of(base), model_of(other)
    (links_base, caveat_base), (links, caveat) = chain_of(first), chain_of(second)
    device = first.computes_on or first.device
    state = state_of(second)
    chains = _chain(links_base, state_of(first), device), _chain(links, state, device)
    return _Nets(*chains, links, state, gamma, seed, (caveat_base, caveat))


def _chain(links: Sequence[Link], state: Mapping[str, torch.Tensor], device: str) -> Chain:
    def values(name: str) -> np.ndarray:
        return state[name].double().numpy(force=True)

    weights = tuple(values(link.weight) for link in links)
    vectors = tuple(
        np.stack([values(name) for name in link.vectors], axis=1) if link.vectors else np.zeros((len(weight), 0))
        for link, weight in zip(links, weights, strict=True)
    )
    return Chain(weights, vectors, device)


def _steps(nets: _Nets, dense: Dense) -> Iterator[_Matched]:
    for matching in match_chains_steps(nets.base, nets.other, seed=nets.seed):
        after = permuted(nets.other, matching.orders)
        yield _Matched(matching, after)
    layers: tuple[AlignedLayer, ...] = ()
    for layer in _aligned_layers(nets, after, dense):
        layers += (layer,)
        yield _Matched(matching, after, layers)


def _aligned_layers(nets: _Nets, after: Chain, dense: Dense) -> Iterator[AlignedLayer]:
    for link, one, two, then in zip(nets.links, nets.base.weights, nets.other.weights, after.weights, strict=True):
        yield AlignedLayer(
            layer=link.weight,
            distance_before=float(np.linalg.norm(one - two)),
            distance_after=float(np.linalg.norm(one - then)),
            alignment_before=vector_alignment(one, two, nets.gamma, dense),
            alignment_after=vector_alignment(one, then, nets.gamma, dense),
        )


def _aligned(nets: _Nets, dense: Dense, matched: _Matched | None) -> Alignment | None:
    if matched is None:
        return None
    matching, layers = matched.matching, matched.layers
    distances = _distance(nets.base, nets.other), _distance(nets.base, matched.after)
    alignments = _mean([one.alignment_before for one in layers]), _mean([one.alignment_after for one in layers])
    caveats = *nets.caveats, matching.caveat, dense.caveat, _unfinished(len(layers), len(nets.links))
    names = [link.weight for link in nets.links[:-1]]
    return Alignment(
        layers=layers,
        permutations=dict(zip(names, matching.orders, strict=True)),
        distance_before=distances[0],
        distance_after=distances[1],
        alignment_before=alignments[0],
        alignment_after=alignments[1],
        gamma=nets.gamma,
        seed=nets.seed,
        n_sweeps=matching.n_sweeps,
        converged=matching.converged,
        sentence=_sentence(matching.orders, distances, alignments),
        state_dict=reordered(nets.state, nets.links, matching.orders),
        caveat=" ".join(dict.fromkeys(filter(None, caveats))),
    )


def _distance(one: Chain, two: Chain) -> float:
    pairs = [*zip(one.weights, two.weights, strict=True), *zip(one.vectors, two.vectors, strict=True)]
    return float(np.sqrt(sum(((first - second) ** 2).sum() for first, second in pairs)))


def _unfinished(n_layers: int, n_links: int) -> str:
    if n_layers == n_links:
        return ""
    return f"The alignment was stopped: the singular vectors of {n_layers} of {n_links} layers were compared."


def _sentence(orders: Sequence[np.ndarray], distances: tuple[float, float], alignments: tuple[float, float]) -> str:
    moved = sum(int(np.count_nonzero(order != np.arange(len(order)))) for order in orders)
    total = sum(map(len, orders))
    known = not np.isnan(alignments).any()
    vectors = f", the alignment of singular vectors from {alignments[0]:.2f} to {alignments[1]:.2f}" if known else ""
    return (
        f"Weight matching moved {moved} of {total} hidden units: the distance went from {distances[0]:.3g} to "
        f"{distances[1]:.3g}{vectors}."
    )


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")
