"""Which parameters go with which layer, so that every parameter is in exactly one group."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Literal

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from ..records import Complaint
from ..weights.adapters import low_rank_pairs
from ..weights.model import Model

#: ``follow``: a batch norm takes what the layer before it gets; ``base``: norms keep the base value.
Norms = Literal["follow", "base"]
REST = "everything else"


def module_of(model: Model) -> nn.Module:
    """The live module. Raises ``Complaint`` where there are weights only."""
    if model.module is None:
        raise Complaint("Parameter groups need a live module; give the nn.Module that is trained.")
    return model.module


def members_of(model: Model, layers: Collection[str], norms: Norms = "base") -> dict[str, tuple[str, ...]]:
    """Names of the parameters of every layer, and under ``REST`` of those that belong to none.

    A bias goes with the weight of its module, the parts of a parametrised or low-rank weight with the weight that
    they make; tied parameters count once.
    """
    if norms not in ("follow", "base"):
        raise Complaint(f"norms={norms!r} is neither 'follow' nor 'base'.")
    module = module_of(model)
    parts = {
        part: pair.name
        for pair in low_rank_pairs({slot.name: slot for slot in model.store.slots})
        for part in (pair.name_a, pair.name_b)
    }
    followed = _followed(module) if norms == "follow" else {}
    members: dict[str, list[str]] = {name: [] for name in (*layers, REST)}
    for name, _ in module.named_parameters():
        layer = _layer_of(name, parts, followed, model.tied, members)
        members[layer or REST].append(name)
    return {layer: tuple(names) for layer, names in members.items()}


def _layer_of(
    name: str, parts: dict[str, str], followed: dict[str, str], tied: dict[str, str], layers: Collection[str]
) -> str | None:
    owner, _, leaf = name.partition(".parametrizations.")
    if leaf:
        leaf = leaf.split(".")[0]
    else:
        owner, _, leaf = name.rpartition(".")
    start = f"{owner}." if owner else ""
    in_owner = [layer for layer in layers if layer.rpartition(".")[0] == owner and layer != REST]
    candidates = (name, tied.get(name), parts.get(name), start + leaf, start + leaf.replace("bias", "weight"))
    for candidate in candidates:
        if candidate in layers:
            return candidate
    if in_owner and leaf.startswith(("bias", "weight")):
        return in_owner[0]
    behind = followed.get(owner)
    return next((layer for layer in layers if behind is not None and layer.rpartition(".")[0] == behind), None)


def _followed(module: nn.Module) -> dict[str, str]:
    """Name of each batch norm → name of the nearest layer before it whose outputs it normalises."""
    found: dict[str, str] = {}
    for name, norm, before in _norms_with_layers(module):
        fitting = [other for other, n_outputs in before if n_outputs == norm.num_features]
        if fitting:
            found[name] = fitting[-1]
    return found


def _norms_with_layers(module: nn.Module) -> Iterator[tuple[str, _BatchNorm, list[tuple[str, int]]]]:
    before: list[tuple[str, int]] = []
    for name, part in module.named_modules():
        n_outputs = getattr(part, "out_channels", getattr(part, "out_features", None))
        if isinstance(part, _BatchNorm):
            yield name, part, before
        elif isinstance(n_outputs, int):
            before.append((name, n_outputs))
