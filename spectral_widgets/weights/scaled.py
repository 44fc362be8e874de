"""Whole numbers kept with scales and zero points, one to a stored entry: int8, uint8 and float8."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

import torch

from .store import Slot, Store

_INT8_FULL = 127.0
_BOUNDS = {"int8": (-128, 127), "uint8": (0, 255), "float8_e4m3fn": None, "float8_e5m2": None}


@dataclass(frozen=True, slots=True, eq=False)
class Scaled:
    """A weight ``(levels - zeros) * steps`` of shape ``slot.shape``, whose levels the tensor ``stored`` holds.

    ``others`` names the tensors of steps and zeros, ``bounds`` the lowest and the highest level, ``None`` where
    levels are no integers. ``packed`` makes the stored tensor of other levels.
    """

    slot: Slot
    stored: str
    others: tuple[str, ...]
    bounds: tuple[int, int] | None
    levels: Callable[[], torch.Tensor]
    steps: Callable[[], torch.Tensor]
    zeros: Callable[[], torch.Tensor]
    packed: Callable[[torch.Tensor], torch.Tensor]

    def values(self) -> torch.Tensor:
        """The weight, float32."""
        return (self.levels().float() - self.zeros()) * self.steps()


def scaled_bytes(store: Store, slots: Mapping[str, Slot]) -> Iterator[Scaled]:
    """Every matrix of int8, uint8 or float8 with scales beside it that fit its shape.

    Bytes without zero points may be two numbers of four bits each, so they count only for a layer that says how many
    inputs it has.
    """
    for slot in slots.values():
        if slot.caveat or len(slot.shape) != 2 or slot.dtype not in _BOUNDS:
            continue
        beside = scale_beside(slot.name, slot.shape, slots)
        zero = next((name for name in zeros_of(slot.name) if name in slots), None)
        if beside is None or (zero and not spreads(slots[zero].shape, slot.shape)):
            continue
        if slot.dtype == "uint8" and not zero and slot.n_inputs != slot.shape[1]:
            continue
        yield _bytes_of(store, slot, beside, zero)


def _bytes_of(store: Store, slot: Slot, beside: tuple[str, float], zero: str | None) -> Scaled:
    name_scale, unit = beside
    bounds = _BOUNDS[slot.dtype]
    return Scaled(
        slot=replace(slot, trained=True, note="dequantised by its own scales"),
        stored=slot.name,
        others=(name_scale, *filter(None, [zero])),
        bounds=(-127, 127) if bounds and unit != 1.0 else bounds,
        levels=lambda: store.read(slot.name),
        steps=lambda: spread(store.read(name_scale).float() * unit, slot.shape),
        zeros=lambda: spread(store.read(zero).float(), slot.shape) if zero else torch.zeros(()),
        packed=partial(torch.Tensor.to, dtype=getattr(torch, slot.dtype)),
    )


def _owner(name: str) -> str:
    return name.rpartition(".")[0] + "." if "." in name else ""


def zeros_of(name: str) -> tuple[str, ...]:
    """The names under which zero points may lie beside a weight."""
    return f"{name}_zero_point", f"{_owner(name)}zero_point", f"{_owner(name)}zero_points"


def scale_beside(name: str, shape: tuple[int, ...], slots: Mapping[str, Slot]) -> tuple[str, float] | None:
    """Name of the scales and what one step of them is worth; ``None`` where none fits the shape."""
    owner = _owner(name)
    names = {f"{name}_scale": 1.0, f"{name}_scale_inv": 1.0, f"{owner}scale": 1.0, f"{owner}scales": 1.0}
    names[f"{owner}SCB"] = 1.0 / _INT8_FULL
    for beside, unit in names.items():
        known = slots.get(beside)
        if known is not None and "float" in known.dtype and spreads(known.shape, shape):
            return beside, unit
    return None


def spreads(shape: tuple[int, ...], target: tuple[int, ...]) -> bool:
    """One number, one a row, or one a block of equal size."""
    if len(shape) < 2:
        return shape in ((), (1,), target[:1])
    pairs = zip(shape, target, strict=False)
    return len(shape) == len(target) and all(part and side % part == 0 for part, side in pairs)


def spread(values: torch.Tensor, target: tuple[int, ...]) -> torch.Tensor:
    """The values of rows or blocks, ready to be multiplied with a matrix of shape ``target``."""
    if values.ndim < 2:
        return values.reshape(-1, *[1] * (len(target) - 1))
    for axis, side in enumerate(target):
        values = values.repeat_interleave(side // values.shape[axis], dim=axis)
    return values
