"""Ablation: the user's model is never changed, the numbers are right, and the verdict keeps its promises."""

from __future__ import annotations

import copy
import hashlib
from dataclasses import replace

import numpy as np
import pytest
import torch
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st
from spectral_widgets.probing import probes
from spectral_widgets.probing.ablation import ablate, ablate_steps, n_steps
from spectral_widgets.probing.divergence import js_divergence, log_probabilities
from spectral_widgets.probing.plans import EDIT_NAMES, edit_for, plan_for
from spectral_widgets.probing.verdict import MIN_PROBES, rule_of, running_interval, track_of, verdict_of
from spectral_widgets.records import ChangeEntries, Complaint, Entry, MatchedControl, RemoveTrap, SubtractMean
from spectral_widgets.spectra.edits import edited
from spectral_widgets.spectra.traps import find_traps
from spectral_widgets.weights import open_model
from torch import nn
from torch.nn.utils import parametrizations, parametrize

# ---- models

SMALL = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 24}
LLAMA = {**SMALL, "vocab_size": 40, "bos_token_id": 0, "eos_token_id": 1}


def mlp(dtype=torch.float32) -> nn.Module:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(12, 20), nn.ReLU(), nn.Dropout(0.5), nn.Linear(20, 5))
    return net.to(dtype)


