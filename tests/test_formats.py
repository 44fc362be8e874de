"""Every kind of file and folder gives the same layers, one tensor in memory at a time."""

from __future__ import annotations

import json
import sys
import weakref
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import transformers
from safetensors.torch import save_file
from spectral_widgets.records import Complaint
from spectral_widgets.weights import hub, open_model, safetensors_files
from torch import nn


def network() -> nn.Sequential:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        return nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))


def save_shards(folder: Path, *, index: bool) -> Path:
    state = network().state_dict()
    parts = {
        "model-00001-of-00002.safetensors": {name: state[name] for name in ("0.weight", "2.bias")},
        "model-00002-of-00002.safetensors": {name: state[name] for name in ("0.bias", "2.weight")},
    }
    for file, tensors in parts.items():
        save_file(tensors, folder / file)
    if index:
        weight_map = {name: file for file, tensors in parts.items() for name in tensors}
        (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
    return folder


def as_safetensors(folder: Path) -> Path:
    save_file(network().state_dict(), folder / "net.safetensors")
    return folder / "net.safetensors"


def as_torch(folder: Path, name: str = "net.pt", **wrap: object) -> Path:
    state = network().state_dict()
    torch.save({**wrap, "state_dict": state} if wrap else state, folder / name)
    return folder / name


def as_old_torch(folder: Path) -> Path:
    torch.save(network().state_dict(), folder / "old.pth", _use_new_zipfile_serialization=False)
    return folder / "old.pth"


def as_torch_shards(folder: Path) -> Path:
    state = network().state_dict()
    for number, prefix in enumerate(("0.", "2.")):
        part = {name: tensor for name, tensor in state.items() if name.startswith(prefix)}
        torch.save(part, folder / f"pytorch_model-{number}.bin")
    return folder


FORMATS = {
    "safetensors file": as_safetensors,
    "folder of one safetensors file": lambda folder: as_safetensors(folder).parent,
    "shards with an index": lambda folder: save_shards(folder, index=True),
    "the index itself": lambda folder: save_shards(folder, index=True) / "model.safetensors.index.json",
    "shards without an index": lambda folder: save_shards(folder, index=False),
    "state_dict": as_torch,
    "state_dict in a .bin": lambda folder: as_torch(folder, "pytorch_model.bin"),
    "training checkpoint": lambda folder: as_torch(folder, epoch=3, optimizer={"lr": 0.1}),
    "state_dict before the zip format": as_old_torch,
    "folder of a state_dict": lambda folder: as_torch(folder).parent,
    "shards of state_dicts": as_torch_shards,
}


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_gives_the_weights_of_the_live_module(form, tmp_path):
    path = FORMATS[form](tmp_path)
    model, live = open_model(path), open_model(network())
    assert sorted(model.layers.names) == ["0.weight", "2.weight"]
    for name in model.layers.names:
        np.testing.assert_array_equal(model.read(name).values, live.read(name).values)
        assert model.layer_digest(name) == live.layer_digest(name)
    assert model.fingerprint() == live.fingerprint()
    assert model.missing.endswith("model.with_module(nn_module).")
    assert "weights only" in repr(model)
    with pytest.raises(Complaint, match="with_module"):
        model.run(torch.ones(1, 6))
    with pytest.raises(Complaint, match="with_module"):
        model.default_probe()


@pytest.mark.parametrize("form", ["safetensors file", "shards with an index", "state_dict"])
def test_the_code_reopens_the_model(form, tmp_path):
    model = open_model(str(FORMATS[form](tmp_path)))
    again = eval(model.code, {"sw": SimpleNamespace(open_model=open_model)})
    assert again.fingerprint() == model.fingerprint()
    assert again.name == model.name


def test_blocks_come_in_numerical_order(tmp_path):
    tensors = {f"layers.{index}.weight": torch.randn(3, 3) for index in (10, 2, 1)}
    save_file(tensors, tmp_path / "model.safetensors")
    assert [layer.depth for layer in open_model(tmp_path).layers] == [1, 2, 10]


def test_a_sharded_folder_holds_one_tensor_at_a_time(tmp_path, monkeypatch):
    save_shards(tmp_path, index=True)
    alive: list[weakref.ref] = []
    most = 0
    real = safetensors_files.safe_open

    class Counting:
        def __init__(self, *arguments, **options):
            self.file = real(*arguments, **options)

        def __enter__(self):
            self.inner = self.file.__enter__()
            return self

        def __exit__(self, *error):
            return self.file.__exit__(*error)

        def __getattr__(self, name):
            return getattr(self.inner, name)

        def get_tensor(self, name):
            nonlocal most
            tensor = self.inner.get_tensor(name)
            alive.append(weakref.ref(tensor.untyped_storage()))
            most = max(most, sum(reference() is not None for reference in alive))
            return tensor

    monkeypatch.setattr(safetensors_files, "safe_open", Counting)
    model = open_model(tmp_path)
    assert repr(model.layers).startswith("2 layers")
    assert not alive
    for layer in model.layers:
        layer.read()
    model.fingerprint()
    # Layers are read piece by piece; the fingerprint takes tensors whole.
    assert len(alive) == 4
    assert most == 1


def test_weights_become_runnable_with_a_module_that_stays_as_it_is(tmp_path):
    weights = open_model(as_safetensors(tmp_path))
    bare = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))
    before = [parameter.detach().clone() for parameter in bare.parameters()]
    model = weights.with_module(bare)
    assert all(torch.equal(old, new) for old, new in zip(before, bare.parameters(), strict=True))
    batch = torch.ones(2, 6)
    torch.testing.assert_close(model.run(batch), network()(batch))
    assert (model.missing, model.outputs) == ("", "logits")
    assert model.code.endswith(".with_module(module)")
    assert model.fingerprint() == weights.fingerprint()


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        (nn.Sequential(nn.Linear(6, 4), nn.ReLU(), nn.Linear(4, 3)), "has shape"),
        (nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3), nn.Linear(3, 3)), "does not hold"),
        (nn.Sequential(nn.Linear(6, 5)), "no place"),
    ],
)
def test_a_module_that_does_not_fit_is_refused(module, reason, tmp_path):
    with pytest.raises(Complaint, match=reason):
        open_model(as_safetensors(tmp_path)).with_module(module)


