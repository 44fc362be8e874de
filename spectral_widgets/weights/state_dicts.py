"""Dictionaries of tensors saved by torch; never runs code from the file."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from ..records import Complaint
from .reading import page_out
from .store import PartReader, Place, Slot, Store, Window, as_floats, dtype_name, joined

_NESTED = ("state_dict", "model_state_dict", "model", "module", "net", "network", "params", "ema")
# A zip archive, or a pickle of protocol 2 to 5.
_ZIP = b"PK"
_MAGIC = (_ZIP, b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")


def load_safely(path: Path) -> object:
    """What the file holds, by torch's restricted loader. Raises Complaint when that refuses the file."""
    try:
        return _load(path)
    except pickle.UnpicklingError as error:
        if "Unsupported" not in str(error) or _head_of(path) not in _MAGIC:
            raise _unreadable(path, error) from error
        raise Complaint(
            f"{path} would run code when loaded, so it is refused; where you trust it, load it yourself and "
            "save model.state_dict() with torch.save or safetensors."
        ) from error
    except (RuntimeError, ValueError, EOFError, OSError, KeyError, AttributeError, TypeError) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> Complaint:
    reason = type(error).__name__
    return Complaint(f"{path} is no readable state_dict ({reason}); it is damaged or not saved by torch.save.")


def _head_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(2)


def _load(path: Path) -> object:
    zipped = _head_of(path) == _ZIP
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # torch remarks on harmless pickle protocols
        return torch.load(path, map_location="cpu", weights_only=True, mmap=True if zipped else None)


def tensors_in(content: object, where: object) -> dict[str, torch.Tensor]:
    """The state_dict inside ``content``, looking into the usual wrappings. Raises Complaint without one."""
    if isinstance(content, Mapping):
        found = {str(name): value for name, value in content.items() if isinstance(value, torch.Tensor)}
        nested = [content[key] for key in _NESTED if isinstance(content.get(key), Mapping)]
        if not found and nested:
            return tensors_in(nested[0], where)
        if found:
            return found
    raise Complaint(f"{where} holds a {type(content).__name__} without tensors; save model.state_dict() and open that.")


def place_of(tensor: torch.Tensor) -> tuple[Any, ...] | None:
    """Equal for two names of one stored tensor; ``None`` where storage has no place (meta, empty, sparse)."""
    if tensor.layout != torch.strided or tensor.is_meta or tensor.numel() == 0 or tensor.is_quantized:
        return None
    start = (tensor.untyped_storage().data_ptr(), tensor.storage_offset(), str(tensor.device))
    return (*start, tuple(tensor.shape), tensor.stride(), tensor.dtype)


def without_repeats(
    named: Iterator[tuple[str, torch.Tensor]],
) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """Each stored tensor once, under its first name, and the other names that point to it."""
    kept: dict[str, torch.Tensor] = {}
    tied: dict[str, str] = {}
    first: dict[Any, str] = {}
    for name, tensor in named:
        place = place_of(tensor) or ("object", id(tensor))
        if place in first:
            tied[name] = first[place]
        else:
            first[place] = name
            kept[name] = tensor
    return kept, tied


def caveat_of_tensor(name: str, tensor: torch.Tensor) -> str:
    """Why the values cannot be had as a plain array; empty when they can."""
    if tensor.is_meta:
        return f"Layer {name!r} is on the meta device and has no values; load its weights first."
    if tensor.is_quantized:
        dtype = dtype_name(tensor.dtype)
        return f"Layer {name!r} is a quantised tensor ({dtype}); open the model before quantisation."
    if tensor.layout != torch.strided:
        return f"Layer {name!r} is sparse ({tensor.layout}); give a dense copy, tensor.to_dense()."
    return ""


def open_state_dict(path: Path) -> Store:
    """A ``.pt``, ``.pth`` or ``.bin`` file; tensors stay on disk where torch can map the file."""
    store = store_of_tensors(tensors_in(load_safely(path), path), page_out_after=_head_of(path) == _ZIP)
    places = {name: replace(place, path=path) for name, place in store.places.items()}
    return replace(store, places=places)


def store_of_mapping(content: Mapping[str, Any]) -> Store:
    """A state_dict in memory, or what the usual wrappings hold of one; later changes of its tensors are seen."""
    tensors = {name: tensor.detach() for name, tensor in tensors_in(content, "What was given").items()}
    [device, *others] = dict.fromkeys(str(tensor.device) for tensor in tensors.values())
    store = store_of_tensors(tensors)
    return store if others else replace(store, device=device)


def store_of_tensors(tensors: Mapping[str, torch.Tensor], *, page_out_after: bool = False) -> Store:
    """Named tensors as a store; of mapped ones the pages can be given back after each reading."""
    kept, tied = without_repeats(iter(tensors.items()))
    slots = tuple(
        Slot(name, tuple(tensor.shape), dtype_name(tensor.dtype), caveat=caveat_of_tensor(name, tensor))
        for name, tensor in kept.items()
    )

    def floats(name: str, window: Window) -> torch.Tensor:
        found = as_floats(kept[name][window], copy=True)
        if page_out_after:
            page_out(kept[name])
        return found

    read = PartReader(
        lambda name: kept[name].detach().clone(), lambda name, window: kept[name].detach()[window].clone(), floats
    )
    return Store(slots, read, tied, places=_places(kept) if page_out_after else {})


def _places(tensors: Mapping[str, torch.Tensor]) -> dict[str, Place]:
    """Places in memory, which for tensors of one mapped file are in the order of the file."""
    spans = {name: (place_of(tensor), tensor.nbytes) for name, tensor in tensors.items() if place_of(tensor)}
    return {name: Place(Path(), span[0], size) for name, (span, size) in spans.items() if span}


def open_state_dicts(paths: list[Path]) -> Store:
    """Several files as one model."""
    return joined([open_state_dict(path) for path in paths], [str(path) for path in paths])
