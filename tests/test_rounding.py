"""Edits of integers with scales: the nearest levels are stored, and the row says how near."""

from __future__ import annotations

import numpy as np
import pytest
import spectral_widgets as sw
import torch
from safetensors.torch import save_file
from spectral_widgets.records import ChangeEntries, Complaint, Entry, RemoveTrap, ScaleTrap, SubtractMean
from spectral_widgets.spectra.edits import edited
from spectral_widgets.spectra.traps import find_traps
from spectral_widgets.weights import open_model
from torch import nn

from .test_computed_weights import COLUMN, ROW, Scaled, around, opened, plain, planted


class Roomy(Scaled):
    """Scales that leave room above the largest entry of a row."""

    def __init__(self, weight: torch.Tensor):
        super().__init__(weight)
        self.weight.copy_((weight / (weight.abs().amax(1) / 100)[:, None]).round())
        self.weight_scale.copy_(weight.abs().amax(1) / 100)


def test_integers_that_an_edit_does_not_touch_stay_and_the_trap_goes():
    model = open_model(around(Roomy(planted())))
    matrix = model.read("0")
    scan = find_traps(matrix, [0])
    assert scan.counts == (1,)
    one = sw.apply(model, ChangeEntries(matrix.ref, (Entry(ROW, COLUMN, 30.0, 1.0),)))
    changed = (one.module[0].weight != model.module[0].weight).nonzero().tolist()
    assert changed == [[ROW, COLUMN]]
    new = sw.apply(model, RemoveTrap(scan.traps[0], "zero"))
    assert find_traps(new.read("0"), [0]).counts == (0,)
    assert torch.equal(new.module[0].weight_scale, model.module[0].weight_scale)
    assert "rounded to the levels of its own scales" in new.caveats[0]


def test_an_int8_entry_beyond_the_last_level_and_float8_with_scales_are_refused(tmp_path):
    _, model, layer, _ = opened("int8 in a buffer")
    trap = find_traps(model.read(layer), [0]).traps[0]
    with pytest.raises(Complaint, match=r"cannot hold the edited values: the entry .* where -128 to 127 are stored"):
        sw.apply(model, ScaleTrap(trap, 3.0))
    save_file(
        {"fc.weight": planted().to(torch.float8_e4m3fn), "fc.weight_scale": torch.tensor(2.0)},
        tmp_path / "net.safetensors",
    )
    model = open_model(tmp_path / "net.safetensors")
    with pytest.raises(Complaint, match="float8 with scales, which cannot hold"):
        sw.apply(model, SubtractMean(model.ref("fc")))


def test_a_live_float8_parameter_is_refused_with_scales_and_written_without():
    part = plain(planted())
    part.weight = nn.Parameter(planted().to(torch.float8_e4m3fn), requires_grad=False)
    model = open_model(nn.ModuleDict({"fc": part}))
    wanted = edited(SubtractMean(model.ref("fc")), model.read("fc"))
    new = sw.apply(model, SubtractMean(model.ref("fc"))).read("fc").values
    np.testing.assert_allclose(new, wanted, rtol=0.07, atol=0.01)
    part.register_buffer("weight_scale", torch.tensor(2.0))
    model = open_model(nn.ModuleDict({"fc": part}))
    with pytest.raises(Complaint, match="float8 with scales, which cannot hold"):
        sw.apply(model, SubtractMean(model.ref("fc")))
