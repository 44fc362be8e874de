"""What every widget carries for readers without a kernel, and how little room it takes."""

from __future__ import annotations

import base64
import json
import zlib

import ipywidgets
import nbformat
import pytest
import spectral_widgets as sw
import torch
import vl_convert
from spectral_widgets.charts.png import packed
from spectral_widgets.freezing import freeze_file, freeze_notebook
from spectral_widgets.freezing.saved_state import STATE, VIEW
from spectral_widgets.widgets.assets import STATIC
from spectral_widgets.widgets.progress_bar import ProgressBar

from .freezing import data_of, display, notebook

NASTY = "<script>alert(1)</script><img src=x onerror=alert(2)>"
WAIT_S = 60


@pytest.fixture(scope="module")
def explorer():
    generator = torch.Generator().manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(30, 60), torch.nn.Linear(60, 20))
    for parameter in network.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator)
    bench = sw.explore(sw.open_model(network, name=NASTY), layer="0.weight")
    bench.wait(WAIT_S)
    bench.pin(NASTY)
    bench.wait(WAIT_S)
    bench._prepare_still()
    yield bench
    bench.close()


@pytest.fixture(scope="module")
def spike():
    bench = sw.lab("spike", n_draws=5)
    bench.wait(WAIT_S)
    bench._prepare_still()
    yield bench
    bench.close()


def check_bundle(widget):
    before = {name: getattr(widget, name) for name in widget.keys}
    data, _ = widget._repr_mimebundle_()
    again, _ = widget._repr_mimebundle_()
    assert data == again
    assert {name: getattr(widget, name) for name in widget.keys} == before
    page = data["text/html"]
    assert not any(word in page.lower() for word in ("<svg", "<script", "onerror=alert(2)>", "javascript:"))
    assert data["text/plain"].strip()
    frozen = freeze_notebook(notebook(display(**data)))
    nbformat.validate(frozen.notebook)
    assert VIEW not in data_of(frozen.notebook)[0]
    return data


def test_an_explorer_carries_its_picture_its_findings_and_its_layers(explorer):
    data = check_bundle(explorer)
    png = base64.b64decode(data["image/png"])
    assert png.startswith(b"\x89PNG")
    assert "Spectrum of 0.weight" in data["text/plain"]
    assert explorer.findings[0].claim in data["text/plain"]
    assert '<img alt="Explorer of ' in data["text/html"]
    assert "&lt;script&gt;alert(1)" in data["text/html"]
    assert "<td>1.weight</td>" in data["text/html"]


def test_an_explorer_without_a_layer_shows_its_metrics():
    bench = sw.explore(torch.nn.Sequential(torch.nn.Linear(30, 60), torch.nn.Linear(60, 20)))
    bench.wait(WAIT_S)
    bench._prepare_still()
    assert "α of 2 layers" in check_bundle(bench)["text/plain"]
    bench.close()


def test_a_lab_carries_its_picture_its_numbers_and_its_question(spike):
    data = check_bundle(spike)
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert spike.sentence in data["text/plain"]
    assert "largest eigenvalue" in data["text/html"]
    assert "<summary>Answer</summary>" in data["text/html"]


def test_a_bar_says_how_far_it_is():
    bar = ProgressBar({"label": NASTY, "share": 0.25, "words": "3 of 12", "ended": False})
    data = check_bundle(bar)
    assert data["text/plain"] == f"{NASTY}: 3 of 12"
    assert 'value="0.250"' in data["text/html"]
    bar.close()


# ---- budgets


def test_a_notebook_of_three_widgets_is_small_and_a_frozen_one_smaller(explorer, spike, tmp_path):
    widgets = [explorer, spike, explorer]
    state = ipywidgets.Widget.get_manager_state(widgets=[explorer, spike])
    # The same view again costs a notebook its state once; here each is to count.
    state["state"] |= {f"{key}-again": one for key, one in state["state"].items() if key == explorer.model_id}
    shown = [display(**one._repr_mimebundle_()[0]) for one in widgets]
    file = tmp_path / "three.ipynb"
    file.write_text(json.dumps(notebook(*shown, widgets={STATE: state})))
    assert len(state["state"]) >= 3
    assert file.stat().st_size < 1_000_000
    assert freeze_file(file).n_frozen == 3
    assert file.stat().st_size < 500_000


@pytest.mark.parametrize("name", ["loader.js", "progress_bar.js"])
def test_the_code_that_goes_along_with_a_widget_is_small(name):
    assert len((STATIC / name).read_bytes()) < 4000


def test_nothing_else_of_the_page_is_stored_with_a_widget(spike):
    texts = {key: len(str(value)) for key, value in spike.get_state().items() if key not in ("_png", "_css", "_esm")}
    assert sum(texts.values()) < 4000


def test_packing_keeps_every_pixel():
    spec = {"data": {"values": [{"x": 1}]}, "mark": "bar", "encoding": {"x": {"field": "x"}}}
    plain = vl_convert.vegalite_to_png(spec)
    assert pixels(packed(plain)) == pixels(plain)
    assert len(packed(plain)) < len(plain)


def pixels(png):
    """The unpacked lines of a PNG, read without knowing its chunks: from the first to the last packed byte."""
    parts, at = b"", png.index(b"IDAT") - 4
    while png[at + 4 : at + 8] == b"IDAT":
        length = int.from_bytes(png[at : at + 4])
        parts += png[at + 8 : at + 8 + length]
        at += 12 + length
    return zlib.decompress(parts)
