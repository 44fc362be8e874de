"""Weights that several stored tensors make together: scaled integers, low-rank pairs, magnitude and direction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import torch

from .adapters import low_rank_pairs
from .store import PartReader, Slot, Store, part_of

#: How names end that keep the direction and the magnitude of one weight.
MAGNITUDES = ((".weight_v", ".weight_g"), (".parametrizations.weight.original1", ".parametrizations.weight.original0"))
_INT8_FULL = 127.0


@dataclass(frozen=True, slots=True)
class _Made:
    """One computed weight, the tensors that it takes, and why they are no layers."""

    slot: Slot
    parts: dict[str, str]
    compute: Callable[[], torch.Tensor]


def derived(store: Store) -> Store:
    """The store with every computed weight in the place of its first part; values are computed when read."""
    slots = {slot.name: slot for slot in store.slots}
    made = [*_low_rank(store, slots), *_directed(store, slots), *_scaled(store, slots)]
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
    return replace(
        store,
        slots=tuple(listed),
        read=PartReader(
            lambda name: computed[name]() if name in computed else store.read(name),
            lambda name, window: computed[name]()[window] if name in computed else part_of(store, name, window),
        ),
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


def _scaled(store: Store, slots: dict[str, Slot]) -> Iterator[_Made]:
    """Integers or float8 times the scales that are stored beside them, less the zero point where there is one."""
    for slot in slots.values():
        if slot.caveat or len(slot.shape) != 2 or slot.dtype not in ("int8", "uint8", "float8_e4m3fn", "float8_e5m2"):
            continue
        beside = _scale_beside(slot, slots)
        if beside is None:
            continue
        name_scale, unit = beside
        zero = next((name for name in _zeros_of(slot.name) if name in slots), None)
        if zero and not _spreads(slots[zero].shape, slot.shape):
            continue
        reason = f"scales or zero points of {slot.name}"
        parts = {slot.name: "", name_scale: reason, **({zero: reason} if zero else {})}
        yield _Made(
            replace(slot, trained=True, note="dequantised by its own scales"),
            parts,
            partial(_dequantised, store, slot.name, name_scale, unit, zero),
        )


def _owner(name: str) -> str:
    return name.rpartition(".")[0] + "." if "." in name else ""


def _zeros_of(name: str) -> tuple[str, ...]:
    return f"{name}_zero_point", f"{_owner(name)}zero_point", f"{_owner(name)}zero_points"


def _scale_beside(slot: Slot, slots: dict[str, Slot]) -> tuple[str, float] | None:
    """Name of the scales and what one step of them is worth; ``None`` where none fits the shape."""
    owner = _owner(slot.name)
    names = {f"{slot.name}_scale": 1.0, f"{slot.name}_scale_inv": 1.0, f"{owner}scale": 1.0, f"{owner}scales": 1.0}
    names[f"{owner}SCB"] = 1.0 / _INT8_FULL
    for name, unit in names.items():
        known = slots.get(name)
        if known is not None and "float" in known.dtype and _spreads(known.shape, slot.shape):
            return name, unit
    return None


def _spreads(shape: tuple[int, ...], target: tuple[int, ...]) -> bool:
    """One number, one a row, or one a block of equal size."""
    if len(shape) < 2:
        return shape in ((), (1,), target[:1])
    return len(shape) == len(target) and all(side % part == 0 for part, side in zip(shape, target, strict=True) if part)


def _spread(values: torch.Tensor, target: torch.Size) -> torch.Tensor:
    if values.ndim < 2:
        return values.reshape(-1, *[1] * (len(target) - 1))
    for axis, side in enumerate(target):
        values = values.repeat_interleave(side // values.shape[axis], dim=axis)
    return values


def _dequantised(store: Store, name: str, name_scale: str, unit: float, name_zero: str | None) -> torch.Tensor:
    stored, scale = store.read(name), store.read(name_scale)
    values = stored.float()
    if name_zero is not None:
        values = values - _spread(store.read(name_zero).float(), stored.shape)
    return values * _spread(scale.float() * unit, stored.shape)
