"""The further choices of an ablation: on the screen, in the result, in its key, in the recipe and in a pin."""

from __future__ import annotations

import numpy as np
import pytest
import spectral_widgets as sw
import torch
from spectral_widgets.probing.changes import TITLES
from spectral_widgets.records import MatchedControl
from spectral_widgets.widgets.state import BenchState

from .pages import WAIT_S, Page, choose_trap

CHOICES = {
    "controls": ["moved", "rank_one"],
    "probe_kind": "uniform",
    "temperature": 2.0,
    "stop": "decided",
    "smallest_effect": 0.001,
}


@pytest.fixture(scope="module")
def digits():
    page = Page(sw.digits_mlp(), layer="2.weight", n_probes=32, n_controls=4, edit="remove")
    choose_trap(page.start())
    yield page
    page.bench.close()


def fields_of(page) -> dict:
    return {field["key"]: field for field in page.panel("ablate")["fields"]}


def reset(page):
    usual = BenchState().to_json()
    assert page.ask("set", changes={key: usual[key] for key in CHOICES})["ok"]


def test_every_choice_is_a_labelled_field_with_help_and_every_option_too(digits):
    reset(digits)
    fields = fields_of(digits)
    assert set(fields) == set(CHOICES)
    for field in fields.values():
        assert field["label"]
        assert field["help"].endswith((".", "counts."))
        for option in field.get("options", ()):
            assert option["label"]
            assert option["help"].endswith(".")
    assert digits.panel("ablate")["fields_changed"] == 0
    assert "Wang and Ramdas 2024" in fields["stop"]["options"][1]["help"]


def test_the_choices_reach_the_run_and_each_makes_a_result_of_its_own(digits):
    reset(digits)
    digits.bench.ablate().wait(WAIT_S)
    usual = digits.bench.ablation
    for key, value in CHOICES.items():
        assert digits.ask("set", changes={key: value})["ok"]
        assert digits.bench.ablation is not usual
    digits.wait()
    assert digits.panel("ablate")["fields_changed"] == len(CHOICES)
    assert digits.ask("ablate")["ok"]
    plan = digits.bench.ablation.plan
    kinds = [one.kind for one in plan.controls if isinstance(one, MatchedControl)]
    assert kinds == ["moved", "rank_one"] * 2
    assert (plan.probe.kind, plan.probe.temperature, plan.stop, plan.smallest_effect) == (
        "uniform",
        2.0,
        "decided",
        0.001,
    )
    assert "confidence sequences" in digits.panel("ablate")["rule"]
    reset(digits)
    assert digits.bench.ablation is usual


def test_the_recipe_and_the_code_of_a_pin_give_the_same_run(digits):
    assert digits.ask("set", changes=CHOICES)["ok"]
    assert digits.ask("ablate")["ok"]
    result, finding = digits.bench.ablation, digits.bench.pin("chosen")
    again: dict = {}
    exec(digits.bench.recipe(), again)
    assert again["bench"].ablation.verdict == result.verdict
    np.testing.assert_array_equal(again["bench"].ablation.edit.values, result.edit.values)
    again["bench"].close()
    by_code: dict = {}
    exec(finding.provenance.code, by_code)
    np.testing.assert_allclose(by_code["result"].edit.values, result.edit.values)
    assert by_code["result"].verdict == result.verdict
    digits.bench.findings.unpin(finding.id)
    digits.bench.pinned.clear()


