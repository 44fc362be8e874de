"""Out of memory: a smaller batch, then one edit at a time, then a copy on the CPU; and half precision is told."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from spectral_widgets.probing.ablation import ablate, ablate_steps, part_steps, run_of
from spectral_widgets.probing.plans import plan_for
from spectral_widgets.probing.twin import cpu_copy_of
from spectral_widgets.records import SubtractMean
from spectral_widgets.weights import open_model
from torch import nn

from .subjects import VECTORS, mlp, opened, tied_llama, whole_state
from .test_ablation_errors import Hungry


class Roomy(nn.Module):
    """Takes so many rows at once, whether they are inputs or edits under vmap; any number on a copy that was moved."""

    def __init__(self, most: int):
        super().__init__()
        torch.manual_seed(0)
        self.inner, self.most = nn.Linear(12, 5), most

    def _apply(self, fn, recurse=True):
        self.most = 10**6
        return super()._apply(fn, recurse)

    def forward(self, x):
        y = self.inner(x)
        whole = torch._C._functorch.get_unwrapped(y) if torch._C._functorch.is_batchedtensor(y) else y
        if whole.numel() > 5 * self.most:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return y


def plan_of(model, **kwargs):
    return plan_for(SubtractMean(model.ref("inner.weight")), VECTORS, n_controls=7, batch_size=8, **kwargs)


@pytest.mark.parametrize("most", [1, 2, 5, 16])
def test_any_room_gives_the_same_and_the_caveat_tells_of_smaller_batches(most):
    model, free = open_model(Roomy(most)), open_model(Roomy(10**6))
    found, expected = ablate(model, plan_of(model)), ablate(free, plan_of(free))
    assert found.is_complete
    for one, other in zip([found.edit, *found.controls], [expected.edit, *expected.controls], strict=True):
        np.testing.assert_allclose(one.values, other.values, rtol=1e-3, atol=1e-12)
    assert expected.caveat == ""
    size = 8
    while size > most:
        size //= 2
    assert ("Out of memory on cpu: the batch is" in found.caveat) == (size < 8)
    assert ("the batch is 1 input now" in found.caveat) == (size == 1)


def test_a_copy_on_the_cpu_goes_on_where_the_device_stopped():
    module = Roomy(8)
    model, free = open_model(module), open_model(Roomy(10**6))
    run = run_of(model, plan_of(model))
    list(part_steps(run, 0, 4))
    before = whole_state(module)
    run.to_cpu()
    list(part_steps(run, 4, VECTORS.n))
    assert whole_state(module) == before
    assert module.most == 8
    found, expected = run.result(), ablate(free, plan_of(free))
    assert found.is_complete
    assert "a copy of the model on the CPU measured what follows the first 4 inputs" in found.caveat
    np.testing.assert_allclose(found.edit.values, expected.edit.values, rtol=1e-3, atol=1e-12)


def test_a_run_that_meets_the_end_of_memory_half_way_keeps_what_it_measured():
    module = Hungry(100)
    model = open_model(module)
    steps = ablate_steps(model, plan_for(SubtractMean(model.ref("inner.weight")), VECTORS, n_controls=2, batch_size=4))
    first = next(step for step in steps if step.n_done == 4)
    *_, last = steps
    np.testing.assert_array_equal(last.edit.values[:4], first.edit.values)


@pytest.mark.parametrize("make", [mlp, tied_llama])
def test_the_copy_shares_no_memory_and_ties_what_was_tied(make):
    module = make()
    twin = cpu_copy_of(module)
    own = dict(module.named_parameters(remove_duplicate=False))
    for name, parameter in twin.named_parameters(remove_duplicate=False):
        assert parameter.data_ptr() != own[name].data_ptr()
        assert torch.equal(parameter, own[name])
    assert len(list(twin.parameters())) == len(list(module.parameters()))


@pytest.mark.parametrize("name", ["bfloat16", "float16"])
def test_half_precision_is_kept_and_told(name):
    _, model, plan = opened(name)
    result = ablate(model, plan)
    assert result.precision == name
    assert f"The model runs in {name}, as it is" in result.caveat
    _, model, plan = opened("mlp")
    assert ablate(model, plan).caveat == ""


def test_autocast_around_a_run_does_not_reach_the_model():
    _, model, plan = opened("mlp")
    expected = ablate(model, plan)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = ablate(model, plan)
    # In bfloat16 hardly a digit would be left.
    np.testing.assert_allclose(found.edit.values, expected.edit.values, rtol=1e-4)
