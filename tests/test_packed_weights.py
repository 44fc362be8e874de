"""A weight of a tensor class of its own: integers and scales inside, a float to the outside."""

from __future__ import annotations

import numpy as np
import torch
from spectral_widgets.probing.ablation import ablate
from spectral_widgets.probing.plans import plan_for
from spectral_widgets.records import SubtractMean
from spectral_widgets.weights import open_model
from spectral_widgets.weights.outputs import vectors
from torch import nn
from torch.utils._pytree import tree_map


class Scaled(torch.Tensor):
    """Whole numbers of four bits and one scale a row; every operation works on the dequantised values."""

    @staticmethod
    def __new__(cls, whole, scale):
        return torch.Tensor._make_wrapper_subclass(cls, whole.shape, dtype=scale.dtype)

    def __init__(self, whole, scale):
        self.whole, self.scale = whole, scale

    def __tensor_flatten__(self):
        return ["whole", "scale"], None

    @classmethod
    def __tensor_unflatten__(cls, inner, context, size, stride):
        return cls(inner["whole"], inner["scale"])

    def dequantize(self):
        return self.whole * self.scale[:, None]

    @classmethod
    def __torch_dispatch__(cls, function, types, arguments=(), options=None):
        if function is torch.ops.aten.detach.default:
            return cls(arguments[0].whole, arguments[0].scale)
        plain = tree_map(lambda value: value.dequantize() if isinstance(value, cls) else value, arguments)
        return function(*plain, **(options or {}))


def quantised() -> tuple[nn.Module, torch.Tensor]:
    torch.manual_seed(0)
    whole, scale = torch.randint(-8, 8, (5, 6), dtype=torch.int8), torch.rand(5) + 0.5
    net = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))
    net[0].weight = nn.Parameter(Scaled(whole, scale), requires_grad=False)
    return net, whole * scale[:, None]


def test_it_is_read_as_whole_numbers_times_scales():
    net, expected = quantised()
    model = open_model(net)
    matrix = model.read("0")
    assert model.layers["0"].cut == "dequantised by its own scales"
    np.testing.assert_array_equal(matrix.unfolding.fold(matrix.values), expected.numpy())
    assert model.layer_digest("0")
    assert model.fingerprint()


def test_an_ablation_uses_the_edited_values_and_leaves_the_module():
    net, expected = quantised()
    model = open_model(net)
    kept = net[0].weight
    plan = plan_for(SubtractMean(model.ref("0")), vectors(6, 1, 6), n_controls=1, batch_size=4)
    assert (ablate(model, plan).edit.values > 0).any()
    assert net[0].weight is kept
    assert torch.equal(kept.dequantize(), expected)
