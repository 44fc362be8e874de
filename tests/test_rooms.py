"""Weights of several edits lie side by side, and what runs together is a slice of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from spectral_widgets.probing import rooms
from spectral_widgets.probing.plans import plan_for
from spectral_widgets.probing.rooms import Rooms
from spectral_widgets.probing.tensors import EditedTensors, stacked
from spectral_widgets.probing.twin import Patch
from spectral_widgets.records import MatchedControl, Probe, SubtractMean, Together
from spectral_widgets.spectra.edits import edited
from spectral_widgets.weights import open_model
from torch import nn

from .kinds_of_layers import WORDS
from .subjects import tied_llama
from .test_batched_ablation import assert_equal, both_ways

ROW_BYTES = 12 * 8 * 4
WEIGHT = ("0.weight",)


def model_of(dtype=torch.float32):
    torch.manual_seed(0)
    return open_model(nn.Sequential(nn.Linear(12, 8), nn.Tanh(), nn.Linear(8, 5)).eval().to(dtype))


def edits_of(model, count=6):
    whole = SubtractMean(model.ref("0.weight"))
    return {index: MatchedControl(whole, index, "same_magnitude") for index in range(count)}


def tensors_of(model, dtype=torch.float32):
    return EditedTensors(model, model.module, SubtractMean(model.ref("0.weight")), torch.device("cpu"), dtype)


@pytest.mark.parametrize("n_rooms", [0, 1, 2, 3, 6, 9, 100])
def test_however_many_have_room_the_result_is_that_of_one_by_one(n_rooms, monkeypatch):
    monkeypatch.setattr(rooms, "_ROOM_BYTES", n_rooms * ROW_BYTES)
    monkeypatch.setattr("spectral_widgets.probing.sizes._MOST", 3)
    model = model_of()
    edit = SubtractMean(model.ref("0.weight"))
    plan = plan_for(edit, Probe("vectors", 12, (12,), 1), batch_size=4)
    plan = replace(plan, controls=tuple(edits_of(model, 8).values()))
    together, alone, sizes = both_ways(model, plan, monkeypatch)
    assert max(sizes) == 3
    assert_equal(together, alone, torch.float32)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_a_slice_holds_the_edited_weights_and_last_the_weight_as_it_is(dtype):
    model = model_of(dtype)
    edits = edits_of(model)
    found = Rooms(tensors_of(model, dtype), edits)
    for part in ([0, 1, 2], [3, 4, 5]):
        [slab] = found.several(part, control=True).swaps.values()
        assert slab.shape == (4, 8, 12)
        assert slab.dtype == dtype
        for row, index in zip(slab, part, strict=False):
            assert torch.equal(row, torch.tensor(edited(edits[index], model.read("0.weight"))).to(dtype))
        assert torch.equal(slab[-1], model.module[0].weight)


def test_a_part_that_runs_again_or_is_cut_anew_is_where_it_was():
    model = model_of()
    tensors = tensors_of(model)
    edits = edits_of(model)
    found = Rooms(tensors, edits)
    first = found.several([0, 1, 2, 3, 4, 5], control=True).swaps[WEIGHT]
    for part in ([0, 1, 2, 3, 4, 5], [2, 3], [1, 2, 3, 4]):
        again = found.several(part, control=False).swaps[WEIGHT]
        assert again.data_ptr() == first[part[0]].data_ptr()
        assert torch.equal(again, first[part[0] : part[-1] + 1])
    assert tensors.of(edits[4]).swaps[WEIGHT].data_ptr() == first[4].data_ptr()


def test_what_was_made_alone_is_not_made_again(monkeypatch):
    model = model_of()
    tensors, edits = tensors_of(model), edits_of(model)
    alone = tensors.of(edits[1]).swaps[WEIGHT]
    made = []
    monkeypatch.setattr(tensors, "_make", lambda edit, *rest: made.append(edit))
    slab = Rooms(tensors, edits).several([0, 1], control=False).swaps[WEIGHT]
    assert made == [edits[0]]
    assert torch.equal(slab[1], alone)
    assert tensors.of(edits[1]).swaps[WEIGHT].data_ptr() == slab[1].data_ptr()


def test_a_control_never_writes_over_an_edit():
    model = model_of()
    found = Rooms(tensors_of(model), edits_of(model))
    later = found.several([3, 4], control=False).swaps[WEIGHT].clone()
    assert found.several([1, 2], control=True) is None
    assert torch.equal(found.several([3, 4], control=False).swaps[WEIGHT], later)


def test_there_is_no_room_for_what_is_not_side_by_side_or_changes_other_weights():
    model = model_of()
    first, second = (SubtractMean(model.ref(name)) for name in ("0.weight", "2.weight"))
    both = Together((first, second))
    tensors = EditedTensors(model, model.module, both, torch.device("cpu"), torch.float32)
    found = Rooms(tensors, {0: both, 1: first, 2: MatchedControl(both, 1), 3: MatchedControl(both, 2)})
    assert found.several([0, 1], control=False) is None
    assert found.several([3, 2], control=False) is None
    slabs = found.several([2, 3], control=True).swaps
    assert {names: len(slab) for names, slab in slabs.items()} == {WEIGHT: 3, ("2.weight",): 3}


def test_no_memory_for_rooms_is_no_error(monkeypatch):
    def full(*_):
        raise torch.OutOfMemoryError("no memory")

    monkeypatch.setattr(rooms, "_empty", full)
    model = model_of()
    found = Rooms(tensors_of(model), edits_of(model))
    assert found.n_rooms == 0
    assert found.several([0, 1], control=False) is None


def test_patches_of_different_weights_are_not_stacked():
    one, other = Patch({WEIGHT: torch.zeros(2)}), Patch({WEIGHT: torch.zeros(2), ("b",): torch.zeros(2)})
    for pair in ([one, other], [other, one]):
        with pytest.raises(ValueError, match="different weights"):
            stacked(pair)


def test_a_tied_weight_in_rooms_is_changed_everywhere(monkeypatch):
    model = open_model(tied_llama())
    edit = SubtractMean(model.ref("model.embed_tokens.weight"))
    plan = plan_for(edit, WORDS, n_controls=0, batch_size=4)
    plan = replace(plan, controls=tuple(MatchedControl(edit, seed, "same_magnitude") for seed in range(5)))
    together, alone, sizes = both_ways(model, plan, monkeypatch)
    assert sizes
    assert_equal(together, alone, torch.float32)
    assert all((track.values > 0).all() for track in together.controls)
