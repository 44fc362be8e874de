"""Weights that several stored tensors make together: scaled integers, low-rank pairs, magnitude and direction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import torch

from .adapters import low_rank_pairs
from .rounding import scaled_weights
from .store import PartReader, Slot, Store, as_floats, floats_of, part_of

#: How names end that keep the direction and the magnitude of one weight.
MAGNITUDES = ((".weight_v", ".weight_g"), (".parametrizations.weight.original1", ".parametrizations.weight.original0"))


@dataclass(frozen=True, slots=True)
class _Made:
    """One computed weight, the tensors that it takes, and why they are no layers."""

    slot: Slot
    parts: dict[str, str]
    compute: Callable[[], torch.Tensor]


def derived(store: Store) -> Store:
    """The store with every computed weight in the place of its first part; values are computed when read."""
    slots = {slot.name: slot for slot in store.slots}
    made = [*_low_rank(store, slots), *_directed(store, slots), *_scaled(store)]
    if not made:
        return store
    first = {next(iter(item.parts)): item for item in made}
    reasons = {name: reason for item in made for name, reason in item.parts.items() if name != item.slot.name}
    listed: list[Slot] = []
    for slot in store.slots:
        listed += [first[slot.name].slot] if slot.name in first else []
        if slot.name in reasons:
            listed.append(replace(slot, left_out=reasons[slot.name]))
        elif slot.name not in first:
            listed.append(slot)
    computed = {item.slot.name: item.compute for item in made}
    starts = {part: item.slot.name for part, item in first.items()}
    return replace(
        store,
        slots=tuple(listed),
        read=PartReader(
            lambda name: computed[name]() if name in computed else store.read(name),
            lambda name, window: computed[name]()[window] if name in computed else part_of(store, name, window),
            lambda name, window: (
                as_floats(computed[name]()[window]) if name in computed else floats_of(store, name, window)
            ),
        ),
        places=store.places | {name: store.places[part] for part, name in starts.items() if part in store.places},
    )


def _low_rank(store: Store, slots: dict[str, Slot]) -> Iterator[_Made]:
    """``B A`` times its scaling, for every pair ``lora_A``, ``lora_B``."""
    for pair in low_rank_pairs(slots):
        scaling = 1.0 if pair.scaling is None else pair.scaling
        note = "B A of a low-rank pair" + (", its scaling not known" if pair.scaling is None else f" times {scaling:g}")
        reason = f"half of a low-rank pair; their product is the layer {pair.name}"
        caveat = slots[pair.name_a].caveat or slots[pair.name_b].caveat
        yield _Made(
            Slot(pair.name, pair.shape, slots[pair.name_a].dtype, "Linear", caveat=caveat, note=note),
            {pair.name_a: reason, pair.name_b: reason},
            partial(_product, store, pair.name_a, pair.name_b, scaling),
        )


def _product(store: Store, name_a: str, name_b: str, scaling: float) -> torch.Tensor:
    return _precise(store.read(name_b)) @ _precise(store.read(name_a)) * scaling


def _directed(store: Store, slots: dict[str, Slot]) -> Iterator[_Made]:
    """``g v / |v|`` of a weight norm that is kept as magnitude and direction."""
    for slot in slots.values():
        for end_v, end_g in MAGNITUDES:
            dotted = f".{slot.name}"
            start = dotted.removesuffix(end_v)
            name_g, name = (start + end_g)[1:], f"{start}.weight"[1:]
            if start == dotted or name_g not in slots or name in slots or not _is_magnitude(slot, slots[name_g]):
                continue
            reason = f"magnitude or direction of a weight norm; together they are the layer {name}"
            yield _Made(
                replace(slot, name=name, note="weight norm"),
                {slot.name: reason, name_g: reason},
                partial(_directed_by, store, name_g, slot.name),
            )


def _is_magnitude(direction: Slot, magnitude: Slot) -> bool:
    pairs = zip(magnitude.shape, direction.shape, strict=False)
    return len(magnitude.shape) == len(direction.shape) >= 2 and all(small in (1, side) for small, side in pairs)


def _directed_by(store: Store, name_g: str, name_v: str) -> torch.Tensor:
    magnitude, direction = store.read(name_g), store.read(name_v)
    axes = [axis for axis, side in enumerate(magnitude.shape) if side == 1]
    direction = _precise(direction)
    return direction * (_precise(magnitude) / torch.linalg.vector_norm(direction, dim=axes, keepdim=True))


def _precise(tensor: torch.Tensor) -> torch.Tensor:
    return tensor if tensor.dtype == torch.float64 else tensor.float()


def _scaled(store: Store) -> Iterator[_Made]:
    """Integers or float8 times the scales that are stored beside them, less the zero point where there is one."""
    for scaled in scaled_weights(store):
        name = scaled.slot.name
        parts = {scaled.stored: f"packed integers of {name}"}
        parts |= dict.fromkeys(scaled.others, f"scales or zero points of {name}")
        yield _Made(scaled.slot, parts, scaled.values)
