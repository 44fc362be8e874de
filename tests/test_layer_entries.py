"""Entries of a layer are those of its matrix, whether it is glimpsed, read by single places or as a whole."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from spectral_widgets.records import Complaint
from spectral_widgets.weights import open_model
from spectral_widgets.weights.cells import glimpse_of, values_at
from torch import nn

from .kinds_of_layers import CASES, built, layers_of

pytestmark = pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm` is deprecated:FutureWarning")


@pytest.mark.parametrize("name", CASES)
def test_a_glimpse_is_what_is_read(name):
    _, layers = layers_of(name, built(name))
    for layer in layers:
        seen = glimpse_of(layer)
        assert seen is None or np.array_equal(seen.values, layer.read().values)


def test_a_glimpse_of_a_live_layer_is_no_copy_and_of_a_file_there_is_none(tmp_path):
    module = nn.Linear(6, 5)
    weight = module.weight.detach().numpy()
    assert np.shares_memory(glimpse_of(open_model(module).layers[0]).values, weight)
    save_file({"weight": module.weight.detach()}, tmp_path / "m.safetensors")
    assert glimpse_of(open_model(tmp_path / "m.safetensors").layers[0]) is None
    with torch.no_grad():
        module.weight[0, 0] = torch.nan
    with pytest.raises(Complaint, match="NaN"):
        glimpse_of(open_model(module).layers[0])


@pytest.mark.parametrize("most", [0, 32])
@pytest.mark.parametrize("name", CASES)
def test_single_entries_are_those_of_the_whole_layer(name, most, monkeypatch):
    monkeypatch.setattr("spectral_widgets.weights.cells.MOST_SINGLE", most)
    _, layers = layers_of(name, built(name))
    for layer in layers:
        matrix = layer.read()
        flat = matrix.values.T if matrix.unfolding.transposed else matrix.values
        places = {(0, 0), (flat.shape[0] - 1, flat.shape[1] - 1), (flat.shape[0] // 2, 0)}
        assert values_at(layer, places) == {place: flat[place] for place in places}
        assert values_at(layer, []) == {}
