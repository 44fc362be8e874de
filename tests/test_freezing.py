"""Frozen notebooks: what goes, what stays, what is valid; files, bad ones too; the still forms of the widgets."""

from __future__ import annotations

import base64
import json
import os
import zlib

import anywidget
import ipywidgets
import nbformat
import pytest
import spectral_widgets as sw
import torch
import vl_convert
from hypothesis import given
from hypothesis import strategies as st
from nbconvert import HTMLExporter
from spectral_widgets.charts.png import packed
from spectral_widgets.commands import USAGE_ERROR, main
from spectral_widgets.freezing import FreezeWidgets, freeze_file, freeze_notebook
from spectral_widgets.freezing.saved_state import STATE, VIEW
from spectral_widgets.widgets.assets import STATIC
from spectral_widgets.widgets.progress_bar import ProgressBar

from .freezing import MODELS, OURS, TEXT, THEIRS, display, notebook, saved, view

NASTY = "<script>alert(1)</script><img src=x onerror=alert(2)>"
WAIT_S = 60


def data_of(nb):
    return [output.get("data", output) for cell in nb["cells"] for output in cell.get("outputs", [])]


# ---- notebooks


mimes = st.dictionaries(st.sampled_from(["text/plain", "text/html", "image/png", "text/latex"]), st.text(max_size=4))
outputs = st.lists(
    st.one_of(
        st.just(TEXT),
        st.builds(lambda data: display(**data), mimes),
        st.builds(lambda data, key: display(**data, **{VIEW: view(key)}), mimes, st.sampled_from([*MODELS, "gone"])),
    ),
    max_size=5,
)
states = st.one_of(
    st.none(), st.just({}), st.just(saved(MODELS)), st.just({STATE: MODELS}), st.just({STATE: {}}), st.just({STATE: []})
)


@given(outputs, states)
def test_freezing_loses_nothing_but_views_that_have_a_still_form_and_freezes_once(made, state):
    before = notebook(*made, widgets=state)
    copy = json.dumps(before)
    frozen = freeze_notebook(before)
    assert json.dumps(before) == copy
    nbformat.validate(frozen.notebook)
    assert len(data_of(frozen.notebook)) == len(made)
    for old, new in zip(data_of(before), data_of(frozen.notebook), strict=True):
        rest = {mime: content for mime, content in old.items() if mime != VIEW}
        assert {mime: content for mime, content in new.items() if mime != VIEW} == rest
        is_still = any(content for mime, content in rest.items() if mime != "text/plain") and "data" not in rest
        assert (VIEW in new) == (VIEW in old and not is_still)
    widgets = frozen.notebook["metadata"].get("widgets")
    assert widgets is None or "state" in widgets[STATE]
    again = freeze_notebook(frozen.notebook)
    assert again.notebook == frozen.notebook
    assert not again.is_changed
    assert again.n_frozen == 0


def test_views_and_saved_state_go_together():
    frozen = freeze_notebook(notebook(OURS, TEXT, widgets=saved(MODELS)))
    assert data_of(frozen.notebook)[0] == {key: OURS["data"][key] for key in ("text/plain", "text/html", "image/png")}
    assert "widgets" not in frozen.notebook["metadata"]
    assert (frozen.n_frozen, frozen.n_kept) == (1, 0)


@pytest.mark.parametrize("widgets", [saved(MODELS), {STATE: MODELS}], ids=["Jupyter", "Colab"])
def test_another_widget_without_a_still_form_keeps_its_view_and_all_that_it_refers_to(widgets):
    frozen = freeze_notebook(notebook(OURS, THEIRS, widgets=widgets))
    assert data_of(frozen.notebook)[1] == THEIRS["data"]
    assert set(frozen.notebook["metadata"]["widgets"][STATE]["state"]) == {"box", "slider", "lay"}
    assert (frozen.n_frozen, frozen.n_kept) == (1, 1)


# ---- files


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "shared.ipynb"
    file.write_text(json.dumps(notebook(OURS, TEXT, widgets=saved(MODELS))), encoding="utf-8")
    return file


def test_the_command_freezes_in_place_and_leaves_a_frozen_file_alone(path, capsys):
    assert main(["freeze", str(path)]) == 0
    assert "1 view frozen." in capsys.readouterr().out
    written = path.read_bytes()
    nbformat.read(path, as_version=4)
    assert VIEW not in written.decode()
    os.utime(path, (0, 0))
    assert main(["freeze", str(path)]) == 0
    assert path.stat().st_mtime == 0
    assert path.read_bytes() == written


def test_another_file_can_take_the_result(path, tmp_path):
    before, out = path.read_bytes(), tmp_path / "frozen.ipynb"
    assert main(["freeze", str(path), "--out", str(out)]) == 0
    assert path.read_bytes() == before
    assert VIEW not in out.read_text(encoding="utf-8")
    assert main(["freeze", str(path), str(path), "--out", str(out)]) == USAGE_ERROR


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x89PNG", "it is not JSON"),
        (b"{", "it is not JSON"),
        (b'{"nbformat": NaN}', "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b"[1]", "it says no notebook format"),
        (b"{}", "it says no notebook format"),
        (b'{"nbformat": 3, "nbformat_minor": 0, "worksheets": []}', "has notebook format 3, not 4"),
        (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "code"}]}', "not a valid"),
        (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": 3}', "is not a valid notebook"),
        (b'{"nbformat": 4, "nbformat_minor": "x", "metadata": {}, "cells": []}', "is not a valid notebook"),
        (None, "could not be read"),
    ],
)
def test_what_is_no_notebook_gives_one_sentence_and_stays_as_it_is(content, words, tmp_path, capsys):
    file = tmp_path / "odd.ipynb"
    if content is not None:
        file.write_bytes(content)
    assert main(["freeze", str(file)]) == USAGE_ERROR
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
    assert [one.read_bytes() for one in tmp_path.iterdir()] == ([content] if content is not None else [])


def test_an_older_notebook_of_format_4_needs_no_cell_ids(tmp_path):
    made = notebook(OURS)
    made["nbformat_minor"] = 4
    del made["cells"][0]["id"]
    file = tmp_path / "older.ipynb"
    file.write_text(json.dumps(made))
    assert freeze_file(file).n_frozen == 1
    nbformat.validate(json.loads(file.read_text()))


def test_a_folder_that_is_not_there_changes_nothing(path, tmp_path, capsys):
    before = path.read_bytes()
    assert main(["freeze", str(path), "--out", str(tmp_path / "no" / "x.ipynb")]) == USAGE_ERROR
    assert "could not be written" in capsys.readouterr().err
    assert path.read_bytes() == before


# ---- nbconvert


def test_nbconvert_shows_the_picture_where_the_saved_state_alone_would_need_a_network():
    made = nbformat.from_dict(notebook(OURS, widgets=saved(MODELS)))
    name = f"{FreezeWidgets.__module__.rpartition('.')[0]}.{FreezeWidgets.__name__}"
    frozen, _ = HTMLExporter(preprocessors=[name]).from_notebook_node(made)
    live, _ = HTMLExporter().from_notebook_node(made)
    assert "<p>Lab 3</p>" in frozen
    assert VIEW not in frozen
    assert "html-manager" not in frozen
    assert "<p>Lab 3</p>" not in live
    assert made.metadata.widgets[STATE]["state"].keys() == MODELS.keys()


# ---- the still forms


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
    assert isinstance(spike, anywidget.AnyWidget)
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
