"""Bad files and folders: one sentence that names them, says what is wrong and what to do; no code ever runs."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from spectral_widgets.records import Complaint
from spectral_widgets.weights import open_model
from torch import nn


class Harmful:
    """Would write a file when unpickled."""

    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self):
        return (Path.write_text, (self.path, "code ran"))


def truncated(folder: Path) -> Path:
    save_file({"weight": torch.randn(50, 50)}, folder / "whole.safetensors")
    content = (folder / "whole.safetensors").read_bytes()
    (folder / "cut.safetensors").write_bytes(content[: len(content) // 2])
    return folder / "cut.safetensors"


def written(name: str, content: bytes):
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return write


def folder_with(name: str, content: bytes):
    return lambda folder: written(name, content)(folder).parent


def empty_folder(folder: Path) -> Path:
    (folder / "empty").mkdir()
    return folder / "empty"


def two_models(folder: Path) -> Path:
    for step in (1, 2):
        save_file({"weight": torch.randn(4, 4)}, folder / f"step_{step}.safetensors")
    return folder


def saved(content: object):
    def save(folder: Path) -> Path:
        torch.save(content, folder / "net.pt")
        return folder / "net.pt"

    return save


BAD_SOURCES = {
    "truncated safetensors": (truncated, "cut.safetensors.*cut off or damaged"),
    "text called safetensors": (written("a.safetensors", b"hello world"), "a.safetensors.*damaged"),
    "empty file": (written("a.safetensors", b""), "a.safetensors.*damaged"),
    "text called pt": (written("a.pt", b"hello world"), "a.pt is no readable state_dict"),
    "empty pt": (written("a.pt", b""), "a.pt is no readable state_dict"),
    "cut zip": (written("a.pt", b"PK\x03\x04 cut"), "a.pt is no readable state_dict"),
    "unknown .bin": (written("a.bin", b"\x00" * 100), "a.bin is no readable state_dict"),
    "cut llama2.c": (
        written("a.bin", np.array([8, 16, 1, 2, 2, 40, 8], "<i4").tobytes() + b"\x00" * 64),
        "a.bin has 92 bytes where its llama2.c header announces",
    ),
    "unknown type": (written("a.txt", b"hello"), "a.txt is of no known type"),
    "no index": (written("a.index.json", b"{}"), "a.index.json has no weight_map"),
    "missing shard": (
        written("a.index.json", b'{"weight_map": {"w": "gone.safetensors"}}'),
        "names gone.safetensors, which is not beside it",
    ),
    "missing folder": (lambda folder: folder / "nowhere", "There is no file or folder .*nowhere"),
    "missing file": (lambda folder: "nowhere.safetensors", "There is no file or folder nowhere.safetensors"),
    "empty folder": (empty_folder, "empty is an empty folder; give a folder of"),
    "wrong kind of folder": (folder_with("photo.jpg", b"x"), "holds no weights, only photo.jpg"),
    "several models in a folder": (
        two_models,
        "step_1.safetensors and .*step_2.safetensors both hold 'weight'",
    ),
    "no tensors": (saved({"epoch": 3}), "holds a dict without tensors"),
    "one tensor": (saved([torch.ones(3)]), "holds a list without tensors"),
    "vectors only": (saved({"bias": torch.ones(3)}), "no weight with two axes"),
    "whole module": (saved(nn.Linear(3, 3)), "net.pt would run code.*state_dict"),
}


@pytest.mark.parametrize("case", BAD_SOURCES)
def test_bad_sources_get_one_sentence_that_names_them(case, tmp_path):
    make, pattern = BAD_SOURCES[case]
    with pytest.raises(Complaint, match=pattern) as caught:
        open_model(make(tmp_path))
    message = str(caught.value)
    assert message.endswith(".")
    assert "\n" not in message


@pytest.mark.parametrize("protocol", [2, 4])
def test_a_pickle_never_runs_code(protocol, tmp_path):
    proof = tmp_path / "proof"
    torch.save({"weight": torch.ones(3, 3), "x": Harmful(proof)}, tmp_path / "net.pt", pickle_protocol=protocol)
    (tmp_path / "plain.pth").write_bytes(pickle.dumps(Harmful(proof), protocol=protocol))
    with pytest.raises(Complaint, match=r"net.pt would run code"):
        open_model(tmp_path / "net.pt")
    with pytest.raises(Complaint, match=r"plain.pth"):
        open_model(tmp_path / "plain.pth")
    assert not proof.exists()
