"""The weights of a live module, read without changing anything in it."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter
from torch.nn.utils import parametrize
from torch.utils._python_dispatch import is_traceable_wrapper_subclass

from ..records import Complaint
from .state_dicts import caveat_of_tensor, place_of
from .store import PartReader, Slot, Store, Window, as_floats, dtype_name
from .structure import described

_BY_SCALES = "dequantised by its own scales"
_QUANTISED = ("torch.ao.nn.quantized", "torch.ao.nn.intrinsic.quantized", "torch.nn.quantized")


@dataclass(frozen=True, slots=True)
class _Source:
    slot: Slot
    identity: object
    read: Callable[[], torch.Tensor]
    look: Callable[[], torch.Tensor] | None = None  # without a copy


def _of_tensor(name: str, owner: nn.Module, tensor: torch.Tensor, *, trained: bool) -> _Source:
    kind = type(owner).__name__
    if is_traceable_wrapper_subclass(tensor) and hasattr(tensor, "dequantize"):
        return _of_packed(name, owner, tensor)
    if isinstance(tensor, UninitializedParameter | UninitializedBuffer):
        caveat = f"Layer {name!r} has no shape yet; run the model once, then open it."
        slot = Slot(name, (0, 0), dtype_name(tensor.dtype), kind, trained, caveat)
    else:
        caveat = caveat_of_tensor(name, tensor)
        slot = Slot(name, tuple(tensor.shape), dtype_name(tensor.dtype), kind, trained, caveat)
    identity = place_of(tensor) if slot.n_entries else None
    attribute = name.rpartition(".")[2]

    def look() -> torch.Tensor:
        """The tensor that stands there now, which may be another object than when the model was opened."""
        own = owner._parameters if trained else owner._buffers
        now = own.get(attribute)
        return (tensor if now is None else now).detach()

    return _Source(slot, identity or id(tensor), lambda: look().clone(), look)


def _of_packed(name: str, owner: nn.Module, tensor: torch.Tensor) -> _Source:
    """A weight whose class keeps integers and scales inside and calls itself a float."""
    slot = Slot(name, tuple(tensor.shape), dtype_name(tensor.dtype), type(owner).__name__, note=_BY_SCALES)
    attribute = name.rpartition(".")[2]

    def read() -> torch.Tensor:
        now = owner._parameters.get(attribute)
        with torch.no_grad():
            values: torch.Tensor = (tensor if now is None else now).dequantize()
        return values.detach()

    return _Source(slot, id(tensor), read)


def _recipes(owner: nn.Module) -> nn.ModuleDict:
    recipes = owner.parametrizations
    assert isinstance(recipes, nn.ModuleDict)
    return recipes


def _computed(owner: nn.Module, attribute: str) -> torch.Tensor:
    """The parametrised tensor, by a copy in evaluation mode: some parametrisations change their buffers."""
    recipe = copy.deepcopy(_recipes(owner)[attribute]).eval()
    with torch.no_grad():
        return recipe().detach()


def _of_parametrised(name: str, owner: nn.Module, attribute: str) -> _Source:
    recipe = _recipes(owner)[attribute]
    try:
        value = _computed(owner, attribute)
        slot = Slot(name, tuple(value.shape), dtype_name(value.dtype), _plain_type(owner), note=_made_by(recipe))
    except Exception as error:  # user code: a parametrisation may raise anything
        caveat = f"Layer {name!r} is parametrised and failed to compute ({error}); take that off first."
        slot = Slot(name, (0, 0), "unknown", _plain_type(owner), caveat=caveat)
    return _Source(slot, id(recipe), lambda: _computed(owner, attribute))


def _made_by(recipe: nn.Module) -> str:
    """What computes a parametrised weight, as its row says it."""
    parts = recipe.children() if isinstance(recipe, nn.ModuleList) else [recipe]
    names = [re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(part).__name__.strip("_")).lower() for part in parts]
    return f"computed by {' and '.join(names)}"


def _plain_type(owner: nn.Module) -> str:
    return type(owner).__name__.removeprefix("Parametrized")


def _of_quantised(name: str, owner: Any) -> _Source:
    """The packed weight of a quantised module, dequantised by the scales that it carries."""

    def packed() -> torch.Tensor:
        weight: torch.Tensor = owner.weight() if callable(owner.weight) else owner.weight
        return weight.detach()

    kind = type(owner).__name__
    try:
        weight = packed()
        weight.dequantize()
        slot = Slot(name, tuple(weight.shape), dtype_name(weight.dtype), kind, note=_BY_SCALES)
    except (RuntimeError, NotImplementedError):
        caveat = f"Layer {name!r} belongs to the quantised module {kind}; open the model before quantisation."
        slot = Slot(name, (0, 0), "unknown", kind, caveat=caveat)
    return _Source(slot, id(owner), lambda: packed().dequantize())


def _sources_of(prefix: str, owner: nn.Module) -> Iterator[_Source]:
    start = f"{prefix}." if prefix else ""
    if type(owner).__module__.startswith(_QUANTISED):
        if hasattr(owner, "weight"):
            yield _of_quantised(f"{start}weight", owner)
        return
    if parametrize.is_parametrized(owner):
        for attribute in _recipes(owner):
            yield _of_parametrised(start + attribute, owner, attribute)
    for name, parameter in owner._parameters.items():
        if parameter is not None:
            yield _of_tensor(start + name, owner, parameter, trained=True)
    for name, buffer in owner._buffers.items():
        if buffer is not None and name not in owner._non_persistent_buffers_set:
            yield _of_tensor(start + name, owner, buffer, trained=False)


def _all_sources(module: nn.Module) -> Iterator[_Source]:
    for prefix, owner in module.named_modules(remove_duplicate=False):
        if "parametrizations" not in prefix.split("."):
            yield from _sources_of(prefix, owner)


def open_module(module: nn.Module) -> Store:
    """Parameters, persistent buffers, weights computed by parametrisations; nothing is copied until read."""
    kept: dict[str, _Source] = {}
    tied: dict[str, str] = {}
    first: dict[object, str] = {}
    for source in _all_sources(module):
        if source.identity in first:
            tied[source.slot.name] = first[source.identity]
        else:
            first[source.identity] = source.slot.name
            kept[source.slot.name] = source
    slots = tuple(described(module, source.slot) for source in kept.values())
    read = PartReader(
        lambda name: kept[name].read(),
        lambda name, window: _part(kept[name], window),
        lambda name, window: _floats(kept[name], window, copy=True),
        lambda name, window: _floats(kept[name], window, copy=False),
    )
    return Store(slots, read, tied, device_of(module))


def _part(source: _Source, window: Window) -> torch.Tensor:
    """A copy of a block; of a tensor that has changed its shape all, which the caller will notice."""
    tensor = _seen(source)
    return tensor[window].clone() if tuple(tensor.shape) == source.slot.shape else tensor


def _floats(source: _Source, window: Window, *, copy: bool) -> torch.Tensor:
    """The same converted while it is copied, so that half precision is not held twice; or without a copy."""
    tensor = _seen(source)
    if tuple(tensor.shape) == source.slot.shape:
        tensor = tensor[window]
    return as_floats(tensor, copy=copy and source.look is not None)


def _seen(source: _Source) -> torch.Tensor:
    return source.read() if source.look is None else source.look()


def device_of_tensor(module: nn.Module, name: str) -> str:
    """Where a parameter or buffer lies now; where it is computed, the device of the module."""
    prefix, _, attribute = name.rpartition(".")
    owner = dict(module.named_modules(remove_duplicate=False)).get(prefix)
    # Not by getattr: to look at a parametrised weight computes it, which some do with a change of their buffers.
    tensor = None if owner is None else owner._parameters.get(attribute, owner._buffers.get(attribute))
    return device_of(module) if tensor is None else str(tensor.device)


def checked_device(name: str) -> str:
    """The name of a device that can be used here. Raises Complaint for another."""
    here = ["cpu", *(one for one in ("cuda", "mps") if getattr(torch, one).is_available())]
    try:
        known = torch.empty(0, device=name).device.type in here
    except (RuntimeError, AssertionError):
        known = False
    if not known:
        raise Complaint(f"There is no device {name!r} here; choose from: {', '.join(here)}.")
    return name


def device_of(module: nn.Module) -> str:
    """Device of the first parameter or buffer, ``cpu`` without any."""
    tensors = [*module.parameters(), *module.buffers()]
    return str(tensors[0].device) if tensors else "cpu"
