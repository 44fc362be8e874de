"""Inputs by name, as a screen offers them: which kinds a model and the given data allow, and what they are."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol, get_args

import torch

from ..records import Complaint, Probe
from . import probes
from .fitting import Probeable, fitted, fitting_probe

ProbeKind = Literal["default", "random", "uniform", "permuted", "swapped", "labelled"]
PROBE_KINDS: tuple[ProbeKind, ...] = get_args(ProbeKind)


class Source(Probeable, Protocol):
    """A model that may come with labelled inputs and says what it gives; ``weights.Model`` is one."""

    @property
    def labelled_probe(self) -> Callable[[], Probe] | None: ...
    @property
    def outputs(self) -> str: ...


def probe_of_kind(
    model: Source, kind: ProbeKind, n: int, seed: int, *, given: Probe | None = None, temperature: float = 1.0
) -> Probe:
    """Inputs of one kind; of data, all there is, else ``n``.

    ``default``: the given ones, or random ones that fit the model. ``random``: the latter in any case.
    ``uniform``: uniform numbers of the same shape, mean and deviation. ``permuted`` and ``swapped``: data with
    each input's own entries shuffled, or with entries swapped between inputs. ``labelled``: what comes with
    the model. The temperature counts for logits alone. Raises ``Complaint`` for a kind that cannot be had.
    """
    found = _made(model, kind, n, seed, given)
    return found if temperature == 1.0 or model.outputs != "logits" else probes.at_temperature(found, temperature)


def why_not(model: Source, kind: ProbeKind, given: Probe | None = None) -> str:
    """Why inputs of this kind cannot be had, in one sentence; empty when they can."""
    try:
        if kind == "uniform":
            _moments(model, given)
        elif kind in ("permuted", "swapped"):
            _data(model, given)
        else:
            _made(model, kind, 1, 0, given)
    except Complaint as complaint:
        return str(complaint)
    return ""


def _made(model: Source, kind: ProbeKind, n: int, seed: int, given: Probe | None) -> Probe:
    if kind == "default" and given is not None:
        return fitted(model, given)
    if kind in ("default", "random"):
        return fitting_probe(model, n, seed)
    if kind == "uniform":
        shape, mean, half = _moments(model, given)
        return probes.uniform(n, shape, seed, mean - half, mean + half)
    if kind == "labelled":
        if model.labelled_probe is None:
            raise Complaint("No labelled inputs come with this model: open the screen with (inputs, labels).")
        return model.labelled_probe()
    return probes.permuted(_data(model, given).data, seed, "inputs" if kind == "permuted" else "batch")


def _data(model: Source, given: Probe | None) -> Probe:
    if given is not None and given.kind == "data":
        return given
    if model.labelled_probe is None:
        raise Complaint("There is no data to permute: open the screen with a batch of your own.")
    return model.labelled_probe()


def _moments(model: Source, given: Probe | None) -> tuple[tuple[int, ...], float, float]:
    """Shape, mean and half width of the uniform inputs that are like the given or the model's own."""
    data: Any = given.data if given is not None and given.kind == "data" else None
    if data is None:
        like = fitting_probe(model, 1, 0)
        if like.kind == "tokens":
            raise Complaint("Random tokens are uniform over the vocabulary already.")
        return like.shape, like.mean, math.sqrt(3) * like.standard_deviation
    values = None if isinstance(data, Mapping) else torch.as_tensor(data)
    if values is None or not values.is_floating_point():
        raise Complaint("Uniform inputs are numbers, and the given data are not.")
    deviation = float(values.double().std(correction=0))
    if not deviation > 0:
        raise Complaint("All numbers of the given data are equal, so there is no width to draw from.")
    return tuple(values.shape[1:]), float(values.double().mean()), math.sqrt(3) * deviation
