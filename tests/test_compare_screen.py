"""Two models on one screen: the second spectrum, what stands beside what, and the questions about both."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest
import spectral_widgets as sw
import torch
from safetensors.torch import save_file
from spectral_widgets.records import Complaint, NullFit, Spectrum, TailFit
from spectral_widgets.spectra.nulls import spike_count
from spectral_widgets.spectra.views import viewed
from spectral_widgets.weights import open_model
from spectral_widgets.widgets.explorer import Explorer
from torch import nn

from .studying import same


def network(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(40, 60), nn.ReLU(), nn.Linear(60, 50), nn.ReLU(), nn.Linear(50, 30))


def tuned(change):
    """The network and a copy of it whose middle layer is changed."""
    base = network()
    other = copy.deepcopy(base)
    with torch.no_grad():
        change(other[2].weight)
    return open_model(base), open_model(other)


def of_rank_two(weight):
    torch.manual_seed(5)
    weight.add_(0.3 * torch.randn(50, 2) @ torch.randn(2, 60))


@pytest.fixture
def both(pages):
    base, other = tuned(of_rank_two)
    return pages(base, other=other, layer="2.weight").start()


def answered(page, study, **settings):
    assert page.ask("set", changes={"study": study, "study_settings": {study: settings}})["ok"]
    answer = page.ask("ask")
    assert answer["ok"], answer
    return page.panel("study")


# ---- the spectrum


def test_the_other_models_spectrum_is_the_outline(both):
    panel = both.panel("spectrum")
    outline = panel["chart"]["datasets"]["other"]
    edges = np.array([row["eigenvalue"] for row in outline])
    values = sw.spectrum(both.bench.other.model.layers["2.weight"]).eigenvalues
    counts, _ = np.histogram(values, edges)
    expected = counts / (len(values) * np.diff(np.log(edges)))
    np.testing.assert_allclose([row["density"] for row in outline[:-1]], expected, rtol=1e-9)
    assert "outline: Sequential" in panel["subtitle"]
    legend = json.dumps(panel["chart"]["spec"])
    assert '"the other model"' in legend


def test_facts_say_here_and_other(both):
    facts = {fact["label"]: fact["value"] for fact in both.panel("spectrum")["facts"]}
    here, there = facts["spikes, here / other"].split(" / ")
    for model, said in ((both.bench.model, here), (both.bench.other.model, there)):
        layer = model.layers["2.weight"]
        assert int(said) == spike_count(sw.spectrum(layer), sw.fit_null(layer))
    assert (here, there) == ("0", "2"), "the planted update has two directions beyond the noise"


def test_one_model_alone_says_nothing_of_another(pages):
    panel = pages(open_model(network()), layer="2.weight").start().panel("spectrum")
    assert "other" not in panel["chart"]["datasets"]
    assert [fact["label"] for fact in panel["facts"]][:2] == ["α", "λ max"]


def test_the_view_of_the_entries_holds_for_both(both):
    both.ask("set", changes={"view": "double_centred"})
    there = both.bench.other
    matrix = viewed(there.matrix("2.weight"), "double_centred")
    largest = np.linalg.svd(matrix.values, compute_uv=False)[0] ** 2 / matrix.ref.n_rows
    kept = there.evidence("2.weight", "double_centred").of(Spectrum).eigenvalues[-1]
    assert kept == pytest.approx(largest)
    assert there.evidence("2.weight").of(Spectrum).eigenvalues[-1] != kept


def test_every_layer_of_both_is_measured_and_the_bar_ends_at_one(both):
    other = both.bench.other
    for name in both.bench.model.layers.names:
        evidence = other.evidence(name)
        same(evidence.of(TailFit), sw.fit_tail(other.model.layers[name]))
        same(evidence.of(NullFit), sw.fit_null(other.model.layers[name]))
    counts = [one for one in both.of("progress") if one["job"] == "layers"]
    assert (counts[-1]["done"], counts[-1]["total"]) == (6, 6)


def test_layers_without_a_counterpart_say_so(pages):
    base, other = network(), network()
    other[2] = nn.Linear(60, 44)
    other[4] = nn.Linear(44, 30)
    other.append(nn.ReLU())
    other.append(nn.Linear(30, 30))
    page = pages(open_model(base), other=open_model(other), layer="2.weight").start()
    assert "50×60 here and 44×60 in Sequential" in page.panel("spectrum")["message"]
    assert "other" not in page.panel("spectrum")["chart"]["datasets"]
    assert list(page.bench.other.only_there) == ["6.weight"]
    questions = {one["value"]: one for one in page.panel("study")["questions"]}
    assert "not compared" in questions["layer_change"]["why_not"]
    page.ask("set", changes={"layer": "0.weight"})
    assert page.panel("spectrum")["chart"]["datasets"]["other"]


def test_models_with_no_layer_in_common_are_refused():
    with pytest.raises(Complaint, match="two versions of one architecture"):
        sw.explore(network(), compare=nn.Sequential(nn.ReLU(), nn.Linear(4, 4)))


def test_an_adapter_is_added_to_its_base(pages, tmp_path):
    base = open_model(network())
    torch.manual_seed(3)
    first, second = torch.randn(2, 60), torch.randn(50, 2)
    names = ("base_model.model.2.lora_A.weight", "base_model.model.2.lora_B.weight")
    save_file(dict(zip(names, (first, second), strict=True)), tmp_path / "adapter_model.safetensors")
    (tmp_path / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", "r": 2, "lora_alpha": 4}))
    page = pages(base, other=open_model(tmp_path), layer="2.weight").start()
    whole = base.module[2].weight.detach().double() + 2.0 * second.double() @ first.double()
    largest = float(torch.linalg.svdvals(whole)[0]) ** 2 / 60
    assert page.bench.other.evidence("2.weight").of(Spectrum).eigenvalues[-1] == pytest.approx(largest)
    panel = answered(page, "layer_change")
    assert "a difference of rank 2" in panel["sentence"]
    space = {"module": base.module}
    exec(panel["code"], space)
    same(page.bench.answered.result, space["result"])


# ---- the questions


def test_the_question_about_the_model_names_the_layer_that_changed(both):
    panel = answered(both, "model_change")
    assert panel["sentence"].startswith("2.weight changed most")
    assert "a difference of rank 2, of 3 layers compared. 2 layers are equal." in panel["sentence"]
    [table] = panel["tables"]
    assert table["rows"][0]["changes"] == {"layer": "2.weight", "selected": ["2.weight"]}
    bars = {row["layer"]: row["value"] for row in panel["charts"][0]["datasets"]["change"]}
    assert bars["2.weight"] > 0 == bars["0.weight"] == bars["4.weight"]


def test_the_chart_follows_its_setting_without_another_run(both):
    answered(both, "model_change")
    both.clear()
    both.ask("set", changes={"study_settings": {"model_change": {"metric": "update_rank"}}})
    bars = {row["layer"]: row["value"] for row in both.panel("study")["charts"][0]["datasets"]["change"]}
    assert bars == {"0.weight": 0, "2.weight": 2, "4.weight": 0}
    assert not both.of("finished")


def test_the_question_about_the_layer_counts_planted_directions(both):
    panel = answered(both, "layer_change", top=5)
    facts = {fact["label"]: fact["value"] for fact in panel["facts"]}
    assert (facts["rank of the change"], facts["intruders"]) == ("2", "2")
    [table] = panel["tables"]
    assert [row["verdict"] for row in table["rows"]][:2] == ["intruder", "intruder"]


def test_a_permuted_copy_keeps_its_spectrum_and_loses_its_directions(pages):
    torch.manual_seed(1)
    order = torch.randperm(50)
    base, other = tuned(lambda weight: weight.copy_(weight[order].clone()))
    page = pages(base, other=other, layer="2.weight").start()
    panel = answered(page, "layer_change", k=5)
    here, there = (panel["charts"][0]["datasets"][name] for name in ("this model", "other model"))
    assert max(row["density"] for row in here) == pytest.approx(max(row["density"] for row in there))
    overlap = next(fact for fact in panel["facts"] if fact["label"] == "overlap, left")
    other_side = next(fact for fact in panel["facts"] if fact["label"] == "overlap, right")
    assert float(overlap["value"].split()[0]) < 0.5
    assert other_side["value"].startswith("1 ")


def test_equal_models_are_said_to_be_equal(pages):
    page = pages(open_model(network()), other=open_model(network()), layer="0.weight").start()
    assert answered(page, "model_change")["sentence"].startswith("Nothing changed: all 3 layers compared are equal.")
    assert answered(page, "layer_change")["sentence"] == "0.weight is the same in Sequential."


def test_without_a_second_model_the_questions_say_how_to_give_one(pages):
    page = pages(open_model(network()), layer="0.weight")
    page.ask("hello")
    questions = {one["value"]: one for one in page.panel("study")["questions"]}
    assert "sw.explore(model, compare=other)" in questions["model_change"]["why_not"]
    assert "sw.explore(model, compare=other)" in questions["layer_change"]["why_not"]


# ---- the code


def test_the_recipe_opens_both_models_again():
    first = sw.explore(sw.digits_mlp(), compare=sw.digits_mlp(step=20_000), layer="4.weight", n_shuffles=2).wait()
    assert "compare=other" in first.recipe
    space = {}
    exec(first.recipe.removesuffix("bench\n"), space)
    second = space["bench"]
    assert isinstance(second, Explorer)
    assert (second.model.name, second.other.name) == (first.model.name, first.other.name)
    assert second.recipe == first.recipe
    first.close()
    second.close()


def test_two_live_modules_have_two_names_in_code(both):
    assert "model = sw.open_model(module)" in both.bench.recipe()
    assert "other = sw.open_model(other_module)" in both.bench.recipe()
    panel = answered(both, "model_change")
    space = {"module": both.bench.model.module, "other_module": both.bench.other.model.module}
    exec(panel["code"], space)
    same(both.bench.answered.result, space["result"])
