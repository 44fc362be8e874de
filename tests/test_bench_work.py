"""Long work of the explorer: rows, progress, cancelling, failures, ablations."""

from __future__ import annotations

import time
from collections import Counter

import pytest
import spectral_widgets as sw
import torch
from spectral_widgets.records import Complaint
from spectral_widgets.weights import open_model
from spectral_widgets.widgets.actions import handle
from spectral_widgets.widgets.protocol import JOBS, VERSION
from torch import nn

from .pages import SMALL, WAIT_S, choose_trap, trapped_module

# ---- long work


def many_layers(n=24, size=12) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(*(nn.Linear(size, size + k % 3) for k in range(n)))


def test_cancelling_the_table_keeps_its_rows_and_measuring_again_completes_it(pages):
    def cancel_at_third(page, wire):
        done = [row for row in page.rows().values() if row["status"] == "done"]
        if wire["kind"] == "rows" and len(done) >= 1:
            page.bench.cancel("layers")

    page = pages(open_model(many_layers(60, 40)), on_message=cancel_at_third, n_shuffles=5)
    page.bench.measure()
    page.wait()
    assert page.of("finished")[-1]["outcome"] == "cancelled"
    kept = dict(page.bench.memory.rows)
    assert 1 <= len(kept) < 60
    page._on_message = None
    assert page.ask("measure")["ok"]
    assert page.of("finished")[-1]["outcome"] == "done"
    assert len(page.bench.memory.rows) == 60
    assert all(page.bench.memory.rows[name] is row for name, row in kept.items())
    assert {row["status"] for row in page.rows().values()} == {"done"}


def test_progress_is_throttled_and_ends_before_the_job_does(pages):
    page = pages(open_model(many_layers(40)), layer="0.weight", n_shuffles=10)
    began = time.monotonic()
    page.start()
    elapsed = time.monotonic() - began
    for job in ("layers", "scan"):
        kinds = [m["kind"] for m in page.messages if m.get("job") == job]
        assert kinds.count("progress") <= 10 * elapsed + 3
        assert kinds[-1] == "finished"
        assert kinds.count("finished") == 1
    for message in page.of("progress"):
        assert 0 <= message["done"] <= message["total"]
        assert message["elapsed_s"] >= 0
        assert message["remaining_s"] is None or message["remaining_s"] >= 0
        assert message["job"] in JOBS
    assert sum(len(m["rows"]) for m in page.of("rows")) <= 2 * 40 + 5


def test_a_layer_with_nan_is_a_row_with_a_sentence_and_the_others_go_on(pages):
    net = trapped_module()
    with torch.no_grad():
        net[2].weight[0, 0] = torch.nan
    page = pages(open_model(net)).start()
    rows = page.rows()
    assert rows["2.weight"]["status"] == "failed"
    assert "2.weight" in rows["2.weight"]["caveat"]
    assert "NaN" in rows["2.weight"]["caveat"]
    assert rows["0.weight"]["status"] == rows["4.weight"]["status"] == "done"
    page.bench.set(layer="2.weight")
    with pytest.raises(Complaint, match="NaN"):
        page.wait()
    page.wait()
    assert page.panel("spectrum")["status"] == "failed"
    assert "NaN" in page.panel("spectrum")["message"]
    page.bench.set(layer="0.weight")
    page.wait()
    assert page.panel("spectrum")["status"] == "ready"


def test_a_constant_layer_is_a_row_with_a_sentence(pages):
    net = trapped_module()
    with torch.no_grad():
        net[2].weight.fill_(0.1)
    rows = pages(open_model(net)).start().rows()
    assert "2.weight" in rows["2.weight"]["caveat"]
    assert "constant" in rows["2.weight"]["caveat"]
    assert rows["0.weight"]["status"] == "done"


def test_weights_without_a_module_are_explored_and_ablate_says_what_is_missing(pages, tmp_path):
    path = tmp_path / "weights.pt"
    torch.save(trapped_module().state_dict(), path)
    model = open_model(path)
    page = choose_trap(pages(model, layer="0.weight").start())
    assert page.panel("trap")["status"] == "ready"
    panel = page.panel("ablate")
    assert panel["status"] == "unavailable"
    assert panel["message"] == model.missing
    assert page.ask("ablate")["error"] == model.missing


