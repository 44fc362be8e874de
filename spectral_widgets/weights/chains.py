"""Plain chains of linear layers inside a model: which tensors share the units of each hidden layer."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import nn

from ..records import Complaint
from .model import Model
from .store import Slot

SUPPORTED = (
    "align takes plain chains: linear layers one after another, with activations, dropout and norms between them, "
    "as in an nn.Sequential"
)
NOT_RUN = "The net was not run to check that it is a plain chain."
_SAME = 1e-8


@dataclass(frozen=True, slots=True)
class Link:
    """One linear layer: the name of its weight and of every vector with one number per output unit."""

    weight: str
    vectors: tuple[str, ...]


def chain_of(model: Model) -> tuple[tuple[Link, ...], str]:
    """The chain that the model is, and a caveat where its order could not be checked by running it.

    Raises ``Complaint`` where the model is none, with what is supported.
    """
    slots = {slot.name: slot for slot in model.store.slots}
    if model.tied:
        raise Complaint(f"{model.name} uses one weight in several places; {SUPPORTED}.")
    links = _links(model, slots)
    sides = [slots[link.weight].shape for link in links]
    for before, after in pairwise(sides):
        if after[1] != before[0]:
            raise Complaint(f"{model.name} has a layer of {before[0]} outputs before one of {after[1]}; {SUPPORTED}.")
    if len(links) < 2:
        raise Complaint(f"{model.name} has no hidden layer whose units could be reordered; {SUPPORTED}.")
    return links, _checked(model, links)


def _links(model: Model, slots: Mapping[str, Slot]) -> tuple[Link, ...]:
    found: list[tuple[str, list[str]]] = []
    for slot in _weights_first(slots):
        if slot.caveat:
            raise Complaint(slot.caveat)
        if _is_linear(slot):
            found.append((slot.name, []))
        elif len(slot.shape) == 1 and found and slot.shape[0] == slots[found[-1][0]].shape[0]:
            found[-1][1].append(slot.name)
        elif slot.n_entries > 1 and (len(slot.shape) != 1 or found):
            kind = f" ({slot.module_type})" if slot.module_type else ""
            raise Complaint(f"{model.name} holds {slot.name!r}{kind}, which is no link of a chain; {SUPPORTED}.")
    return tuple(Link(weight, tuple(vectors)) for weight, vectors in found)


def _weights_first(slots: Mapping[str, Slot]) -> list[Slot]:
    """Stored order by part, and in each part the weight before its bias: files sort by alphabet."""
    owners = list(dict.fromkeys(name.rpartition(".")[0] for name in slots))
    return sorted(slots.values(), key=lambda slot: (owners.index(slot.name.rpartition(".")[0]), not _is_linear(slot)))


def _is_linear(slot: Slot) -> bool:
    is_weight = slot.name.endswith("weight") and slot.module_type in ("", "Linear")
    return len(slot.shape) == 2 and slot.trained and is_weight


def reordered(
    state: Mapping[str, torch.Tensor], links: Sequence[Link], orders: Sequence[np.ndarray]
) -> dict[str, torch.Tensor]:
    """The tensors with each hidden layer's units in its order; dtypes and devices as they are."""
    changed = {name: tensor.detach().clone() for name, tensor in state.items()}
    for position, order in enumerate(orders):
        index = torch.from_numpy(np.ascontiguousarray(order))
        link, after = links[position], links[position + 1].weight
        for name in (link.weight, *link.vectors):
            changed[name] = changed[name][index.to(changed[name].device)]
        changed[after] = changed[after][:, index.to(changed[after].device)]
    return changed


def state_of(model: Model) -> dict[str, torch.Tensor]:
    """Every stored tensor by its name; of a live module, its ``state_dict`` as it is."""
    if model.module is not None:
        return {name: tensor.detach() for name, tensor in model.module.state_dict().items()}
    return {slot.name: model.store.read(slot.name) for slot in model.store.slots}


def _checked(model: Model, links: tuple[Link, ...]) -> str:
    """Run a copy before and after a random reordering: a chain gives the same outputs."""
    if model.module is None:
        return NOT_RUN
    copied = copy.deepcopy(model.module).double().cpu().eval()
    state = copied.state_dict()
    rng = np.random.default_rng(0)
    orders = [rng.permutation(state[link.weight].shape[0]) for link in links[:-1]]
    inputs = torch.from_numpy(rng.standard_normal((8, state[links[0].weight].shape[1])))
    before = _outputs(copied, inputs)
    if before is None:
        return NOT_RUN
    copied.load_state_dict(reordered(state, links, orders))
    after = _outputs(copied, inputs)
    if after is None or float((after - before).norm()) > _SAME * float(before.norm()):
        raise Complaint(f"{model.name} gives other outputs when its hidden units are reordered; {SUPPORTED}.")
    return ""


def _outputs(module: nn.Module, inputs: torch.Tensor) -> torch.Tensor | None:
    """What the copy gives; ``None`` where it wants other inputs than rows of numbers."""
    try:
        with torch.no_grad():
            outputs = module(inputs)
    except Exception:  # user code may raise anything
        return None
    return outputs if isinstance(outputs, torch.Tensor) else None
