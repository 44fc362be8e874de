"""Questions and the other panels: the view of the entries, the trap's own button, the table of layers."""

from __future__ import annotations

import numpy as np
import pytest
import spectral_widgets as sw
import torch
from spectral_widgets.spectra.views import viewed
from spectral_widgets.weights import open_model
from spectral_widgets.widgets.studies import removal
from spectral_widgets.widgets.studies.registry import STUDIES
from spectral_widgets.widgets.studies.views import conclusion
from torch import nn

from .pages import choose_trap

# ---- views of the entries


def offset_and_giant() -> nn.Module:
    torch.manual_seed(1)
    net = nn.Sequential(nn.Linear(40, 60, bias=False), nn.ReLU(), nn.Linear(60, 4))
    with torch.no_grad():
        net[0].weight.normal_(0, 1).add_(1.0)
        net[0].weight[3, 4] += 40.0
    return net


def test_the_view_switches_the_spectrum_and_the_traps_and_comes_back(pages):
    page = pages(open_model(offset_and_giant()), layer="0.weight").start()
    raw = page.panel("spectrum")
    assert page.bench.scan.counts == (2, 2)
    choose_trap(page)
    row = page.rows()["0.weight"]
    page.ask("set", changes={"view": "centred"})
    assert page.bench.state.trap is None
    assert page.bench.scan.counts == (1, 1)
    assert page.bench.scan.view == "centred"
    matrix = viewed(page.bench.model.read("0.weight"), "centred")
    largest = np.linalg.svd(matrix.values, compute_uv=False)[0] ** 2 / matrix.ref.n_rows
    assert page.bench.evidence.of(sw.records.Spectrum).eigenvalues[-1] == pytest.approx(largest)
    assert page.panel("spectrum")["chart"]["datasets"] != raw["chart"]["datasets"]
    assert page.rows()["0.weight"] == row, "the table compares layers as they are stored"
    assert "view='centred'" in page.bench.pin("centred").provenance.code
    page.ask("set", changes={"view": "raw"})
    assert page.panel("spectrum") == raw


def test_the_conclusion_tells_a_mean_offset_from_giants(pages):
    page = pages(open_model(offset_and_giant()), layer="0.weight", study="views").start()
    page.ask("ask")
    assert "a mean offset makes 1 of 2 traps" in page.panel("study")["sentence"]
    [table] = page.panel("study")["tables"]
    assert [row["changes"]["view"] for row in table["rows"]] == ["raw", "centred", "double_centred"]


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((0, 0, 0), "no traps in any view"),
        ((2, 2, 2), "no mean offset"),
        ((1, 0, 0), "makes all of its traps"),
        ((3, 1, 1), "2 of 3 traps"),
        ((1, 2, 2), "hides 1 of 2"),
        ((2, 2, 1), "1 more go with the means of rows and columns"),
        ((1, 1, 3), "2 more show"),
    ],
)
def test_the_conclusion_follows_the_counts(counts, words):
    assert words in conclusion(dict(zip(("raw", "centred", "double_centred"), counts, strict=True)))


# ---- removal, from the trap panel


@pytest.mark.parametrize(("index", "kind"), [(0, "entries"), (1, "mean")])
def test_removing_the_cause_removes_the_trap_and_the_panel_offers_it(pages, index, kind):
    page = pages(open_model(offset_and_giant()), layer="0.weight").start()
    found = page.bench.scan.of_seed(0)
    index = next(k for k, trap in enumerate(found) if trap.cause == kind)
    page.ask("set", changes={"trap": {"seed": 0, "index": index}})
    action, further = page.panel("trap")["actions"]
    assert further["study"] == "averaging"
    assert action["label"] == {"entries": "Remove these entries", "mean": "Subtract the mean offset"}[kind]
    page.ask("set", changes={**action["changes"], "study": action["study"]})
    assert page.ask("ask")["ok"]
    before, after = page.bench.answered.last
    assert (before.counts, after.counts) == ((2, 2), (1, 1))
    left = {trap.cause for trap in after.traps}
    assert kind not in left
    assert " goes without " in page.panel("study")["sentence"]


def test_a_trap_without_a_cause_offers_nothing_to_remove(explorer):
    choose_trap(explorer)
    known = explorer.bench
    trap = type(known.trap)(
        **{f: getattr(known.trap, f) for f in known.trap.__slots__} | {"culprits": (), "cause": "collective"}
    )
    asked = known.asked(STUDIES["removal"])
    nothing = type(asked)(**{**vars(asked), "trap": trap})
    assert "nothing to take out" in STUDIES["removal"].why_not(nothing)
    assert removal.edit_of(known.trap).entries == known.trap.culprits


# ---- the table of layers


def test_tensors_that_are_left_out_and_cuts_are_shown(pages):
    page = pages(open_model(nn.LSTM(24, 30)))
    page.ask("hello")
    panel = page.panel("layers")
    left_out = {name: item["reason"] for item in panel["left_out"] for name in item["names"]}
    assert left_out == page.bench.model.left_out
    assert set(left_out) == {"bias_ih_l0", "bias_hh_l0"}
    assert {row["cut"] for row in panel["rows"]} == {layer.ref.cut for layer in page.bench.model.layers}
    assert all(row["cut"] for row in panel["rows"])
