"""Bad weights and bad files: one sentence that names the layer or file, says what is wrong and what to do."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from spectral_widgets.records import Complaint
from spectral_widgets.weights import digits_mlp, open_model
from torch import nn


def with_weight(weight: torch.Tensor) -> nn.Module:
    """A module of a good layer and a bad one."""
    module = nn.Module()
    module.good = nn.Linear(4, 3)
    module.bad = nn.Module()
    module.bad.weight = nn.Parameter(weight, requires_grad=False)
    return module


def spoiled(value: float, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    weight = torch.arange(12, dtype=torch.float32).reshape(4, 3)
    weight[2, 1] = value
    return weight.to(dtype)


BAD_WHEN_READ = {
    "nan": (spoiled(float("nan")), "1 NaN and 0 infinite entries.*row 2, column 1"),
    "infinite": (spoiled(float("inf")), "0 NaN and 1 infinite entries"),
    "infinite in half precision": (spoiled(float("-inf"), torch.float16), "0 NaN and 1 infinite"),
    "constant": (torch.full((4, 3), 0.5), "is 0.5; a constant matrix"),
    "zero": (torch.zeros(4, 3), "is 0; a constant matrix"),
}
BAD_AT_SIGHT = {
    "meta": (torch.empty(4, 3, device="meta"), "meta device"),
    "empty": (torch.empty(0, 3), "is empty"),
    "one row": (torch.ones(1, 7), "single row"),
    "one column": (torch.ones(7, 1), "single row"),
    "int8": (torch.ones(4, 3, dtype=torch.int8), "stored as int8"),
    "packed int32": (torch.ones(4, 3, dtype=torch.int32), "stored as int32"),
    "complex": (torch.ones(4, 3, dtype=torch.complex64), "stored as complex64"),
    "sparse": (torch.eye(4).to_sparse(), "sparse"),
}


def rejects(model, pattern: str) -> None:
    """The bad layer refuses to be read by name, and the good one is read."""
    with pytest.raises(Complaint, match=pattern) as caught:
        model.layers["bad.weight"].read()
    assert "'bad.weight'" in str(caught.value)
    assert str(caught.value).endswith(".")
    assert model.layers["good.weight"].read().values.shape == (4, 3)


@pytest.mark.parametrize("case", BAD_WHEN_READ)
def test_bad_values_are_refused_when_read(case):
    weight, pattern = BAD_WHEN_READ[case]
    model = open_model(with_weight(weight))
    assert model.layers["bad"].caveat == ""
    rejects(model, pattern)
    assert model.fingerprint()


@pytest.mark.parametrize("case", BAD_AT_SIGHT)
def test_what_is_seen_without_reading_stands_in_the_caveat(case):
    weight, pattern = BAD_AT_SIGHT[case]
    model = open_model(with_weight(weight))
    rejects(model, pattern)
    assert "not readable" in repr(model.layers["bad"])
    assert "'bad.weight'" in model.layers["bad"].caveat
    with pytest.raises(Complaint, match=pattern):
        model.layer_digest("bad")
    assert model.fingerprint()


@pytest.mark.parametrize("case", [*BAD_WHEN_READ, *(set(BAD_AT_SIGHT) - {"meta", "sparse"})])
def test_bad_layers_in_files_are_refused_the_same_way(case, tmp_path):
    weight, pattern = {**BAD_WHEN_READ, **BAD_AT_SIGHT}[case]
    state = {"bad.weight": weight, "good.weight": torch.randn(3, 4)}
    torch.save(state, tmp_path / "net.pt")
    rejects(open_model(tmp_path / "net.pt"), pattern)
    save_file(state, tmp_path / "net.safetensors")
    rejects(open_model(tmp_path / "net.safetensors"), pattern)


def test_a_sparse_tensor_in_a_state_dict(tmp_path):
    torch.save({"bad.weight": torch.eye(4).to_sparse(), "good.weight": torch.randn(3, 4)}, tmp_path / "net.pt")
    rejects(open_model(tmp_path / "net.pt"), "sparse")


def test_float8_with_scales_beside_it_is_refused(tmp_path):
    state = {
        "bad.weight": torch.randn(4, 3).to(torch.float8_e4m3fn),
        "bad.weight_scale_inv": torch.ones(2, 2),
        "good.weight": torch.randn(3, 4),
    }
    save_file(state, tmp_path / "net.safetensors")
    rejects(open_model(tmp_path / "net.safetensors"), "float8 with scales")


@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor:UserWarning")
def test_a_quantised_module_is_refused_by_name():
    module = nn.Module()
    module.good = nn.Linear(4, 3)
    module.bad = torch.ao.nn.quantized.dynamic.Linear(4, 3)
    rejects(open_model(module), "quantised module Linear")


def test_a_lazy_module_says_to_run_it_once():
    module = nn.Module()
    module.good = nn.Linear(4, 3)
    module.bad = nn.LazyLinear(3)
    rejects(open_model(module), "run the model once")


def test_a_parametrisation_that_fails_spoils_its_own_layer_only():
    class Failing(nn.Module):
        def __init__(self):
            super().__init__()
            self.calls = 0

        def forward(self, weight):
            if self.calls:
                raise RuntimeError("no more")
            self.calls += 1
            return weight

    module = nn.Module()
    module.good = nn.Linear(4, 3)
    module.bad = nn.Linear(4, 3)
    torch.nn.utils.parametrize.register_parametrization(module.bad, "weight", Failing(), unsafe=True)
    module.bad.parametrizations.weight[0].calls = 1
    rejects(open_model(module), "no more")


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
    "empty folder": (empty_folder, "empty holds no weights, only nothing"),
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


@pytest.mark.parametrize("source", [None, 3, {"weight": torch.ones(3, 3)}])
def test_other_objects_are_no_source(source):
    with pytest.raises(Complaint, match="cannot be opened from a"):
        open_model(source)


def test_a_module_without_matrices():
    with pytest.raises(Complaint, match="no weight with two axes"):
        open_model(nn.Sequential(nn.ReLU(), nn.BatchNorm1d(3)))


def test_outputs_is_one_of_two_words():
    with pytest.raises(Complaint, match="neither 'logits' nor 'features'"):
        open_model(nn.Linear(3, 3), outputs="probabilities")


@pytest.mark.parametrize("batch", [torch.ones(2, 63), torch.ones(2, 64).long(), "text", None])
def test_inputs_that_do_not_fit_are_named(batch):
    with pytest.raises(Complaint, match="digits_mlp at step 374000 failed on"):
        digits_mlp().run(batch)


def test_a_device_without_memory_is_named():
    def forward(module, batch):
        raise torch.OutOfMemoryError("tried to allocate")

    with pytest.raises(Complaint, match="ran out of memory on cpu; use smaller batches"):
        open_model(nn.Linear(3, 3), forward=forward).run(torch.ones(1, 3))


def test_output_without_a_tensor():
    model = open_model(nn.Linear(3, 3), forward=lambda module, batch: "done")
    with pytest.raises(Complaint, match="gives a str without a tensor"):
        model.run(torch.ones(1, 3))
