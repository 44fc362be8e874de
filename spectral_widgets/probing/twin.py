"""A second body for a model: same parameters, its own structure, so that edits never touch the user's."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize
from torch.nn.utils.weight_norm import WeightNorm, remove_weight_norm

from ..records import Complaint
from .added import Change, added

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """What differs in the twin while an edit is measured.

    ``swaps``: tensors that stand in for the (tied) parameters under their names. ``additions``: changes of
    weights that are no parameters of their own, or that have structure, added to the outputs of their owners.
    """

    swaps: Mapping[Names, Tensor] = field(default_factory=dict)
    additions: Mapping[Names, Change] = field(default_factory=dict)

    @property
    def size_bytes(self) -> int:
        return sum(tensor.nbytes for tensor in [*self.swaps.values(), *sum(self.additions.values(), ())])


def twin_of(module: nn.Module) -> nn.Module:
    """A copy of the module's structure in evaluation mode that shares the parameters without copying them.

    Buffers are copied, since a forward pass may write to them. Parameters of parametrised submodules are
    copied too: taking a parametrisation off writes to them.
    """
    memo: dict[int, Tensor] = {id(parameter): parameter for parameter in _shareable(module)}
    memo |= {id(weight): weight.detach() for weight in made_by_hooks(module)}
    try:
        return copy.deepcopy(module, memo).eval()
    except Exception as error:
        raise Complaint(
            f"{type(module).__name__} cannot be copied for an ablation ({type(error).__name__}: {error}): "
            "make the module deep-copyable, or pass one that is with model.with_module(...)."
        ) from error


def cpu_copy_of(module: nn.Module) -> nn.Module:
    """A copy in the memory of the CPU, parameter by parameter, for which the device needs no room."""
    memo: dict[int, Tensor] = {id(one): nn.Parameter(_moved(one), False) for one in module.parameters()}
    memo |= {id(one): _moved(one) for one in module.buffers()}
    return copy.deepcopy(module, memo).to("cpu").eval()


def _moved(tensor: Tensor) -> Tensor:
    return tensor.detach().to("cpu", copy=True)


@contextmanager
def swapped(twin: nn.Module, patch: Patch) -> Iterator[None]:
    """Let the twin run with a patch while the block runs."""
    kept: list[tuple[nn.Module, str, nn.Parameter | None]] = []
    try:
        for names, tensor in patch.swaps.items():
            owners = [_owner(twin, name) for name in names]
            kept += [(owner, leaf, owner._parameters[leaf]) for owner, leaf in owners]
            for owner, leaf in owners:
                owner._parameters[leaf] = tensor  # type: ignore[assignment]
        with added(twin, patch.additions):
            yield
    finally:
        for owner, leaf, parameter in reversed(kept):
            owner._parameters[leaf] = parameter


def is_swappable(module: nn.Module, name: str) -> bool:
    """Whether the weight of this name is a tensor that a twin can use another one in place of."""
    path, _, leaf = name.rpartition(".")
    try:
        owner = module.get_submodule(path)
    except AttributeError:
        return False
    return parametrize.is_parametrized(owner, leaf) or bool(norm_hooks(owner, leaf)) or leaf in owner._parameters


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


def made_by_hooks(module: nn.Module) -> Iterator[Tensor]:
    """Weights that a hook of the older weight norm left behind; the hook makes them again in every forward pass."""
    for part in module.modules():
        yield from (value for value in vars(part).values() if isinstance(value, Tensor) and value.grad_fn is not None)


def _owner(twin: nn.Module, name: str) -> tuple[nn.Module, str]:
    path, _, leaf = name.rpartition(".")
    owner = twin.get_submodule(path)
    if parametrize.is_parametrized(owner, leaf):
        own_class(owner)
        parametrize.remove_parametrizations(owner, leaf, leave_parametrized=True)
    if norm_hooks(owner, leaf):
        remove_weight_norm(owner, leaf)
    if leaf not in owner._parameters:
        raise Complaint(f"{name} is not a parameter of {type(twin).__name__}: this layer cannot be edited.")
    return owner, leaf


def norm_hooks(owner: nn.Module, leaf: str) -> list[WeightNorm]:
    """The hook of the older weight norm, which makes the weight before every forward pass."""
    hooks = owner._forward_pre_hooks.values()
    return [hook for hook in hooks if isinstance(hook, WeightNorm) and hook.name == leaf]


def own_class(owner: nn.Module) -> None:
    """Give a parametrised copy a class of its own: taking a parametrisation off deletes a property of the class."""
    shared = type(owner)
    own = {key: value for key, value in vars(shared).items() if key not in ("__dict__", "__weakref__")}
    owner.__class__ = type(shared.__name__, shared.__bases__, own)
