"""Frozen notebooks: what goes, what stays, what is valid; files, bad ones too; the still forms of the widgets."""

from __future__ import annotations

import json
import os

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbconvert import HTMLExporter
from spectral_widgets.commands import USAGE_ERROR, main
from spectral_widgets.freezing import FreezeWidgets, freeze_file, freeze_notebook
from spectral_widgets.freezing.saved_state import STATE, VIEW

from .freezing import MODELS, OURS, TEXT, THEIRS, data_of, display, notebook, saved, view

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
