"""Every long call tells how far it is, and hands out what it found when it is stopped."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import product

import numpy as np
import pandas as pd
import pytest
import spectral_widgets as sw
import torch
from spectral_widgets import api_metrics, api_work
from spectral_widgets.jobs import progress_of
from spectral_widgets.jobs.telling import Silent
from spectral_widgets.records import ChangeEntries, Interrupted
from torch import nn

from .architectures import build
from .pages import trapped_module
from .planting import noise, weight_matrix

MATRIX = weight_matrix(noise((60, 40), 1))
LARGE = weight_matrix(noise((400, 300), 2))
KERNEL = sw.open_model(nn.Conv2d(12, 16, 3)).layers[0]
FEW = {"min_eigenvalues": 2}
N_LAYERS = 3


def chain(seed):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 7), nn.ReLU(), nn.Linear(7, 3))


@pytest.fixture(scope="module")
def model():
    return sw.open_model(trapped_module(), outputs="logits")


@pytest.fixture(scope="module")
def trap(model):
    return sw.find_traps(model.layers[0], range(2)).traps[0]


CALLS = {
    "tail_bootstrap": (lambda model, trap, **how: api_metrics.tail_bootstrap(MATRIX, 12, **how), 12),
    "reference_test": (lambda model, trap, **how: sw.reference_test(MATRIX, seeds=range(9), **how), 9),
    "tracy-widom": (lambda model, trap, **how: sw.reference_test(MATRIX, "tracy-widom", **how), 1),
    "self_averaging": (lambda model, trap, **how: sw.self_averaging(MATRIX, range(6), **how), 5),
    "compare": (lambda model, trap, **how: sw.compare(model, model, **how), N_LAYERS),
    "align": (lambda model, trap, **how: sw.align(chain(1), chain(2), **how), 2 + 3),
    "dose_response": (lambda model, trap, **how: sw.dose_response(model, trap, (0.0, 2.0), n_probes=64, **how), None),
    "attribute": (
        lambda model, trap, **how: sw.attribute(model, ChangeEntries(trap.layer, trap.culprits), n_probes=64, **how),
        None,
    ),
    "farms": (lambda model, trap, **how: sw.farms(MATRIX, 20, windows=3, **how), 9),
    "farms of a kernel": (lambda model, trap, **how: sw.farms(KERNEL, **how), 9),
    "estimate_spectrum": (lambda model, trap, **how: sw.estimate_spectrum(LARGE, 10, 12, **how), 64 + 2 * 13),
    "composition_scores": (lambda model, trap, **how: sw.composition_scores(build("gpt2"), **how), None),
    "measured_layers": (lambda model, trap, **how: sw.prescribe.measured_layers(model, **FEW, **how), N_LAYERS),
    "layerwise_lr": (lambda model, trap, **how: sw.prescribe.layerwise_lr(model, 0.1, **FEW, **how), N_LAYERS),
    "weight_decay": (
        lambda model, trap, **how: sw.prescribe.layerwise_weight_decay(model, 0.1, **FEW, **how),
        N_LAYERS,
    ),
    "sparsity": (lambda model, trap, **how: sw.prescribe.layerwise_sparsity(model, 0.5, **FEW, **how), N_LAYERS),
    "finetuning": (lambda model, trap, **how: sw.prescribe.layers_to_finetune(model, **how), N_LAYERS),
}


@pytest.mark.parametrize("name", CALLS)
def test_it_tells_how_far_it_is_up_to_the_end(model, trap, name):
    call, n_steps = CALLS[name]
    heard = []
    told = call(model, trap, progress=heard.append)
    assert heard[0].done == 0
    assert heard[-1].done == heard[-1].total == (n_steps or heard[-1].total) > 0
    assert [one.done for one in heard] == sorted(one.done for one in heard)
    silent = call(model, trap, progress=False)
    if isinstance(told, pd.DataFrame):
        pd.testing.assert_frame_equal(told, silent)
    else:
        assert repr(told) == repr(silent)


class AfterTwo(Silent):
    """Somebody presses Cancel after two results."""

    def __init__(self):
        self.stop_requested = False

    def tell(self, tally):
        self.stop_requested = tally.done >= 2


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("tail_bootstrap", lambda part: len(part.distances) == 2),
        ("reference_test", lambda part: len(part.maxima) == 2),
        ("self_averaging", lambda part: part.seeds == (0, 1, 2)),
        ("farms", lambda part: len(part.window_alphas) == 2),
        ("composition_scores", lambda part: set(part["reader_depth"]) <= {0, 1}),
        ("layerwise_lr", lambda part: len(part) == 2),
        ("align", lambda part: len(part.permutations) == 2 and "of 0 of 3 layers" in part.caveat),
        ("compare", lambda part: len(part) == 2 and "compared" in part.attrs["sentence"]),
    ],
)
def test_what_was_found_is_kept_when_it_is_stopped(model, trap, name, found, monkeypatch):
    monkeypatch.setattr(api_work, "listener_for", lambda progress: AfterTwo())
    with pytest.raises(Interrupted, match="was stopped") as stopped:
        CALLS[name][0](model, trap)
    assert found(stopped.value.partial)


def test_traps_are_edited_together_on_an_executor_as_here():
    module = trapped_module()
    values = noise((40, 30), 3)
    values[[3, 9], [4, 11]] = 12.0
    module[0].weight.data = torch.tensor(values, dtype=torch.float32)
    model = sw.open_model(module, outputs="logits")
    traps = sw.find_traps(model.layers["0.weight"], [0]).traps[:2]
    assert len(traps) == 2
    asked, heard = {"n_probes": 32, "n_controls": 2}, []
    here = sw.ablate_together(model, traps, progress=heard.append, **asked)
    with ThreadPoolExecutor(2) as pool:
        there = sw.ablate_together(model, traps, executor=pool, progress=False, **asked)
    assert heard[-1].done == heard[-1].total
    np.testing.assert_allclose(there.edit.values, here.edit.values, rtol=1e-6)


def test_nothing_is_left_when_the_rest_is_just_used_up_whatever_the_rounding():
    now = np.cumsum([1.5234375, 59.5234375, 99.34375, 0.1]).tolist()
    for done, elapsed in product(now[:-1], (now[-1], np.nextafter(now[-1], 0), np.nextafter(now[-1], 999))):
        assert 0 <= progress_of(done, now[-1], elapsed, since_s=elapsed - done).remaining_s < 1e-9
