"""The shipped checkpoints are what they say, and the script that made them is deterministic."""

from __future__ import annotations

import pytest
import torch
from spectral_widgets.data.digits_mlp import train
from spectral_widgets.records import Complaint
from spectral_widgets.weights import digits_mlp, digits_series
from spectral_widgets.weights.shipped import _FOLDER


@pytest.fixture(scope="module")
def digits():
    return train.load_digits()


@pytest.mark.parametrize("checkpoint", digits_series(), ids=lambda checkpoint: str(checkpoint.step))
def test_stated_accuracies_are_the_measured_ones(checkpoint, digits):
    module = digits_mlp(checkpoint.step).module
    test = train.accuracy(module, digits.test_images, digits.test_labels)
    known = train.accuracy(module, digits.train_images, digits.train_labels)
    # A tie between two outputs may fall the other way on another processor: allow one image.
    assert known == pytest.approx(checkpoint.train_accuracy, abs=1.01 / len(digits.train_labels))
    assert test == pytest.approx(checkpoint.test_accuracy, abs=1.01 / len(digits.test_labels))


def test_the_series_memorises_then_groks_then_forgets():
    series = digits_series()
    best = max(series, key=lambda checkpoint: checkpoint.test_accuracy)
    assert series[0].train_accuracy > 0.9 > 0.3 > series[0].test_accuracy
    assert best.test_accuracy > 0.93
    assert series[0].step < best.step < series[-1].step
    assert series[-1].test_accuracy < best.test_accuracy - 0.08


def test_everything_shipped_is_small():
    assert sum(file.stat().st_size for file in _FOLDER.iterdir() if file.is_file()) < 3_000_000


def test_a_short_run_is_deterministic_and_leaves_the_global_generator_alone(tmp_path):
    state = torch.random.get_rng_state()
    first = train.write_series(tmp_path / "a", steps=(3, 40))
    second = train.write_series(tmp_path / "b", steps=(3, 40))
    assert torch.equal(torch.random.get_rng_state(), state)
    assert first == second
    assert [row.step for row in first] == [3, 40]
    names = sorted(file.name for file in (tmp_path / "a").iterdir())
    assert names == ["series.json", "step_000000003.safetensors", "step_000000040.safetensors"]
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_another_seed_is_another_network(tmp_path):
    assert not torch.equal(train.initial_network(0)[0].weight, train.initial_network(1)[0].weight)


def test_the_shipped_model_runs_and_says_how_to_open_it_again():
    model = digits_mlp()
    assert model.code == f"sw.digits_mlp(step={digits_series()[-1].step})"
    probe = model.default_probe(7, seed=2)
    assert (probe.kind, probe.shape, probe.n, probe.seed) == ("vectors", (64,), 7, 2)
    assert model.outputs == "logits"
    with torch.no_grad():
        assert model.run(torch.zeros(7, *probe.shape)).shape == (7, 10)
    assert [layer.shape for layer in model.layers] == [(200, 64), (200, 200), (10, 200)]
    assert len({digits_mlp(checkpoint.step).fingerprint() for checkpoint in digits_series()}) == 8


def test_an_unknown_step_lists_the_known_ones():
    with pytest.raises(Complaint, match="no checkpoint at step 5; the steps are 3400, 11000"):
        digits_mlp(5)
