"""Low-rank adapters beside the model that they change: files and live modules, scaled, never multiplied out."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from spectral_widgets import api_compare
from spectral_widgets.metrics.pairs import pair_metric_names
from spectral_widgets.records import Complaint
from spectral_widgets.weights import open_model
from spectral_widgets.weights import pairing as pairing_module
from spectral_widgets.weights.pairing import paired, read_match
from torch import nn

RANK, ALPHA = 3, 12.0


def network(layer=nn.Linear):
    torch.manual_seed(0)
    block = nn.ModuleDict({"q_proj": layer(20, 32), "up_proj": layer(20, 20), "norm": nn.LayerNorm(20)})
    return nn.ModuleDict({"layers": nn.ModuleList([block])})


def factors(n_in=20, n_out=32, rank=RANK, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(rank, n_in, generator=generator), torch.randn(n_out, rank, generator=generator)


def adapter_folder(folder, tensors, **config):
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, folder / "adapter_model.safetensors")
    if config:
        (folder / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", "r": RANK, **config}))
    return folder


def named(first, second, name="q_proj"):
    start = f"base_model.model.layers.0.{name}"
    return {f"{start}.lora_A.weight": first, f"{start}.lora_B.weight": second}


def update_of(base, adapter, name="layers.0.q_proj.weight"):
    """The update in the tensor's own shape."""
    pairs = paired(open_model(base), open_model(adapter))
    match = next(match for match in pairs.matches if match.base.name == name)
    update = read_match(match).update
    return match.base.read().unfolding.fold(update.left @ update.right)


@pytest.mark.parametrize(
    ("config", "scaling"),
    [
        ({"lora_alpha": ALPHA}, ALPHA / RANK),
        ({"lora_alpha": ALPHA, "use_rslora": True}, ALPHA / RANK**0.5),
        ({"lora_alpha": 1.0, "alpha_pattern": {"q_proj": 6.0}}, 2.0),
        ({"lora_alpha": 9.0, "alpha_pattern": {"v_proj": 6.0, "roj": 1.0}}, 3.0),
        ({"lora_alpha": 9.0, "alpha_pattern": {r"layers\.\d+\.q_proj": 1.5}}, 0.5),
        ({"lora_alpha": 9.0, "alpha_pattern": {r"^layers\.0\.q_proj": 1.5}}, 0.5),
    ],
)
@pytest.mark.parametrize("whole", [True, False])
def test_an_adapter_is_scaled_by_the_configuration_beside_it(config, scaling, whole, tmp_path):
    first, second = factors()
    folder = adapter_folder(tmp_path, named(first, second), **config)
    source = folder if whole else folder / "adapter_model.safetensors"
    np.testing.assert_allclose(update_of(network(), source), scaling * (second @ first).numpy(), rtol=1e-5, atol=1e-6)
    frame = api_compare.compare(network(), source)
    assert list(frame.index) == ["layers.0.q_proj.weight"]
    assert frame["update_rank"].iloc[0] == RANK
    weight = network()["layers"][0]["q_proj"].weight.detach()
    expected = scaling * float((second @ first).norm() / weight.norm())
    assert frame["relative_change"].iloc[0] == pytest.approx(expected, rel=1e-5)
    assert "layers.0.up_proj.weight" in frame.attrs["unmatched"]


def test_the_same_scaling_holds_when_the_adapter_is_measured_alone(tmp_path):
    first, second = factors()
    model = open_model(adapter_folder(tmp_path, named(first, second), lora_alpha=ALPHA))
    matrix = model.layers[0].read()
    product = (ALPHA / RANK * second @ first).numpy()
    np.testing.assert_allclose(matrix.unfolding.fold(matrix.values), product, rtol=1e-5, atol=1e-5)


def test_without_a_configuration_the_product_is_taken_as_it_is_and_that_is_said(tmp_path):
    first, second = factors()
    folder = adapter_folder(tmp_path, named(first, second))
    np.testing.assert_allclose(update_of(network(), folder), (second @ first).numpy(), rtol=1e-5, atol=1e-6)
    assert "Nothing says how the adapter is scaled" in api_compare.compare(network(), folder)["caveats"].iloc[0]


