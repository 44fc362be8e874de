"""Inputs that fit a model: random tokens, Gaussian or uniform numbers, or the user's own data, also permuted."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Literal, get_args

import numpy as np
import torch

from ..records import Complaint, Probe
from .collecting import collected, n_inputs_of, permuted_data

Within = Literal["inputs", "batch"]


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


def uniform(n: int = 256, shape: tuple[int, ...] = (1,), seed: int = 0, low: float = 0.0, high: float = 1.0) -> Probe:
    """``n`` inputs of ``shape`` with independent entries, uniform between ``low`` and ``high``."""
    if not low < high:
        raise Complaint(f"Uniform inputs need low below high, not {low} and {high}.")
    text = f"{n} inputs of shape {'×'.join(map(str, shape))}, uniform from {low:g} to {high:g}"
    centre, deviation = (low + high) / 2, (high - low) / math.sqrt(12)
    return Probe("uniform", n, tuple(shape), seed, centre, deviation, description=text)


def batch(data: Any, description: str = "the given batch") -> Probe:
    """The user's own inputs: a tensor, an array, or a mapping of tensors such as a tokenizer's output."""
    n = n_inputs_of(data)
    first = next(iter(data.values())) if isinstance(data, Mapping) else data
    return Probe("data", n, tuple(first.shape[1:]), data=data, description=f"{n} inputs: {description}")


def labelled(inputs: Any, labels: Any, description: str = "the given labelled batch") -> Probe:
    """The user's own inputs with their right classes, ``(n,)`` or, for one class per token, ``(n, positions)``.

    Labels belong to the outputs at the same place: for a language model shift them yourself. −100 is no label.
    """
    probe = batch(inputs, description)
    classes = np.asarray(labels.detach().cpu() if isinstance(labels, torch.Tensor) else labels)
    if len(classes) != probe.n or not np.issubdtype(classes.dtype, np.integer):
        raise Complaint(
            f"{probe.n} inputs need {probe.n} whole-numbered labels; given were {len(classes)} of type {classes.dtype}."
        )
    return replace(probe, labels=classes.astype(np.int64))


def permuted(data: Any, seed: int = 0, within: Within = "inputs") -> Probe:
    """Real data with the arrangement destroyed and every number kept.

    ``within="inputs"`` shuffles each input's own entries (pixels, tokens); ``"batch"`` keeps places and lets
    the inputs swap their entries, each place by its own permutation. ``data`` may be a probe of given data too.
    """
    if isinstance(data, Probe):
        if data.data is None:
            raise Complaint(f"Only given data can be permuted, and this probe draws its own: {data.description}.")
        data = data.data
    if within not in get_args(Within):
        raise Complaint(f"Data can be permuted within “inputs” or within the “batch”, not {within!r}.")
    n_inputs_of(data)
    where = "each input's own entries shuffled" if within == "inputs" else "entries swapped between inputs"
    code = f"sw.probes.permuted(data, seed={seed}, within={within!r})"
    return replace(batch(permuted_data(data, seed, within), f"real data, {where}"), seed=seed, code=code)


def loader(batches_of_data: Iterable[Any], n: int = 256, seed: int = 0) -> Probe:
    """The first ``n`` inputs of a DataLoader or of any iterable of batches; pairs are inputs and labels.

    Batches are tensors, arrays, mappings, or pairs of one of these and labels. A loader that shuffles by
    torch's own generator does so from ``seed``, and that generator is left as it was.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        inputs, labels = collected(batches_of_data, n)
    probe = batch(inputs, "from the given batches") if labels is None else labelled(inputs, labels)
    return replace(probe, seed=seed)


def at_temperature(probe: Probe, temperature: float) -> Probe:
    """The same inputs with all logits divided by ``temperature``; above 1 small probabilities count more."""
    if not (math.isfinite(temperature) and temperature > 0):
        raise Complaint(f"The temperature is {temperature}: give a positive number.")
    return replace(probe, temperature=temperature, description=f"{probe.description}, temperature {temperature:g}")


def as_probe(data: Any, n: int = 256, seed: int = 0) -> Probe:
    """A probe as it is; a pair as inputs and labels; an iterable of batches as such; anything else as a batch."""
    if isinstance(data, Probe):
        return data
    if isinstance(data, tuple) and len(data) == 2:
        return labelled(*data)
    if hasattr(data, "shape") or isinstance(data, Mapping) or not isinstance(data, Iterable):
        return batch(data)
    return loader(data, n, seed)


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
    if probe.kind == "uniform":
        half = math.sqrt(3) * probe.standard_deviation
        return rng.uniform(probe.mean - half, probe.mean + half, probe.shape).astype(np.float32)
    return probe.mean + probe.standard_deviation * rng.standard_normal(probe.shape, dtype=np.float32)


def _sliced(data: Any, start: int, stop: int, device: torch.device, dtype: torch.dtype) -> Any:
    if isinstance(data, Mapping):
        return {key: _sliced(value, start, stop, device, dtype) for key, value in data.items()}
    tensor = torch.as_tensor(data)[start:stop]
    return tensor.to(device, dtype) if tensor.is_floating_point() else tensor.to(device)
