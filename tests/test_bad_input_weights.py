"""Bad weights and bad files: one sentence that names the layer or file, says what is wrong and what to do."""

from __future__ import annotations

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


@pytest.mark.parametrize("case", [*BAD_WHEN_READ, *(case for case in BAD_AT_SIGHT if case not in ("meta", "sparse"))])
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


@pytest.mark.parametrize("source", [None, 3, [torch.ones(3, 3)]])
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
