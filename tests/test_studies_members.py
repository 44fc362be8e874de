"""One suite over all studies: each answers, can be said as code, can be stopped, and refuses politely."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import spectral_widgets as sw
import torch
from spectral_widgets.findings.plain import plain
from spectral_widgets.records import Complaint
from spectral_widgets.weights import open_model
from spectral_widgets.widgets.studies.registry import STUDIES
from spectral_widgets.widgets.studies.study import Answered
from spectral_widgets.widgets.views.study import study_view
from torch import nn

from .pages import SMALL as FEW
from .pages import Page, trapped_module
from .studying import SMALL, same

ALL = sorted(STUDIES)
#: Studies of attention heads, which the network of digits has not.
OF_HEADS = {"heads"}


@pytest.fixture(scope="module")
def digits():
    page = Page(
        sw.digits_mlp(),
        other=sw.digits_mlp(step=20_000),
        layer="2.weight",
        **{**FEW, "n_probes": 24, "n_controls": 9},
    )
    page.start()
    # The second trap: single entries make it, so that every study has something to work on.
    assert page.ask("set", changes={"trap": {"seed": 0, "index": 1}})["ok"]
    yield page
    page.bench.close()


@pytest.fixture(scope="module")
def transformer():
    page = Page(open_model(attention_module()), layer="layers.0.linear1.weight", **FEW)
    yield page
    page.bench.close()


def attention_module():
    torch.manual_seed(0)
    return nn.TransformerEncoder(nn.TransformerEncoderLayer(32, 4, 64, batch_first=True), 3)


@pytest.fixture
def screen(name, digits, request):
    """The page that has what this study is about."""
    return request.getfixturevalue("transformer") if name in OF_HEADS else digits


def asked(page: Page, name: str) -> Answered:
    """The complete answer of a member, asked once."""
    page.ask("set", changes={"study": name, "study_settings": {name: SMALL.get(name, {})}})
    if page.bench.answered is None or not page.bench.answered.is_complete:
        answer = page.ask("ask")
        assert answer["ok"], answer
    assert page.bench.answered is not None
    return page.bench.answered


@pytest.mark.parametrize("name", ALL)
def test_every_study_answers_in_a_sentence_with_json_that_the_page_can_read(screen, name):
    found = asked(screen, name)
    assert found.is_complete
    view = study_view(screen.bench, active=False)
    shown = json.loads(json.dumps(view, allow_nan=False))
    assert shown["status"] == "done"
    assert shown["study"] == name
    sentence = shown["sentence"]
    assert sentence[0].isupper() or sentence[0].isdigit()
    assert sentence.endswith((".", "!"))
    assert "nan" not in sentence.lower().split()
    assert all(chart["alt"] and chart["datasets"] for chart in shown["charts"])
    for table in shown["tables"]:
        keys = {column["key"] for column in table["columns"]}
        assert table["caption"]
        assert all(keys <= set(row) for row in table["rows"])
        for row in table["rows"]:
            assert all(isinstance(row[key], str | int | float) for key in keys)
    for action in shown["actions"]:
        assert action.get("study", name) in STUDIES
        assert screen.bench.state.changed(action["changes"], screen.bench.model.layers.names)
    json.dumps(plain(dict(found.answer.evidence)))


@pytest.mark.parametrize("name", ALL)
def test_the_code_of_an_answer_gives_the_same_numbers(screen, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found, space = asked(screen, name), {"module": screen.bench.model.module}
    exec(compile(found.answer.code, f"code of {name}", "exec"), space)
    same(found.result, space["result"])


@pytest.mark.parametrize("name", ALL)
def test_a_study_can_be_stopped_after_any_of_its_first_steps(screen, name):
    study, known = STUDIES[name], asked(screen, name).asked
    before = {key: tensor.clone() for key, tensor in known.model.module.state_dict().items()}
    steps = study.steps(known)
    for _ in range(3):
        partial = next(steps, None)
        if partial is not None:
            shown = Answered(study, known, partial).answer.shown
            assert json.dumps(shown, allow_nan=False)
            assert shown["sentence"]
    steps.close()
    after = known.model.module.state_dict()
    assert all(torch.equal(tensor, after[key]) for key, tensor in before.items())


@pytest.mark.parametrize("name", ALL)
def test_a_study_takes_as_many_steps_as_it_says(screen, name):
    study, known = STUDIES[name], asked(screen, name).asked
    promised = study.n_steps(replace(known, scan=None))
    taken = sum(1 for _ in study.steps(known))
    assert taken <= promised or promised == 0


@pytest.mark.parametrize("name", ALL)
def test_what_is_missing_is_said_in_a_sentence(pages, name, tmp_path):
    path = tmp_path / "weights.pt"
    torch.save(trapped_module().state_dict(), path)
    page = pages(open_model(path), study=name)
    page.ask("hello")
    [question] = [one for one in page.panel("study")["questions"] if one["value"] == name]
    answer = page.ask("ask")
    assert answer["ok"] is question["enabled"]
    if not answer["ok"]:
        assert answer["error"] == question["why_not"]
        assert answer["error"].endswith(".")
        assert page.panel("study")["status"] == "unavailable"
        with pytest.raises(Complaint):
            page.bench.ask(name)


@pytest.mark.parametrize("name", ALL)
def test_every_question_is_a_question_and_every_setting_has_a_name_and_bounds(name):
    study = STUDIES[name]
    assert study.name == name
    assert study.title.endswith("?")
    assert study.help.endswith(".")
    for setting in study.settings:
        assert setting.label
        assert setting.checked(setting.default) == setting.default
        for bad in (None, "no such choice", float("nan"), [], {}):
            with pytest.raises(Complaint):
                setting.checked(bad)
