"""Inputs: uniform, permuted, from batches; the same for the same seed, and nothing of the user's is touched."""

from __future__ import annotations

import numpy as np
import pytest
import spectral_widgets as sw
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest
from spectral_widgets.probing import probes
from spectral_widgets.records import Complaint, SubtractMean
from spectral_widgets.widgets.recipe import probe_code
from torch.utils.data import DataLoader, TensorDataset

from .subjects import mlp

CPU = torch.device("cpu")


def drawn(probe, start=0, stop=None):
    return probes.batches(probe, start, probe.n if stop is None else stop, CPU, torch.float64)


def test_uniform_inputs_are_uniform_and_the_same_whatever_the_batches():
    probe = probes.uniform(n=300, shape=(2, 5), seed=3, low=-1.0, high=4.0)
    values = drawn(probe)
    assert values.shape == (300, 2, 5)
    assert kstest(values.numpy().ravel(), "uniform", (-1.0, 5.0)).pvalue > 0.001
    assert torch.equal(values, torch.cat([drawn(probe, 0, 100), drawn(probe, 100, 300)]))
    assert torch.equal(values, drawn(probes.uniform(n=300, shape=(2, 5), seed=3, low=-1.0, high=4.0)))
    assert not torch.equal(values, drawn(probes.uniform(n=300, shape=(2, 5), seed=4, low=-1.0, high=4.0)))
    with pytest.raises(Complaint, match="low below high"):
        probes.uniform(low=1.0, high=1.0)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 6), st.integers(1, 4), st.integers(1, 5), st.integers(0, 10**6))
def test_permuting_keeps_every_number_of_an_input_or_of_a_place(n_inputs, n_rows, n_columns, seed):
    data = np.arange(n_inputs * n_rows * n_columns, dtype=float).reshape(n_inputs, n_rows, n_columns)
    before = data.copy()
    inside, across = (drawn(probes.permuted(data, seed, within)).numpy() for within in ("inputs", "batch"))
    assert inside.shape == across.shape == data.shape
    flat, of_places = data.reshape(n_inputs, -1), across.reshape(n_inputs, -1)
    np.testing.assert_array_equal(np.sort(inside.reshape(n_inputs, -1), axis=1), flat)
    np.testing.assert_array_equal(np.sort(of_places, axis=0), flat)
    np.testing.assert_array_equal(data, before)
    np.testing.assert_array_equal(drawn(probes.permuted(data, seed)).numpy(), inside)


def test_permuting_is_different_for_every_input_and_place_and_works_on_mappings():
    data = torch.arange(40.0).expand(6, 40)
    rows = drawn(probes.permuted(data, 1)).numpy()
    assert len({row.tobytes() for row in rows}) == 6
    columns = drawn(probes.permuted(data.T.contiguous(), 1, "batch")).numpy().T
    assert len({column.tobytes() for column in columns}) == 6
    tokens = {"input_ids": torch.arange(30).reshape(3, 10)}
    assert drawn(probes.permuted(tokens, 1))["input_ids"].sort(dim=1).values.equal(tokens["input_ids"])
    with pytest.raises(Complaint, match="within the “batch”"):
        probes.permuted(data, 0, "pixels")
    np.testing.assert_array_equal(drawn(probes.permuted(probes.batch(data), 1)).numpy(), rows)
    with pytest.raises(Complaint, match="draws its own: 4 Gaussian vectors"):
        probes.permuted(probes.gaussian_vectors(4, 3), 0)


def test_a_loader_gives_its_first_inputs_and_labels_and_leaves_torch_s_generator_alone():
    inputs, labels = torch.arange(60.0).reshape(30, 2), torch.arange(30)
    loader = DataLoader(TensorDataset(inputs, labels), batch_size=8, shuffle=True)
    state = torch.get_rng_state()
    one, other, third = (probes.loader(loader, n=20, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(torch.get_rng_state(), state)
    assert (one.n, one.shape, len(one.labels)) == (20, (2,), 20)
    assert torch.equal(drawn(one), drawn(other))
    assert not torch.equal(drawn(one), drawn(third))
    # Every input keeps its label.
    np.testing.assert_array_equal(drawn(one)[:, 0].numpy() / 2, one.labels)
    assert probes.loader(loader, n=1000).n == 30


def test_batches_of_every_form_are_joined():
    batches = [torch.zeros(3, 4), torch.ones(3, 4)]
    assert drawn(probes.loader(batches, n=5)).sum() == 8
    arrays = probes.loader((batch.numpy() for batch in batches), n=5)
    assert torch.equal(drawn(arrays), drawn(probes.loader(batches, n=5)))
    mapped = probes.loader([{"x": batch, "y": -batch} for batch in batches], n=4)
    assert {key: float(value.sum()) for key, value in drawn(mapped).items()} == {"x": 4.0, "y": -4.0}
    for wrong, match in [([], "gave nothing"), ([(batches[0], torch.zeros(3).long()), batches[1]], "or none")]:
        with pytest.raises(Complaint, match=match):
            probes.loader(wrong)
    with pytest.raises(Complaint, match="at least one probe"):
        probes.loader(batches, n=0)


def test_an_ablation_takes_pairs_loaders_and_permuted_data_as_they_come():
    model = sw.open_model(mlp())
    edit = SubtractMean(model.ref("0.weight"))
    inputs, labels = torch.randn(24, 12, generator=torch.Generator().manual_seed(0)), torch.arange(24) % 5
    loader = DataLoader(TensorDataset(inputs, labels), batch_size=7)
    pair, loaded = (sw.ablate(model, edit, data, n_controls=2) for data in ((inputs, labels), loader))
    np.testing.assert_array_equal(pair.edit.values, loaded.edit.values)
    np.testing.assert_array_equal(pair.edit.extras["loss_nats"].values, loaded.edit.extras["loss_nats"].values)
    assert pair.verdict.word in ("harmful", "benign", "undecided")
    permuted = sw.ablate(model, edit, probes.permuted(inputs, 1), n_controls=2)
    assert "shuffled" in permuted.plan.probe.description
    assert not np.array_equal(permuted.edit.values, pair.edit.values)


def test_the_recipe_of_every_probe_makes_the_same_inputs_again():
    data, labels = torch.randn(5, 3, generator=torch.Generator().manual_seed(0)), torch.arange(5)
    made = [
        probes.uniform(n=5, shape=(2, 3), seed=2, low=-1.0, high=3.0),
        probes.at_temperature(probes.gaussian_vectors(n=5, size=3, seed=2), 2.0),
        probes.labelled(data, labels),
        probes.batch(data),
    ]
    for probe in made:
        again = eval(probe_code(probe), {"sw": sw, "data": data, "labels": labels})
        torch.testing.assert_close(drawn(again), drawn(probe))
        assert again.temperature == probe.temperature
        assert (again.labels is None) == (probe.labels is None)


def test_the_explorer_judges_labelled_data_by_accuracy():
    model = sw.digits_mlp()
    inputs = torch.rand(64, 64, generator=torch.Generator().manual_seed(0))
    labels = model.run(inputs).argmax(-1)
    bench = sw.explore(model, (inputs, labels), layer="2.weight", n_controls=3)
    bench.wait()
    bench.set(trap={"seed": 0, "index": 0}, edit="remove")
    bench.ablate().wait()
    assert bench.ablation.verdict.word == "harmful"
    assert "accuracy changes" in bench.ablation.verdict.reason
    bench.close()
