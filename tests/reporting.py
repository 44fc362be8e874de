"""Reports to test with: a small one of the network that ships, and one of ten layers; made in seconds, once."""

from __future__ import annotations

from functools import cache

import spectral_widgets as sw
import torch
from spectral_widgets.api_report import report
from spectral_widgets.findings import ReportDocument
from torch import nn

N_LAYERS = 10


def network(n_layers: int = N_LAYERS, width: int = 96, seed: int = 0) -> nn.Sequential:
    """Generated layers of ``width``×``width``; every second one holds a giant entry, every fifth a mean offset."""
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        layers = [nn.Linear(width, width, bias=False) for _ in range(n_layers)]
    for k, layer in enumerate(layers):
        values = torch.randn(width, width, generator=generator) / width**0.5
        if k % 2 == 0:
            values[k, 3 * k + 1] = 6.0
        if k % 5 == 4:
            values += 0.05
        layer.weight = nn.Parameter(values)
    return nn.Sequential(*layers)


@cache
def ten_layers(ablate: bool = True) -> ReportDocument:
    """A report of ten generated layers of 96×96 with traps in most of them, each strongest one ablated."""
    model = sw.open_model(network(), name="ten layers")
    settings = {"seeds": range(3), "n_probes": 32, "n_controls": 6, "cache": False, "progress": False}
    return report(model, ablate=ablate, **settings)


@cache
def digits(ablate: bool = True, seed: int = 0) -> ReportDocument:
    """A report of the digits network as it ships, its strongest traps ablated."""
    seeds = range(seed, seed + 3)
    settings = {"n_probes": 32, "n_controls": 6, "cache": False, "progress": False}
    return report(sw.digits_mlp(), ablate=ablate, seeds=seeds, **settings)
