"""Two artefacts of the published replacement test, planted, so that nobody is led astray by them.

An untrained 784-200-200-10 network with PyTorch's own start, planted defects, Gaussian inputs.
"""

from __future__ import annotations

import numpy as np
import pytest
import spectral_widgets as sw
import torch
from spectral_widgets.records import AddNoise, RemoveTrap
from torch import nn

N_PROBES = 300


def network(defect: str) -> nn.Module:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(784, 200), nn.ReLU(), nn.Linear(200, 200), nn.ReLU(), nn.Linear(200, 10)).double()
    with torch.no_grad():
        if defect == "mean":
            module[2].weight += 0.02
        else:
            module[2].weight[7, 5] = 1.5
        if defect == "dead unit":
            module[4].weight[:, 7] = 0.0
    return module


def measured(defect: str) -> dict[str, float]:
    model = sw.open_model(network(defect))
    trap = sw.find_traps(model.layers["2.weight"], [0]).traps[0]
    assert trap.cause == ("mean" if defect == "mean" else "entries")
    edits = {
        "replace": RemoveTrap(trap, "random"),
        "remove": RemoveTrap(trap, "zero"),
        "noise": AddNoise(trap),
    }
    probe = sw.probes.gaussian_vectors(n=N_PROBES, size=784, mean=0.1307, standard_deviation=0.3081)
    return {name: float(sw.ablate(model, edit, probe, n_controls=0).edit.mean[-1]) for name, edit in edits.items()}


def test_replacing_a_mean_offset_leaves_it_in_and_looks_inert_where_zeroing_does_not():
    found = measured("mean")
    assert found["remove"] > 50 * found["replace"]


def test_the_screen_says_so_and_the_verdicts_differ():
    model = sw.open_model(network("mean"))
    trap = sw.find_traps(model.layers["2.weight"], [0]).traps[0]
    probe = sw.probes.gaussian_vectors(n=200, size=784)
    replaced, removed = (
        sw.ablate(model, RemoveTrap(trap, replacement), probe, n_controls=19) for replacement in ("random", "zero")
    )
    assert removed.verdict.word == "active"
    assert replaced.verdict.word != "active"
    assert "mean offset" in replaced.caveat
    assert removed.caveat == ""


@pytest.mark.parametrize("defect", ["entry", "dead unit"])
def test_replacing_a_single_entry_measures_mostly_its_own_noise(defect):
    found = measured(defect)
    assert found["noise"] > 0.25 * found["replace"]
    if defect == "dead unit":
        # Zeroing shows that the entry does nothing; replacement reports the noise that it spread.
        assert found["remove"] < 0.3 * found["replace"]
        assert found["replace"] == pytest.approx(found["noise"], rel=0.1)
    assert np.isfinite(list(found.values())).all()
