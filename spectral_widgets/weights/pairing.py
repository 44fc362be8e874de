"""Two models side by side: which of their layers are the same one, and both matrices of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import torch

from ..records import Complaint, FactoredMatrix, MatrixPair, WeightMatrix
from .adapters import LowRankPair, low_rank_pairs, plain_name
from .layers import Layer
from .model import Model

_UNKNOWN_SCALING = "Nothing says how the adapter is scaled, so its product is taken as it is."


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """A layer of the base with its counterpart in ``model``, or the low-rank pairs that change it, or both."""

    base: Layer
    model: Model
    other: Layer | None
    pairs: tuple[LowRankPair, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Pairing:
    """Matched layers in the order of the base, and for every other layer the sentence that says why it has no match."""

    matches: tuple[Match, ...]
    unmatched: dict[str, str] = field(default_factory=dict)


def paired(base: Model, other: Model) -> Pairing:
    """Layers of equal names, wrappers and tied names aside; a low-rank pair belongs to the layer that it changes.

    Where a model stands inside a larger one, a layer whose name ends on the other's full name is its match too, as
    long as there is only one.
    """
    pairs = _adapters_on(base, other)
    products = {pair.name for found in pairs.values() for pair in found}
    candidates = [layer for layer in other.layers if layer.name not in products]
    found = _same_names(base.layers, candidates, base.tied, other.tied)
    matches = tuple(
        Match(layer, other, found.get(layer.name), tuple(pairs.get(layer.ref.parameter, ())))
        for layer in base.layers
        if layer.name in found or layer.ref.parameter in pairs
    )
    taken = {layer.name for layer in found.values()}
    unmatched = {
        layer.name: f"{layer.name} is in {base.name} only."
        for layer in base.layers
        if layer.name not in found and layer.ref.parameter not in pairs
    }
    used = {pair.name for match in matches for pair in match.pairs}
    lonely = [layer.name for layer in candidates if layer.name not in taken] + sorted(products - used)
    return Pairing(matches, unmatched | {name: f"{name} is in {other.name} only." for name in lonely})


def read_match(match: Match) -> MatrixPair:
    """Both matrices of a layer, or the base and its low-rank update in factors. Raises ``Complaint`` for a bad pair."""
    base = match.base.read()
    caveats = [pair.caveat for pair in match.pairs]
    caveats += [_UNKNOWN_SCALING for pair in match.pairs if pair.scaling is None]
    update = _update(match, base) if match.pairs else None
    values, rounding = None, rounding_of(match.base.ref.dtype)
    if match.other is not None:
        other = match.other.read()
        if other.unfolding != base.unfolding:
            raise Complaint(_of_two_shapes(match.base, match.other))
        values, rounding = other.values, max(rounding, rounding_of(match.other.ref.dtype))
    if update is not None and values is not None and not np.array_equal(values, base.values):
        values, update = values + update.left @ update.right, None
    return MatrixPair(
        ref=match.base.ref,
        base=base.values,
        other=None if update is not None else values,
        update=update,
        transposed=base.unfolding.transposed != is_turned(match.base),
        rounding=rounding,
        caveat=" ".join(dict.fromkeys(filter(None, caveats))),
        device=base.device,
    )


def _of_two_shapes(base: Layer, other: Layer) -> str:
    sides = ["×".join(map(str, layer.shape)) for layer in (base, other)]
    return f"{base.name} is {sides[0]} in {base.model.name} and {sides[1]} in {other.model.name}: not compared."


def rounding_of(dtype: str) -> float:
    """Largest relative error of one stored entry."""
    kind = getattr(torch, dtype, None)
    if not isinstance(kind, torch.dtype) or not kind.is_floating_point:
        return 0.0
    return torch.finfo(kind).eps / 2


def _same_names(
    layers: Iterable[Layer], candidates: list[Layer], tied: dict[str, str], tied_other: dict[str, str]
) -> dict[str, Layer]:
    """Layer of the other model by the name of the base's."""
    by_name = {plain_name(layer.name): layer for layer in candidates}
    carriers = {layer.name: layer for layer in candidates}
    for name, carrier in tied_other.items():
        if carrier in carriers:
            by_name.setdefault(plain_name(name), carriers[carrier])
    found = {}
    for layer in layers:
        names = [layer.name, *(name for name, carrier in tied.items() if carrier == layer.name)]
        match = next((by_name[name] for name in map(plain_name, names) if name in by_name), None)
        if match is not None:
            found[layer.name] = match
    taken = {layer.name for layer in found.values()}
    rest = [layer for layer in candidates if layer.name not in taken]
    lonely = [layer for layer in layers if layer.name not in found]
    return found | _by_ending(lonely, rest)


