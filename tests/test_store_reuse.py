"""Measuring and exploring again: the same table, without reading or computing, and never that of other weights."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import spectral_widgets as sw
import torch
from spectral_widgets import api_kept
from spectral_widgets.weights import open_model
from spectral_widgets.widgets.memory import Memory
from spectral_widgets.widgets.state import BenchState
from spectral_widgets.widgets.tasks import requested_steps, table_steps
from torch import nn

from .pages import trapped_module
from .storing import filled, same

# ---- measure


def noise(seed=0, shape=(60, 90)):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


@pytest.fixture
def in_use(results, monkeypatch):
    monkeypatch.setattr(api_kept, "cache", results)
    return results


def test_measuring_again_gives_the_same_frame_and_computes_and_reads_nothing(
    weights_file, in_use, later, computing, reads
):
    first = sw.measure(weights_file, "all", seeds=range(2))
    assert in_use.n_records > 100
    computing.clear()
    reads.clear()
    again = sw.measure(weights_file, "all", seeds=range(2))
    assert first.to_csv() == again.to_csv()
    assert computing == []
    assert reads == []
    fresh = sw.measure(weights_file, "all", seeds=range(2), cache=False)
    assert fresh.to_csv() == first.to_csv()
    assert "TrapScan" in computing


def test_without_the_cache_nothing_is_hashed_or_kept(weights_file, in_use, monkeypatch):
    def refuse(*_):
        raise AssertionError("hashed")

    monkeypatch.setattr(hashlib, "sha256", refuse)
    sw.measure(weights_file, ["alpha"], cache=False)
    in_use.off()
    sw.measure(weights_file, ["alpha"])
    filled(open_model(weights_file), in_use)
    in_use.on()
    assert in_use.n_records == 0


def test_arrays_layers_and_low_rank_products_find_their_own(in_use, computing):
    torch.manual_seed(0)
    module, module_of_pair = nn.Module(), nn.Module()
    module_of_pair.lora_A, module_of_pair.lora_B = nn.Linear(40, 4, bias=False), nn.Linear(4, 50, bias=False)
    module.plain, module.pair = nn.Linear(40, 50), module_of_pair
    frames = [sw.measure(open_model(module), ["alpha", "spectral_norm"]) for _ in range(2)]
    assert frames[0].to_csv() == frames[1].to_csv()
    assert len(frames[0]) == 2
    assert computing.count("Spectrum") == 2
    computing.clear()
    assert sw.measure(noise(), ["spectral_norm"]).to_csv() == sw.measure(noise(), ["spectral_norm"]).to_csv()
    assert computing.count("Spectrum") == 1


def test_a_layer_that_cannot_be_read_says_so_with_the_cache_too(in_use):
    module = trapped_module()
    with torch.no_grad():
        module[0].weight[0, 0] = torch.nan
    for _ in range(2):
        frame = sw.measure(open_model(module), ["stable_rank"])
        assert "NaN" in frame.loc["0.weight", "caveats"]
    assert np.isfinite(frame.loc["4.weight", "stable_rank"])


# ---- the explorer


def test_the_table_is_there_again_without_computing_and_row_for_row_the_same(results, computing):
    first = filled(open_model(trapped_module()), results)
    assert "NullFit" in computing
    scans = dict(first._scans)
    assert any(scan.traps for scan in scans.values())
    computing.clear()
    second = filled(open_model(trapped_module()), results)
    assert computing == []
    assert second.rows == first.rows
    assert second.measured.keys() == first.measured.keys()
    for name, measured in first.measured.items():
        assert all(same(second.measured[name][metric], one) for metric, one in measured.items())
    assert all(same(second._scans[key], scan) for key, scan in scans.items())


def test_layers_of_an_unchanged_file_come_without_reading_and_before_those_to_compute(
    weights_file, results, later, reads
):
    model = open_model(weights_file)
    memory, state, shown = Memory(results), BenchState(n_shuffles=3), []
    for _ in table_steps(list(model.layers)[2:], memory, state, lambda row: None):  # the dearest one
        pass
    reads.clear()

    def show(row):
        if row["status"] == "done":
            shown.append((row["name"], len(reads)))

    for _ in table_steps(list(open_model(weights_file).layers), Memory(results), state, show):
        pass
    assert shown[0] == (model.layers[2].name, 0)
    assert len(shown) == 3


def test_metrics_on_request_are_kept_too(results, computing):
    for _ in range(2):
        computing.clear()
        model = open_model(trapped_module())
        memory = filled(model, results)
        for _ in requested_steps(list(model.layers), memory, lambda: ["leading_participation"], lambda row: None):
            pass
    assert computing == []


def test_cancelling_keeps_whole_records_only(results, computing):
    layers = list(open_model(trapped_module()).layers)
    for n_steps in (1, 3, 10, 30):
        steps = table_steps(layers, Memory(results), BenchState(n_shuffles=3), lambda row: None)
        for _, _ in zip(range(n_steps), steps, strict=False):
            pass
        steps.close()
    expected = filled(open_model(trapped_module()), Memory().cache).rows
    assert filled(open_model(trapped_module()), results).rows == expected


def test_weights_that_change_under_the_screen_leave_nothing_wrong_behind(results):
    module, state = trapped_module(), BenchState(n_shuffles=3)
    model = open_model(module)
    memory = Memory(results)
    layers = list(model.layers)
    for _ in table_steps(layers, memory, state, lambda row: None):
        pass
    n_before = results.n_records
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.mul_(3.0)
    memory._last = None
    names = ["leading_participation"]
    for _ in requested_steps(layers, memory, lambda: names, lambda row: None):
        pass
    assert results.n_records == n_before
    assert memory.shelf(layers[0]) is None
    scaled = filled(open_model(module), results)
    truth = filled(open_model(module), Memory().cache)
    assert scaled.rows == truth.rows
    assert filled(open_model(trapped_module()), results).rows == filled(open_model(trapped_module()), sw.cache).rows
