"""What goes wrong in an ablation gets a sentence; plans are as asked."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from spectral_widgets.probing import probes
from spectral_widgets.probing.ablation import ablate, ablate_steps
from spectral_widgets.probing.plans import EDIT_NAMES, edit_for, plan_for
from spectral_widgets.records import ChangeEntries, Complaint, Entry, MatchedControl, RemoveTrap, SubtractMean
from spectral_widgets.weights import open_model
from torch import nn

from .subjects import VECTORS, WIDE, mlp, trapped_model, whole_state

# ---- what goes wrong gets a sentence


class Hungry(nn.Module):
    def __init__(self, most: int, error: type[Exception] = torch.OutOfMemoryError):
        super().__init__()
        torch.manual_seed(0)
        self.inner, self.most, self.error, self.sizes = nn.Linear(12, 5), most, error, []

    def __deepcopy__(self, memo):
        twin = Hungry(self.most, self.error)
        twin.inner, twin.sizes = copy.deepcopy(self.inner, memo), self.sizes
        return twin

    def forward(self, x):
        self.sizes.append(len(x))
        if len(x) > self.most:
            raise self.error("CUDA out of memory. Tried to allocate 2.00 GiB")
        return self.inner(x)


@pytest.mark.parametrize("most", [1, 2, 3, 5])
@pytest.mark.parametrize("error", [torch.OutOfMemoryError, RuntimeError])
def test_out_of_memory_halves_the_batch_and_finishes(most, error):
    module = Hungry(most, error)
    model = open_model(module)
    edit = SubtractMean(model.ref("inner.weight"))
    result = ablate(model, plan_for(edit, VECTORS, n_controls=2, batch_size=8))
    assert result.is_complete
    assert max(size for size in module.sizes if size <= most) <= most
    assert sum(size > most for size in module.sizes) <= 3
    free = open_model(Hungry(100))
    expected = ablate(free, plan_for(SubtractMean(free.ref("inner.weight")), VECTORS, n_controls=2, batch_size=8))
    np.testing.assert_allclose(result.edit.values, expected.edit.values, rtol=1e-3, atol=1e-12)


def test_out_of_memory_with_a_single_input_is_a_sentence():
    model = open_model(Hungry(0))
    with pytest.raises(Complaint, match="Out of memory on cpu even with one input at a time"):
        ablate(model, plan_for(SubtractMean(model.ref("inner.weight")), VECTORS, n_controls=1, batch_size=8))


WRONG = {
    "wrong width": (None, probes.gaussian_vectors(n=4, size=7), r"Sequential failed on inputs of shape \(4, 7\)"),
    "text": (lambda module, x: "hello", VECTORS, "str"),
    "nothing": (lambda module, x: None, VECTORS, "NoneType"),
    "a dict without tensors": (lambda module, x: {"loss": 1.0}, VECTORS, "dict"),
    "a scalar": (lambda module, x: module(x).sum(), VECTORS, "gave 1 outputs for 4 inputs"),
    "one number for each input": (lambda module, x: module(x).sum(1), VECTORS, "no distribution over classes"),
    "an average over the batch": (lambda module, x: module(x).mean(0, keepdim=True), VECTORS, "gave 1 outputs for 4"),
    "NaN": (lambda module, x: module(x) * torch.nan, VECTORS, "NaN or infinity"),
    "infinity": (lambda module, x: module(x) + torch.inf, VECTORS, "NaN or infinity"),
    "a bug of the user": (lambda module, x: x.no_such_thing, VECTORS, "no_such_thing"),
}


@pytest.mark.parametrize("name", WRONG)
def test_outputs_and_inputs_that_cannot_be_used_get_a_sentence(name):
    forward, probe, words = WRONG[name]
    module = mlp()
    model = replace(open_model(module), forward=forward)
    before = whole_state(module)
    with pytest.raises(Complaint, match=words):
        ablate(model, plan_for(SubtractMean(model.ref("0.weight")), probe, n_controls=1, batch_size=4))
    assert whole_state(module) == before


def test_an_edit_that_breaks_the_model_says_which():
    def forward(module, inputs):
        return module(inputs) + torch.log(module[0].weight[1, 2] - 4)

    module = mlp()
    with torch.no_grad():
        module[0].weight[1, 2] = 5.0
    model = replace(open_model(module), forward=forward)
    edit = ChangeEntries(model.ref("0.weight"), (Entry(1, 2, 5.0, 0.0),))
    with pytest.raises(Complaint, match="the model after “change 1 named entry” contain NaN"):
        ablate(model, plan_for(edit, VECTORS, n_controls=1, batch_size=4))


def test_weights_without_a_module_say_what_is_missing(tmp_path):
    path = tmp_path / "weights.pt"
    torch.save(mlp().state_dict(), path)
    model = open_model(path)
    assert model.module is None
    with pytest.raises(Complaint) as caught:
        ablate(model, plan_for(SubtractMean(model.ref("0.weight")), VECTORS, n_controls=1))
    assert str(caught.value) == model.missing


def test_a_probe_of_bare_numbers_is_refused():
    for data in (3.0, [1, 2], torch.tensor(1.0)):
        with pytest.raises(Complaint, match="probe batch must be a tensor"):
            probes.batch(data)


# ---- plans


@pytest.mark.parametrize("name", EDIT_NAMES)
def test_controls_and_companions_are_as_many_as_planned(name):
    _, model, [scan, _] = trapped_model()
    trap = next(trap for trap in scan.traps if trap.culprits)
    plan = plan_for(edit_for(trap, name), WIDE, trap=trap, n_controls=4, seed=2, batch_size=5)
    result = ablate(model, plan)
    assert [track.label for track in result.controls] == [f"matched control {k}" for k in (1, 2, 3, 4)]
    labels = [result.edit.label, *(track.label for track in result.companions)]
    assert len(labels) == len(set(labels)) == 5
    assert {control.seed for control in plan.controls} == {2000, 2001, 2002, 2003}
    tracks = [result.edit, *result.companions, *result.controls]
    assert {len(track.values) for track in tracks} == {WIDE.n}
    again = ablate(model, plan)
    assert all(
        (a.values == b.values).all()
        for a, b in zip(tracks, [again.edit, *again.companions, *again.controls], strict=True)
    )


def test_a_run_in_progress_holds_complete_batches_only():
    _, model, [scan, _] = trapped_model()
    plan = plan_for(RemoveTrap(scan.traps[0]), WIDE, n_controls=2, batch_size=4)
    sizes = []
    for step in ablate_steps(model, plan):
        tracks = [step.edit, *step.companions, *step.controls]
        assert len({len(track.values) for track in tracks}) == 1
        sizes.append(step.n_done)
    assert sorted(set(sizes)) == [0, 4, 8, 10]
    assert sizes == sorted(sizes)


def test_plans_that_cannot_be_are_refused():
    _, _, [scan, _] = trapped_model()
    edit = RemoveTrap(scan.traps[0])
    with pytest.raises(Complaint, match="matched control is not an edit"):
        plan_for(MatchedControl(edit, 0), WIDE)
    with pytest.raises(Complaint, match="at least one input"):
        plan_for(edit, replace(WIDE, n=0))
    with pytest.raises(Complaint, match="n_controls=-1 does not do: give a whole number from 0 on"):
        plan_for(edit, WIDE, n_controls=-1)
