"""A tiny net, a measure that is set from outside, and the rates of a run."""

from __future__ import annotations

import torch
from spectral_widgets import api_prescribe as prescribe
from spectral_widgets.training import LayerwiseSchedule
from torch import nn


def tiny():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 8), nn.LayerNorm(8), nn.Linear(8, 7), nn.Linear(7, 5))


class Dial:
    """A measure whose values are set from outside: 1, 2 and 3 to begin with."""

    def __init__(self):
        self.values = {"0.weight": 1.0, "2.weight": 2.0, "3.weight": 3.0}
        self.n_calls = 0

    def __call__(self, matrix):
        self.n_calls += 1
        return self.values[matrix.ref.name]


def started(dial, module=None, optimizer=None, **settings_):
    module = module or tiny()
    groups = prescribe.layerwise_lr(module, 1.0, measure=dial, min_eigenvalues=2).groups
    optimizer = optimizer or torch.optim.SGD(groups)
    chosen = {"base_lr": 1.0, "n_steps": 100, "low": 1.0, "high": 3.0, "interval": 10, "ramp": 4} | settings_
    return optimizer, LayerwiseSchedule(optimizer, module, measure=dial, min_eigenvalues=2, **chosen)


def rates(optimizer):
    return {group["name"]: group["lr"] for group in optimizer.param_groups}


def run(optimizer, schedule, n_steps):
    """Rates at steps 0 … n_steps."""
    found = [rates(optimizer)]
    for _ in range(n_steps):
        optimizer.step()
        schedule.step()
        found.append(rates(optimizer))
    return found
