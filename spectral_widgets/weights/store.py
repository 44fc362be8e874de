"""Where weights lie: what is there without reading it, and a way to read one tensor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import torch

from ..records import Complaint, LayerRef
from .kinds import depth_of, kind_of

_INDEX_DTYPES = {"bool", "int64"}
_FLOATS = {"float64", "float32", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2"}
_FLOATS |= {"float8_e4m3fnuz", "float8_e5m2fnuz"}


@dataclass(frozen=True, slots=True)
class Slot:
    """One stored tensor: name, shape and dtype, known without reading its values.

    ``trained`` is false for buffers; ``caveat`` says why the values cannot be had or are no plain matrix.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    module_type: str = ""
    trained: bool = True
    caveat: str = ""

    @property
    def n_entries(self) -> int:
        return int(torch.Size(self.shape).numel())


@dataclass(frozen=True, slots=True, eq=False)
class Store:
    """All slots of a model, ``tied`` names (other name → slot that carries it) and the reader of one tensor.

    ``read`` gives the tensor as it is stored; the caller may keep it, and it never shares memory
    with a live parameter.
    """

    slots: tuple[Slot, ...]
    read: Callable[[str], torch.Tensor]
    tied: dict[str, str] = field(default_factory=dict)
    device: str = "cpu"


def dtype_name(dtype: torch.dtype) -> str:
    """``float32`` for ``torch.float32``."""
    return str(dtype).removeprefix("torch.")


def is_layer(slot: Slot) -> bool:
    """Two axes or more of trained numbers; integer buffers too, to refuse quantised weights by name."""
    if len(slot.shape) < 2 or slot.dtype in _INDEX_DTYPES:
        return False
    if slot.name.endswith("attn.bias") and len(slot.shape) == 4:
        return False  # GPT-2 files carry their causal mask under this name
    return slot.trained or _is_integer(slot.dtype)


def _is_integer(dtype: str) -> bool:
    return "int" in dtype


def _caveat_of(slot: Slot, unfolding_shape: tuple[int, int], names: frozenset[str]) -> str:
    layer = f"Layer {slot.name!r}"
    n_rows, n_cols = unfolding_shape
    if slot.caveat:
        return slot.caveat
    if _is_integer(slot.dtype):
        return f"{layer} is stored as {slot.dtype}, a quantised format; open the model before quantisation."
    if slot.dtype not in _FLOATS:
        return f"{layer} is stored as {slot.dtype}, which has no real spectrum here; convert it to float32."
    if slot.dtype.startswith("float8") and {f"{slot.name}_scale_inv", f"{slot.name}_scale"} & names:
        return f"{layer} is float8 with scales in a second tensor; open a version in bfloat16 or float32."
    if n_rows * n_cols == 0:
        return f"Layer {slot.name!r} is empty, shape {slot.shape}; leave it out."
    if n_cols < 2:
        return f"{layer}, shape {slot.shape}, unfolds to a single row where a spectrum needs two; leave it out."
    return ""


def ref_of(slot: Slot, names: frozenset[str] = frozenset()) -> LayerRef:
    """The slot as a layer; ``names`` are all slot names, to notice scales kept beside a weight."""
    first, rest = slot.shape[0], int(torch.Size(slot.shape[1:]).numel())
    n_rows, n_cols = max(first, rest), min(first, rest)
    return LayerRef(
        name=slot.name,
        kind=kind_of(slot.name, n_axes=len(slot.shape), module_type=slot.module_type),
        depth=depth_of(slot.name),
        shape=tuple(slot.shape),
        n_rows=n_rows,
        n_cols=n_cols,
        dtype=slot.dtype,
        caveat=_caveat_of(slot, (n_rows, n_cols), names),
    )


def refs_of(store: Store) -> tuple[LayerRef, ...]:
    """Every layer of the store, in stored order."""
    names = frozenset(slot.name for slot in store.slots)
    return tuple(ref_of(slot, names) for slot in store.slots if is_layer(slot))


def joined(stores: list[Store], sources: list[str]) -> Store:
    """Several shards as one store. Raises Complaint when two shards hold the same name."""
    owner: dict[str, int] = {}
    for position, store in enumerate(stores):
        for slot in store.slots:
            if slot.name in owner:
                raise Complaint(
                    f"{sources[owner[slot.name]]} and {sources[position]} both hold {slot.name!r}, so they "
                    "are several models and no parts of one; open one of the files."
                )
            owner[slot.name] = position
    return Store(
        tuple(slot for store in stores for slot in store.slots),
        lambda name: stores[owner[name]].read(name),
        {tied: name for store in stores for tied, name in store.tied.items()},
    )
