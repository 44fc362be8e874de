"""Parameter groups: every parameter is in exactly one, beside the weight that it belongs to."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from spectral_widgets import api_prescribe as prescribe
from spectral_widgets.records import WeightMatrix
from spectral_widgets.training.grouping import REST
from torch import nn

CUT = {"min_eigenvalues": 4}


def width(matrix: WeightMatrix) -> float:
    """A measure whose value is known at once: the number of columns of the oriented matrix."""
    return float(matrix.values.shape[1])


class Block(nn.Module):
    def __init__(self, size, kind):
        super().__init__()
        self.norm = nn.LayerNorm(size)
        self.attn = nn.MultiheadAttention(size, 2, add_bias_kv=kind == 1)
        self.fc1 = nn.Linear(size, 2 * size, bias=kind != 2)
        self.gain = nn.Parameter(torch.ones(size))


class Anything(nn.Module):
    """Parts of every kind, chosen by numbers; sometimes a shared or a parametrised weight."""

    def __init__(self, parts, size, tied):
        super().__init__()
        torch.manual_seed(0)
        self.wte = nn.Embedding(20, size)
        makers = [
            lambda: nn.Linear(size, size + 2),
            lambda: nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8)),
            lambda: nn.LSTM(size, size),
            lambda: Block(size, len(parts) % 3),
            lambda: nn.utils.parametrizations.weight_norm(nn.Linear(size, 9)),
            lambda: nn.Bilinear(4, 5, 6),
            lambda: nn.Conv1d(4, 8, 3, groups=2),
        ]
        self.parts = nn.ModuleList(makers[part]() for part in parts)
        self.scale = nn.Parameter(torch.ones(3))
        self.lm_head = nn.Linear(size, 20, bias=False)
        if tied:
            self.lm_head.weight = self.wte.weight


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 6), max_size=5), st.integers(3, 6), st.booleans(), st.sampled_from(["follow", "base"]))
def test_every_parameter_is_in_exactly_one_group(parts, half, tied, norms):
    module = Anything(parts, 2 * half, tied)
    for make in (prescribe.layerwise_lr, prescribe.layerwise_weight_decay):
        found = make(module, 0.1, measure=width, norms=norms, **CUT)
        members = [id(parameter) for group in found.groups for parameter in group["params"]]
        assert len(members) == len(set(members))
        assert set(members) == {id(parameter) for parameter in module.parameters()}
        assert sum(row.n_entries for row in found.rows) == sum(one.numel() for one in module.parameters())
        assert all(group["params"] for group in found.groups)
        torch.optim.AdamW(found.groups, lr=0.1)
        torch.optim.SGD(found.groups, lr=0.1)


def test_a_vector_goes_with_the_weight_beside_it():
    module = Anything([3, 2, 4], 6, tied=True)
    found = prescribe.layerwise_lr(module, 1.0, measure=width, **CUT)
    rows = {row.layer: set(row.parameters) for row in found.rows}
    assert rows["parts.0.fc1.weight"] == {"parts.0.fc1.weight", "parts.0.fc1.bias"}
    assert "parts.0.attn.in_proj_bias" in rows["parts.0.attn.in_proj_weight"]
    assert "parts.1.bias_hh_l0" in rows["parts.1.weight_hh_l0"]
    assert rows["parts.2.weight"] == {
        "parts.2.bias",
        "parts.2.parametrizations.weight.original0",
        "parts.2.parametrizations.weight.original1",
    }
    assert rows["wte.weight"] == {"wte.weight"}
    assert rows[REST] == {"scale", "parts.0.gain", "parts.0.norm.weight", "parts.0.norm.bias"}


class LoraLayer(nn.Module):
    def __init__(self, base):
        super().__init__()
        self.base_layer = base
        self.lora_A = nn.ModuleDict({"default": nn.Linear(base.in_features, 4, bias=False)})
        self.lora_B = nn.ModuleDict({"default": nn.Linear(4, base.out_features, bias=False)})
        self.scaling = {"default": 1.0}


def test_both_factors_of_an_adapter_are_in_the_group_of_their_product():
    module = nn.ModuleDict({"q_proj": LoraLayer(nn.Linear(8, 8))})
    found = prescribe.layerwise_lr(module, 1.0, measure=lambda matrix: 1.0 + matrix.values.std(), **CUT)
    rows = {row.layer: set(row.parameters) for row in found.rows}
    assert rows["q_proj.lora"] == {"q_proj.lora_A.default.weight", "q_proj.lora_B.default.weight"}


def residual_net():
    torch.manual_seed(3)
    return nn.Sequential(
        nn.Conv2d(6, 60, 3), nn.BatchNorm2d(60), nn.ReLU(), nn.Conv2d(60, 52, 3), nn.BatchNorm2d(52), nn.Flatten(),
        nn.Linear(52, 10),
    )  # fmt: skip


def test_a_batch_norm_follows_its_convolution_in_the_balance_of_temperatures():
    module = residual_net()
    found = prescribe.layerwise_lr(module, 0.1, **prescribe.TEMP_BALANCE)
    rows = {row.layer: row for row in found.rows}
    assert set(rows["0.weight"].parameters) == {"0.weight", "0.bias", "1.weight", "1.bias"}
    assert set(rows["3.weight"].parameters) == {"3.weight", "3.bias", "4.weight", "4.bias"}
    assert {rows["0.weight"].ratio, rows["3.weight"].ratio} == {0.5, 1.5}
    assert rows["6.weight"].ratio == 1
    assert rows["6.weight"].role == "small"
    assert "10 eigenvalues, and at least 50 are needed: base value" in rows["6.weight"].reason
    assert REST not in rows
    base = prescribe.layerwise_lr(module, 0.1)
    assert set(next(row for row in base.rows if row.layer == REST).parameters) == {
        "1.weight",
        "1.bias",
        "4.weight",
        "4.bias",
    }
