"""Questions whose sliders answer live: measured once, and every number that of the public function."""

from __future__ import annotations

import math

import pytest
import spectral_widgets as sw
import torch
from spectral_widgets.records import Complaint
from spectral_widgets.weights import open_model
from spectral_widgets.widgets.studies.registry import STUDIES
from spectral_widgets.widgets.studies.settings import slider
from torch import nn

from .pages import trapped_module
from .studying import same

LIVE = sorted(name for name, study in STUDIES.items() if any(one.look == "slider" for one in study.settings))
RATES = {"low": 0.5, "high": 2.0}


def network():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(70, 80), nn.ReLU(), nn.Linear(80, 90), nn.ReLU(), nn.Linear(90, 60))
    with torch.no_grad():
        net[2].weight.copy_(torch.randn(90, 80) * torch.rand(90, 1) ** -1.5)
    return net


@pytest.fixture
def screen(pages):
    return pages(open_model(network()), layer="2.weight").start()


def measured(page, name, **settings):
    """The question asked once, and what was sent until then forgotten."""
    assert page.ask("set", changes={"study": name, "study_settings": {name: settings}})["ok"]
    assert page.ask("ask")["ok"]
    panel = page.panel("study")
    page.clear()
    return panel


def moved(page, name, **settings):
    assert page.ask("set", changes={"study_settings": {name: settings}})["ok"]
    return page.panel("study")


def bars(panel):
    return {row["layer"]: row["prescription"] for row in panel["charts"][0]["datasets"]["layers"]}


def test_there_are_questions_with_sliders():
    assert set(LIVE) >= {"learning_rate", "weight_decay", "pruning", "finetuning"}


@pytest.mark.parametrize("name", LIVE)
def test_moving_a_slider_answers_at_once_without_another_run(screen, name):
    before = measured(screen, name)
    for setting in STUDIES[name].settings:
        if setting.look == "slider":
            after = moved(screen, name, **{setting.key: (setting.low + setting.high) / 2})
            assert after["status"] == "done"
            assert after["code"] != before["code"] or setting.key == "log_kappa"
    assert not screen.of("finished")
    assert {message["panel"] for message in screen.of("panel")} == {"study"}, "a slider draws nothing else"


@pytest.mark.parametrize("name", LIVE)
def test_the_live_answer_is_that_of_a_run_with_the_same_settings(screen, pages, name):
    settings = {one.key: one.low + 0.75 * (one.high - one.low) for one in STUDIES[name].settings if one.look}
    measured(screen, name)
    live = moved(screen, name, **settings)
    fresh = pages(open_model(network()), layer="2.weight", study=name, study_settings={name: settings})
    assert fresh.ask("ask")["ok"]
    for part in ("sentence", "facts", "charts", "tables", "code", "caveat"):
        assert live[part] == fresh.panel("study")[part]
    space = {"module": screen.bench.model.module}
    exec(live["code"], space)
    same(screen.bench.answered.result, space["result"])


def test_bars_are_those_of_the_public_function(screen):
    measured(screen, "learning_rate")
    panel = moved(screen, "learning_rate", low=0.5, high=2.0, base=0.01)
    expected = sw.prescribe.layerwise_lr(screen.bench.model, 0.01, low=0.5, high=2.0)
    assert bars(panel) == {row.layer: pytest.approx(row.prescription) for row in expected.rows}
    heaviest = min((row for row in expected.rows if row.role == "measured"), key=lambda row: row.value)
    assert heaviest.layer == "2.weight", "the planted heavy tail"
    assert bars(panel)["2.weight"] == pytest.approx(0.005)


def test_the_code_makes_an_optimizer_with_every_parameter_in_one_group(screen):
    panel = measured(screen, "learning_rate", **RATES)
    space = {"module": screen.bench.model.module}
    exec(panel["code"], space)
    held = [id(one) for group in space["optimizer"].param_groups for one in group["params"]]
    assert sorted(held) == sorted(map(id, screen.bench.model.module.parameters()))