class BatchNormed(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.first, self.norm, self.last = nn.Linear(12, 16), nn.BatchNorm1d(16), nn.Linear(16, 4)

    def forward(self, x):
        return self.last(self.norm(self.first(x)).relu())


def tied_llama() -> nn.Module:
    torch.manual_seed(2)
    return transformers.LlamaForCausalLM(transformers.LlamaConfig(**LLAMA, tie_word_embeddings=True))


def gpt2() -> nn.Module:
    torch.manual_seed(2)
    sizes = {"vocab_size": 40, "n_positions": 32, "n_embd": 16, "n_layer": 1, "n_head": 2}
    return transformers.GPT2LMHeadModel(transformers.GPT2Config(**sizes, bos_token_id=0, eos_token_id=1))


def bert() -> nn.Module:
    torch.manual_seed(3)
    return transformers.BertModel(transformers.BertConfig(vocab_size=40, **SMALL))


def conv() -> nn.Module:
    torch.manual_seed(4)
    return nn.Sequential(nn.Conv2d(2, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 16, 3))


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(5)
        self.cells, self.last = nn.LSTM(12, 10, batch_first=True), nn.Linear(10, 4)

    def forward(self, x):
        return self.last(self.cells(x[:, None])[0][:, -1])


def parametrised(kind) -> nn.Module:
    net = mlp()
    kind(net[0])
    return net


VECTORS = probes.gaussian_vectors(n=10, size=12, seed=1)
TOKENS = probes.random_tokens(n=6, length=5, seed=1, vocabulary_size=40)
IMAGES = probes.gaussian_images(n=6, shape=(2, 6, 6), seed=1)
#: name: (maker, layer to edit, probe)
MODELS = {
    "mlp": (mlp, "0.weight", VECTORS),
    "float64": (lambda: mlp(torch.float64), "0.weight", VECTORS),
    "bfloat16": (lambda: mlp(torch.bfloat16), "0.weight", VECTORS),
    "float16": (lambda: mlp(torch.float16), "3.weight", VECTORS),
    "batch norm, training": (lambda: BatchNormed().train(), "first.weight", VECTORS),
    "weight norm": (lambda: parametrised(parametrizations.weight_norm), "0.weight", VECTORS),
    "orthogonal": (lambda: parametrised(parametrizations.orthogonal), "0.weight", VECTORS),
    "spectral norm": (lambda: parametrised(parametrizations.spectral_norm), "0.weight", VECTORS),
    "convolution": (conv, "0.weight", IMAGES),
    "lstm": (Recurrent, "cells.weight_ih_l0", VECTORS),
    "tied llama": (tied_llama, "model.embed_tokens.weight", TOKENS),
    "gpt2": (gpt2, "transformer.h.0.mlp.c_fc.weight", TOKENS),
    "bert": (bert, "encoder.layer.0.output.dense.weight", TOKENS),
}


def whole_state(module: nn.Module) -> str:
    """Parameters, buffers, gradients, flags, hooks, identities, and both global random generators."""
    digest = hashlib.sha256()
    for name, tensor in [*module.named_parameters(remove_duplicate=False), *module.named_buffers()]:
        digest.update(f"{name} {id(tensor)} {tensor.requires_grad} {tensor.dtype} {tensor.grad is None}".encode())
        digest.update(tensor.detach().contiguous().view(-1).view(torch.uint8).numpy().tobytes())
    for name, part in module.named_modules():
        hooks = [len(getattr(part, key)) for key in ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks")]
        digest.update(f"{name} {type(part)} {id(part)} {part.training} {hooks} {sorted(part.__dict__)}".encode())
        if parametrize.is_parametrized(part):
            # Each parametrised module has a class of its own whose properties compute the weights.
            digest.update(repr(sorted(key for key in vars(type(part)) if not key.startswith("__"))).encode())
    digest.update(torch.get_rng_state().numpy().tobytes())
    digest.update(np.random.get_state()[1].tobytes())  # noqa: NPY002
    return digest.hexdigest()


def opened(name: str, n_controls: int = 2, batch_size: int = 4):
    make, layer, probe = MODELS[name]
    module = make()
    model = open_model(module)
    matrix = model.read(layer)
    edit = ChangeEntries(matrix.ref, (Entry(1, 2, 0.0, 0.0), Entry(0, 1, 0.0, 0.0)))
    return module, model, plan_for(edit, probe, n_controls=n_controls, batch_size=batch_size)


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
    """Raises at the k-th call of all its copies together."""

    def __init__(self, at: int, error: BaseException):
        super().__init__()
        torch.manual_seed(0)
        self.inner, self.calls, self.at, self.error = nn.Linear(12, 5), [0], at, error

    def __deepcopy__(self, memo):
        twin = Fails(self.at, self.error)
        twin.inner, twin.calls = copy.deepcopy(self.inner, memo), self.calls
        return twin

    def forward(self, x):
        self.calls[0] += 1
        if self.calls[0] == self.at:
            raise self.error
        return self.inner(x)


@pytest.mark.parametrize("at", range(1, 9))
def test_a_model_that_fails_at_any_call_is_left_as_it_was(at):
    module = Fails(at, RuntimeError("mat1 and mat2 disagree"))
    model = open_model(module)
    plan = plan_for(SubtractMean(model.ref("inner.weight")), VECTORS, n_controls=2, batch_size=5)
    state = torch.get_rng_state()
    before = whole_state(module)
    with pytest.raises(Complaint, match=r"Fails failed on .*\(10|5, 12\).*mat1 and mat2 disagree"):
        ablate(model, plan)
    assert module.calls == [at]
    torch.set_rng_state(state)
    assert whole_state(module) == before


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


# ---- the numbers


@pytest.mark.parametrize("name", MODELS)
def test_no_change_gives_exactly_zero(name):
    _, model, plan = opened(name, n_controls=1)
    nothing = ChangeEntries(plan.edit.layer, ())
    result = ablate(model, plan_for(nothing, plan.probe, n_controls=1, batch_size=3))
    assert (result.edit.values == 0).all()
    assert (result.controls[0].values == 0).all()
    assert result.verdict.word != "harmful"


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
        for one, other in zip(
            [results[0].edit, *results[0].controls], [result.edit, *result.controls], strict=True
        ):
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
    found = [ablate(model, plan_for(edit, probes.batch(data), n_controls=1, batch_size=4)).edit.values for data in forms]
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
    model = replace(open_model(mlp()), forward=lambda module, x: module(x) / (module[0].weight[1, 2] != 0))
    edit = ChangeEntries(model.ref("0.weight"), (Entry(1, 2, 0.0, 0.0),))
    module = model.module
    with torch.no_grad():
        module[0].weight[1, 2] = 5.0
        module[0].weight -= module[0].weight.mean() - 1e-9
    matrix = model.read("0.weight")
    if edited(edit, matrix)[1, 2].astype(np.float32) == 0:
        with pytest.raises(Complaint, match="change 1 named entry"):
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


def trapped_model():
    module = mlp(torch.float64)
    with torch.no_grad():
        module[0].weight[3, 4] = 8.0
        module[0].weight += 0.5
    model = open_model(module)
    return module, model, find_traps(model.read("0.weight"), [0])


@pytest.mark.parametrize("name", EDIT_NAMES)
def test_controls_and_companions_are_as_many_as_planned(name):
    _, model, scan = trapped_model()
    trap = next(trap for trap in scan.traps if trap.culprits)
    plan = plan_for(edit_for(trap, name), VECTORS, trap=trap, n_controls=4, seed=2, batch_size=5)
    result = ablate(model, plan)
    assert [track.label for track in result.controls] == [f"matched control {k}" for k in (1, 2, 3, 4)]
    labels = [result.edit.label, *(track.label for track in result.companions)]
    assert len(labels) == len(set(labels)) == 5
    assert {control.seed for control in plan.controls} == {2000, 2001, 2002, 2003}
    tracks = [result.edit, *result.companions, *result.controls]
    assert {len(track.values) for track in tracks} == {VECTORS.n}
    again = ablate(model, plan)
    assert all((a.values == b.values).all() for a, b in zip(tracks, [again.edit, *again.companions, *again.controls], strict=True))


def test_a_run_in_progress_holds_complete_batches_only():
    _, model, scan = trapped_model()
    plan = plan_for(RemoveTrap(scan.traps[0]), VECTORS, n_controls=2, batch_size=4)
    sizes = []
    for step in ablate_steps(model, plan):
        tracks = [step.edit, *step.companions, *step.controls]
        assert len({len(track.values) for track in tracks}) == 1
        sizes.append(step.n_done)
    assert sorted(set(sizes)) == [0, 4, 8, 10]
    assert sizes == sorted(sizes)


def test_plans_that_cannot_be_are_refused():
    _, _, scan = trapped_model()
    edit = RemoveTrap(scan.traps[0])
    with pytest.raises(Complaint, match="matched control is not an edit"):
        plan_for(MatchedControl(edit, 0), VECTORS)
    with pytest.raises(Complaint, match="at least one probe"):
        plan_for(edit, replace(VECTORS, n=0))
    with pytest.raises(Complaint, match="no negative number"):
        plan_for(edit, VECTORS, n_controls=-1)


# ---- the verdict on planted truth


class HangsOnOneWeight(nn.Module):
    """Class scores that one giant weight of the first layer decides; or, with ``dead``, that ignore its unit."""

    def __init__(self, dead: bool):
        super().__init__()
        torch.manual_seed(0)
        self.first, self.last = nn.Linear(40, 60, bias=False), nn.Linear(60, 4)
        with torch.no_grad():
            self.first.weight.normal_(0, 0.05)
            self.first.weight[7, 5] = 3.0
            self.last.weight.normal_(0, 0.3)
            self.last.weight[:, 7] = 0.0 if dead else torch.tensor([3.0, -3.0, 1.0, -1.0])
        self.double()

    def forward(self, x):
        return self.last(self.first(x))


def verdict_on(dead: bool, name: str):
    model = open_model(HangsOnOneWeight(dead))
    scan = find_traps(model.read("first.weight"), [0])
    [trap] = scan.traps
    assert [(entry.row, entry.column) for entry in trap.culprits] == [(7, 5)]
    probe = probes.gaussian_vectors(n=64, size=40, seed=0)
    return ablate(model, plan_for(edit_for(trap, name), probe, trap=trap, n_controls=19, seed=1, batch_size=32))


def test_a_weight_that_decides_the_output_is_harmful_to_change():
    result = verdict_on(dead=False, name="change_entries")
    assert result.verdict.word == "harmful"
    assert result.edit.mean[-1] > max(track.mean[-1] for track in result.controls)
    assert "More than any matched control" in result.verdict.reason


def test_a_weight_of_a_dead_unit_is_benign_to_change():
    result = verdict_on(dead=True, name="change_entries")
    assert (result.edit.values == 0).all()
    assert result.verdict.word == "benign"


# ---- intervals and verdicts by simulation


def test_the_running_interval_is_student_s_at_every_length():
    values = np.random.default_rng(0).normal(3.0, 2.0, 30)
    mean, low, high = running_interval(values)
    assert (low[0], high[0]) == (-np.inf, np.inf)
    from scipy.stats import t as student
    from scipy.stats import ttest_1samp

    for k in range(2, 31):
        interval = ttest_1samp(values[:k], 0).confidence_interval(0.95)
        assert (low[k - 1], high[k - 1]) == pytest.approx((interval.low, interval.high), rel=1e-9)
        assert mean[k - 1] == pytest.approx(values[:k].mean())
    assert student.ppf(0.975, 29) > 2


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.sampled_from([0.25, 8.0]))
def test_interval_laws(values, scale):
    values = np.array(values)
    mean, low, high = running_interval(values)
    assert (low <= mean).all()
    assert (mean <= high).all()
    scaled = running_interval(scale * values)
    np.testing.assert_allclose(scaled[0], scale * mean, rtol=1e-9, atol=1e-9)
    assert len(running_interval(np.empty(0))[0]) == 0
    np.testing.assert_allclose(running_interval(np.full(5, values[0]))[1][1:], values[0])


@pytest.mark.parametrize("n", [8, 32])
def test_the_interval_covers_the_mean_in_95_percent_of_cases(n):
    rng = np.random.default_rng(n)
    covered = 0
    for _ in range(2000):
        _, low, high = running_interval(rng.normal(1.0, 3.0, n))
        covered += bool(low[-1] <= 1.0 <= high[-1])
    assert abs(covered / 2000 - 0.95) < 3 * np.sqrt(0.95 * 0.05 / 2000)


@pytest.mark.parametrize("n_controls", [4, 19])
def test_an_edit_drawn_like_a_control_is_called_harmful_at_most_once_in_k_plus_1(n_controls):
    rng = np.random.default_rng(n_controls)
    n_trials, harmful = 1500, 0
    for _ in range(n_trials):
        # Every edit has a size of its own, every probe a sensitivity that all edits share.
        sizes = np.exp(rng.normal(0, 0.5, n_controls + 1))
        values = sizes[:, None] * rng.gamma(2.0, 0.5, 24) * rng.gamma(4.0, 0.25, (n_controls + 1, 24))
        edit, *controls = (track_of("x", row) for row in values)
        harmful += verdict_of(edit, controls).word == "harmful"
    limit = 1 / (n_controls + 1)
    assert harmful / n_trials <= limit + 3 * np.sqrt(limit * (1 - limit) / n_trials)
    assert harmful > 0


def tracks(*means: float, n: int = 20, spread: float = 0.1):
    rng = np.random.default_rng(0)
    return [track_of(str(k), mean + spread * rng.standard_normal(n)) for k, mean in enumerate(means)]


def test_verdict_laws():
    strong, weak, middle = tracks(5.0, 1.0, 3.0)
    assert verdict_of(strong, [weak, middle]).word == "harmful"
    assert verdict_of(weak, [strong, middle]).word == "benign"
    assert verdict_of(middle, [strong, weak]).word == "benign"
    near, nearer = tracks(1.0, 1.0, spread=1.0)
    assert verdict_of(near, [nearer]).word == "undecided"
    assert verdict_of(strong, []).word == "undecided"
    few = tracks(5.0, 1.0, n=MIN_PROBES - 1)
    assert verdict_of(few[0], few[1:]).word == "undecided"
    assert verdict_of(track_of("x", np.empty(0)), [track_of("y", np.empty(0))]).word == "undecided"
    zero = track_of("x", np.zeros(20))
    assert verdict_of(zero, [zero, zero]).word == "benign"
    for edit, controls in [(strong, [weak, middle]), (weak, [strong])]:
        verdict = verdict_of(edit, controls)
        assert verdict.rule == rule_of(len(controls))
        assert str(len(controls)) in verdict.rule
        # The order of the controls does not matter, and one more weak control never makes it harmful.
        assert verdict_of(edit, controls[::-1]) == verdict
    assert verdict_of(strong, [weak, middle, tracks(9.0)[0]]).word == "benign"