def test_a_broken_configuration_is_a_complaint(tmp_path):
    folder = adapter_folder(tmp_path, named(*factors()), lora_alpha=ALPHA)
    (folder / "adapter_config.json").write_text("{")
    with pytest.raises(Complaint, match="no readable adapter configuration"):
        open_model(folder)


class LoraLayer(nn.Module):
    """A frozen base and pairs beside it, named as the common library names them."""

    def __init__(self, base, adapters=("default",), active=None, merged=()):
        super().__init__()
        self.base_layer = base
        n_in, n_out = base.in_features, base.out_features
        self.lora_A = nn.ModuleDict({name: nn.Linear(n_in, RANK, bias=False) for name in adapters})
        self.lora_B = nn.ModuleDict({name: nn.Linear(RANK, n_out, bias=False) for name in adapters})
        self.scaling = {name: 2.0 + position for position, name in enumerate(adapters)}
        self.active_adapters = list(adapters if active is None else active)
        self.merged_adapters = list(merged)

    def delta(self, name):
        return self.scaling[name] * (self.lora_B[name].weight @ self.lora_A[name].weight).detach().numpy()


def live(**settings):
    base = network()
    tuned = copy.deepcopy(base)
    tuned["layers"][0]["q_proj"] = LoraLayer(tuned["layers"][0]["q_proj"], **settings)
    wrapped = nn.ModuleDict({"base_model": nn.ModuleDict({"model": tuned})})
    return base, wrapped, tuned["layers"][0]["q_proj"]


def test_a_live_adapter_is_read_with_its_own_scaling():
    base, wrapped, part = live()
    np.testing.assert_allclose(update_of(base, wrapped), part.delta("default"), rtol=1e-5, atol=1e-7)
    frame = api_compare.compare(base, wrapped)
    assert frame.attrs["unmatched"] == {}
    assert frame["update_rank"].to_list() == [RANK, 0]


def test_all_active_adapters_add_up_and_the_others_do_not():
    base, wrapped, part = live(adapters=("default", "second"))
    both = part.delta("default") + part.delta("second")
    np.testing.assert_allclose(update_of(base, wrapped), both, rtol=1e-5, atol=1e-6)
    base, wrapped, part = live(adapters=("default", "second"), active=["second"])
    np.testing.assert_allclose(update_of(base, wrapped), part.delta("second"), rtol=1e-5, atol=1e-6)


def test_a_merged_adapter_is_not_added_again():
    base, wrapped, part = live(merged=["default"])
    with torch.no_grad():
        part.base_layer.weight += torch.from_numpy(part.delta("default"))
    frame = api_compare.compare(base, wrapped, ["relative_change", "update_rank"])
    weight = base["layers"][0]["q_proj"].weight.detach().numpy()
    expected = np.linalg.norm(part.delta("default")) / np.linalg.norm(weight)
    assert frame["relative_change"].iloc[0] == pytest.approx(expected, rel=1e-5)
    assert frame["update_rank"].iloc[0] == RANK


def test_a_changed_base_and_an_adapter_are_compared_together():
    base, wrapped, part = live()
    with torch.no_grad():
        part.base_layer.weight += 1.0
    frame = api_compare.compare(base, wrapped, ["relative_change"])
    weight = base["layers"][0]["q_proj"].weight.detach().numpy()
    expected = np.linalg.norm(part.delta("default") + 1.0) / np.linalg.norm(weight)
    assert frame["relative_change"].iloc[0] == pytest.approx(expected, rel=1e-5)


class Conv1D(nn.Module):
    """A linear layer that stores inputs by outputs, under the name that older transformers give it."""

    def __init__(self, n_in, n_out):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_in, n_out))


@pytest.mark.parametrize(("name", "n_out"), [("q_proj", 32), ("up_proj", 20)])
def test_a_layer_that_stores_inputs_by_outputs_takes_the_transposed_product(name, n_out, tmp_path):
    first, second = factors(n_out=n_out)
    folder = adapter_folder(tmp_path, named(first, second, name), lora_alpha=float(RANK))
    found = update_of(network(Conv1D), folder, f"layers.0.{name}.weight")
    np.testing.assert_allclose(found, (second @ first).T.numpy(), rtol=1e-5, atol=1e-6)


