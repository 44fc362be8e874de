"""The same matrix in four precisions: every metric agrees within what rounding the weights can do.

Rounding changes every weight by at most half a unit in its last place: 6e-8, 5e-4 and 4e-3 of its size. Errors are
independent, so that sums over the matrix change by far less; what depends on single entries or on the smallest
singular values changes by about as much as the entries. The start of a power-law tail is chosen among the
eigenvalues and may jump to another one whose distance is as good: then α stays within its standard error.
"""

from math import isnan

import numpy as np
import pytest
import spectral_widgets as sw
import torch
from spectral_widgets import metrics

from .metric_subjects import ALL, matrix

# Largest change as a share of the value, and beside it.
TOLERANCES = {
    torch.float32: (2e-5, 2e-5),
    torch.float16: (4e-3, 1e-3),
    torch.bfloat16: (3e-2, 6e-3),
}
# Fits on a flat likelihood, and ranks of a distance among a few hundred draws.
LOOSE = {"student_t_freedom": 0.02, "tail_p_value": 0.1}


def learned(rng, shape):
    return 0.02 * rng.standard_normal(shape) + 0.01 * (
        rng.standard_normal((shape[0], 12)) * np.linspace(1, 3, 12) @ rng.standard_normal((12, shape[1]))
    )


SUBJECTS = {
    "noise": 0.02 * np.random.default_rng(1).standard_normal((300, 120)),
    "learned": learned(np.random.default_rng(1), (300, 120)),
    "heavy-tailed": 0.02 * np.random.default_rng(2).standard_t(4, (200, 160)),
}


def measured(values):
    return {one.metric: one.value for one in next(metrics.measure_steps([matrix(values)], "all", seeds=range(2)))}


def on_the_tail(metric):
    return any(kind.__name__.startswith("Tail") for kind in ALL[metric].evidence)


@pytest.fixture(scope="module")
def exact():
    return {name: measured(values) for name, values in SUBJECTS.items()}


@pytest.mark.parametrize("dtype", TOLERANCES, ids=str)
@pytest.mark.parametrize("name", SUBJECTS)
def test_every_metric_survives_rounding(exact, name, dtype):
    rounded = measured(torch.tensor(SUBJECTS[name]).to(dtype).float().numpy())
    relative, absolute = TOLERANCES[dtype]
    jumped = rounded["tail_size"] != exact[name]["tail_size"]
    if jumped:
        assert abs(rounded["alpha"] - exact[name]["alpha"]) < exact[name]["alpha_error"]
    far = {
        metric: (value, rounded[metric])
        for metric, value in exact[name].items()
        if not (jumped and on_the_tail(metric))
        and rounded[metric] != pytest.approx(value, rel=max(relative, LOOSE.get(metric, 0)), abs=absolute, nan_ok=True)
    }
    assert far == {}


def test_the_subjects_have_a_value_for_every_metric(exact):
    missing = {metric for metric in ALL if all(isnan(exact[name][metric]) for name in SUBJECTS)}
    assert missing == set()


DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else []), *(["mps"] if torch.mps.is_available() else [])]


@pytest.mark.parametrize("device", DEVICES)
def test_a_live_model_has_the_table_of_its_numbers_wherever_it_is(device):
    layer = torch.nn.Linear(120, 300, bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(SUBJECTS["learned"]))
    numbers = layer.weight.detach().numpy().copy()
    live, plain = (sw.measure(one, "all", seeds=range(2)).iloc[0] for one in (layer.to(device), [numbers]))
    assert layer.weight.device.type == device
    for metric in ALL:
        assert live[metric] == pytest.approx(plain[metric], rel=1e-12, nan_ok=True), metric
