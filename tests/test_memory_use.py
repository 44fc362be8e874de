"""Memory and bytes of a pass over a checkpoint, measured in a child process."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from spectral_widgets.api_measuring import file_order
from spectral_widgets.weights import open_model

from .exploring_memory import memory_of_exploring, peak_above_ready
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


HOLDS = "import time; held = bytearray(b'x') * 32_000_000; time.sleep(0.5); del held"


@pytest.mark.parametrize(("way", "least"), [("run", 32e6), ("Popen", 64e6)])
def test_a_peak_of_memory_is_seen_though_it_passes_also_in_a_child(way, least):
    lines = (
        "import subprocess, sys; print('ready', flush=True); sys.stdin.readline()",
        f"child = subprocess.{way}([sys.executable, '-c', {HOLDS!r}])",
        HOLDS,
        "print('done')",
    )
    peak_bytes, said = peak_above_ready([sys.executable, "-c", "\n".join(lines)])
    assert least < peak_bytes < least + 25e6  # an interpreter takes some 10 MB
    assert said == "done\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape", "stored", "view"),
    [
        ((4096, 4096), False, "raw"),
        ((4096, 4096), False, "double_centred"),
        ((4096, 4096), True, "raw"),
        ((4096, 4096), True, "centred"),
        ((4096, 6144), False, "raw"),
    ],
)
def test_exploring_takes_at_most_three_times_the_largest_matrix(tmp_path, shape, stored, view):
    path, n_bytes = tmp_path / "m.safetensors", 4 * shape[0] * shape[1]
    if stored:
        save_file({"a.weight": torch.randn(shape, generator=torch.Generator().manual_seed(0))}, path)
    found = memory_of_exploring(shape, str(path) if stored else "", view)
    print(found["peak_bytes"] / n_bytes, found)
    assert n_bytes < found["peak_bytes"] < 3 * n_bytes


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
