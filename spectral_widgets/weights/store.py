"""Where weights lie: what is there without reading it, and a way to read one tensor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch

from ..records import Complaint

Window = tuple[slice, ...]


@dataclass(frozen=True, slots=True)
class Heads:
    """Attention heads of the part that a tensor belongs to: ``n_queries`` of queries, ``n_keys`` of keys and values.

    ``interleaved`` says that a fused tensor holds q, k and v of one head after another, and not all q first.
    """

    n_queries: int
    n_keys: int
    interleaved: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """One stored tensor: name, shape and dtype, known without reading its values.

    ``trained`` is false for buffers; ``caveat`` says why the values cannot be had or are no plain matrix.
    ``heads``, ``n_groups`` (of a convolution) and ``scaling`` (of a low-rank pair) come from a live module.
    ``note`` says how the values are computed where they are not simply stored, and ``left_out`` why the
    tensor is no layer of its own. ``n_inputs`` is what a live layer says of itself, and ``packing`` the layout of
    packed integers where something names it.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    module_type: str = ""
    trained: bool = True
    caveat: str = ""
    heads: Heads | None = None
    n_groups: int = 1
    scaling: float | None = None
    note: str = ""
    left_out: str = ""
    n_inputs: int | None = None
    packing: str = ""

    @property
    def n_entries(self) -> int:
        return int(torch.Size(self.shape).numel())


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a tensor lies: ``size_bytes`` from ``offset`` of a file on."""

    path: Path
    offset: int
    size_bytes: int


@dataclass(frozen=True, slots=True, eq=False)
class Store:
    """All slots of a model, ``tied`` names (other name → slot that carries it) and the reader of one tensor.

    ``read`` gives the tensor as it is stored; the caller may keep it, and it never shares memory
    with a live parameter. ``places`` says where tensors of files lie.
    """

    slots: tuple[Slot, ...]
    read: Callable[[str], torch.Tensor]
    tied: dict[str, str] = field(default_factory=dict)
    device: str = "cpu"
    places: dict[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class PartReader:
    """A reader of tensors that can also read a block without the rest; all but ``look`` give copies.

    ``floats`` gives a block in float32 (float64 where stored so) and holds nothing else of its size meanwhile; ``look``
    gives the same where it lies, for whoever only reads and soon forgets it.
    ``source`` is the path that opens the same tensors again, empty for those that live in memory.
    """

    whole: Callable[[str], torch.Tensor]
    part: Callable[[str, Window], torch.Tensor]
    floats: Callable[[str, Window], torch.Tensor] | None = None
    look: Callable[[str, Window], torch.Tensor] | None = None
    source: str = ""

    def __call__(self, name: str) -> torch.Tensor:
        return self.whole(name)


def part_of(store: Store, name: str, window: Window) -> torch.Tensor:
    """A block of one tensor, the whole of it for an empty window; the rest is not copied where that can be helped."""
    if window and isinstance(store.read, PartReader):
        return store.read.part(name, window)
    return store.read(name)[window]


def floats_of(store: Store, name: str, window: Window) -> torch.Tensor:
    """A block of one tensor on the CPU, in float32 or float64 where stored so, owned by the caller."""
    if isinstance(store.read, PartReader) and store.read.floats is not None:
        return store.read.floats(name, window)
    return as_floats(part_of(store, name, window))


def seen_floats(store: Store, name: str, window: Window) -> torch.Tensor | None:
    """The same where it lies, without a copy of what is in float32; ``None`` where it has to be read."""
    if isinstance(store.read, PartReader) and store.read.look is not None:
        return store.read.look(name, window)
    return None


def as_floats(tensor: torch.Tensor, *, copy: bool = False) -> torch.Tensor:
    """The tensor on the CPU in float32, or float64 where it is; with ``copy`` never its own memory."""
    dtype = torch.float64 if tensor.dtype == torch.float64 else torch.float32
    return tensor.detach().to(device="cpu", dtype=dtype, copy=copy and tensor.device.type == "cpu")


def from_source(store: Store, path: Path) -> Store:
    """The store, whose reader says that ``path`` opens the same tensors again; an edited store has another reader."""
    if not isinstance(store.read, PartReader):
        return store
    return replace(store, read=replace(store.read, source=str(path.resolve())))


def dtype_name(dtype: torch.dtype) -> str:
    """``float32`` for ``torch.float32``."""
    return str(dtype).removeprefix("torch.")


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
        PartReader(
            lambda name: stores[owner[name]].read(name),
            lambda name, window: part_of(stores[owner[name]], name, window),
            lambda name, window: floats_of(stores[owner[name]], name, window),
        ),
        {tied: name for store in stores for tied, name in store.tied.items()},
        places={name: place for store in stores for name, place in store.places.items()},
    )
