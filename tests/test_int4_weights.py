"""Weights of four bits: read by their own scales, edited, and put back into the same integers."""

from __future__ import annotations

import json

import numpy as np
import pytest
import spectral_widgets as sw
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import save_file
from spectral_widgets.probing.ablation import ablate
from spectral_widgets.probing.plans import plan_for
from spectral_widgets.records import ChangeEntries, Complaint, Entry, RemoveTrap, ScaleTrap, SubtractMean
from spectral_widgets.spectra.edits import change_of
from spectral_widgets.spectra.traps import find_traps
from spectral_widgets.weights import open_model
from spectral_widgets.weights.int4 import packed, unpacked
from spectral_widgets.weights.outputs import vectors
from spectral_widgets.weights.rounding import rounded, scaled_weights
from torch import nn

from .packing import GIANT, N_GROUPS, N_IN, N_OUT, PACKINGS, Packed, parts, stored
from .subjects import whole_state


def opened(packing: str, kind: str, folder):
    if kind == "live":
        return open_model(nn.ModuleDict({"fc": Packed(packing)}), forward=lambda module, x: module["fc"](x))
    path = folder / f"net.{kind}"
    tensors = stored(packing)[0]
    save_file(tensors, path) if kind == "safetensors" else torch.save(tensors, path)
    return open_model(path)


def values_of(model, name="fc"):
    matrix = model.read(name)
    return matrix.unfolding.fold(matrix.values)


@given(st.lists(st.integers(-(2**31), 2**31 - 1), min_size=6, max_size=6), st.permutations(range(8)), st.booleans())
def test_words_taken_apart_and_put_together_are_the_same(numbers, order, by_rows):
    words, axis = torch.tensor(numbers, dtype=torch.int32).reshape(2, 3), int(by_rows)
    apart = unpacked(words, axis, tuple(order))
    assert int(apart.min()) >= 0
    assert int(apart.max()) <= 15
    assert torch.equal(packed(apart, axis, tuple(order), torch.int32), words)


@pytest.mark.parametrize("kind", ["safetensors", "pt", "live"])
@pytest.mark.parametrize("packing", PACKINGS)
def test_they_are_read_by_their_own_scales(packing, kind, tmp_path):
    model, (tensors, weight) = opened(packing, kind, tmp_path), stored(packing)
    assert model.layers.names == ["fc.weight"]
    assert model.layers[0].cut.startswith("computed from int4 with its own scales")
    assert model.layers[0].shape == (N_OUT, N_IN)
    np.testing.assert_array_equal(values_of(model), weight.numpy())
    assert all("fc.weight" in model.left_out[name] for name in tensors if name != "fc.weight")
    assert len(model.fingerprint()) == len(model.layer_digest("fc")) == 32


@pytest.mark.parametrize("kind", ["safetensors", "live"])
@pytest.mark.parametrize("packing", PACKINGS)
def test_removal_goes_back_into_the_integers_and_takes_the_trap_away(packing, kind, tmp_path):
    model = opened(packing, kind, tmp_path)
    before = whole_state(model.module) if model.module else None
    matrix = model.read("fc")
    scan = find_traps(matrix, [0, 1])
    assert scan.counts == (1, 1)
    edit = RemoveTrap(scan.traps[0], "zero")
    new = sw.apply(model, edit, tmp_path / "new.safetensors")
    assert find_traps(new.read("fc"), [0, 1]).counts == (0, 0)
    exact = matrix.unfolding.fold((matrix.values + change_of(edit, matrix)).astype("float32"))
    largest = float(np.abs(values_of(new) - exact).max())
    assert len(new.caveats) == 1
    assert f"up to {largest:.3g} (" in new.caveats[0]
    assert new.caveats[0] in new.name
    with safe_open(tmp_path / "new.safetensors", "pt") as file:
        assert json.loads(file.metadata()["caveats"]) == list(new.caveats)
        assert file.get_tensor("fc.scales" if packing != "bytes" else "fc.weight_scale").equal(
            model.store.read("fc.scales" if packing != "bytes" else "fc.weight_scale")
        )
    np.testing.assert_array_equal(values_of(open_model(tmp_path / "new.safetensors")), values_of(new))
    if model.module:
        assert whole_state(model.module) == before
        x = torch.ones(2, N_IN)
        torch.testing.assert_close(new.run(x), x @ torch.from_numpy(values_of(new)).T)


@pytest.mark.parametrize("packing", PACKINGS)
def test_entries_that_are_not_edited_keep_their_integers(packing, tmp_path):
    model = opened(packing, "safetensors", tmp_path)
    old = values_of(model)
    new = sw.apply(model, ChangeEntries(model.ref("fc"), (Entry(*GIANT, float(old[GIANT]), 9.0),)))
    changed = {
        slot.name for slot in model.store.slots if not model.store.read(slot.name).equal(new.store.read(slot.name))
    }
    name = "fc.weight" if packing == "bytes" else "fc.qweight"
    assert changed == {name}
    assert int((model.store.read(name) != new.store.read(name)).sum()) == 1
    expected = old.copy()
    expected[GIANT] = 0.0
    np.testing.assert_array_equal(values_of(new), expected)


