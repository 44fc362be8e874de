"""An edited weight back into whatever makes it: a parametrisation, a low-rank pair, packed integers."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize
from torch.nn.utils.weight_norm import WeightNorm

from ..records import Complaint
from ..weights.derived import MAGNITUDES
from ..weights.live import open_module
from ..weights.rounding import Rounded, rounded, scaled_weights
from ..weights.store import Store
from .added import owner_of
from .twin import norm_hooks, own_class

#: What is said of a weight that is not exactly the edited one.
ROUNDED = "rounded to the levels of its own scales"
_PACKED_LINEAR = ("torch.ao.nn.quantized.dynamic", "Linear")


def write(module: nn.Module, name: str, tensor: Tensor) -> str:
    """Make ``tensor`` the effective weight of this name, in place; what was done beside a plain copy, in words.

    A parametrisation takes the tensor where it can make exactly that one, and is taken off where it cannot; a
    low-rank pair is merged into its base; a packed linear layer becomes one of floating point; integers with scales
    beside them take the nearest levels. Raises ``Complaint`` for any other computed weight.
    """
    owner, leaf = owner_of(module, name), name.rpartition(".")[2]
    with torch.no_grad():
        if parametrize.is_parametrized(owner, leaf):
            return _parametrised(owner, leaf, tensor, name)
        if hooks := norm_hooks(owner, leaf):
            return _directed(owner, hooks[0], tensor, name)
        if hasattr(owner, "lora_A"):
            return _merged(owner, tensor, name)
        if type(owner).__module__.startswith(_PACKED_LINEAR[0]) and type(owner).__name__ == _PACKED_LINEAR[1]:
            return _unpacked(module, owner, tensor, name)
        target = owner._parameters.get(leaf)
        if target is None or target.shape != tensor.shape or not _holds_values(module, name, target):
            return _rounded_into(module, name, tensor)
        target.copy_(tensor)
    return ""


def parts_in_file(store: Store, name: str, tensor: Tensor) -> tuple[dict[str, Tensor], str]:
    """The stored tensors that make ``tensor`` the weight of this name, where there is no module; what was done.

    Raises ``Complaint`` unless it is a plain tensor, a weight norm or integers with scales.
    """
    shapes = {slot.name: slot.shape for slot in store.slots}
    start = f".{name}".removesuffix(".weight")
    for end_v, end_g in MAGNITUDES:
        name_v, name_g = (start + end_v)[1:], (start + end_g)[1:]
        if name_v in shapes and name_g in shapes:
            axes = [axis for axis, side in enumerate(shapes[name_g]) if side == 1]
            return {name_v: tensor, name_g: torch.linalg.vector_norm(tensor, dim=axes, keepdim=True)}, ""
    found = _rounded(store, name, tensor)
    return {found.stored: found.tensor}, _rounding(name, found)


def _holds_values(module: nn.Module, name: str, target: Tensor) -> bool:
    """Whether a tensor is the weight itself; float8 is one where no scales lie beside it."""
    if not target.is_floating_point() or target.element_size() > 1:
        return target.is_floating_point()
    store = open_module(module)
    return store.tied.get(name, name) not in {scaled.slot.name for scaled in scaled_weights(store)}


def _rounded(store: Store, name: str, tensor: Tensor) -> Rounded:
    scaled = next((scaled for scaled in scaled_weights(store) if scaled.slot.name == name), None)
    if scaled is None:
        raise _cannot(name)
    return rounded(scaled, tensor)


def _rounded_into(module: nn.Module, name: str, tensor: Tensor) -> str:
    store = open_module(module)
    if name in store.tied:
        return ""  # the tensor is written under its first name
    found = _rounded(store, name, tensor)
    owner, leaf = module.get_submodule(found.stored.rpartition(".")[0]), found.stored.rpartition(".")[2]
    getattr(owner, leaf).detach().copy_(found.tensor)
    return _rounding(name, found)


def _rounding(name: str, found: Rounded) -> str:
    return (
        f"{name} was {ROUNDED}: the stored weight lies up to {found.largest:.3g} "
        f"({found.largest_in_steps:.2f} steps) from the exact edit"
    )


def _parametrised(owner: nn.Module, leaf: str, tensor: Tensor, name: str) -> str:
    own_class(owner)
    recipe = owner.get_submodule(f"parametrizations.{leaf}")
    was_training = recipe.training
    try:
        recipe.eval()
        with torch.random.fork_rng(devices=[]):
            setattr(owner, leaf, tensor)
        made = getattr(owner, leaf)
        if torch.allclose(made, tensor, rtol=0.0, atol=float(8 * torch.finfo(tensor.dtype).eps * tensor.abs().max())):
            return f"{name} was folded back into its parametrisation"
    except (NotImplementedError, RuntimeError, ValueError):
        pass  # it has no inverse, or none for this tensor
    finally:
        recipe.train(was_training)
    parametrize.remove_parametrizations(owner, leaf, leave_parametrized=True)
    getattr(owner, leaf).copy_(tensor)
    return f"the parametrisation of {name} was taken off, since it cannot make the edited weight"


def _directed(owner: nn.Module, hook: WeightNorm, tensor: Tensor, name: str) -> str:
    magnitude, direction = getattr(owner, f"{hook.name}_g"), getattr(owner, f"{hook.name}_v")
    direction.copy_(tensor)
    magnitude.copy_(torch.norm_except_dim(tensor, 2, hook.dim))
    setattr(owner, hook.name, hook.compute_weight(owner).detach())
    return f"{name} was folded back into magnitude and direction"


def _merged(owner: nn.Module, tensor: Tensor, name: str) -> str:
    base = getattr(owner, "base_layer", owner)
    weight = base._parameters.get("weight")
    adapter = name.rpartition(".lora")[2].removeprefix(".") or "default"
    ends = ("lora_B", "lora_B.weight") if name.endswith(".lora") else ()
    wanted = {*ends, f"lora_B.{adapter}", f"lora_B.{adapter}.weight"}
    pair = [parameter for key, parameter in owner.named_parameters() if key in wanted]
    product = tensor.T if type(base).__name__ == "Conv1D" else tensor
    fits = weight is not None and weight.element_size() > 1 and weight.shape == product.shape
    if weight is None or not fits or len(pair) != 1 or getattr(owner, "merged", False):
        raise Complaint(f"{name} belongs to a base that is no plain tensor: merge the pair into it first, then edit.")
    weight.add_(product.to(weight))
    pair[0].zero_()
    return f"the low-rank pair of {name} was merged into its base, and is zero now"


def _unpacked(module: nn.Module, owner: nn.Module, tensor: Tensor, name: str) -> str:
    bias = owner.bias()  # type: ignore[operator]
    fresh = nn.utils.skip_init(nn.Linear, *reversed(tensor.shape), bias=bias is not None, dtype=tensor.dtype)
    fresh.weight.copy_(tensor)
    if bias is not None:
        fresh.bias.copy_(bias)
    path = name.rpartition(".")[0]
    if not path:
        raise _cannot(name)
    module.set_submodule(path, fresh.train(owner.training))
    return f"{name} was dequantised, since its own scales cannot hold the edited values"


def _cannot(name: str) -> Complaint:
    return Complaint(
        f"{name} is made of integers and scales, or of a pair without its base, which cannot hold the edited values: "
        "dequantise or merge it first, then edit."
    )
