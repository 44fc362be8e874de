"""The study framework: choices that are checked, answers that are remembered, runs that stop, pins and recipes."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
import spectral_widgets as sw
import torch
from spectral_widgets.records import Complaint
from spectral_widgets.weights import open_model
from spectral_widgets.widgets.explorer import Explorer
from spectral_widgets.widgets.state import BenchState
from spectral_widgets.widgets.studies.registry import STUDIES
from spectral_widgets.widgets.studies.settings import choice, flag, number, whole

from .pages import WAIT_S, choose_trap, trapped_module


def study(page):
    page.ask("hello")
    return page.panel("study")


# ---- choices


def test_only_settings_that_differ_from_the_defaults_are_kept():
    given = {"settled": {"most": 30, "stop_early": True}, "views": {}}
    state = BenchState().changed({"study": "settled", "study_settings": given}, [])
    assert state.study_settings == {"settled": {"most": 30}}
    assert state.non_default() == {"study": "settled", "study_settings": {"settled": {"most": 30}}}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"study": "setled"}, "did you mean 'settled'"),
        ({"study": 7}, "no study 7"),
        ({"study_settings": {"settled": {"mots": 3}}}, "did you mean 'most'"),
        ({"study_settings": {"settled": {"most": 1}}}, "between 2 and 200"),
        ({"study_settings": {"settled": {"most": 2.5}}}, "whole number"),
        ({"study_settings": {"settled": {"most": True}}}, "must be a number"),
        ({"study_settings": {"settled": {"stop_early": 1}}}, "true or false"),
        ({"study_settings": {"settled": [3]}}, "named values"),
        ({"study_settings": ["settled"]}, "settings by study"),
        ({"view": "double"}, "raw, centred, double_centred"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_with_a_sentence(changes, words):
    with pytest.raises(Complaint, match=words):
        BenchState().changed(changes, [])


def test_every_kind_of_setting_says_what_the_page_needs():
    made = [
        whole("n", "N", 3, 1, 9),
        number("x", "X", 0.5, 0.0, 1.0),
        choice("c", "C", {"a": "the first", "b": "the second"}, "a"),
        flag("f", "F", False),
    ]
    shown = [one.to_json(one.default) for one in made]
    assert [one["kind"] for one in shown] == ["whole", "number", "choice", "flag"]
    assert (shown[0]["min"], shown[0]["max"]) == (1, 9)
    assert [one["label"] for one in shown[2]["choices"]] == ["the first", "the second"]
    assert made[0].checked(4.0) == 4
    assert isinstance(made[0].checked(4.0), int)


# ---- the panel


def test_questions_say_why_they_cannot_be_asked(pages):
    panel = study(pages(open_model(trapped_module())))
    assert (panel["status"], panel["study"]) == ("empty", None)
    by_name = {one["value"]: one for one in panel["questions"]}
    assert list(by_name) == list(STUDIES)
    assert by_name["settled"]["why_not"] == "Choose a layer first."
    assert by_name["whole_model"]["enabled"]


def test_a_trap_opens_the_questions_about_it(explorer):
    def why_not(name):
        return next(one["why_not"] for one in study(explorer)["questions"] if one["value"] == name)

    assert "Choose a trap first" in why_not("removal")
    choose_trap(explorer)
    assert why_not("removal") == ""


def test_an_answer_is_remembered_until_something_it_depends_on_changes(explorer):
    explorer.ask("set", changes={"study": "settled", "study_settings": {"settled": {"most": 3}}})
    assert study(explorer)["status"] == "ready"
    assert explorer.ask("ask")["ok"]
    first = study(explorer)
    assert first["status"] == "done"
    for there, back in (
        ({"study": "views"}, {"study": "settled"}),
        ({"study_settings": {}}, {"study_settings": {"settled": {"most": 3}}}),
        ({"layer": "2.weight"}, {"layer": "0.weight"}),
        ({"view": "centred"}, {"view": "raw"}),
        ({"seed": 9}, {"seed": 0}),
    ):
        assert explorer.ask("set", changes=there)["ok"]
        assert study(explorer)["status"] == "ready"
        assert explorer.ask("set", changes=back)["ok"]
        assert study(explorer) | {"run": 0} == first | {"run": 0}
    explorer.ask("set", changes={"bins": 33})
    assert study(explorer)["sentence"] == first["sentence"]


def test_cancelling_keeps_what_was_found_and_running_again_completes_it(pages):
    def cancel(page, wire):
        if wire["kind"] == "progress" and wire["job"] == "study" and wire["done"] >= 2:
            page.bench.cancel("study")

    # Large enough for 200 shuffles to last longer than progress, told ten times a second, takes to arrive.
    slow = torch.nn.Sequential(torch.nn.Linear(500, 400, bias=False))
    page = pages(open_model(slow), layer="0.weight", on_message=cancel).start()
    page.ask("set", changes={"study": "settled", "study_settings": {"settled": {"most": 200, "stop_early": False}}})
    assert page.ask("ask")["ok"]
    assert page.of("finished")[-1]["outcome"] == "cancelled"
    panel = page.panel("study")
    assert panel["status"] == "done"
    assert panel["message"].startswith("Stopped before the end")
    assert 2 <= len(page.bench.answered.last.seeds) < 200
    page._on_message = None
    page.ask("set", changes={"study_settings": {"settled": {"most": 5, "stop_early": False}}})
    page.ask("ask")
    assert page.panel("study")["message"] == ""
    assert len(page.bench.answered.last.seeds) == 5


def test_a_question_that_fails_says_so_and_the_next_one_is_answered(pages):
    net = trapped_module()
    with torch.no_grad():
        net[2].weight.fill_(0.1)
    page = pages(open_model(net), layer="2.weight", study="views")
    with suppress(Complaint):
        page.ask("ask")
    panel = study(page)
    assert panel["status"] == "failed"
    assert "constant matrix" in panel["message"]
    assert page.of("finished")[-1]["outcome"] == "failed"
    page.ask("set", changes={"layer": "0.weight"})
    assert page.ask("ask")["ok"]
    assert page.panel("study")["status"] == "done"


def test_a_question_waits_for_no_scan(pages):
    page = pages(open_model(trapped_module()), layer="0.weight", study="entries")
    assert page.bench.scan is None
    assert page.ask("ask")["ok"]
    assert page.panel("study")["status"] == "done"


def test_progress_of_a_question_stays_within_its_total(explorer):
    explorer.ask("set", changes={"study": "references", "study_settings": {"references": {"references": 9}}})
    explorer.ask("ask")
    told = [one for one in explorer.of("progress") if one["job"] == "study"]
    assert told
    assert all(0 < one["done"] <= one["total"] == 19 for one in told)


# ---- by code


@pytest.fixture
def bench():
    made = sw.explore(open_model(trapped_module()), layer="0.weight", n_shuffles=2)
    made.wait(WAIT_S)
    yield made
    made.close()


def test_asking_by_code_gives_the_records_and_the_answer(bench):
    scan = bench.ask("settled", most=3, stop_early=False).wait(WAIT_S)
    assert len(scan.seeds) == 3
    assert "study='settled'" in bench.recipe
    assert "3 shuffles" in bench.answer.sentence
    bench.ask("settled", most=4).wait(WAIT_S)
    assert bench._bench.state.study_settings == {"settled": {"most": 4, "stop_early": False}}
    with pytest.raises(Complaint, match="no setting 'lots'"):
        bench.ask("settled", lots=3)
    with pytest.raises(Complaint, match="Choose a trap first"):
        bench.ask("removal")


def test_asking_nothing_is_a_sentence(bench):
    with pytest.raises(Complaint, match="Choose a question first"):
        bench.ask()
    assert bench.answer is None


def test_a_pinned_answer_is_a_finding_with_its_charts_and_code(bench):
    with pytest.raises(Complaint, match="no answer to pin"):
        bench.pin("x", "answer")
    with pytest.raises(Complaint, match="not 'all'"):
        bench.pin("x", "all")
    bench.ask("views").wait(WAIT_S)
    finding = bench.pin("seen", "answer")
    assert finding.claim == bench.answer.sentence
    assert finding.layer == "0.weight"
    assert finding.note == "seen"
    assert len(finding.pictures) == len(bench.answer.charts) == 1
    assert finding.evidence["study"]["question"] == "Mean offset or single entries?"
    assert finding.provenance.code == bench.answer.code
    bench.ask("whole_model", shuffles=2).wait(WAIT_S)
    assert bench.pin("", "answer").layer == "whole model"
    record = json.loads(bench.report().to_json())
    assert [one["claim"] for one in record["findings"]] == [one.claim for one in bench.findings]


def test_a_pin_of_a_stopped_answer_says_so(explorer):
    explorer.ask("set", changes={"study": "settled"})
    explorer.ask("ask")
    known = explorer.bench
    key = known.study.key(known.state)
    known.answers[key] = type(known.answered)(known.study, known.answered.asked, known.answered.last)
    assert "stopped before its end" in " ".join(known.pin("", "answer").caveats)


def test_the_recipe_asks_again_and_pins_again(bench, monkeypatch):
    bench.set(trap={"seed": 0, "index": 0})
    bench.ask("removal").wait(WAIT_S)
    bench.pin("it goes", "answer")
    bench.ask("settled", most=3).wait(WAIT_S)
    code = bench.recipe
    assert "bench.ask().wait()\nbench.pin('it goes', 'answer')" in code
    assert code.count("bench.ask().wait()") == 2
    space = {}
    monkeypatch.setattr("spectral_widgets.open_model", lambda *_: bench.model)
    exec(code.replace(bench.model.code, "sw.open_model('this one')"), space)
    again = space["bench"]
    assert isinstance(again, Explorer)
    assert again.answer.sentence == bench.answer.sentence
    assert [one.claim for one in again.findings] == [one.claim for one in bench.findings]
    again.close()
