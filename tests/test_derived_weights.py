"""Weights that are computed before they are looked at, and tensors that are left out, with the reason."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from spectral_widgets.records import Complaint
from spectral_widgets.weights import open_model
from spectral_widgets.weights.tables import is_sinusoids
from torch import nn

RANDOM = np.random.default_rng(5)


def saved(folder, **tensors):
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, folder / "net.safetensors")
    return open_model(folder / "net.safetensors")


def values_of(model, name):
    """The tensor behind a matrix, in its own shape."""
    matrix = model.read(name)
    return matrix.unfolding.fold(matrix.values)


# ---- integers with scales


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
@pytest.mark.parametrize("scheme", ["per tensor", "per channel"])
def test_a_quantised_module_is_dequantised_by_its_own_scales(scheme):
    torch.manual_seed(0)
    weight = torch.randn(8, 16)
    scales = weight.abs().amax(1) / 127
    if scheme == "per tensor":
        packed = torch.quantize_per_tensor(weight, float(scales.max()), 0, torch.qint8)
    else:
        packed = torch.quantize_per_channel(weight, scales.double(), torch.zeros(8).long(), 0, torch.qint8)
    part = torch.ao.nn.quantized.dynamic.Linear(16, 8)
    part.set_weight_bias(packed, None)
    model = open_model(nn.ModuleDict({"fc": part}))
    assert model.layers["fc"].cut == "dequantised by its own scales"
    np.testing.assert_array_equal(values_of(model, "fc"), packed.dequantize().numpy())
    assert np.abs(values_of(model, "fc") - weight.numpy()).max() <= float(scales.max()) * 0.51
    assert len(model.fingerprint()) == 32
    assert model.layer_digest("fc")


STORED = torch.from_numpy(RANDOM.integers(-127, 128, (6, 8))).to(torch.int8)
SMALL = torch.from_numpy(RANDOM.integers(-8, 8, (6, 8))).to(torch.int8)
ROWS, BLOCKS = torch.rand(6) + 0.5, torch.rand(6, 4) + 0.5
SCALED = {
    "one scale": ({"fc.weight": STORED, "fc.weight_scale": torch.tensor(0.25)}, STORED * 0.25),
    "a scale a row": ({"fc.weight": STORED, "fc.scales": ROWS}, STORED * ROWS[:, None]),
    "a column of scales": ({"fc.weight": STORED, "fc.weight_scale": ROWS[:, None]}, STORED * ROWS[:, None]),
    "int4 in groups of two": (
        {"fc.weight": SMALL, "fc.weight_scale": BLOCKS},
        SMALL * BLOCKS.repeat_interleave(2, 1),
    ),
    "with a zero point": (
        {"fc.weight": STORED, "fc.weight_scale": ROWS, "fc.weight_zero_point": torch.full((6,), 3, dtype=torch.int8)},
        (STORED.float() - 3) * ROWS[:, None],
    ),
    "row maxima": ({"fc.weight": STORED, "fc.SCB": ROWS}, STORED * ROWS[:, None] / 127),
    "float8 in blocks": (
        {"fc.weight": STORED.float().to(torch.float8_e4m3fn), "fc.weight_scale_inv": torch.full((3, 2), 2.0)},
        STORED.float().to(torch.float8_e4m3fn).float() * 2,
    ),
}


@pytest.mark.parametrize("case", SCALED)
def test_stored_integers_are_multiplied_by_the_scales_beside_them(case, tmp_path):
    tensors, expected = SCALED[case]
    model = saved(tmp_path, **tensors)
    assert model.layers.names == ["fc.weight"]
    assert "dequantised" in model.layers[0].cut
    np.testing.assert_allclose(values_of(model, "fc"), expected.numpy(), rtol=1e-6)
    assert all("fc.weight" in model.left_out[name] for name in tensors if name != "fc.weight")


@pytest.mark.parametrize("scales", [{}, {"fc.weight_scale": torch.rand(5)}, {"fc.weight_scale": torch.rand(6, 3)}])
def test_integers_without_fitting_scales_are_refused_by_name(scales, tmp_path):
    model = saved(tmp_path, **{"fc.weight": STORED}, **scales)
    with pytest.raises(Complaint, match=r"'fc.weight' is stored as int8"):
        model.read("fc")


# ---- low-rank pairs and weight norm


class LowRank(nn.Module):
    """A frozen base and a pair beside it, named as the common library names them."""

    def __init__(self, adapter="default"):
        super().__init__()
        self.base_layer = nn.Linear(7, 6)
        self.lora_A = nn.ModuleDict({adapter: nn.Linear(7, 2, bias=False)})
        self.lora_B = nn.ModuleDict({adapter: nn.Linear(2, 6, bias=False)})
        self.scaling = {adapter: 4.0}


def test_a_low_rank_pair_is_one_layer_beside_its_base():
    module = nn.ModuleDict({"q_proj": LowRank()})
    model = open_model(module)
    assert model.layers.names == ["q_proj.base_layer.weight", "q_proj.lora"]
    part = module["q_proj"]
    expected = 4.0 * part.lora_B["default"].weight @ part.lora_A["default"].weight
    np.testing.assert_allclose(values_of(model, "q_proj.lora"), expected.detach().numpy(), rtol=1e-5)
    assert model.layers["q_proj.lora"].cut == "B A of a low-rank pair times 4"
    assert "q_proj.lora" in model.left_out["q_proj.lora_A.default.weight"]
    assert "q_proj.lora" in model.left_out["q_proj.lora_B.default.weight"]


def test_a_second_adapter_has_a_name_of_its_own_and_a_file_does_not_know_the_scaling(tmp_path):
    assert "0.lora.style" in open_model(nn.Sequential(LowRank("style"))).layers.names
    save_file(LowRank().state_dict(), tmp_path / "net.safetensors")
    with pytest.raises(Complaint, match="no layer"):
        open_model(tmp_path / "net.safetensors").read("nothing")
    save_file({f"fc.{key}": value for key, value in LowRank().state_dict().items()}, tmp_path / "net.safetensors")
    layer = open_model(tmp_path / "net.safetensors").layers["fc.lora"]
    assert layer.cut == "B A of a low-rank pair, its scaling not known"


@pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm` is deprecated:FutureWarning")
@pytest.mark.parametrize("wrap", [nn.utils.weight_norm, nn.utils.parametrizations.weight_norm])
def test_weight_norm_in_a_file_is_the_computed_weight(wrap, tmp_path):
    torch.manual_seed(0)
    module = nn.Sequential(wrap(nn.Conv1d(5, 4, 3)))
    with torch.no_grad():
        next(parameter for name, parameter in module.named_parameters() if name.endswith(("_g", "original0"))).mul_(3)
    module(torch.zeros(1, 5, 4))
    model = saved(tmp_path, **module.state_dict())
    assert model.layers.names == ["0.weight"]
    assert model.layers[0].cut == "flattened, weight norm"
    np.testing.assert_allclose(values_of(model, "0"), module[0].weight.detach().numpy(), rtol=1e-5)
    live = open_model(module)
    np.testing.assert_allclose(values_of(live, "0"), module[0].weight.detach().numpy(), rtol=1e-5)


# ---- what is left out


def sinusoids(n_positions=40, size=16, order="alternating"):
    rates = 1 / 10000 ** (np.arange(0, size, 2) / size)
    angles = np.arange(n_positions)[:, None] * rates
    if order == "halves":
        return np.concatenate([np.sin(angles), np.cos(angles)], 1).astype("float32")
    return np.stack([np.sin(angles), np.cos(angles)], 2).reshape(n_positions, size).astype("float32")


@pytest.mark.parametrize("order", ["alternating", "halves"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_a_fixed_table_of_sinusoids_stays_as_a_row_with_the_reason(order, dtype, tmp_path):
    table = torch.from_numpy(sinusoids(order=order)).to(dtype)
    model = saved(tmp_path, **{"embed_positions.weight": table, "fc.weight": torch.randn(4, 5)})
    with pytest.raises(Complaint, match=r"'embed_positions.weight' is a fixed table of sinusoids"):
        model.layers["embed_positions"].read()
    model = saved(tmp_path, **{"encoder.pe": table[None], "fc.weight": torch.randn(4, 5)})
    with pytest.raises(Complaint, match="sinusoids"):
        model.layers["encoder.pe"].read()


def test_sinusoids_of_a_grid_with_a_place_for_a_class_token():
    one = sinusoids(12, 8)
    grid = np.concatenate([np.repeat(one, 12, 0), np.tile(one, (12, 1))], 1)
    assert is_sinusoids(grid)
    assert is_sinusoids(np.concatenate([np.zeros((1, 16), "float32"), grid]))


@pytest.mark.parametrize("n_positions", [8, 40, 144])
def test_learned_tables_are_no_sinusoids(n_positions):
    noise = RANDOM.normal(size=(n_positions, 16))
    assert not is_sinusoids(noise)
    assert not is_sinusoids(sinusoids(n_positions) + 0.01 * noise)
    assert not is_sinusoids(np.cumsum(noise, 0) / math.sqrt(n_positions))


def test_a_learned_table_with_one_leading_axis_is_a_matrix():
    module = nn.Module()
    module.pos_embed = nn.Parameter(torch.randn(1, 12, 8))
    assert open_model(module).read("pos_embed").values.shape == (12, 8)


def test_every_tensor_is_a_row_or_left_out_with_a_reason():
    module = nn.ModuleDict({"fc": nn.Linear(6, 5), "norm": nn.BatchNorm1d(5)})
    module.register_buffer("pe", torch.from_numpy(sinusoids()))
    module.register_buffer("mask", torch.ones(4, 4))
    model = open_model(module)
    assert set(model.layers.names) == {"pe", "fc.weight"}
    assert "not trained" in model.layers["pe"].caveat
    assert set(model.left_out) | set(model.layers.names) == set(module.state_dict())
    assert "one axis" in model.left_out["norm.weight"]
    assert "not trained" in model.left_out["mask"]


def test_a_norm_over_two_axes_is_left_out():
    model = open_model(nn.Sequential(nn.LayerNorm((4, 8)), nn.Linear(8, 6)))
    assert model.layers.names == ["1.weight"]
    assert {name: reason.partition(":")[0] for name, reason in model.left_out.items()} == {
        "0.weight": "a norm",
        "0.bias": "a norm",
        "1.bias": "a bias, a norm or another vector",
    }
