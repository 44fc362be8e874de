"""Two whole models: layers are matched by name, whatever wraps them, and what cannot be compared is said."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import spectral_widgets as sw
import torch
from safetensors.torch import save_file
from spectral_widgets import api_compare
from spectral_widgets.metrics.pairs import pair_metric_names
from spectral_widgets.records import Complaint
from spectral_widgets.weights.adapters import plain_name
from torch import nn


def tiny():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(30, 40), nn.ReLU(), nn.Linear(40, 24), nn.ReLU(), nn.Linear(24, 5))


def changed(net, name="0.weight", size=0.1):
    tuned = copy.deepcopy(net)
    with torch.no_grad():
        weight = tuned.get_parameter(name)
        generator = torch.Generator().manual_seed(1)
        weight += size * torch.randn(weight.shape, generator=generator)
    return tuned


def test_every_layer_of_both_models_has_a_row_with_every_metric():
    net = tiny()
    frame = api_compare.compare(net, changed(net))
    assert list(frame.index) == ["0.weight", "2.weight", "4.weight"]
    assert set(pair_metric_names()) <= set(frame.columns)
    assert set(frame.attrs["cards"]) == set(pair_metric_names())
    assert frame.attrs["unmatched"] == {}
    assert frame.attrs["sentence"] == "3 layers compared."
    weight, other = net[0].weight.detach().double(), changed(net)[0].weight.detach().double()
    expected = float((other - weight).norm() / weight.norm())
    assert frame.loc["0.weight", "relative_change"] == pytest.approx(expected, rel=1e-7)
    assert frame.loc["2.weight", "relative_change"] == 0
    assert "equal" in frame.loc["2.weight", "caveats"]


def test_chosen_metrics_and_settings_reach_the_columns():
    net = tiny()
    frame = api_compare.compare(net, changed(net), ["subspace_size", "update_rank"], k=3)
    assert list(frame.columns) == ["kind", "depth", "shape", "aspect", "subspace_size", "update_rank", "caveats"]
    assert (frame["subspace_size"] == 3).all()
    with pytest.raises(Complaint, match="did you mean 'update_rank'"):
        api_compare.compare(net, net, ["update_ranks"])


@pytest.mark.parametrize("prefix", ["base_model.model.", "module.", "_orig_mod.", "encoder."])
def test_names_inside_a_wrapper_are_found(prefix, tmp_path):
    net = tiny()
    tensors = {prefix + name: tensor for name, tensor in changed(net).state_dict().items()}
    save_file(tensors, tmp_path / "tuned.safetensors")
    for first, second in ((net, tmp_path / "tuned.safetensors"), (tmp_path / "tuned.safetensors", net)):
        frame = api_compare.compare(first, second, ["update_rank"])
        assert len(frame) == 3
        assert frame.attrs["unmatched"] == {}
        assert frame["update_rank"].to_list() == [30, 0, 0]


def test_a_name_that_ends_two_others_is_left_alone():
    net = nn.Linear(8, 6)
    two = nn.ModuleDict({"a": nn.ModuleDict({"fc": nn.Linear(8, 6)}), "b": nn.ModuleDict({"fc": nn.Linear(8, 6)})})
    with pytest.raises(Complaint, match="No layer of ModuleDict has its name in ModuleDict"):
        api_compare.compare(nn.ModuleDict({"fc": net}), two)


def test_layers_of_one_model_only_are_listed_with_a_sentence():
    net = tiny()
    longer = nn.Sequential(*copy.deepcopy(net), nn.ReLU(), nn.Linear(5, 4))
    frame = api_compare.compare(longer, net, ["relative_change"])
    assert frame.attrs["unmatched"] == {"6.weight": "6.weight is in Sequential only."}
    assert frame.attrs["sentence"] == "3 layers compared; 1 without a counterpart."
    assert list(api_compare.compare(net, longer, ["relative_change"]).attrs["unmatched"]) == ["6.weight"]


def test_a_layer_of_another_shape_is_a_caveat():
    net = tiny()
    wider = copy.deepcopy(net)
    wider[4] = nn.Linear(24, 9)
    frame = api_compare.compare(net, wider)
    assert frame.loc["4.weight", list(pair_metric_names())].isna().all()
    assert "5×24 in Sequential and 9×24 in Sequential: not compared" in frame.loc["4.weight", "caveats"]
    assert frame.loc["0.weight", "relative_change"] == 0


def test_a_layer_that_cannot_be_read_is_a_caveat():
    net = tiny()
    broken = copy.deepcopy(net)
    with torch.no_grad():
        broken[2].weight[0, 0] = float("nan")
    for first, second in ((net, broken), (broken, net)):
        frame = api_compare.compare(first, second, ["relative_change"])
        assert np.isnan(frame.loc["2.weight", "relative_change"])
        assert "1 NaN" in frame.loc["2.weight", "caveats"]
        assert frame.loc["0.weight", "relative_change"] == 0


class Tied(nn.Module):
    def __init__(self, tied):
        super().__init__()
        self.wte = nn.Embedding(40, 12)
        self.lm_head = nn.Linear(12, 40, bias=False)
        if tied:
            self.lm_head.weight = self.wte.weight


def test_a_tied_weight_is_matched_by_any_of_its_names():
    torch.manual_seed(2)
    frame = api_compare.compare(Tied(tied=False), Tied(tied=True), ["relative_change"])
    assert list(frame.index) == ["wte.weight", "lm_head.weight"]
    frame = api_compare.compare(Tied(tied=True), Tied(tied=False), ["relative_change"])
    assert list(frame.index) == ["wte.weight"]


def test_two_matrices_give_one_row_and_mixed_sources_are_refused():
    one, two = np.random.default_rng(0).standard_normal((2, 20, 30))
    frame = api_compare.compare(one, two)
    assert len(frame) == 1
    assert frame["cosine_of_weights"].iloc[0] == pytest.approx(
        (one * two).sum() / np.sqrt((one**2).sum() * (two**2).sum())
    )
    with pytest.raises(Complaint, match="One of the two is a matrix"):
        api_compare.compare(one, tiny())
    with pytest.raises(Complaint, match="20×30 and 30×20"):
        api_compare.compare(one, two.T)


def test_records_of_one_pair_can_be_had_alone():
    one, two = np.random.default_rng(0).standard_normal((2, 20, 30))
    found = api_compare.subspace_overlap(one, two, k=4)
    assert found.left_cosines.shape == found.right_cosines.shape == (4, 4)
    assert (found.n_left, found.n_right) == (20, 30)
    left, left_other = (np.linalg.svd(x)[0][:, :4] for x in (one, two))
    np.testing.assert_allclose(np.abs(found.left_cosines), np.abs(left.T @ left_other), atol=1e-12)
    values = api_compare.difference_spectrum(one, two).singular_values
    np.testing.assert_allclose(values, np.linalg.svd(two - one, compute_uv=False), rtol=1e-7)
    layers = sw.open_model(tiny()).layers
    assert not api_compare.difference_spectrum(layers[0], layers[0]).singular_values.any()


def test_stored_precision_sets_the_floor_of_rank():
    net = tiny().bfloat16()
    tuned = copy.deepcopy(net)
    torch.manual_seed(3)
    with torch.no_grad():
        tuned[0].weight.copy_(net[0].weight.float() + 0.5 * torch.randn(40, 2) @ torch.randn(2, 30))
    assert api_compare.compare(net, tuned, ["update_rank"]).loc["0.weight", "update_rank"] == 2


def test_the_models_are_left_as_they_were():
    net = tiny()
    tuned = changed(net)
    before = [parameter.clone() for model in (net, tuned) for parameter in model.parameters()]
    api_compare.compare(net, tuned)
    after = [parameter for model in (net, tuned) for parameter in model.parameters()]
    assert all(torch.equal(one, two) for one, two in zip(before, after, strict=True))


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("h.0.q_proj.weight", "h.0.q_proj.weight"),
        ("base_model.model.h.0.q_proj.base_layer.weight", "h.0.q_proj.weight"),
        ("module._orig_mod.fc.weight", "fc.weight"),
        ("base_model.model.score.modules_to_save.default.weight", "score.weight"),
        ("base_layers.0.weight", "base_layers.0.weight"),
    ],
)
def test_wrappers_are_taken_off_names(name, plain):
    assert plain_name(name) == plain
