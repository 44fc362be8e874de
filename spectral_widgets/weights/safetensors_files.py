"""Safetensors: one file, or shards with or without an index; never more than one tensor in memory."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from ..records import Complaint
from .reading import fills_memory, read_floats
from .store import PartReader, Place, Slot, Store, Window, as_floats, joined

# The format's own short names.
_DTYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "F8_E4M3": "float8_e4m3fn",
    "F8_E5M2": "float8_e5m2",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U8": "uint8",
    "C64": "complex64",
    "BOOL": "bool",
}


def _damaged(path: Path, reason: Exception) -> Complaint:
    return Complaint(
        f"{path} cannot be read as safetensors ({reason}); the file is cut off or damaged, copy or download it again."
    )


def _reader(path: Path, slots: dict[str, Slot], places: dict[str, Place], drop: bool) -> PartReader:
    def whole(name: str) -> torch.Tensor:
        try:
            with safe_open(path, framework="pt") as file:
                return file.get_tensor(name)
        except (SafetensorError, OSError) as error:
            raise _damaged(path, error) from error

    def part(name: str, window: Window) -> torch.Tensor:
        try:
            with safe_open(path, framework="pt") as file:
                return file.get_slice(name)[window]
        except (SafetensorError, OSError) as error:
            raise _damaged(path, error) from error

    def floats(name: str, window: Window) -> torch.Tensor:
        shape, dtype = slots[name].shape, getattr(torch, slots[name].dtype, None)
        if dtype is None or len(window) > 1:
            return as_floats(part(name, window))
        place, rows = places[name], window[0] if window else slice(0, shape[0])
        row_bytes = place.size_bytes // max(shape[0], 1)
        block = Place(path, place.offset + rows.start * row_bytes, (rows.stop - rows.start) * row_bytes)
        try:
            return read_floats(block, dtype, drop=drop).view(rows.stop - rows.start, *shape[1:])
        except OSError as error:
            raise _damaged(path, error) from error

    return PartReader(whole, part, floats)


def _places_in(path: Path) -> dict[str, Place]:
    """Where each tensor lies: the format is the length of the header, the header in JSON, and the numbers."""
    with path.open("rb") as file:
        start = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(start))
    header.pop("__metadata__", None)
    spans = {name: one["data_offsets"] for name, one in header.items()}
    return {name: Place(path, 8 + start + low, high - low) for name, (low, high) in spans.items()}


def open_safetensors(path: Path, *, drop: bool | None = None) -> Store:
    """One file; reads the header alone. Raises Complaint for a damaged or empty file.

    ``drop`` says whether the system should forget pages once they were read; by default, for a file that fills memory.
    """
    try:
        with safe_open(path, framework="pt") as file:
            slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118 - not a dict
            slots = tuple(_slot(name, slices[name]) for name in sorted(slices, key=_natural))
        places = _places_in(path)
    except (SafetensorError, OSError) as error:
        raise _damaged(path, error) from error
    if not slots:
        raise Complaint(f"{path} holds no tensor; give a file with weights in it.")
    drop = fills_memory([path]) if drop is None else drop
    return Store(slots, _reader(path, {slot.name: slot for slot in slots}, places, drop), places=places)


def _natural(name: str) -> list[tuple[int, str]]:
    """Sorts block 2 before block 10; the format keeps names by alphabet."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in name.split(".")]


def _slot(name: str, piece: object) -> Slot:
    short, shape = piece.get_dtype(), tuple(piece.get_shape())  # type: ignore[attr-defined]
    return Slot(name, shape, _DTYPES.get(short, short.lower()))


def open_shards(paths: list[Path]) -> Store:
    """Several files as one model."""
    drop = fills_memory(paths)
    store = joined([open_safetensors(path, drop=drop) for path in paths], [str(path) for path in paths])
    return replace(store, slots=tuple(sorted(store.slots, key=lambda slot: _natural(slot.name))))


def shards_of_index(path: Path) -> list[Path]:
    """Files named by an index. Raises Complaint for one without a weight map or with a missing shard."""
    try:
        names = sorted(set(json.loads(path.read_text(encoding="utf-8"))["weight_map"].values()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Complaint(f"{path} has no weight_map, so it names no shards; open their folder.") from error
    shards = [path.parent / name for name in names]
    missing = [shard.name for shard in shards if not shard.is_file()]
    if missing:
        raise Complaint(f"{path} names {missing[0]}, which is not beside it; fetch all {len(shards)} shards.")
    return shards
