"""Random inputs that fit a model, also where only a trial can tell."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol
from weakref import WeakKeyDictionary

import torch
from torch import nn

from ..records import Complaint, Probe
from ..weights.running import Forward, forward_pass
from .probes import gaussian_images
from .twin import device_of, dtype_of, twin_of

#: Sides that image models are usually made for, commonest first.
SIDES = (32, 224, 28, 64, 96, 128, 256, 299, 384, 16, 8)
_found: WeakKeyDictionary[nn.Module, int | None] = WeakKeyDictionary()


class Probeable(Protocol):
    """What is needed of a model to find inputs for it; ``weights.Model`` is one."""

    @property
    def module(self) -> nn.Module | None: ...
    @property
    def forward(self) -> Forward | None: ...
    def default_probe(self, n: int = 64, seed: int = 0) -> Probe: ...


def fitting_probe(model: Probeable, n: int, seed: int) -> Probe:
    """The model's own default inputs; for a convolutional model of unknown size, the first usual size that runs.

    Raises the model's ``Complaint`` when nothing fits.
    """
    try:
        return model.default_probe(n, seed)
    except Complaint:
        convolution = _first_convolution(model.module) if model.module is not None else None
        side = _side_that_runs(model, convolution) if convolution is not None else None
        if convolution is None or side is None:
            raise
        return gaussian_images(n, (convolution.in_channels, side, side), seed)


def fitted(model: Probeable, probe: Probe) -> Probe:
    """Fill in what only the model knows: the size of its vocabulary."""
    if probe.kind == "tokens" and not probe.vocabulary_size:
        return replace(probe, vocabulary_size=model.default_probe(1, 0).vocabulary_size)
    return probe


def _first_convolution(module: nn.Module) -> nn.Conv2d | None:
    weighted = (part for part in module.modules() if any(True for _ in part.parameters(recurse=False)))
    first = next(weighted, None)
    return first if isinstance(first, nn.Conv2d) else None


def _side_that_runs(model: Probeable, convolution: nn.Conv2d) -> int | None:
    module = model.module
    assert module is not None
    if module not in _found:
        twin = twin_of(module)
        _found[module] = next((side for side in SIDES if _runs(twin, model, convolution.in_channels, side)), None)
    return _found[module]


def _runs(twin: nn.Module, model: Probeable, channels: int, side: int) -> bool:
    image = torch.zeros(1, channels, side, side, device=device_of(twin), dtype=dtype_of(twin))
    try:
        forward_pass(twin, image, model.forward)
    except (Complaint, torch.OutOfMemoryError):
        return False
    return True
