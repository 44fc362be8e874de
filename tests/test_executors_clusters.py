"""Real local clusters of two workers: the same numbers as here, and a killed worker costs its own matrices only."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import spectral_widgets as sw
import torch
from safetensors.torch import save_file
from spectral_widgets.api_sources import readable
from spectral_widgets.jobs import n_workers, run_steps
from spectral_widgets.weights.parcels import cost_of, parcel_of

from .executor_tasks import first_process, measured, runs

# What the clusters' own libraries warn of is theirs.
pytestmark = pytest.mark.filterwarnings("ignore:::distributed", "ignore:::ipyparallel", "ignore:::jupyter_client")
SETTINGS = (["alpha", "stable_rank"], (0, 1), 0.01, None, None)


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> sw.Model:
    generator = torch.Generator().manual_seed(0)
    tensors = {f"layers.{k}.mlp.down_proj.weight": torch.randn(40 + 4 * k, 30, generator=generator) for k in range(8)}
    path = tmp_path_factory.mktemp("model") / "weights.safetensors"
    save_file(tensors, path)
    return sw.open_model(path)


def dask_executor() -> Iterator[Executor]:
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        yield client.get_executor()


def ipyparallel_executor() -> Iterator[Executor]:
    import ipyparallel

    with ipyparallel.Cluster(n=2, log_level=40) as client:
        client.wait_for_engines(2, timeout=60, interactive=False)
        yield client.executor()


@pytest.fixture(scope="module", params=[dask_executor, ipyparallel_executor], ids=["dask", "ipyparallel"])
def executor(request) -> Iterator[Executor]:
    yield from request.param()


def test_a_cluster_measures_what_this_process_does(model, executor):
    names = SETTINGS[0]
    assert n_workers(executor) == 2
    seen: list = []
    found = sw.measure(model, names, executor=executor, progress=seen.append, cache=False)
    pd.testing.assert_frame_equal(found, sw.measure(model, names, cache=False), check_exact=True)
    assert [tally.done for tally in seen] == list(range(9))


def test_a_cluster_finds_the_traps_of_a_whole_model_as_this_process_does(model, executor):
    here, there = (sw.find_traps_in_model(model, range(3), executor=one, progress=False) for one in (None, executor))
    assert there.sentence == here.sentence
    for one, other in zip(here.layers, there.layers, strict=True):
        assert (other.layer, other.p_value, other.q_value) == (one.layer, one.p_value, one.q_value)
        assert (other.scan.counts, other.scan.largest) == (one.scan.counts, one.scan.largest)


def test_a_cluster_ablates_as_this_process_does(executor, monkeypatch):
    """The network's class stands where no worker finds it, as one of a notebook's cell does."""

    class Net(torch.nn.Sequential):
        pass

    Net.__module__, Net.__qualname__ = "__main__", "Net"
    monkeypatch.setattr(sys.modules["__main__"], "Net", Net, raising=False)
    torch.manual_seed(0)
    model = sw.open_model(Net(torch.nn.Linear(40, 30), torch.nn.ReLU(), torch.nn.Linear(30, 10)), outputs="logits")
    edit = sw.SubtractMean(model.layers[0].ref)
    asked = {"n_probes": 200, "n_controls": 3, "progress": False}
    here, there = (sw.ablate(model, edit, executor=one, **asked) for one in (None, executor))
    assert (there.n_done, there.verdict) == (here.n_done, here.verdict)
    for one, other in zip([here.edit, *here.controls], [there.edit, *there.controls], strict=True):
        np.testing.assert_allclose(other.values, one.values, rtol=1e-9, atol=1e-12)


def test_a_killed_worker_costs_its_own_matrix_only(model, executor, tmp_path: Path):
    layers, deadly = list(model.layers), 5
    payloads = [(str(tmp_path), k, deadly, (parcel_of(layer, readable), SETTINGS)) for k, layer in enumerate(layers)]
    steps = run_steps(measured, payloads.__getitem__, [cost_of(layer) for layer in layers], executor)
    found = dict(steps)
    here = {k: measured((str(tmp_path), 100 + k, None, payloads[k][3])) for k in range(len(layers))}
    assert {k: repr(found[k]) for k in found} == {k: repr(here[k]) for k in here}
    # A worker may also have held a row that nobody had fetched yet; what others had done is never done again.
    counted, dead = runs(tmp_path), first_process(tmp_path, deadly)
    again = {k for k in range(len(layers)) if counted[str(k)] > 1}
    assert deadly in again
    assert {first_process(tmp_path, k) for k in again} == {dead}
    assert max(counted.values()) == 2
