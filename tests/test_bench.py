"""The explorer driven by a page that cannot be trusted."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spectral_widgets.records import Complaint
from spectral_widgets.weights import open_model
from spectral_widgets.widgets.protocol import ACTIONS, EVENTS, PANELS, VERSION
from spectral_widgets.widgets.state import BenchState

from .pages import choose_trap, trapped_module

# ---- the wire


def test_the_first_screen_has_rows_a_spectrum_and_nothing_broken(explorer):
    assert explorer.ask("hello")["ok"]
    assert {row["status"] for row in explorer.rows().values()} == {"done"}
    assert explorer.panel("spectrum")["status"] == "ready"
    assert explorer.panel("trap")["status"] == "empty"
    assert explorer.panel("ablate")["status"] == "empty"
    assert explorer.panel("findings")["items"] == []
    assert {message["kind"] for message in explorer.messages} <= set(EVENTS)
    assert {message["v"] for message in explorer.messages} == {VERSION}
    assert not explorer.of("notice")
    assert Counter(m["job"] for m in explorer.of("finished")) == {"layers": 1, "scan": 1}


def test_every_action_is_answered_exactly_once(explorer):
    choose_trap(explorer)
    fields = {
        "set": {"changes": {"bins": 40, "study": "entries"}},
        "cancel": {"job": "layers"},
        "note": {"finding": "none", "note": "x"},
        "unpin": {"finding": "none"},
        "export": {"format": "json"},
        "pin": {"note": "n"},
    }
    for kind in ACTIONS:
        answer = explorer.ask(kind, **fields.get(kind, {}))
        assert answer["ok"] or kind in ("note", "unpin", "ablate"), answer
    ids = Counter(message["id"] for message in explorer.of("answer"))
    assert set(ids.values()) == {1}


HOSTILE = [
    {},
    {"v": VERSION, "id": 1},
    {"v": 99, "id": 1, "kind": "hello"},
    {"v": VERSION, "id": 1, "kind": "shutdown"},
    {"v": VERSION, "id": 1, "kind": None},
    {"v": VERSION, "id": 1, "kind": ["hello"]},
    {"v": VERSION, "id": 1, "kind": {"a": 1}},
    {"v": VERSION, "id": 1, "kind": "set"},
    {"v": VERSION, "id": 1, "kind": "set", "changes": None},
    {"v": VERSION, "id": 1, "kind": "set", "changes": [1, 2]},
    {"v": VERSION, "id": 1, "kind": "set", "changes": "layer"},
    {"v": VERSION, "id": 1, "kind": "set", "changes": {"self": 1}},
    {"v": VERSION, "id": 1, "kind": "set", "changes": {"__class__": 1}},
    {"v": VERSION, "id": 1, "kind": "cancel"},
    {"v": VERSION, "id": 1, "kind": "cancel", "job": ["layers"]},
    {"v": VERSION, "id": 1, "kind": "export", "format": "../../etc"},
    {"v": VERSION, "id": 1, "kind": "export", "format": None},
    {"v": VERSION, "id": 1, "kind": "note"},
    {"v": VERSION, "id": 1, "kind": "unpin", "finding": {"x": []}},
    {"v": VERSION, "id": [1, {"x": 2}], "kind": "pin", "note": {"deep": [1]}},
    None,
    [],
    "hello",
    7,
]


@pytest.mark.parametrize("request_", HOSTILE, ids=lambda value: json.dumps(value)[:60])
def test_hostile_requests_are_answered_and_change_nothing(pages, request_):
    page = pages(open_model(trapped_module()))
    before = page.bench.state
    answer = page.raw(request_, request_.get("id") if isinstance(request_, dict) else None)
    harmless = isinstance(request_, dict) and request_.get("kind") == "set" and "changes" not in request_
    assert answer["ok"] is harmless
    assert harmless or (len(answer["error"]) > 10 and "Traceback" not in answer["error"])
    assert "Something went wrong" not in answer.get("error", "")
    assert page.bench.state == before


BAD_VALUES = [
    None,
    True,
    -1,
    1.5,
    10**12,
    1e300,
    float("nan"),
    float("inf"),
    "x",
    "",
    "<script>",
    [],
    ["x"],
    {},
    {"a": {}},
    [[1]],
]
ALLOWED = {
    ("layer", "None"), ("trap", "None"), ("shuffle", "None"), ("selected", "[]"), ("exact", "[]"), ("sort", "{}"),
    ("filter", "{}"),
    ("columns", "[]"), ("bands", "True"), ("chart_log", "'x'"), ("study", "None"), ("study_settings", "{}"),
    ("temperature", "1.5"), ("smallest_effect", "1.5"),
}  # fmt: skip


MISSHAPEN = [
    {"sort": {"by": 5}},
    {"sort": {"descending": "no"}},
    {"sort": {"by": "alpha", "down": True}},
    {"filter": {"text": None}},
    {"trap": {"seed": 1.5, "index": 0}},
    {"trap": {"seed": 0, "index": -1}},
    {"trap": {"seed": float("inf"), "index": 0}},
    {"trap": {"seed": True, "index": 0}},
    {"selected": "0.weight"},
    {"selected": [None]},
    {"bins": 10**400},
]


@pytest.mark.parametrize("changes", MISSHAPEN, ids=str)
def test_misshapen_values_are_refused_with_a_sentence(changes):
    with pytest.raises(Complaint):
        BenchState().changed(changes, ["0.weight"])


@pytest.mark.parametrize("key", [*BenchState().to_json(), "colour", "Layer"])
def test_a_bad_value_is_refused_with_a_sentence_and_changes_nothing(key):
    state = BenchState()
    for value in BAD_VALUES:
        if (key, repr(value)) in ALLOWED:
            continue
        with pytest.raises(Complaint) as caught:
            state.changed({"bins": 30, key: value}, ["0.weight"])
        assert len(str(caught.value)) > 10
    assert state == BenchState()


def test_one_bad_value_spoils_the_whole_set(explorer):
    before = explorer.bench.state
    answer = explorer.ask("set", changes={"bins": 33, "n_shuffles": 3, "level": 7})
    assert not answer["ok"]
    assert "level must lie between 0 and 0.5" in answer["error"]
    assert explorer.bench.state == before
    assert "did you mean 'engine'" in explorer.ask("set", changes={"engin": "calibrated"})["error"]


def test_a_trap_that_is_not_there_leaves_the_panel_empty(explorer):
    for trap in ({"seed": 0, "index": 99}, {"seed": 77, "index": 0}):
        explorer.ask("set", changes={"trap": trap})
        assert explorer.panel("trap")["status"] == "empty"
        assert not explorer.ask("ablate")["ok"]


@settings(max_examples=60, deadline=None)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "layer": st.sampled_from([None, "a", "b"]),
            "selected": st.lists(st.sampled_from(["a", "b"]), max_size=2),
            "sort": st.fixed_dictionaries({"by": st.text(max_size=5), "descending": st.booleans()}),
            "filter": st.fixed_dictionaries({"text": st.text(max_size=5), "kind": st.text(max_size=5)}),
            "x_scale": st.sampled_from(["log", "linear"]),
            "bins": st.integers(10, 200),
            "seed": st.integers(0, 1000),
            "n_shuffles": st.integers(1, 50),
            "level": st.floats(1e-6, 0.49),
            "engine": st.sampled_from(["calibrated", "weightwatcher"]),
            "trap": st.none() | st.fixed_dictionaries({"seed": st.integers(0, 99), "index": st.integers(0, 9)}),
            "edit": st.sampled_from(["replace", "remove", "subtract_mean", "change_entries"]),
            "n_probes": st.integers(8, 1000),
        },
    )
)
def test_a_state_survives_the_wire_and_the_recipe(changes):
    state = BenchState().changed(changes, ["a", "b"])
    wire = json.loads(json.dumps(state.to_json(), allow_nan=False))
    assert BenchState().changed(wire, ["a", "b"]) == state
    assert BenchState().changed(state.non_default(), ["a", "b"]) == state


def test_a_reload_gets_all_panels_again(explorer):
    explorer.clear()
    assert explorer.ask("hello")["ok"]
    assert {message["panel"] for message in explorer.of("panel")} == set(PANELS)
    assert len(explorer.panel("layers")["rows"]) == 3


def test_the_page_is_told_the_state_after_every_change(explorer):
    explorer.ask("set", changes={"bins": 77})
    assert explorer.states[-1] == explorer.bench.state.to_json()
    assert explorer.states[-1]["bins"] == 77
