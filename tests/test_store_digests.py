"""Digests of values, and memos of files that spare the reading; a change is always noticed."""

from __future__ import annotations

import numpy as np
import pytest
import spectral_widgets as sw
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from spectral_widgets.store import Cache
from spectral_widgets.weights import open_model
from spectral_widgets.weights.digests import digest_of_values
from spectral_widgets.weights.memos import RACY_NS, read_digested, recalled_digest, stamp_of
from torch import nn

from .pages import trapped_module
from .storing import settle

# ---- digests


@given(st.integers(0, 12 * 7 - 1), st.booleans())
def test_every_entry_counts_whichever_way_the_matrix_lies(place, transposed):
    values = np.random.default_rng(0).standard_normal((12, 7)).astype(np.float32)
    values = values.T if transposed else values
    changed = values.copy(order="K")
    changed[np.unravel_index(place, values.shape)] = np.nextafter(changed[np.unravel_index(place, values.shape)], 9)
    assert digest_of_values(values) == digest_of_values(values.copy(order="K"))
    assert digest_of_values(values) != digest_of_values(changed)


def test_shape_type_sign_of_zero_and_the_second_array_count():
    zeros = np.zeros((4, 6))
    others = [zeros.reshape(6, 4), zeros.T, zeros.astype(np.float32), zeros.astype(np.int64), -zeros]
    digests = {digest_of_values(one) for one in [zeros, *others]} | {digest_of_values(zeros, zeros)}
    assert len(digests) == 7


def test_a_slice_is_digested_by_its_own_entries():
    values = np.arange(60.0).reshape(6, 10)
    assert digest_of_values(values[:, 2:5]) == digest_of_values(values[:, 2:5].copy())


# ---- memos of files


def test_a_layer_of_an_unchanged_file_is_known_without_reading(weights_file, results, later, reads):
    layer = open_model(weights_file).layers[0]
    assert recalled_digest(layer, results) is None
    digest = read_digested(layer, results).digest
    assert digest == digest_of_values(layer.read().values)
    reads.clear()
    again = open_model(weights_file).layers
    assert recalled_digest(again[0], results) == digest
    assert recalled_digest(again[1], results) is None
    assert reads == []


def test_layers_of_one_tensor_have_places_of_their_own(tmp_path, results, later):
    path = tmp_path / "lstm.safetensors"
    save_file({key: one.contiguous() for key, one in nn.LSTM(8, 6).state_dict().items()}, path)
    layers = open_model(path).layers
    digests = [read_digested(layer, results).digest for layer in layers]
    assert len(set(digests)) == len(layers) == 8
    assert [recalled_digest(layer, results) for layer in open_model(path).layers] == digests


@pytest.mark.parametrize("change", ["written", "written, old times", "replaced, old times", "other size", "gone"])
def test_a_changed_file_is_not_known(weights_file, results, later, change):
    digest = read_digested(open_model(weights_file).layers[0], results).digest
    tensors = load_file(weights_file)
    name = next(iter(tensors))
    tensors[name] = tensors[name].clone()
    tensors[name][0, 0] += 1
    if change == "gone":
        weights_file.unlink()
        assert stamp_of(weights_file) == ""
        return
    if change == "other size":
        tensors["more"] = torch.zeros(3, 3)
    target = weights_file.with_suffix(".new") if change.startswith("replaced") else weights_file
    save_file(tensors, target)
    if "old times" in change:
        settle(target)
    if target != weights_file:
        target.replace(weights_file)
    layer = open_model(weights_file).layers[0]
    assert recalled_digest(layer, results) is None
    assert read_digested(layer, results).digest != digest


def test_a_file_that_was_written_just_now_is_not_trusted(weights_file, results):
    """Its times are those of the last change, and a further change within one tick of the clock would not show."""
    weights_file.touch()
    layer = open_model(weights_file).layers[0]
    read_digested(layer, results)
    assert recalled_digest(layer, results) is None
    assert stamp_of(weights_file, now_ns=weights_file.stat().st_ctime_ns + RACY_NS - 1) == ""
    assert stamp_of(weights_file, now_ns=weights_file.stat().st_ctime_ns + RACY_NS + 1) != ""


def test_a_file_that_changes_while_it_is_read_is_not_noted(weights_file, results, later, monkeypatch):
    read = sw.Model.read

    def disturbed(self, name):
        matrix = read(self, name)
        weights_file.touch()
        return matrix

    monkeypatch.setattr(sw.Model, "read", disturbed)
    layer = open_model(weights_file).layers[0]
    read_digested(layer, results)
    assert recalled_digest(layer, results) is None


def test_live_modules_edited_models_and_files_of_torch_are_read_and_hashed(tmp_path, weights_file, results, later):
    live = open_model(trapped_module())
    torch.save(trapped_module().state_dict(), tmp_path / "weights.pt")
    saved = open_model(tmp_path / "weights.pt")
    original = open_model(weights_file)
    read_digested(original.layers[0], results)
    edited = sw.apply(original, sw.SubtractMean(original.layers[0].ref))
    for model in (live, saved, edited):
        digest = read_digested(model.layers[0], results).digest
        assert digest == digest_of_values(model.layers[0].read().values)
        assert recalled_digest(model.layers[0], results) is None
    assert read_digested(edited.layers[0], results).digest != read_digested(original.layers[0], results).digest


def test_other_code_does_not_trust_a_memo(weights_file, tmp_path, later):
    layer = open_model(weights_file).layers[0]
    first = Cache(tmp_path / "s", version=lambda: "one")
    read_digested(layer, first)
    assert recalled_digest(layer, first)
    assert recalled_digest(layer, Cache(tmp_path / "s", version=lambda: "two")) is None
