"""Inputs that fit a model: random tokens, Gaussian images or vectors, or the user's own batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from ..records import Complaint, Probe


def random_tokens(n: int = 64, length: int = 32, seed: int = 0, vocabulary_size: int = 0) -> Probe:
    """``n`` sequences of ``length`` tokens, each uniform over the vocabulary (the model's, if 0 is given)."""
    return Probe(
        "tokens",
        n,
        (length,),
        seed,
        vocabulary_size=vocabulary_size,
        description=f"{n} sequences of {length} uniformly random tokens",
    )


def gaussian_images(
    n: int = 256,
    shape: tuple[int, ...] = (3, 32, 32),
    seed: int = 0,
    mean: float = 0.0,
    standard_deviation: float = 1.0,
) -> Probe:
    """``n`` images (channels, height, width) of independent Gaussian pixels."""
    text = f"{n} Gaussian images of shape {'×'.join(map(str, shape))}"
    return Probe("images", n, tuple(shape), seed, mean, standard_deviation, description=text)


def gaussian_vectors(
    n: int = 256, size: int = 1, seed: int = 0, mean: float = 0.0, standard_deviation: float = 1.0
) -> Probe:
    """``n`` vectors of ``size`` independent Gaussian components."""
    text = f"{n} Gaussian vectors of length {size}"
    return Probe("vectors", n, (size,), seed, mean, standard_deviation, description=text)


def batch(data: Any, description: str = "the given batch") -> Probe:
    """The user's own inputs: a tensor, an array, or a mapping of tensors such as a tokenizer's output."""
    first = next(iter(data.values())) if isinstance(data, Mapping) else data
    if not hasattr(first, "shape") or not len(first.shape):
        raise Complaint("The probe batch must be a tensor, an array or a mapping of them, one input per row.")
    n = int(first.shape[0])
    return Probe("data", n, tuple(first.shape[1:]), data=data, description=f"{n} inputs: {description}")


def batches(probe: Probe, start: int, stop: int, device: torch.device, dtype: torch.dtype) -> Any:
    """Inputs ``start`` to ``stop`` of a probe on a device; the same inputs whatever the batches are."""
    if probe.kind == "data":
        return _sliced(probe.data, start, stop, device, dtype)
    drawn = np.stack([_drawn(probe, index) for index in range(start, stop)])
    tensor = torch.from_numpy(drawn)
    return tensor.to(device) if probe.kind == "tokens" else tensor.to(device, dtype)


def copied(inputs: Any) -> Any:
    """A copy of a batch that shares no memory with it."""
    if isinstance(inputs, Mapping):
        return {key: copied(value) for key, value in inputs.items()}
    return inputs.clone()


def _drawn(probe: Probe, index: int) -> np.ndarray:
    rng = np.random.default_rng([probe.seed, index])
    if probe.kind == "tokens":
        return rng.integers(0, probe.vocabulary_size, probe.shape)
    return probe.mean + probe.standard_deviation * rng.standard_normal(probe.shape, dtype=np.float32)


def _sliced(data: Any, start: int, stop: int, device: torch.device, dtype: torch.dtype) -> Any:
    if isinstance(data, Mapping):
        return {key: _sliced(value, start, stop, device, dtype) for key, value in data.items()}
    tensor = torch.as_tensor(data)[start:stop]
    return tensor.to(device, dtype) if tensor.is_floating_point() else tensor.to(device)