def test_the_weighted_mean_of_sparsities_is_the_target_wherever_the_slider_stands(screen):
    measured(screen, "pruning")
    sizes = {layer.name: layer.ref.n_entries for layer in screen.bench.model.layers}
    for target in (0.1, 0.5, 0.8):
        shares = bars(moved(screen, "pruning", target=target))
        mean = sum(share * sizes[name] for name, share in shares.items()) / sum(sizes.values())
        assert math.isclose(mean, target)


def test_a_layer_that_would_be_emptied_is_named(screen):
    measured(screen, "pruning")
    panel = moved(screen, "pruning", target=0.95, spread=1.0)
    assert panel["caveat"].startswith("Nothing is left of ")
    assert not moved(screen, "pruning", target=0.3)["caveat"].startswith("Nothing is left")


def test_bounds_that_cross_are_said_and_the_next_move_answers(screen):
    measured(screen, "learning_rate")
    panel = moved(screen, "learning_rate", low=2.0, high=1.0)
    assert "give 0 < low <= high" in panel["sentence"]
    assert (panel["status"], panel["charts"]) == ("done", [])
    assert "Learning rate from" in moved(screen, "learning_rate", low=1.0, high=2.0)["sentence"]


def test_what_is_measured_needs_a_run(screen):
    measured(screen, "learning_rate")
    assert moved(screen, "learning_rate", measure="stable_rank")["status"] == "ready"
    assert moved(screen, "learning_rate")["status"] == "done"


def test_a_button_sets_the_published_values_and_leaves_the_rest(screen):
    panel = measured(screen, "learning_rate", base=0.5)
    [preset] = [one for one in panel["actions"] if "TempBalance" in one["label"]]
    [(name, values)] = preset["settings"].items()
    after = moved(screen, name, base=0.5, **values)
    shown = {one["key"]: one["value"] for one in after["settings"]}
    assert (shown["low"], shown["high"], shown["norms"], shown["base"]) == (0.5, 1.5, "follow", 0.5)
    assert after["sentence"].startswith("Learning rate from 0.25 to 0.75")


def test_kappa_and_share_choose_the_same_layers_as_the_function(screen):
    measured(screen, "finetuning")
    panel = moved(screen, "finetuning", by="kappa", log_kappa=2.0)
    expected = sw.prescribe.layers_to_finetune(screen.bench.model, threshold=100.0)
    assert screen.bench.answered.result.names == expected.names
    assert [row["chosen"] for row in panel["tables"][0]["rows"]].count("yes") == len(expected.names)


def test_a_pin_and_the_recipe_hold_the_settings_that_are_shown(screen):
    measured(screen, "pruning")
    panel = moved(screen, "pruning", target=0.25)
    finding = screen.bench.pin("live", "answer")
    assert finding.claim == panel["sentence"]
    assert "model, 0.25," in finding.provenance.code
    assert "'target': 0.25" in screen.bench.recipe()


def test_rates_need_a_live_network_and_shares_do_not(pages, tmp_path):
    path = tmp_path / "weights.pt"
    torch.save(trapped_module().state_dict(), path)
    page = pages(open_model(path), layer="0.weight")
    page.ask("hello")
    reasons = {one["value"]: one["why_not"] for one in page.panel("study")["questions"]}
    assert "live network" in reasons["learning_rate"]
    assert not reasons["pruning"]
    with pytest.raises(Complaint, match="live network"):
        page.bench.ask("weight_decay")


def test_a_slider_says_how_the_page_draws_it():
    one = slider("x", "X", 0.5, 0.0, 2.0, 0.05)
    shown = one.to_json(0.5)
    assert (shown["look"], shown["step"], shown["min"], shown["max"]) == ("slider", 0.05, 0.0, 2.0)
    assert one.live
    with pytest.raises(Complaint, match="between 0 and 2"):
        one.checked(2.1)