def test_left_is_the_output_side_however_a_layer_is_stored():
    torch.manual_seed(6)
    stored = nn.ModuleDict({"fc": nn.Linear(20, 32, bias=False)}), nn.ModuleDict({"fc": nn.Linear(20, 32, bias=False)})
    turned = nn.ModuleDict({"fc": Conv1D(20, 32)}), nn.ModuleDict({"fc": Conv1D(20, 32)})
    for plain, other in zip(stored, turned, strict=True):
        other["fc"].weight.data.copy_(plain["fc"].weight.data.T)
    frames = [api_compare.compare(*pair).iloc[0] for pair in (stored, turned)]
    for name in pair_metric_names():
        assert frames[1][name] == pytest.approx(frames[0][name], rel=1e-9), name
    layers = [open_model(model).layers[0] for model in turned]
    assert api_compare.compare(*layers).iloc[0]["left_overlap"] == pytest.approx(frames[0]["left_overlap"], rel=1e-9)


def test_an_adapter_on_a_packed_projection_is_cut_like_it(tmp_path):
    torch.manual_seed(4)
    base = nn.ModuleDict({"attn": nn.MultiheadAttention(12, 2)})
    assert [layer.name for layer in open_model(base).layers][:3] == [f"attn.in_proj_weight[{part}]" for part in "qkv"]
    first, second = factors(12, 36)
    start = "base_model.model.attn.in_proj_weight"
    tensors = {f"{start}.lora_A.weight": first, f"{start}.lora_B.weight": second}
    folder = adapter_folder(tmp_path, tensors, lora_alpha=float(RANK))
    product = (second @ first).numpy()
    for position, part in enumerate("qkv"):
        found = update_of(base, folder, f"attn.in_proj_weight[{part}]")
        np.testing.assert_allclose(found, product[12 * position : 12 * (position + 1)], rtol=1e-5, atol=1e-6)


def test_an_adapter_of_another_shape_is_a_caveat(tmp_path):
    folder = adapter_folder(tmp_path, named(*factors(n_out=33)), lora_alpha=1.0)
    frame = api_compare.compare(network(), folder, ["update_rank"])
    assert np.isnan(frame["update_rank"].iloc[0])
    assert "33×20 and the layer 32×20" in frame["caveats"].iloc[0]


def test_an_adapter_of_no_known_layer_is_listed(tmp_path):
    tensors = named(*factors()) | named(*factors(), name="elsewhere")
    frame = api_compare.compare(network(), adapter_folder(tmp_path, tensors, lora_alpha=1.0), ["update_rank"])
    assert any("elsewhere" in name for name in frame.attrs["unmatched"])


def test_an_adapter_that_also_rescales_says_so(tmp_path):
    tensors = named(*factors()) | {"base_model.model.layers.0.q_proj.lora_magnitude_vector.weight": torch.ones(32)}
    frame = api_compare.compare(network(), adapter_folder(tmp_path, tensors, lora_alpha=1.0), ["update_rank"])
    assert "only its low-rank product is compared" in frame["caveats"].iloc[0]


def test_two_adapters_are_compared_as_layers(tmp_path):
    for name, seed in (("one", 1), ("two", 2)):
        (tmp_path / name).mkdir()
        adapter_folder(tmp_path / name, named(*factors(seed=seed)), lora_alpha=1.0)
    frame = api_compare.compare(tmp_path / "one", tmp_path / "two", ["update_rank"])
    assert list(frame.index) == ["base_model.model.layers.0.q_proj.lora"]
    assert frame["update_rank"].iloc[0] == 2 * RANK


def test_the_product_is_never_formed_for_the_spectrum_of_the_update(tmp_path):
    folder = adapter_folder(tmp_path, named(*factors()), lora_alpha=1.0)
    match = paired(open_model(network()), open_model(folder)).matches[0]
    found = pairing_module.read_match(match)
    assert found.other is None
    assert sorted([found.update.left.shape, found.update.right.shape]) == [(RANK, 20), (32, RANK)]
