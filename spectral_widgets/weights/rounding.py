"""An edited weight back into the integers that it is stored as, by the scales that it is stored with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from ..records import Complaint
from .int4 import scaled_int4
from .scaled import Scaled, scaled_bytes
from .store import Store

_LARGEST_CLIP = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Rounded:
    """The new stored tensor, and how far from the wanted weight it lies: in values, and in steps of the scales."""

    stored: str
    tensor: torch.Tensor
    largest: float
    largest_in_steps: float


def scaled_weights(store: Store) -> Iterator[Scaled]:
    """Every weight that is stored as integers or float8 with scales beside them."""
    slots = {slot.name: slot for slot in store.slots}
    yield from scaled_bytes(store, slots)
    yield from scaled_int4(store, slots)


def rounded(scaled: Scaled, wanted: torch.Tensor) -> Rounded:
    """The nearest levels to ``wanted``; entries that it leaves as they are keep their level.

    Scales and zero points stay. Raises ``Complaint`` where a level would be cut off by more than one step.
    """
    name = scaled.slot.name
    if scaled.bounds is None:
        raise Complaint(
            f"{name} is float8 with scales, which cannot hold the edited values: dequantise it first, then edit."
        )
    lowest, highest = scaled.bounds
    levels = scaled.levels().to(torch.int64)
    zeros, steps = scaled.zeros().double(), scaled.steps().double().expand(levels.shape)
    touched = wanted != scaled.values().to(wanted)
    exact = torch.where(touched, wanted.double() / steps + zeros, levels.double())
    beyond = (exact - exact.clamp(lowest, highest)).abs()
    if beyond.numel() and not float(beyond.max()) <= _LARGEST_CLIP:
        raise Complaint(_clipped(name, beyond, exact, scaled.bounds))
    fresh = torch.where(touched, exact.round().clamp(lowest, highest).to(torch.int64), levels)
    off = torch.where(touched, (exact - fresh).abs(), 0.0)
    return Rounded(scaled.stored, scaled.packed(fresh), float((off * steps.abs()).max()), float(off.max()))


def _clipped(name: str, beyond: torch.Tensor, exact: torch.Tensor, bounds: tuple[int, int]) -> str:
    row, column = divmod(int(beyond.nan_to_num(torch.inf).argmax()), beyond.shape[1])
    return (
        f"{name} is made of integers and scales, which cannot hold the edited values: the entry at row {row}, column "
        f"{column} would be level {float(exact[row, column]):.4g} where {bounds[0]} to {bounds[1]} are stored; "
        "dequantise it first, then edit."
    )
