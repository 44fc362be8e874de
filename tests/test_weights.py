"""Layers of live modules: names, unfolding, ties, precision, digests, and a module left as it was."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from spectral_widgets.records import Complaint
from spectral_widgets.weights import open_model
from torch import nn
from torch.nn.utils import parametrizations

from .architectures import build


def state_hash(module: nn.Module) -> str:
    """Every parameter, buffer and mode flag."""
    digest = hashlib.sha256()
    for name, tensor in module.state_dict().items():
        digest.update(name.encode() + tensor.contiguous().view(-1).view(torch.uint8).numpy().tobytes())
    digest.update(repr([child.training for child in module.modules()]).encode())
    digest.update(repr([parameter.requires_grad for parameter in module.parameters()]).encode())
    return digest.hexdigest()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(2, 5), min_size=2, max_size=4), st.integers(0, 2**31 - 1))
def test_folding_the_matrix_gives_the_tensor_back(shape, seed):
    module = nn.Module()
    values = np.random.default_rng(seed).normal(size=shape).astype("float32")
    module.weight = nn.Parameter(torch.tensor(values))
    matrix = open_model(module).read("weight")
    assert matrix.values.shape == (matrix.ref.n_rows, matrix.ref.n_cols)
    assert matrix.ref.n_rows >= matrix.ref.n_cols
    np.testing.assert_array_equal(matrix.unfolding.fold(matrix.values), values)


@pytest.mark.parametrize("architecture", ["bert", "gpt2", "vit", "torch", "mixed"])
def test_looking_at_a_module_changes_nothing_in_it(architecture):
    module = build(architecture)
    module.train()
    module.register_buffer("steps", torch.zeros(3, 3))
    next(module.children()).eval()
    before = state_hash(module)
    model = open_model(module)
    model.fingerprint()
    for layer in model.layers:
        if not layer.caveat and layer.kind != "other":
            layer.read().values[...] = 7.0
    assert state_hash(module) == before


@pytest.mark.parametrize("wrap", [parametrizations.spectral_norm, parametrizations.weight_norm])
def test_parametrised_weight_is_the_computed_one_and_its_buffers_rest(wrap):
    torch.manual_seed(0)
    module = nn.Sequential(wrap(nn.Linear(6, 4)))
    module.train()
    before = state_hash(module)
    model = open_model(module)
    matrix = model.read("0.weight")
    assert state_hash(module) == before
    assert model.layers.names == ["0.weight"]
    assert model.layers[0].kind == "linear"
    module.eval()
    with torch.no_grad():
        np.testing.assert_array_equal(matrix.unfolding.fold(matrix.values), module[0].weight.numpy())


def test_tied_weights_appear_once_and_say_so():
    model = open_model(build("gpt2"))
    assert model.tied == {"lm_head.weight": "transformer.wte.weight"}
    assert "lm_head.weight" not in model.layers.names
    assert "tied with lm_head.weight" in repr(model.layers["transformer.wte"])
    np.testing.assert_array_equal(model.read("lm_head").values, model.read("transformer.wte").values)


def test_a_shared_module_is_one_layer():
    shared = nn.Linear(4, 4)
    model = open_model(nn.Sequential(shared, nn.ReLU(), shared))
    assert model.layers.names == ["0.weight"]
    assert model.tied == {"2.weight": "0.weight", "2.bias": "0.bias"}


def test_where_is_an_intersection_and_slices_are_lists():
    layers = open_model(build("bert")).layers
    assert layers.where(kind="mlp_down", depth=range(1, 9)).names == ["encoder.layer.1.output.dense.weight"]
    both = layers.where(kind={"mlp_down", "mlp_up"}, depth=0)
    assert set(both.names) == set(layers.where(kind=("mlp_down", "mlp_up")).names) & set(layers.where(depth=0).names)
    assert layers.where().names == layers.names
    assert layers[2:4].names == layers.names[2:4]
    assert layers.where(name="pooler")[0].name == "pooler.dense.weight"
    assert len(layers.where(name="nowhere")) == 0
    assert "encoder.layer.1.output.dense.weight (mlp_down, depth 1, 8×16, float32)" in repr(layers)
    with pytest.raises(Complaint, match="no kind 'mlp'"):
        layers.where(kind="mlp")
    with pytest.raises(Complaint, match="no layer 'x'"):
        layers["x"]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2])
def test_half_and_quarter_precision_become_float32(dtype):
    module = nn.Linear(5, 3, bias=False)
    expected = module.weight.detach().to(dtype).float().numpy()
    module.weight = nn.Parameter(module.weight.detach().to(dtype), requires_grad=False)
    model = open_model(module)
    matrix = model.read("weight")
    assert matrix.values.dtype == np.float32
    assert model.precision == matrix.ref.dtype == str(dtype).removeprefix("torch.")
    np.testing.assert_array_equal(matrix.unfolding.fold(matrix.values), expected)
    assert len(model.fingerprint()) == 32


def test_float64_stays_float64():
    assert open_model(nn.Linear(5, 3).double()).read("weight").values.dtype == np.float64


def test_fingerprint_and_digest_notice_a_changed_entry():
    module = nn.Linear(30, 20)
    model = open_model(module)
    fingerprint, digest = model.fingerprint(), model.layer_digest("weight")
    assert (fingerprint, digest) == (model.fingerprint(), model.layer_digest("weight"))
    with torch.no_grad():
        module.weight[3, 4] += 1.0
    assert model.fingerprint() != fingerprint
    assert model.layer_digest("weight") != digest


def test_digest_sees_what_the_fingerprint_samples_over():
    module = nn.Linear(300, 200, bias=False)
    model = open_model(module)
    fingerprint, digest = model.fingerprint(), model.layer_digest("weight")
    with torch.no_grad():
        module.weight.view(-1)[1] += 1.0
    assert model.fingerprint() == fingerprint
    assert model.layer_digest("weight") != digest


def test_a_replaced_parameter_is_the_one_that_is_read():
    module = nn.Sequential(nn.Linear(6, 5))
    model = open_model(module)
    module[0].weight = nn.Parameter(torch.arange(30.0).reshape(5, 6))
    assert model.read("0").values.max() == 29.0
    module[0].weight = nn.Parameter(torch.arange(40.0).reshape(5, 8))
    with pytest.raises(Complaint, match="open the model again"):
        model.read("0")
