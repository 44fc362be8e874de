"""A second body for a model: same parameters, its own structure, so that edits never touch the user's."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize
from torch.nn.utils.weight_norm import WeightNorm, remove_weight_norm

from ..records import Complaint


def twin_of(module: nn.Module) -> nn.Module:
    """A copy of the module's structure in evaluation mode that shares the parameters without copying them.

    Buffers are copied, since a forward pass may write to them. Parameters of parametrised submodules are
    copied too: taking a parametrisation off writes to them.
    """
    memo: dict[int, Tensor] = {id(parameter): parameter for parameter in _shareable(module)}
    memo |= {id(weight): weight.detach() for weight in _made_by_hooks(module)}
    try:
        return copy.deepcopy(module, memo).eval()
    except Exception as error:
        raise Complaint(
            f"{type(module).__name__} cannot be copied for an ablation ({type(error).__name__}: {error}): "
            "make the module deep-copyable, or pass one that is with model.with_module(...)."
        ) from error


@contextmanager
def swapped(twin: nn.Module, tensors: Mapping[tuple[str, ...], Tensor]) -> Iterator[None]:
    """Let the twin use each tensor in place of the (tied) parameters under its names while the block runs."""
    kept: list[tuple[nn.Module, str, nn.Parameter | None]] = []
    try:
        for names, tensor in tensors.items():
            owners = [_owner(twin, name) for name in names]
            kept += [(owner, leaf, owner._parameters[leaf]) for owner, leaf in owners]
            fresh = nn.Parameter(tensor, requires_grad=False)
            for owner, leaf in owners:
                owner._parameters[leaf] = fresh
        yield
    finally:
        for owner, leaf, parameter in reversed(kept):
            owner._parameters[leaf] = parameter


def device_of(module: nn.Module) -> torch.device:
    """Device of the first parameter; the CPU for a module without any."""
    first = next(module.parameters(), None)
    return torch.device("cpu") if first is None else first.device


def dtype_of(module: nn.Module) -> torch.dtype:
    """Type of the first floating-point parameter, which is what inputs are given in."""
    floating = (parameter.dtype for parameter in module.parameters() if parameter.is_floating_point())
    return next(floating, torch.float32)


def _shareable(module: nn.Module) -> Iterator[nn.Parameter]:
    own = {
        id(parameter)
        for part in module.modules()
        if parametrize.is_parametrized(part)
        for parameter in part.parameters()
    }
    return (parameter for parameter in module.parameters() if id(parameter) not in own)


def _made_by_hooks(module: nn.Module) -> Iterator[Tensor]:
    """Weights that a hook of the older weight norm left behind; the hook makes them again in every forward pass."""
    for part in module.modules():
        yield from (value for value in vars(part).values() if isinstance(value, Tensor) and value.grad_fn is not None)


def _owner(twin: nn.Module, name: str) -> tuple[nn.Module, str]:
    path, _, leaf = name.rpartition(".")
    owner = twin.get_submodule(path)
    if parametrize.is_parametrized(owner, leaf):
        _own_class(owner)
        parametrize.remove_parametrizations(owner, leaf, leave_parametrized=True)
    hooks = [hook for hook in owner._forward_pre_hooks.values() if isinstance(hook, WeightNorm) and hook.name == leaf]
    if hooks:
        remove_weight_norm(owner, leaf)
    if leaf not in owner._parameters:
        raise Complaint(f"{name} is not a parameter of {type(twin).__name__}: this layer cannot be edited.")
    return owner, leaf


def _own_class(owner: nn.Module) -> None:
    """Give a parametrised copy a class of its own: taking a parametrisation off deletes a property of the class."""
    shared = type(owner)
    own = {key: value for key, value in vars(shared).items() if key not in ("__dict__", "__weakref__")}
    owner.__class__ = type(shared.__name__, shared.__bases__, own)
