"""A change of a weight as a change of its layer's output: the stored tensors stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding, linear

from ..records import Complaint

#: ``(ΔW,)``, or the factors ``(U, V)`` of ``ΔW = U Vᵀ``, in the shape of the stored tensor.
Change = tuple[Tensor, ...]
_LARGEST_ERROR = 0.1


@contextmanager
def added(module: nn.Module, additions: Mapping[tuple[str, ...], Change]) -> Iterator[None]:
    """Add ``x ΔWᵀ`` to the output of every owner of the weights under these names while the block runs."""
    with _hooked({name: _adds(name, change) for names, change in additions.items() for name in names}, module):
        yield


@contextmanager
def checked(module: nn.Module, weights: Mapping[str, Tensor]) -> Iterator[None]:
    """Raise ``Complaint`` in a forward pass unless these owners compute ``x Wᵀ`` with these weights.

    A tenth of the output may differ, since quantised layers round what comes in as well.
    """
    with _hooked({name: _checks(name, weight) for name, weight in weights.items()}, module):
        yield


def owner_of(module: nn.Module, name: str) -> nn.Module:
    """The part that a weight works in: of ``a.weight`` and of the low-rank products ``a.lora`` and ``a.lora.b``."""
    path = name.rpartition(".")[0]
    try:
        return module.get_submodule(path)
    except AttributeError:
        return module.get_submodule(path.removesuffix(".lora"))


def takes_additions(owner: nn.Module) -> bool:
    """Whether the module's output is known to be linear in its weight, entry by entry."""
    if type(owner) is nn.Embedding:
        return owner.max_norm is None
    return type(owner) is nn.Linear or _is_transposed(owner)


def _is_transposed(owner: nn.Module) -> bool:
    """The layer of GPT-2 keeps inputs first."""
    return type(owner).__name__ == "Conv1D"


_Hook = Callable[[nn.Module, tuple[Any, ...], dict[str, Any], Any], Any]


@contextmanager
def _hooked(hooks: Mapping[str, _Hook], module: nn.Module) -> Iterator[None]:
    with ExitStack() as stack:
        for name, hook in hooks.items():
            handle = owner_of(module, name).register_forward_hook(hook, with_kwargs=True)
            stack.callback(handle.remove)
        yield


def _adds(name: str, change: Change) -> _Hook:
    def hook(owner: nn.Module, inputs: tuple[Any, ...], named: dict[str, Any], output: Any) -> Any:
        x = _input_of(inputs, named)
        if not isinstance(x, Tensor) or not isinstance(output, Tensor):
            raise _refused(name)
        sides = change[0].shape[0], change[-1].shape[-1] if len(change) == 1 else change[1].shape[0]
        if type(owner) is nn.Embedding:
            return output + _looked_up(x, change).to(output.dtype)
        out, into = reversed(sides) if _is_transposed(owner) else sides
        if x.is_quantized or output.is_quantized or x.shape[-1] != into or output.shape[-1] != out:
            raise _refused(name)
        return _plus_product(output, x, change, _is_transposed(owner))

    return hook


def _looked_up(x: Tensor, change: Change) -> Tensor:
    rows = embedding(x, change[0])
    return rows if len(change) == 1 else rows @ change[1].mT


def _plus_product(output: Tensor, x: Tensor, change: Change, transposed: bool) -> Tensor:
    """``output + x ΔWᵀ``, with ΔW transposed for a layer that keeps inputs first."""
    parts = [part.to(x.dtype) for part in change]
    if len(parts) == 1:
        return output + (x @ parts[0] if transposed else linear(x, parts[0])).to(output.dtype)
    left, right = reversed(parts) if transposed else parts
    # Several changes of the same inputs under vmap become one product with the thin side first, and not one for each.
    inner = linear(right.mT.contiguous(), x.reshape(-1, x.shape[-1])).mT.reshape(*x.shape[:-1], right.shape[1])
    if left.shape[1] == 1:
        return torch.addcmul(output, inner.to(output.dtype), left[:, 0].to(output.dtype))
    return output + (inner @ left.mT).to(output.dtype)


def _checks(name: str, weight: Tensor) -> _Hook:
    def hook(owner: nn.Module, inputs: tuple[Any, ...], named: dict[str, Any], output: Any) -> None:
        x = _input_of(inputs, named)
        fits = isinstance(x, Tensor) and isinstance(output, Tensor) and not x.is_quantized and x.is_floating_point()
        if not fits or x.shape[-1] != weight.shape[-1] or output.shape[-1] != weight.shape[0]:
            raise _refused(name)
        with torch.no_grad():
            offset = owner.forward(torch.zeros_like(x[:1]))
            actual, expected = (output - offset).double(), linear(x.double(), weight.double())
        if not (actual - expected).norm() <= _LARGEST_ERROR * expected.norm():
            raise _refused(name)

    return hook


def _input_of(inputs: tuple[Any, ...], named: Mapping[str, Any]) -> Any:
    return inputs[0] if inputs else next(iter(named.values()), None)


def _refused(name: str) -> Complaint:
    return Complaint(
        f"{name} is packed or computed, and its layer does not multiply plain inputs by it, so it cannot be edited: "
        "open the model before quantisation, or with the pair merged."
    )
