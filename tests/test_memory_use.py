"""Memory and bytes of a pass over a checkpoint, measured in a child process."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from spectral_widgets.api_measuring import file_order
from spectral_widgets.weights import open_model

from .exploring_memory import memory_of_exploring
from .memory_use import LARGE, SMALL, largest_matrix_bytes, memory_of_a_pass, write_checkpoint

#: Pieces that are read, converted or summed at a time, and what the interpreter takes for itself.
ROOM_BYTES = 64 * 2**20


def check_a_pass(tmp_path, shapes):
    small, folder = tmp_path / "small", tmp_path / "folder"
    small.mkdir()
    folder.mkdir()
    write_checkpoint(small, {"a.weight": (64, 32), "b.weight": (32, 64)})
    total = write_checkpoint(folder, shapes)
    found = memory_of_a_pass(folder, small)
    assert found["opened_bytes"] < 1e-3 * total  # the headers and the index
    assert found["opened_s"] < 2
    assert total <= found["read_bytes"] < 1.01 * total + 2**20  # every file once
    largest = largest_matrix_bytes(shapes)
    assert found["peak"]["Anonymous"] < 1.1 * largest + ROOM_BYTES
    assert found["peak"]["Rss"] < 1.1 * largest + ROOM_BYTES
    for name, (rows, columns) in shapes.items():
        assert math.isclose(found["energy"][name], 0.0004 * rows * columns, rel_tol=0.05)


def test_a_pass_over_shards_reads_each_byte_once_and_holds_one_matrix(tmp_path):
    check_a_pass(tmp_path, SMALL)


@pytest.mark.slow
def test_a_pass_over_eight_gigabytes_holds_one_matrix(tmp_path):
    check_a_pass(tmp_path, LARGE)


@pytest.mark.slow
@pytest.mark.parametrize("stored", [False, True])
def test_exploring_takes_at_most_three_times_the_largest_matrix(tmp_path, stored):
    side, path = 4096, tmp_path / "m.safetensors"
    if stored:
        save_file({"a.weight": torch.randn(side, side, generator=torch.Generator().manual_seed(0))}, path)
    found = memory_of_exploring(side, str(path) if stored else "")
    print(found)
    assert 4 * side * side < found["peak_bytes"] < 3 * 4 * side * side


def test_layers_are_read_file_by_file_from_the_beginning_on(tmp_path):
    tensors = {f"h.{k}.w{kind}.weight": torch.randn(4 + k, 6) for k in range(12) for kind in "ba"}
    half = dict(list(tensors.items())[::2]), dict(list(tensors.items())[1::2])
    for number, part in enumerate(half):
        save_file(part, tmp_path / f"model-{number}.safetensors")
    model = open_model(tmp_path)
    layers = list(model.layers)
    places = [model.places[layers[k].name] for k in file_order(layers)]
    assert places == sorted(places)
    assert len({place.path for place in places}) == 2
    for layer in layers:
        truth = tensors[layer.name].numpy()
        np.testing.assert_array_equal(layer.read().values, truth if truth.shape[0] >= 6 else truth.T)


def test_a_torch_file_is_mapped_and_reads_the_same_after_its_pages_went(tmp_path):
    tensors = {f"{k}.weight": torch.randn(300, 200) for k in range(3)}
    torch.save(tensors, tmp_path / "model.pth")
    model = open_model(tmp_path / "model.pth")
    assert [model.places[name].offset for name in tensors] == sorted(model.places[name].offset for name in tensors)
    for _ in range(2):
        for name, tensor in tensors.items():
            np.testing.assert_array_equal(model.layers[name].read().values, tensor.numpy())


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_reading_by_pieces_gives_every_number(tmp_path, dtype, monkeypatch):
    monkeypatch.setattr("spectral_widgets.weights.reading.PIECE_BYTES", 1000)
    tensor = torch.randn(90, 70).to(dtype)
    save_file({"a.weight": tensor, "b.weight": tensor.T.contiguous()}, tmp_path / "m.safetensors")
    read = open_model(tmp_path / "m.safetensors").layers["a.weight"].read().values
    np.testing.assert_array_equal(read, tensor.to(torch.float64 if dtype == torch.float64 else torch.float32).numpy())