def test_ablate_runs_to_a_verdict_with_its_controls(explorer):
    choose_trap(explorer)
    module = explorer.bench.model.module
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    for edit in ("replace", "remove", "subtract_mean", "change_entries"):
        assert explorer.ask("set", changes={"edit": edit})["ok"]
        assert explorer.ask("ablate")["ok"]
        panel = explorer.panel("ablate")
        assert panel["status"] == "done"
        assert panel["n_done"] == panel["n_planned"] == 16
        assert panel["verdict"]["word"] in ("active", "inert", "undecided")
        roles = Counter(row["role"] for row in panel["rows"])
        assert roles["edit"] == 1
        assert roles["companion"] == 4
        assert roles["control"] >= 1
    assert all(torch.equal(tensor, before[name]) for name, tensor in module.state_dict().items())


def test_a_cancelled_ablation_keeps_what_it_measured(pages):
    def cancel(page, wire):
        if wire["kind"] == "progress" and wire["job"] == "ablate" and wire["done"] >= 12:
            page.bench.cancel("ablate")

    page = pages(open_model(trapped_module()), layer="0.weight", on_message=cancel, n_probes=20_000, n_controls=4)
    choose_trap(page.start())
    assert page.ask("ablate")["ok"]
    assert page.of("finished")[-1] | {"message": "", "run": 0} == {
        "v": VERSION, "kind": "finished", "job": "ablate", "run": 0, "outcome": "cancelled", "message": "",
    }  # fmt: skip
    assert page.bench.ablation is not None
    assert 0 < page.bench.ablation.n_done < 20_000


class FailsLate(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner, self.calls = trapped_module(), 0

    def forward(self, x):
        self.calls += 1
        if self.calls > 3:
            raise RuntimeError("the cat sat on the GPU")
        return self.inner(x)


def test_pins_survive_every_error(pages):
    model = open_model(FailsLate())
    page = choose_trap(pages(model, layer="inner.0.weight", n_probes=5_000).start())
    assert page.ask("pin", note="before the storm")["ok"]
    handle(page.bench, page.send, {"v": VERSION, "id": "a", "kind": "ablate"}, lambda: None)
    with pytest.raises(Complaint, match="the cat sat on the GPU"):
        page.wait()
    page.wait()
    finished = page.of("finished")[-1]
    assert finished["outcome"] == "failed"
    assert "the cat sat on the GPU" in finished["message"]
    for bad in (
        {"kind": "nonsense"},
        {"kind": "set", "changes": {"bins": "many"}},
        {"kind": "export", "format": "exe"},
    ):
        assert not page.raw({"v": VERSION, "id": 5, **bad}, 5)["ok"]
    page.ask("hello")
    [item] = page.panel("findings")["items"]
    assert item["note"] == "before the storm"
    assert page.ask("export", format="json")["ok"]


def test_a_given_probe_without_a_vocabulary_is_fitted_to_the_model():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Embedding(30, 20), nn.Linear(20, 30))
    with torch.no_grad():
        net[1].weight[3, 4] = 9.0
    bench = sw.explore(net, sw.probes.random_tokens(n=8, length=4), layer="1.weight", **SMALL)
    try:
        bench.wait(WAIT_S).set(trap={"seed": 0, "index": 0})
        assert bench.ablate().wait(WAIT_S).n_done == 8
    finally:
        bench.close()


def test_closing_ends_everything(pages):
    page = pages(open_model(many_layers(40, 60)), layer="0.weight", n_shuffles=20)
    page.bench.measure()
    page.bench.close()
    assert not [job for job in page.bench.jobs.values() if job.is_active]


def test_a_job_that_ends_when_the_screen_is_closed_already_is_no_error(caplog):
    bench = sw.explore(many_layers(6, 300))._bench
    assert bench._draw.close(WAIT_S)
    with caplog.at_level("ERROR"):
        assert bench._work.close(WAIT_S)
    assert not [record.getMessage() for record in caplog.records]
