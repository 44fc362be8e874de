"""The numbers of an ablation: zero for no change, equal to an edit by hand, blind to batches."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from spectral_widgets.probing import probes
from spectral_widgets.probing.ablation import ablate, ablate_steps
from spectral_widgets.probing.changes import js_divergence
from spectral_widgets.probing.divergence import log_probabilities
from spectral_widgets.probing.plans import plan_for
from spectral_widgets.records import ChangeEntries, Entry, SubtractMean
from spectral_widgets.spectra.edits import edited
from spectral_widgets.weights import open_model
from torch import nn
from torch.nn.utils import parametrize

from .subjects import IMAGES, MODELS, TOKENS, VECTORS, mlp, opened, tied_llama

# ---- the numbers


@pytest.mark.parametrize("name", MODELS)
def test_no_change_gives_exactly_zero(name):
    _, model, plan = opened(name, n_controls=1)
    nothing = ChangeEntries(plan.edit.layer, ())
    result = ablate(model, plan_for(nothing, plan.probe, n_controls=1, batch_size=3))
    assert (result.edit.values == 0).all()
    assert (result.controls[0].values == 0).all()
    assert result.verdict.word != "active"


@pytest.mark.parametrize("name", MODELS)
def test_a_model_edited_by_hand_gives_the_same_values(name):
    make, layer, probe = MODELS[name]
    _, model, plan = opened(name)
    result = ablate(model, plan)
    own, other = make().eval(), make().eval()
    owner_name, _, leaf = layer.rpartition(".")
    owner = other.get_submodule(owner_name)
    value = torch.from_numpy(edited(plan.edit, model.read(layer)))
    if parametrize.is_parametrized(owner):
        parametrize.remove_parametrizations(owner, leaf)
    with torch.no_grad():
        getattr(owner, leaf).copy_(value)
        dtype = next(own.parameters()).dtype
        inputs = probes.batches(probe, 0, probe.n, torch.device("cpu"), dtype)
        outputs = [part(inputs) for part in (own, other)]
    if name == "bert":
        a, b = (part.last_hidden_state.double().reshape(probe.n, -1) for part in outputs)
        expected = ((b - a).norm(dim=1) / a.norm(dim=1)).numpy()
        assert result.measure == "relative_change"
        assert result.edit.cosine is not None
    else:
        a, b = (log_probabilities(getattr(part, "logits", part)) for part in outputs)
        expected = js_divergence(a, b).reshape(probe.n, -1).mean(1).numpy()
        assert result.measure == "divergence_nats"
        assert result.edit.cosine is None
    # Another batch size rounds otherwise, by about the square root of the precision in a divergence.
    loose = {torch.bfloat16: 0.3, torch.float16: 0.1, torch.float64: 1e-9}.get(dtype, 1e-3)
    np.testing.assert_allclose(result.edit.values, expected, rtol=loose, atol=1e-5 if loose > 0.01 else 1e-11)


def test_results_do_not_depend_on_the_batch_size():
    model = open_model(mlp(torch.float64))
    edit = ChangeEntries(model.ref("0.weight"), (Entry(1, 2, 0.0, 0.0),))
    results = [ablate(model, plan_for(edit, VECTORS, n_controls=3, batch_size=size)) for size in (1, 3, 7, 10, 64)]
    for result in results[1:]:
        for one, other in zip([results[0].edit, *results[0].controls], [result.edit, *result.controls], strict=True):
            np.testing.assert_allclose(one.values, other.values, rtol=1e-9, atol=1e-14)


def test_probes_are_the_same_whatever_the_batches_and_differ_by_seed():
    cpu = torch.device("cpu")
    for probe in (VECTORS, TOKENS, IMAGES):
        whole = probes.batches(probe, 0, 6, cpu, torch.float32)
        parts = torch.cat([probes.batches(probe, k, k + 2, cpu, torch.float32) for k in (0, 2, 4)])
        assert torch.equal(whole, parts)
        assert not torch.equal(whole, probes.batches(replace(probe, seed=2), 0, 6, cpu, torch.float32))
        assert len({row.numpy().tobytes() for row in whole}) == 6


def test_a_tied_weight_is_edited_at_both_ends():
    _, model, plan = opened("tied llama")
    assert "lm_head.weight" in model.tied
    twin = tied_llama().eval()
    value = torch.from_numpy(edited(plan.edit, model.read("model.embed_tokens.weight"))).float()
    with torch.no_grad():
        tokens = probes.batches(TOKENS, 0, 6, torch.device("cpu"), torch.float32)
        before = log_probabilities(twin(tokens).logits)
        twin.model.embed_tokens.weight.copy_(value)
        assert twin.lm_head.weight is twin.model.embed_tokens.weight
        both = js_divergence(before, log_probabilities(twin(tokens).logits)).mean(1)
    np.testing.assert_allclose(ablate(model, plan).edit.values, both.numpy(), rtol=1e-3, atol=1e-11)


def test_batch_norm_in_training_mode_is_run_with_its_running_statistics():
    module, model, plan = opened("batch norm, training")
    again = open_model(copy.deepcopy(module).eval())
    assert module.training
    np.testing.assert_array_equal(ablate(model, plan).edit.values, ablate(again, plan).edit.values)


class WritesToItsInput(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.inner = nn.Linear(12, 5)

    def forward(self, x):
        return self.inner(x.add_(1.0))


def test_a_model_that_writes_to_its_input_spoils_neither_the_user_s_batch_nor_the_comparison():
    model = open_model(WritesToItsInput())
    data = torch.randn(9, 12, generator=torch.Generator().manual_seed(0))
    before = data.clone()
    nothing = ChangeEntries(model.ref("inner.weight"), ())
    result = ablate(model, plan_for(nothing, probes.batch(data), n_controls=2, batch_size=4))
    assert torch.equal(data, before)
    assert (result.edit.values == 0).all()


def test_the_user_s_own_batch_as_tensor_array_and_mapping():
    _, model, _ = opened("gpt2")
    edit = SubtractMean(model.ref("transformer.h.0.mlp.c_fc.weight"))
    tokens = probes.batches(TOKENS, 0, 6, torch.device("cpu"), torch.float32)
    forms = [tokens, tokens.numpy(), {"input_ids": tokens, "attention_mask": torch.ones_like(tokens)}]
    found = [
        ablate(model, plan_for(edit, probes.batch(data), n_controls=1, batch_size=4)).edit.values for data in forms
    ]
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_allclose(found[0], found[2], rtol=1e-3, atol=1e-12)


def test_features_are_never_called_a_divergence():
    for name in ("bert",):
        _, model, plan = opened(name)
        assert {step.measure for step in ablate_steps(model, plan)} == {"relative_change"}


def test_masked_logits_are_compared():
    def masked(module, inputs):
        output = module(inputs)
        output[:, 0] = -torch.inf
        return output

    model = replace(open_model(mlp()), forward=masked)
    result = ablate(model, plan_for(SubtractMean(model.ref("0.weight")), VECTORS, n_controls=1, batch_size=4))
    assert np.isfinite(result.edit.values).all()
    assert (result.edit.values > 0).all()