def test_labels_bring_accuracy_and_the_words_that_go_with_it(digits):
    reset(digits)
    assert digits.ask("ablate")["ok"]
    panel = digits.panel("ablate")
    assert panel["verdict"]["word"] == "active"
    labelled = {"accuracy", "accuracy_change", "loss_nats", "loss_change_nats"}
    assert {row["key"] for row in panel["measures"]} == set(TITLES) - labelled
    assert digits.ask("set", changes={"probe_kind": "labelled"})["ok"]
    assert "accuracy decides" in digits.panel("ablate")["rule"]
    assert digits.ask("ablate")["ok"]
    panel, extras = digits.panel("ablate"), digits.bench.ablation.edit.extras
    assert panel["verdict"]["word"] == "benign"
    rows = {row["key"]: row for row in panel["measures"]}
    assert set(rows) == set(TITLES)
    assert float(rows["accuracy"]["value"]) == pytest.approx(extras["accuracy"].mean[-1], abs=1e-3)
    assert rows["loss_change_nats"]["value"].startswith("−0.7")
    assert all(row["help"].endswith(".") and " to " in row["interval"] for row in rows.values())
    evidence = digits.bench.pin().evidence["ablation"]
    assert evidence["labelled"] is True
    assert evidence["edit"]["measures"]["accuracy"] == pytest.approx(extras["accuracy"].mean[-1])
    reset(digits)


def test_inputs_that_cannot_be_had_say_why_and_leave_the_choice_in_reach(pages):
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(30, 40), torch.nn.ReLU(), torch.nn.Linear(40, 4))
    with torch.no_grad():
        net[0].weight[7, 5] = 6.0
    page = choose_trap(pages(sw.open_model(net), layer="0.weight").start())
    options = {option["value"]: option for option in fields_of(page)["probe_kind"]["options"]}
    assert options["uniform"]["enabled"]
    for kind in ("permuted", "swapped", "labelled"):
        assert not options[kind]["enabled"]
        assert "open the screen with" in options[kind]["help"]
    assert "random" not in options
    page.ask("set", changes={"probe_kind": "labelled"})
    panel = page.panel("ablate")
    assert panel["status"] == "unavailable"
    assert panel["message"] == options["labelled"]["help"]
    assert panel["fields_changed"] == 1
    assert page.ask("ablate")["error"] == panel["message"]


def test_given_data_can_be_passed_as_they_are_or_otherwise(pages):
    data = torch.randn(24, 30, generator=torch.Generator().manual_seed(0))
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(30, 40), torch.nn.ReLU(), torch.nn.Linear(40, 4))
    with torch.no_grad():
        net[0].weight[7, 5] = 6.0
    page = choose_trap(pages(sw.open_model(net), sw.probes.batch(data), layer="0.weight").start())
    options = {option["value"]: option["enabled"] for option in fields_of(page)["probe_kind"]["options"]}
    assert options == {"default": True, "random": True, "uniform": True, "permuted": True, "swapped": True,
                       "labelled": False}  # fmt: skip
    seen = []
    for kind in ("default", "random", "uniform", "permuted", "swapped"):
        page.ask("set", changes={"probe_kind": kind})
        assert page.ask("ablate")["ok"]
        seen.append(tuple(page.bench.ablation.edit.values))
    assert len(set(seen)) == 5


def test_a_model_without_logits_has_no_temperature_and_no_further_measures(pages):
    net = torch.nn.Sequential(torch.nn.Linear(30, 40), torch.nn.Tanh())
    with torch.no_grad():
        net[0].weight.normal_(0, 0.1, generator=torch.Generator().manual_seed(0))
        net[0].weight[7, 5] = 6.0
    model = sw.open_model(net, outputs="features")
    page = choose_trap(pages(model, layer="0.weight", temperature=2.0).start())
    assert fields_of(page)["temperature"]["enabled"] is False
    assert page.ask("ablate")["ok"]
    assert page.panel("ablate")["measures"] == []
    assert page.bench.ablation.plan.probe.temperature == 1.0


def test_what_makes_no_sense_is_refused(digits):
    for changes, match in [
        ({"controls": []}, "one or more of moved"),
        ({"controls": ["somewhere"]}, "one or more of moved"),
        ({"probe_kind": "mine"}, "must be one of default"),
        ({"temperature": 0}, "from 0.01 to 100"),
        ({"smallest_effect": -1}, "from 0 to 10"),
        ({"stop": "soon"}, "must be one of all, decided"),
    ]:
        before = digits.bench.state
        assert match in digits.ask("set", changes=changes)["error"]
        assert digits.bench.state == before
    assert digits.ask("set", changes={"controls": "rank_one"})["ok"]
    assert digits.bench.state.controls == ("rank_one",)
    reset(digits)
