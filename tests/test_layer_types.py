"""Every layer type is cut as it says, and a matrix goes back into the same cells of its tensor."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file
from spectral_widgets.probing.ablation import ablate
from spectral_widgets.probing.plans import plan_for
from spectral_widgets.records import ChangeEntries, Complaint, Entry, Unfolding
from spectral_widgets.spectra.edits import edited
from spectral_widgets.weights import open_model
from spectral_widgets.weights.values import fold_into
from torch import nn

from .kinds_of_layers import CASES, built, layers_of
from .layer_parts import Picked, attends, packed, recurs
from .subjects import whole_state

pytestmark = pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm` is deprecated:FutureWarning")


# ---- the law of cutting, for any block, order and split


@st.composite
def unfoldings(draw):
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=2, max_size=4)))
    ends = [sorted(draw(st.lists(st.integers(0, side), min_size=2, max_size=2, unique=True))) for side in shape]
    block = tuple((start, stop) for start, stop in ends[: draw(st.integers(0, len(shape)))])
    order = draw(st.sampled_from([(), tuple(draw(st.permutations(range(len(shape)))))]))
    return Unfolding.of_shape(shape, block, order, draw(st.integers(1, len(shape) - 1)))


@given(unfoldings(), st.integers(0, 2**31 - 1))
def test_a_matrix_goes_back_into_its_cells_and_no_others(unfolding, seed):
    tensor = np.random.default_rng(seed).normal(size=unfolding.shape)
    matrix = unfolding.unfold(tensor)
    assert matrix.shape[0] >= matrix.shape[1]
    assert (unfolding.fold_into(tensor, matrix) == tensor).all()
    back = unfolding.fold_into(tensor, matrix + 1)
    changed = np.zeros(unfolding.shape, bool)
    changed[unfolding.window] = True
    assert ((back != tensor) == changed).all()
    np.testing.assert_array_equal(unfolding.unfold(back), matrix + 1)
    for row, column in np.ndindex(matrix.shape):
        assert tensor[unfolding.index_of(row, column)] == matrix[row, column]


# ---- every kind of layer


@pytest.mark.parametrize("name", CASES)
def test_layers_have_the_names_kinds_and_words_of_their_cut(name):
    case = CASES[name]
    _, layers = layers_of(name, built(name))
    wanted = [f"{case.parameter}[{label}]" if label else case.parameter for label in case.labels]
    assert [layer.name for layer in layers] == wanted
    kinds = case.kinds if len(case.kinds) > 1 else case.kinds * len(layers)
    assert tuple(layer.kind for layer in layers) == kinds
    for layer, label in zip(layers, case.labels, strict=True):
        assert layer.cut == ", ".join(words for words in (label, case.words) if words)
        assert not case.shape or layer.shape == case.shape
        assert layer.caveat == ""


@pytest.mark.parametrize("name", CASES)
def test_the_blocks_of_a_parameter_cover_it_once(name):
    model, layers = layers_of(name, built(name))
    whole = model.tensor(CASES[name].parameter).float().numpy()
    covered = np.zeros(whole.shape, int)
    for layer in layers:
        matrix = layer.read()
        assert matrix.values.shape == (layer.ref.n_rows, layer.ref.n_cols)
        np.testing.assert_array_equal(matrix.unfolding.fold_into(whole, matrix.values), whole)
        np.testing.assert_array_equal(matrix.unfolding.unfold(whole), matrix.values)
        covered[matrix.unfolding.window] += 1
    assert (covered == 1).all()


@pytest.mark.parametrize("name", CASES)
def test_an_edit_changes_the_named_entry_alone(name):
    model, layers = layers_of(name, built(name))
    whole = model.tensor(CASES[name].parameter)
    tensor = whole.double().numpy()
    for layer in layers:
        matrix = layer.read()
        row, column = matrix.unfolding.position(1, 1)
        entry = Entry(row, column, 0.0, 0.0)
        left = edited(ChangeEntries(matrix.ref, (entry,)), matrix, tensor)
        places = np.argwhere(left != tensor)
        assert [tuple(place) for place in places] == [matrix.unfolding.index_of(1, 1)]
        assert left[tuple(places[0])] == pytest.approx(float(matrix.values.mean()), abs=1e-6)


@pytest.mark.parametrize("name", CASES)
def test_an_ablation_of_every_block_moves_the_outputs_and_leaves_the_module(name):
    module = built(name)
    model, layers = layers_of(name, module)
    before = whole_state(module)
    for layer in layers[:: max(1, len(layers) // 3)]:
        entries = tuple(Entry(row, column, 0.0, 0.0) for row in range(2) for column in range(2))
        plan = plan_for(ChangeEntries(layer.ref, entries), CASES[name].probe, n_controls=1, batch_size=4)
        assert (ablate(model, plan).edit.values > 0).any(), layer
    assert whole_state(module) == before


# ---- the same numbers as by hand


def test_slices_are_the_operators_of_the_convolution():
    conv = nn.ConvTranspose2d(3, 4, 2)
    for layer in open_model(conv, cut="slices").layers:
        row, column = eval(layer.cut.removeprefix("kernel offset "))
        np.testing.assert_array_equal(layer.read().values, conv.weight[:, :, row, column].detach().numpy().T)


def test_a_head_is_what_the_attention_uses():
    attention = packed()
    model = open_model(Picked(attention, 24, attends))
    heads = model.layers.where(name="in_proj").cut("heads")
    assert len(heads) == 6
    np.testing.assert_array_equal(
        model.read("part.in_proj_weight[k head 1]").values.T, attention.in_proj_weight[12:16].detach().numpy()
    )


def test_a_parameter_that_is_cut_can_be_had_whole():
    model = open_model(Picked(nn.LSTM(6, 5, batch_first=True), 10, recurs))
    assert model.read("part.weight_hh_l0").values.shape == (20, 5)
    assert model.recut("whole").layers.names == ["part.weight_ih_l0", "part.weight_hh_l0", "head.weight"]
    assert model.layer_digest("part.weight_hh_l0[gate i]") != model.layer_digest("part.weight_hh_l0[gate f]")


def test_gates_in_a_file_are_told_from_the_square_of_the_hidden_weight(tmp_path):
    for kind, gates in ((nn.LSTM, "ifgo"), (nn.GRU, "rzn"), (nn.RNN, "")):
        save_file(kind(6, 5).state_dict(), tmp_path / "net.safetensors")
        names = open_model(tmp_path / "net.safetensors").layers.names
        wanted = [f"weight_ih_l0[gate {gate}]" for gate in gates] or ["weight_ih_l0"]
        assert [name for name in names if "_ih_" in name] == wanted


def test_ties_hold_for_the_parts_of_a_tied_weight():
    first, second = nn.LSTM(5, 5), nn.LSTM(5, 5)
    second.weight_hh_l0 = first.weight_hh_l0
    model = open_model(nn.ModuleList([first, second]))
    assert "1.weight_hh_l0[gate i]" not in model.layers.names
    assert model.layers["0.weight_hh_l0[gate i]"].tied_with == ("1.weight_hh_l0",)
    assert model.ref("1.weight_hh_l0[gate i]").name == "0.weight_hh_l0[gate i]"


def test_cuts_that_do_not_fit_are_refused():
    with pytest.raises(Complaint, match="no cut 'sliced'"):
        open_model(nn.Linear(4, 4), cut="sliced")
    with pytest.raises(Complaint, match="says how many heads"):
        open_model(nn.Linear(4, 4)).recut("heads")
    with pytest.raises(Complaint, match="has no layer"):
        open_model(nn.Linear(4, 4)).read("weight[head 0]")


def test_the_code_says_the_cut():
    model = open_model(nn.Conv1d(4, 4, 2))
    assert open_model(nn.Conv1d(4, 4, 2), cut="slices").code == "sw.open_model(module, cut='slices')"
    assert model.recut("slices").code == "sw.open_model(module).recut('slices')"
    assert model.recut("default") is model


def test_bfloat16_outside_the_block_stays_bit_for_bit():
    module = built("half precision")
    model = open_model(module)
    matrix = model.read("part.weight_ih_l0[gate g]")
    whole = model.tensor("part.weight_ih_l0")
    back = fold_into(matrix.unfolding, whole, np.zeros(matrix.values.shape))
    assert back.dtype == torch.bfloat16
    assert torch.equal(back[:10].view(torch.int16), whole[:10].view(torch.int16))
    assert torch.equal(back[15:].view(torch.int16), whole[15:].view(torch.int16))
    assert not back[10:15].any()


def test_a_fused_projection_of_unknown_layout_stays_whole_and_says_so():
    attention = nn.Module()
    attention.query_key_value = nn.Linear(8, 24)
    model = open_model(nn.ModuleDict({"attn": attention, "known": packed()}), cut="heads")
    (layer,) = [layer for layer in model.layers if "query_key_value" in layer.name]
    assert (layer.name, layer.cut) == ("attn.query_key_value.weight", "whole: where its heads lie is not known")


@pytest.mark.parametrize("kind", ["live", "safetensors", "torch"])
def test_a_block_is_read_without_the_rest_and_shares_no_memory(kind, tmp_path):
    conv = nn.Conv1d(4, 4, 3)
    save_file(conv.state_dict(), tmp_path / "net.safetensors")
    torch.save(conv.state_dict(), tmp_path / "net.pt")
    source = {"live": conv, "safetensors": tmp_path / "net.safetensors", "torch": tmp_path / "net.pt"}[kind]
    model = open_model(source, cut="slices")
    before = conv.weight.detach().clone()
    for offset in range(3):
        matrix = model.read(f"weight[kernel offset ({offset},)]")
        np.testing.assert_array_equal(matrix.unfolding.fold(matrix.values)[..., 0], before[..., offset].numpy())
        matrix.values[...] = 7.0
    assert torch.equal(conv.weight, before)
    np.testing.assert_array_equal(model.tensor("weight").numpy(), before.numpy())


def test_a_cut_parameter_of_another_shape_is_noticed():
    rnn = nn.GRU(6, 5)
    model = open_model(rnn)
    rnn.weight_hh_l0 = nn.Parameter(torch.randn(18, 6))
    with pytest.raises(Complaint, match="open the model again"):
        model.read("weight_hh_l0[gate r]")