def test_ties_in_a_state_dict_are_found(tmp_path):
    shared = torch.randn(4, 4)
    torch.save({"embed.weight": shared, "head.weight": shared}, tmp_path / "net.pt")
    model = open_model(tmp_path / "net.pt")
    assert model.layers.names == ["embed.weight"]
    assert model.tied == {"head.weight": "embed.weight"}


@pytest.fixture
def pretrained(tmp_path):
    """A folder as transformers saves it."""
    config = transformers.LlamaConfig(
        vocab_size=50, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        module = transformers.LlamaForCausalLM(config)
    module.save_pretrained(tmp_path)
    return tmp_path, module.eval()


def test_a_hugging_face_folder_runs(pretrained, capfd):
    folder, module = pretrained
    capfd.readouterr()
    model = open_model(folder)
    assert capfd.readouterr() == ("", "")
    batch = torch.randint(0, 50, (2, 7), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        torch.testing.assert_close(model.run(batch), module(batch).logits)
    assert (model.outputs, model.missing) == ("logits", "")
    assert not model.module.training


def test_an_id_is_opened_through_transformers(monkeypatch):
    asked = []

    def load(source, *, local):
        asked.append((source, local))
        return network()

    monkeypatch.setattr(hub, "load_pretrained", load)
    model = open_model("someone/some-model")
    assert asked == [("someone/some-model", False)]
    assert (model.name, model.code) == ("someone/some-model", "sw.open_model('someone/some-model')")
    assert model.module is not None


def test_without_transformers_the_folder_still_opens(pretrained, monkeypatch):
    folder, module = pretrained
    monkeypatch.setitem(sys.modules, "transformers", None)
    model = open_model(folder)
    assert model.module is None
    assert "pip install 'spectral_widgets[transformers]'" in model.missing
    assert sorted(model.layers.names) == sorted(open_model(module).layers.names)
    with pytest.raises(Complaint, match=r"pip install 'spectral_widgets\[transformers\]'"):
        open_model("someone/some-model")


def test_a_folder_that_transformers_cannot_load_gives_its_weights(tmp_path):
    as_safetensors(tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "of_my_own"}')
    model = open_model(tmp_path)
    assert model.module is None
    assert "of_my_own" in model.missing
    assert len(model.layers) == 2
