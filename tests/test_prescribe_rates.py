"""Learning rates and weight decay by layer are what the published rules say."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from spectral_widgets import api_prescribe as prescribe
from spectral_widgets.records import Complaint
from spectral_widgets.training.grouping import REST
from spectral_widgets.training.rates import Rule, layer_ratios
from spectral_widgets.weights import open_model
from torch import nn


def language_model(tied=False):
    torch.manual_seed(1)
    blocks = nn.ModuleList(
        nn.ModuleDict({"q_proj": nn.Linear(64, 64), "up_proj": nn.Linear(64, size), "norm": nn.LayerNorm(64)})
        for size in (96, 160)
    )
    module = nn.ModuleDict({"embed_tokens": nn.Embedding(70, 64), "layers": blocks, "lm_head": nn.Linear(64, 70)})
    if tied:
        module["lm_head"].weight = module["embed_tokens"].weight
    return module


def naive_hill(weight):
    """The published estimator, written down once more."""
    eigenvalues = np.sort(np.linalg.svd(weight.detach().double().numpy(), compute_uv=False) ** 2)
    start = len(eigenvalues) // 2
    logs = np.log(eigenvalues[start:]) - np.log(eigenvalues[start])
    return 1 + len(logs) / logs.sum()


def test_the_rates_of_a_language_model_are_those_of_the_published_rule():
    module = language_model()
    found = prescribe.layerwise_lr(module, 1e-3, **prescribe.LLR)
    names = [f"layers.{block}.{part}.weight" for block in range(2) for part in ("q_proj", "up_proj")]
    alphas = {name: naive_hill(module.get_parameter(name)) for name in names}
    low, high = min(alphas.values()), max(alphas.values())
    rates = {row.layer: row.prescription for row in found.rows}
    for name, alpha in alphas.items():
        assert rates[name] == pytest.approx(1e-3 * np.interp(alpha, [low, high], [1, 3]), rel=1e-5)
    assert rates["embed_tokens.weight"] == rates["lm_head.weight"] == pytest.approx(3e-3)
    assert rates[REST] == 1e-3
    groups = {group["name"]: group["lr"] for group in found.groups}
    assert groups == {row.layer: row.prescription for row in found.rows}
    assert "4 layers measured; 2 embedding or head not measured" in found.sentence
    assert "range is set by two layers" in found.caveat
    assert "aspect ratio" in found.caveat
    assert len(found.table) == len(found.rows)
    assert found.table[1]["reason"].startswith("Its Hill α is")


def test_tied_embedding_and_head_are_one_row():
    found = prescribe.layerwise_lr(language_model(tied=True), 1e-3)
    rows = {row.layer: row for row in found.rows}
    assert "lm_head.weight" not in rows
    assert rows["embed_tokens.weight"].ratio == 3
    assert [name for row in found.rows for name in row.parameters].count("embed_tokens.weight") == 1


def test_farms_takes_the_shape_out():
    torch.manual_seed(2)
    module = nn.Sequential(nn.Linear(256, 128), nn.Linear(128, 512), nn.Linear(512, 128))
    plain = prescribe.layerwise_lr(module, 1.0, measure="hill_alpha")
    farms = prescribe.layerwise_lr(module, 1.0, measure="farms_alpha")
    spreads = [np.ptp([row.value for row in found.rows if row.role == "measured"]) for found in (plain, farms)]
    assert spreads[1] < 0.3 * spreads[0]
    assert "aspect ratio" not in farms.caveat


def test_equal_exponents_give_every_layer_the_base_rate_and_that_is_said():
    module = nn.Sequential(*(nn.Linear(60, 60) for _ in range(3)), nn.Embedding(60, 60))
    for layer in module[1:3]:
        layer.weight.data.copy_(module[0].weight.data)
    for make in (prescribe.layerwise_lr, prescribe.layerwise_weight_decay):
        found = make(module, 0.1)
        assert {row.ratio for row in found.rows} == {1.0}
        assert "All values of Hill α are equal" in found.caveat
    found = prescribe.layerwise_lr(module[:1], 0.1)
    assert "There is one measured layer" in found.caveat
    found = prescribe.layerwise_lr(nn.Sequential(nn.Linear(8, 8)), 0.1)
    assert "No layer could be measured" in found.caveat
    assert {row.ratio for row in found.rows} == {1.0}


def test_weight_decay_is_low_where_the_tail_is_heavy():
    module = language_model()
    found = prescribe.layerwise_weight_decay(module, 0.1)
    measured = sorted((row for row in found.rows if row.role == "measured"), key=lambda row: row.value)
    assert measured[0].prescription == pytest.approx(0.1 * 2 / 3)
    assert measured[-1].prescription == pytest.approx(0.5)
    decays = [row.prescription for row in measured]
    assert decays == sorted(decays)
    assert all("weight_decay" in group and "lr" not in group for group in found.groups)
    tables = [row for row in found.rows if row.role == "table"]
    assert [row.prescription for row in tables] == [0.1, 0.1]


def test_excluded_and_unreadable_layers_keep_the_base_rate():
    module = language_model()
    with torch.no_grad():
        module["layers"][1]["up_proj"].weight[0, 0] = float("inf")
    found = prescribe.layerwise_lr(module, 1.0, exclude=["layers.0.q_proj"])
    rows = {row.layer: row for row in found.rows}
    assert rows["layers.0.q_proj.weight"].role == "excluded"
    assert rows["layers.1.up_proj.weight"].role == "unreadable"
    assert "infinite" in rows["layers.1.up_proj.weight"].reason
    assert rows["layers.0.q_proj.weight"].ratio == rows["layers.1.up_proj.weight"].ratio == 1
    with pytest.raises(Complaint, match="no layer 'nowhere' to exclude"):
        prescribe.layerwise_lr(module, 1.0, exclude=["nowhere"])


def test_the_groups_are_new_each_time_and_train_for_real():
    torch.manual_seed(4)
    module = nn.Sequential(nn.Linear(60, 64), nn.ReLU(), nn.Linear(64, 60))
    found = prescribe.layerwise_lr(module, 1e-2)
    optimizer = torch.optim.SGD(found.groups)
    assert "momentum" not in found.groups[0]
    assert [group["lr"] for group in optimizer.param_groups] == [group["lr"] for group in found.groups]
    before = [layer.weight.detach().clone() for layer in (module[0], module[2])]
    module(torch.randn(8, 60)).square().mean().backward()
    gradients = [layer.weight.grad.clone() for layer in (module[0], module[2])]
    optimizer.step()
    rates = {row.layer: row.prescription for row in found.rows}
    for layer, start, gradient, name in zip((module[0], module[2]), before, gradients, ("0", "2"), strict=True):
        torch.testing.assert_close(layer.weight, start - rates[f"{name}.weight"] * gradient, rtol=1e-6, atol=1e-8)


def test_weight_decay_can_be_put_on_groups_of_learning_rates():
    module = language_model()
    rates = prescribe.layerwise_lr(module, 1e-3)
    decay = prescribe.layerwise_weight_decay(module, 0.1, norms="base")
    optimizer = torch.optim.AdamW(rates.groups, weight_decay=0.1)
    changed = prescribe.update_groups(optimizer, decay)
    expected = {row.layer: row.prescription for row in decay.rows}
    assert {group["name"]: group["weight_decay"] for group in optimizer.param_groups} == expected
    assert changed == [name for name, value in expected.items() if value != 0.1]
    assert [group["lr"] for group in optimizer.param_groups] == [row.prescription for row in rates.rows]
    assert prescribe.update_groups(optimizer, decay) == []
    with pytest.raises(Complaint, match="build the optimizer with"):
        prescribe.update_groups(torch.optim.SGD(module.parameters()), decay)


def test_measured_values_can_be_mapped_again_without_the_model():
    module = language_model()
    layers = prescribe.measured_layers(module)
    again = prescribe.layerwise_lr(module, 1e-3, low=0.5, high=2.0, measured=layers)
    assert {row.layer: row.ratio for row in again.rows if row.layer != REST} == layer_ratios(layers, Rule(0.5, 2.0))
    assert max(row.ratio for row in again.rows) == 2


def test_the_other_mappings_are_those_of_the_published_code():
    layers = prescribe.measured_layers(language_model())
    values = {layer.layer: layer.value for layer in layers if layer.role == "measured"}
    alphas = np.array(list(values.values()))
    expected = {
        "sqrt": np.sqrt(alphas) / np.sqrt(alphas).sum() * len(alphas),
        "log2": np.log2(alphas) / np.log2(alphas).sum() * len(alphas),
        "sigmoid": 2 / (1 + np.exp(-4 * (alphas - alphas.mean()) / alphas.std())),
        "linear": np.interp(alphas, [alphas.min(), alphas.max()], [1.0, 3.0]),
    }
    assert set(expected) == set(prescribe.MAPPINGS)
    for mapping, ratios in expected.items():
        found = layer_ratios(layers, Rule(1.0, 3.0, mapping, "base"))
        np.testing.assert_allclose([found[name] for name in values], ratios, rtol=1e-7)


def test_a_mapping_of_ones_own_is_called_with_values_and_bounds():
    layers = prescribe.measured_layers(language_model())
    found = layer_ratios(
        layers, Rule(1.0, 3.0, lambda values, low, high: np.where(values > values.mean(), high, low), "base")
    )
    assert set(found.values()) == {1.0, 3.0}


@pytest.mark.parametrize(
    ("settings_", "words"),
    [
        ({"low": 0.0}, "no interval"),
        ({"low": 2.0, "high": 1.0}, "no interval"),
        ({"mapping": "cubic"}, "no mapping 'cubic'"),
        ({"mapping": lambda values, low, high: -values}, "no positive ratio"),
        ({"measure": "hill_alphas"}, "did you mean 'hill_alpha'"),
        ({"embeddings": "low"}, "neither 'high' nor 'base'"),
        ({"norms": "low"}, "neither 'follow' nor 'base'"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings_, words):
    with pytest.raises(Complaint, match=words):
        prescribe.layerwise_lr(language_model(), 1.0, **settings_)


def test_weights_without_a_module_have_no_groups(tmp_path):
    path = tmp_path / "net.pt"
    torch.save(language_model().state_dict(), path)
    with pytest.raises(Complaint, match="live module"):
        prescribe.layerwise_lr(open_model(path), 1.0)
    with pytest.raises(Complaint, match="base learning rate"):
        prescribe.layerwise_lr(language_model(), -1.0)
