"""Edits of weights that are no tensors of their own: an ablation and an edit for good, beside a plain layer."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest
import spectral_widgets as sw
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from spectral_widgets.probing import ablation
from spectral_widgets.probing.ablation import ablate
from spectral_widgets.probing.plans import plan_for
from spectral_widgets.records import ChangeEntries, Complaint, Entry, RemoveTrap, SubtractMean
from spectral_widgets.spectra.edits import edited
from spectral_widgets.spectra.traps import find_traps
from spectral_widgets.weights import open_model
from spectral_widgets.weights.outputs import vectors
from torch import nn

from .subjects import whole_state
from .test_batched_ablation import both_ways, tracks_of

N_IN, N_OUT, ROW, COLUMN = 24, 40, 3, 4
PROBE = vectors(10, 1, N_IN)
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning", "ignore::FutureWarning")


def planted() -> torch.Tensor:
    """Noise with one giant entry."""
    weight = torch.randn(N_OUT, N_IN, generator=torch.Generator().manual_seed(0))
    weight[ROW, COLUMN] = 30.0
    return weight


def around(part: nn.Module) -> nn.Module:
    torch.manual_seed(1)
    return nn.Sequential(part, nn.ReLU(), nn.Linear(N_OUT, 5)).eval()


def plain(weight: torch.Tensor) -> nn.Linear:
    part = nn.Linear(N_IN, N_OUT)
    with torch.no_grad():
        part.weight.copy_(weight)
        part.bias.copy_(torch.linspace(-1, 1, N_OUT))
    return part


class Paired(nn.Module):
    """A base and a low-rank pair beside it, named as the common library names them."""

    def __init__(self, effective: torch.Tensor):
        super().__init__()
        self.base_layer = plain(torch.zeros_like(effective))
        self.lora_A = nn.ModuleDict({"default": nn.Linear(N_IN, N_IN, bias=False)})
        self.lora_B = nn.ModuleDict({"default": nn.Linear(N_IN, N_OUT, bias=False)})
        self.scaling = {"default": 2.0}
        with torch.no_grad():
            self.lora_A["default"].weight.copy_(torch.eye(N_IN))
            self.lora_B["default"].weight.copy_(effective / 2)

    def forward(self, x):
        return self.base_layer(x) + 2.0 * self.lora_B["default"](self.lora_A["default"](x))


class Scaled(nn.Module):
    """Whole numbers in a buffer with one scale a row."""

    def __init__(self, weight: torch.Tensor):
        super().__init__()
        scales = weight.abs().amax(1) / 127
        self.register_buffer("weight", (weight / scales[:, None]).round().to(torch.int8))
        self.register_buffer("weight_scale", scales)
        self.bias = nn.Parameter(torch.linspace(-1, 1, N_OUT))

    def forward(self, x):
        return nn.functional.linear(x, self.weight * self.weight_scale[:, None], self.bias)


class ScaledParameter(Scaled):
    """The same with the whole numbers in a parameter."""

    def __init__(self, weight: torch.Tensor):
        super().__init__(weight)
        whole = self.weight
        del self.weight
        self.weight = nn.Parameter(whole, requires_grad=False)


def packed(weight: torch.Tensor) -> nn.Module:
    part = torch.ao.nn.quantized.dynamic.Linear(N_IN, N_OUT)
    scale = float(weight.abs().max()) / 127
    packed = torch.quantize_per_tensor(weight, scale, 0, torch.qint8)
    part.set_weight_bias(packed, torch.linspace(-1, 1, N_OUT))
    return part


COMPUTED = {
    "weight norm": (lambda: nn.utils.parametrizations.weight_norm(plain(planted())), "0.weight"),
    "weight norm by a hook": (lambda: nn.utils.weight_norm(plain(planted())), "0.weight"),
    "low-rank pair": (lambda: Paired(planted()), "0.lora"),
    "int8 in a buffer": (lambda: Scaled(planted()), "0.weight"),
    "int8 in a parameter": (lambda: ScaledParameter(planted()), "0.weight"),
    "packed int8": (lambda: packed(planted()), "0.weight"),
}


def opened(name: str):
    make, layer = COMPUTED[name]
    module = around(make())
    model = open_model(module)
    matrix = model.read(layer)
    reference = around(plain(torch.from_numpy(matrix.unfolding.fold(matrix.values))))
    return module, model, layer, open_model(reference)


@pytest.mark.parametrize("kind", ["remove", "mean", "entry"])
@pytest.mark.parametrize("name", COMPUTED)
def test_an_ablation_equals_that_of_a_plain_layer_with_the_same_effective_weight(name, kind, monkeypatch):
    module, model, layer, reference = opened(name)
    before = whole_state(module)
    results = []
    for where, its_layer in ((model, layer), (reference, "0.weight")):
        matrix = where.read(its_layer)
        edits = {
            "remove": lambda matrix=matrix: RemoveTrap(find_traps(matrix, [0]).traps[0], "zero"),
            "mean": lambda matrix=matrix: SubtractMean(matrix.ref),
            "entry": lambda matrix=matrix: ChangeEntries(matrix.ref, (Entry(ROW, COLUMN, 30.0, 1.0),)),
        }
        plan = plan_for(edits[kind](), PROBE, n_controls=3, batch_size=4, companions=False)
        together, alone, sizes = both_ways(where, plan, monkeypatch)
        results.append(together)
        for one, other in zip(tracks_of(together), tracks_of(alone), strict=True):
            np.testing.assert_allclose(one.values, other.values, rtol=1e-3, atol=1e-9)
        assert sizes
    assert whole_state(module) == before
    # A packed layer rounds its inputs as well, to a part in a hundred.
    rtol = 0.2 if name == "packed int8" else 1e-3
    for one, other in zip(*map(tracks_of, results), strict=True):
        np.testing.assert_allclose(one.values, other.values, rtol=rtol, atol=2e-3 if rtol > 0.1 else 1e-9)
    assert (results[0].edit.values > 0).any()


@pytest.mark.parametrize("name", COMPUTED)
def test_an_edit_for_good_gives_the_edited_effective_weight_or_a_reason(name, tmp_path):
    module, model, layer, reference = opened(name)
    edit = ChangeEntries(model.ref(layer), (Entry(ROW, COLUMN, 30.0, 1.0),))
    before = whole_state(module)
    new = sw.apply(model, edit, tmp_path / "new.safetensors")
    assert whole_state(module) == before
    x = torch.randn(6, N_IN, generator=torch.Generator().manual_seed(2))
    expected = sw.apply(reference, ChangeEntries(reference.ref("0.weight"), edit.entries))
    # One entry is half a step of 30 / 127 off at most, inputs reach three.
    atol = 0.4 if name.startswith("int8") else 1e-4
    torch.testing.assert_close(new.run(x), expected.run(x), rtol=1e-4, atol=atol)
    words = {"low-rank pair": "merged", "packed int8": "dequantised"}.get(name, "folded back")
    words = "rounded to the levels" if name.startswith("int8") else words
    assert words in new.name
    with safe_open(tmp_path / "new.safetensors", "pt") as file:
        assert words in file.metadata()["name"]
        assert json.loads(file.metadata()["layers"]) == [layer]


@pytest.mark.parametrize("kind", [nn.utils.parametrizations.orthogonal, nn.utils.parametrizations.spectral_norm])
def test_a_parametrisation_that_cannot_make_the_edited_weight_is_taken_off(kind):
    module = around(kind(plain(planted())))
    model = open_model(module)
    before = whole_state(module)
    edit = SubtractMean(model.ref("0.weight"))
    new = sw.apply(model, edit)
    assert whole_state(module) == before
    assert "was taken off" in new.name
    wanted = torch.from_numpy(edited(edit, model.read("0.weight"))).float()
    torch.testing.assert_close(new.module[0].weight, nn.Parameter(wanted), rtol=1e-6, atol=1e-6)
    module.eval()(torch.zeros(2, N_IN))


def test_a_weight_norm_in_a_file_takes_the_edit_into_its_parts(tmp_path):
    module = around(nn.utils.parametrizations.weight_norm(plain(planted())))
    save_file(module.state_dict(), tmp_path / "net.safetensors")
    model = open_model(tmp_path / "net.safetensors")
    edit = SubtractMean(model.ref("0.weight"))
    new = sw.apply(model, edit, tmp_path / "new.safetensors")
    np.testing.assert_allclose(
        new.read("0.weight").values,
        new.read("0.weight").unfolding.unfold(edited(edit, model.read("0.weight"))),
        atol=1e-5,
    )
    again = open_model(tmp_path / "new.safetensors").with_module(module)
    live = sw.apply(open_model(module), SubtractMean(open_model(module).ref("0.weight")))
    torch.testing.assert_close(again.run(torch.ones(2, N_IN)), live.run(torch.ones(2, N_IN)), rtol=1e-4, atol=1e-4)


class Gated(nn.Module):
    """Packed numbers whose layer does more than multiply by them."""

    def __init__(self):
        super().__init__()
        self.inner = Scaled(planted())
        self.register_buffer("weight", self.inner.weight)
        self.register_buffer("weight_scale", self.inner.weight_scale)

    def forward(self, x):
        return self.inner(x).exp()


def test_a_packed_layer_that_is_not_linear_is_refused():
    model = open_model(around(Gated()))
    plan = plan_for(SubtractMean(model.ref("0.weight")), PROBE, n_controls=1, batch_size=4)
    with pytest.raises(Complaint, match="does not multiply plain inputs by it"):
        ablate(model, plan)


def test_a_pair_whose_base_is_packed_is_refused_for_good_and_ablated():
    part = Paired(planted())
    part.base_layer = Scaled(planted())
    model = open_model(around(part))
    edit = SubtractMean(model.ref("0.lora"))
    with pytest.raises(Complaint, match="merge the pair"):
        sw.apply(model, edit)
    result = ablate(model, plan_for(edit, PROBE, n_controls=1, batch_size=ablation.batch_size_for(PROBE)))
    assert (result.edit.values > 0).all()


def test_a_copy_of_the_module_is_edited_and_not_the_module():
    module, model, layer, _ = opened("low-rank pair")
    kept = copy.deepcopy(module.state_dict())
    sw.apply(model, SubtractMean(model.ref(layer)))
    assert all(torch.equal(value, kept[key]) for key, value in module.state_dict().items())
