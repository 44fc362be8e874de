"""Edits for good: in a new model and a file, never in the given one."""

from __future__ import annotations

import json

import numpy as np
import pytest
import spectral_widgets as sw
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from spectral_widgets.records import Complaint, RemoveTrap
from spectral_widgets.spectra.edits import edited

from .subjects import opened, trapped_model, whole_state


@pytest.mark.parametrize("name", ["mlp", "bfloat16", "convolution", "lstm", "tied llama", "gpt2", "bert"])
def test_the_new_model_has_the_edited_tensor_and_the_old_one_is_untouched(name):
    module, model, plan = opened(name)
    layer = plan.edit.layer.name
    before, matrix = whole_state(module), model.read(layer)
    new = sw.apply(model, plan.edit)
    assert whole_state(module) == before
    assert new.module is not module
    assert new.name == f"{model.name}, edited"
    assert new.precision == model.precision
    values = torch.from_numpy(edited(plan.edit, matrix)).to(model.store.read(layer).dtype)
    assert torch.equal(new.store.read(layer), values)
    for slot in model.store.slots:
        if slot.name != layer:
            assert torch.equal(new.store.read(slot.name), model.store.read(slot.name))
    assert new.tied == model.tied
    # Ablating the same edit and running the new model are the same thing.
    inputs = sw.probes.batches(plan.probe, 0, plan.probe.n, torch.device("cpu"), next(module.parameters()).dtype)
    assert not torch.equal(new.run(inputs), model.run(inputs))
    sw.apply(new, plan.edit)


def test_the_file_holds_the_edited_weights_and_says_what_was_done(tmp_path):
    module, model, scans = trapped_model()
    edits = [RemoveTrap(scan.traps[0], "zero") for scan in scans]
    path = tmp_path / "edited.safetensors"
    new = sw.apply(model, edits, path)
    stored = load_file(path)
    assert set(stored) == set(module.state_dict())
    for key, value in new.module.state_dict().items():
        assert torch.equal(stored[key], value)
    opened_again = sw.open_model(path).with_module(module)
    inputs = torch.zeros(2, 24, dtype=torch.float64)
    assert torch.equal(opened_again.run(inputs), new.run(inputs))
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
    assert metadata["original"] == model.name
    assert metadata["original_fingerprint"] == model.fingerprint()
    assert json.loads(metadata["layers"]) == ["0.weight", "2.weight"]
    sentences = json.loads(metadata["edits"])
    assert len(sentences) == 2
    assert all("is taken out of" in sentence for sentence in sentences)
    written = path.read_bytes()
    with pytest.raises(Complaint, match="exists already"):
        sw.apply(model, edits, path)
    assert path.read_bytes() == written


def test_tied_weights_go_once_into_the_file_and_are_listed(tmp_path):
    _, model, plan = opened("tied llama")
    path = tmp_path / "edited.safetensors"
    new = sw.apply(model, plan.edit, path)
    assert new.module.lm_head.weight is new.module.model.embed_tokens.weight
    with safe_open(path, "pt") as file:
        assert json.loads(file.metadata()["tied"]) == model.tied
        assert "lm_head.weight" not in file.keys()  # noqa: SIM118


def test_weights_without_a_module_are_edited_too(tmp_path):
    module, model, [scan, _] = trapped_model()
    source = tmp_path / "weights.pt"
    torch.save(module.state_dict(), source)
    alone = sw.open_model(source)
    edit = RemoveTrap(scan.traps[0], "zero")
    new = sw.apply(alone, edit, tmp_path / "new.safetensors")
    assert new.module is None
    np.testing.assert_array_equal(new.read("0.weight").values, sw.apply(model, edit).read("0.weight").values)
    np.testing.assert_array_equal(alone.read("0.weight").values, model.read("0.weight").values)
    assert torch.equal(load_file(tmp_path / "new.safetensors")["0.weight"], new.store.read("0.weight"))
