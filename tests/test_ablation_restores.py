"""The user's model is never changed: not by success, failure, cancelling or an interrupt."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from spectral_widgets.probing import probes
from spectral_widgets.probing.ablation import ablate, ablate_steps, n_steps
from spectral_widgets.probing.plans import plan_for
from spectral_widgets.records import Complaint, SubtractMean
from spectral_widgets.weights import open_model
from torch import nn

from .subjects import MODELS, VECTORS, opened, whole_state

# ---- the user's model is left alone


@pytest.mark.parametrize("name", MODELS)
def test_a_finished_run_leaves_the_model_as_it_was_and_running(name):
    module, model, plan = opened(name)
    inputs = probes.batches(plan.probe, 0, 2, torch.device("cpu"), next(module.parameters()).dtype)
    before = whole_state(module)
    *_, last = ablate_steps(model, plan)
    assert whole_state(module) == before
    assert last.is_complete
    assert (last.edit.values > 0).any()
    # It still runs: a parametrisation that lost its property would fail here.
    module.eval()(inputs)


@pytest.mark.parametrize("name", ["mlp", "weight norm", "tied llama", "batch norm, training", "lstm"])
def test_closing_after_any_step_leaves_the_model_as_it_was(name):
    module, model, plan = opened(name, n_controls=1)
    before = whole_state(module)
    total = n_steps(plan)
    assert len(list(ablate_steps(model, plan))) == total
    for stop in range(total + 1):
        steps = ablate_steps(model, plan)
        for _ in range(stop):
            next(steps)
        steps.close()
        assert whole_state(module) == before


class Fails(nn.Module):
    """Raises at the k-th call of all its copies together, and ever after or just ``once``."""

    def __init__(self, at: int, error: BaseException, once: bool = False):
        super().__init__()
        torch.manual_seed(0)
        self.inner, self.calls, self.at, self.error, self.once = nn.Linear(12, 5), [0], at, error, once

    def __deepcopy__(self, memo):
        twin = Fails(self.at, self.error, self.once)
        twin.inner, twin.calls = copy.deepcopy(self.inner, memo), self.calls
        return twin

    def forward(self, x):
        self.calls[0] += 1
        if self.calls[0] == self.at or (self.calls[0] > self.at and not self.once):
            raise self.error
        return self.inner(x)


@pytest.mark.parametrize("at", range(1, 8))
def test_a_model_that_fails_at_any_call_is_left_as_it_was(at):
    module = Fails(at, RuntimeError("mat1 and mat2 disagree"))
    model = open_model(module)
    plan = plan_for(SubtractMean(model.ref("inner.weight")), VECTORS, n_controls=2, batch_size=5)
    state = torch.get_rng_state()
    before = whole_state(module)
    with pytest.raises(Complaint, match=r"Fails failed on .*\(5, 12\).*mat1 and mat2 disagree"):
        ablate(model, plan)
    assert module.calls[0] >= at
    torch.set_rng_state(state)
    assert whole_state(module) == before


def test_a_model_that_fails_once_where_edits_run_together_is_run_one_by_one():
    module, calm = Fails(4, RuntimeError("once"), once=True), Fails(10**6, RuntimeError())
    plans = [
        plan_for(SubtractMean(model.ref("inner.weight")), VECTORS, n_controls=2, batch_size=5)
        for model in map(open_model, (module, calm))
    ]
    found, expected = (ablate(open_model(part), plan) for part, plan in zip((module, calm), plans, strict=True))
    np.testing.assert_allclose(found.edit.values, expected.edit.values, rtol=1e-4)


@pytest.mark.parametrize("at", [1, 2, 3, 5])
def test_an_interrupt_inside_forward_passes_through_and_leaves_the_model_as_it_was(at):
    module = Fails(at, KeyboardInterrupt())
    model = open_model(module)
    plan = plan_for(SubtractMean(model.ref("inner.weight")), VECTORS, n_controls=2, batch_size=5)
    state = torch.get_rng_state()
    before = whole_state(module)
    with pytest.raises(KeyboardInterrupt):
        ablate(model, plan)
    torch.set_rng_state(state)
    assert whole_state(module) == before