@pytest.mark.parametrize("packing", PACKINGS)
def test_an_edit_beyond_the_last_level_is_refused(packing, tmp_path):
    model = opened(packing, "live", tmp_path)
    edit = ScaleTrap(find_traps(model.read("fc"), [0]).traps[0], 3.0)
    with pytest.raises(Complaint, match=r"cannot hold the edited values: the entry at row .* where 0 to 15 are stored"):
        sw.apply(model, edit)


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_level_is_cut_off_by_one_step_at_most(packing, tmp_path):
    store = opened(packing, "safetensors", tmp_path).store
    (scaled,) = scaled_weights(store)
    step, wanted = 64.0, scaled.values().clone()
    wanted[GIANT] += 0.75 * step
    found = rounded(scaled, wanted)
    assert (found.largest, found.largest_in_steps) == (48.0, 0.75)
    assert found.tensor.equal(store.read(found.stored))
    wanted[GIANT] += 0.75 * step
    with pytest.raises(Complaint, match=r"the entry at row 5, column 12 would be level 16.5 where 0 to 15 are stored"):
        rounded(scaled, wanted)


@pytest.mark.parametrize("packing", PACKINGS)
def test_an_ablation_equals_that_of_a_plain_layer(packing, tmp_path):
    model = opened(packing, "live", tmp_path)
    plain = nn.Linear(N_IN, N_OUT, bias=False)
    with torch.no_grad():
        plain.weight.copy_(stored(packing)[1])
    found = []
    for module in (model.module, nn.ModuleDict({"fc": plain})):
        one = open_model(module, forward=lambda module, x: module["fc"](x), outputs="features")
        plan = plan_for(SubtractMean(one.ref("fc")), vectors(6, 1, N_IN), n_controls=1, batch_size=6)
        found.append(ablate(one, plan).edit.values)
    np.testing.assert_allclose(*found, rtol=1e-3, atol=1e-7)
    assert (found[0] > 0).any()


@pytest.mark.parametrize("file", ["config.json", "quantize_config.json"])
@pytest.mark.parametrize(("said", "one"), [("gptq", 1), ("gptq_v2", 0)])
def test_the_configuration_says_how_zero_points_are_stored(file, said, one, tmp_path):
    tensors, weight = stored("gptq", one)
    save_file(tensors, tmp_path / "net.safetensors")
    words = {"bits": 4, "quant_method": "gptq", "checkpoint_format": said}
    (tmp_path / file).write_text(json.dumps({"quantization_config": words} if file == "config.json" else words))
    model = open_model(tmp_path / "net.safetensors")
    np.testing.assert_array_equal(values_of(model), weight.numpy())
    assert model.layers[0].cut.endswith("less one" if one else "as such")
    (tmp_path / file).unlink()
    assert "taken to be stored less one" in open_model(tmp_path / "net.safetensors").layers[0].cut


def test_a_live_layer_says_how_its_zero_points_are_stored():
    part = Packed("gptq")
    part.qzeros = stored("gptq", 0)[0]["fc.qzeros"]
    part.qzero_format = lambda: 2
    np.testing.assert_array_equal(values_of(open_model(nn.ModuleDict({"fc": part}))), stored("gptq")[1].numpy())


def test_inputs_may_lie_in_any_group(tmp_path):
    tensors, _ = stored("gptq")
    levels, zeros, scales = parts()
    groups = np.random.default_rng(0).permutation(N_IN) % N_GROUPS
    save_file(tensors | {"fc.g_idx": torch.from_numpy(groups).int()}, tmp_path / "net.safetensors")
    expected = (levels - zeros[:, groups]) * scales[:, groups]
    np.testing.assert_array_equal(values_of(open_model(tmp_path / "net.safetensors")), expected.astype("float32"))
    save_file(tensors | {"fc.g_idx": torch.full((N_IN,), N_GROUPS, dtype=torch.int32)}, tmp_path / "net.safetensors")
    with pytest.raises(Complaint, match=r"fc.g_idx names groups 8 to 8 where there are scales for 8"):
        open_model(tmp_path / "net.safetensors").read("fc")


def wrong() -> dict[str, dict[str, torch.Tensor]]:
    gptq, awq, pairs = (stored(packing)[0] for packing in PACKINGS)
    return {
        "eight bits": gptq | {"fc.qzeros": torch.zeros(N_GROUPS, N_OUT // 4, dtype=torch.int32)},
        "no zero points": {name: tensor for name, tensor in gptq.items() if name != "fc.qzeros"},
        "groups that do not divide": {name: tensor for name, tensor in gptq.items() if name != "fc.g_idx"}
        | {"fc.scales": torch.ones(7, N_OUT), "fc.qzeros": torch.zeros(7, N_OUT // 8, dtype=torch.int32)},
        "an index beside outputs": awq | {"fc.g_idx": torch.zeros(N_IN, dtype=torch.int32)},
        "bytes with a scale a row": pairs | {"fc.weight_scale": torch.ones(N_OUT)},
        "bytes with groups of both": pairs | {"fc.weight_scale": torch.ones(N_OUT, 4)},
    }


@pytest.mark.parametrize("case", wrong())
def test_what_its_shapes_do_not_tell_is_refused_by_name(case, tmp_path):
    save_file(wrong()[case], tmp_path / "net.safetensors")
    model = open_model(tmp_path / "net.safetensors")
    name = "fc.weight" if "bytes" in case else "fc.qweight"
    with pytest.raises(Complaint, match=rf"'{name}' is stored as u?int\d+, a quantised format; open the model before"):
        model.read(name)


def test_a_layout_of_another_name_is_refused(tmp_path):
    save_file(stored("gptq")[0], tmp_path / "net.safetensors")
    (tmp_path / "config.json").write_text(json.dumps({"quantization_config": {"checkpoint_format": "marlin"}}))
    with pytest.raises(Complaint, match=r"'fc.qweight' is stored as int32"):
        open_model(tmp_path / "net.safetensors").read("fc.qweight")