def _by_ending(lonely: list[Layer], rest: list[Layer]) -> dict[str, Layer]:
    """Matches of names that are the end of each other, where exactly one fits in both directions."""
    fits = [(one, two) for one in lonely for two in rest if _is_ending(plain_name(one.name), plain_name(two.name))]
    firsts, seconds = [one.name for one, _ in fits], [two.name for _, two in fits]
    return {one.name: two for one, two in fits if firsts.count(one.name) == 1 and seconds.count(two.name) == 1}


def _is_ending(one: str, two: str) -> bool:
    return one.endswith(f".{two}") or two.endswith(f".{one}")


def _adapters_on(base: Model, other: Model) -> dict[str, list[LowRankPair]]:
    """Active low-rank pairs of the other model by the parameter of the base that they change."""
    known = {layer.name for layer in base.layers}
    targets = {plain_name(layer.ref.parameter).removesuffix(".weight"): layer.ref.parameter for layer in base.layers}
    found: dict[str, list[LowRankPair]] = {}
    for pair in low_rank_pairs({slot.name: slot for slot in other.store.slots}):
        owner = plain_name(pair.owner)
        near = [owner] if owner in targets else [name for name in targets if _is_ending(name, owner)]
        if pair.name not in known and len(near) == 1 and _is_active(pair, other):
            found.setdefault(targets[near[0]], []).append(pair)
    return found


def factors_of(layer: Layer) -> FactoredMatrix | None:
    """A layer that is a low-rank product as its two factors, not multiplied; ``None`` for every other layer."""
    store = layer.model.store
    pairs = low_rank_pairs({slot.name: slot for slot in store.slots})
    pair = next((pair for pair in pairs if pair.name == layer.name), None)
    if pair is None or layer.caveat:
        return None
    second, first = (store.read(name).double().numpy(force=True) for name in (pair.name_b, pair.name_a))
    return FactoredMatrix(layer.ref, second * (1.0 if pair.scaling is None else pair.scaling), first)


def _is_active(pair: LowRankPair, model: Model) -> bool:
    """Whether a live module adds the pair now: chosen, and not merged into the weight already."""
    if model.module is None:
        return True
    owner = model.module.get_submodule(pair.owner)
    active = getattr(owner, "active_adapters", None)
    merged = getattr(owner, "merged_adapters", None) or []
    chosen = not isinstance(active, list | tuple) or not pair.adapter or pair.adapter in active
    return chosen and pair.adapter not in merged


def _update(match: Match, base: WeightMatrix) -> FactoredMatrix:
    """``Σ scaling · B A`` in the orientation of the matrix, all pairs of the layer side by side."""
    lefts, rights = zip(*(_factors(pair, match, base) for pair in match.pairs), strict=True)
    left, right = np.concatenate(lefts, axis=1), np.concatenate(rights, axis=0)
    if base.unfolding.transposed:
        left, right = right.T, left.T
    return FactoredMatrix(base.ref, left, right)


def _factors(pair: LowRankPair, match: Match, base: WeightMatrix) -> tuple[np.ndarray, np.ndarray]:
    """``(scaling · B, A)`` with the rows and columns of the base's block. Raises ``Complaint`` where they do not fit.

    A layer that stores inputs by outputs (``Conv1D`` of older transformers) takes the transposed product.
    """
    read = match.model.store.read
    first, second = (read(name).double().numpy(force=True) for name in (pair.name_b, pair.name_a))
    whole = base.unfolding.shape
    if pair.shape != whole or is_turned(match.base):
        first, second = second.T, first.T
    if (
        len(whole) != 2
        or base.unfolding.order
        or base.unfolding.n_row_axes != 1
        or (len(first), second.shape[1]) != whole
    ):
        sides = "×".join(map(str, pair.shape))
        raise Complaint(
            f"The adapter's product for {match.base.name} is {sides} and the layer {'×'.join(map(str, whole))}: "
            "not compared."
        )
    window = (*base.unfolding.window, slice(None), slice(None))
    scaling = 1.0 if pair.scaling is None else pair.scaling
    return scaling * first[window[0]], second[:, window[1]]


def is_turned(layer: Layer) -> bool:
    """Whether the tensor is stored as inputs by outputs."""
    slots = layer.model.store.slots
    return any(slot.module_type == "Conv1D" for slot in slots if slot.name == layer.ref.parameter)
