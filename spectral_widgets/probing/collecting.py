"""The user's own data: gathered from batches, or permuted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import torch

from ..records import Complaint


def n_inputs_of(data: Any) -> int:
    """How many inputs a tensor, array or mapping holds. Raises ``Complaint`` for anything else."""
    first: Any = next(iter(data.values()), None) if isinstance(data, Mapping) else data
    if not hasattr(first, "shape") or not len(first.shape):
        raise Complaint("The probe batch must be a tensor, an array or a mapping of them, one input per row.")
    return int(first.shape[0])


def collected(batches: Iterable[Any], n: int) -> tuple[Any, torch.Tensor | None]:
    """The first ``n`` inputs of an iterable of batches in one piece, and their labels where it has them."""
    if n < 1:
        raise Complaint("An ablation needs at least one probe.")
    parts, labels, count = [], [], 0
    for item in batches:
        inputs, target = item if isinstance(item, tuple | list) and len(item) == 2 else (item, None)
        size = min(n_inputs_of(inputs), n - count)
        parts.append(_start_of(inputs, size))
        labels.extend([] if target is None else [torch.as_tensor(target)[:size]])
        count += size
        if count == n:
            break
    if not parts:
        raise Complaint("The iterable of batches gave nothing: pass one that can be walked through again.")
    if labels and len(labels) != len(parts):
        raise Complaint("Some batches come with labels and some without: give all of them labels, or none.")
    return _joined(parts), torch.cat(labels) if labels else None


def permuted_data(data: Any, seed: int, within: str) -> Any:
    """A copy with each input's entries shuffled, or with each place shuffled over the inputs."""
    if isinstance(data, Mapping):
        return {key: permuted_data(value, seed, within) for key, value in data.items()}
    array = torch.as_tensor(data).detach().cpu().numpy()
    flat = array.reshape(len(array), -1)
    order = np.random.default_rng([seed, 0xDA]).permuted(_places(flat.shape, within), axis=int(within == "inputs"))
    chosen = np.take_along_axis(flat, order, axis=int(within == "inputs"))
    return torch.from_numpy(np.ascontiguousarray(chosen.reshape(array.shape)))


def _places(shape: tuple[int, ...], within: str) -> np.ndarray:
    n_inputs, n_entries = shape
    line = np.arange(n_entries)[None, :] if within == "inputs" else np.arange(n_inputs)[:, None]
    return np.broadcast_to(line, shape)


def _start_of(data: Any, size: int) -> Any:
    if isinstance(data, Mapping):
        return {key: _start_of(value, size) for key, value in data.items()}
    return torch.as_tensor(data)[:size]


def _joined(parts: list[Any]) -> Any:
    if isinstance(parts[0], Mapping):
        return {key: _joined([part[key] for part in parts]) for key in parts[0]}
    return torch.cat(parts)
