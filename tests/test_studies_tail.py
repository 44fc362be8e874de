"""Questions about tails, shapes, entries and heads on matrices whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from spectral_widgets.weights import open_model
from torch import nn


def page_of(pages, values, **settings):
    layer = nn.Linear(*values.shape[::-1], bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.as_tensor(values))
    return pages(open_model(nn.Sequential(layer)), layer="0.weight", **settings)


def asked(page, name, **settings):
    page.ask("set", changes={"study": name, "study_settings": {name: settings}})
    assert page.ask("ask")["ok"]
    panel = page.panel("study")
    return panel, {fact["label"]: fact["value"] for fact in panel["facts"]}


def gaussian(rows, columns, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, columns))


def with_eigenvalues(values, rows, seed=0):
    """A matrix whose spectrum of ``WᵀW / rows`` is this."""
    rng = np.random.default_rng(seed)
    left = np.linalg.qr(rng.normal(size=(rows, len(values))))[0]
    right = np.linalg.qr(rng.normal(size=(len(values), len(values))))[0]
    return (left * np.sqrt(np.asarray(values) * rows)) @ right


def test_a_planted_power_law_is_found_and_not_ruled_out(pages):
    values = (1 - (np.arange(300) + 0.5) / 300) ** (-1 / 2.0)
    panel, facts = asked(page_of(pages, with_eigenvalues(values, 400)), "tail_law", samples=30)
    alpha, error = map(float, facts["α"].split(" ± "))
    assert abs(alpha - 3.0) < 4 * error
    assert "does not rule the power law out" in panel["sentence"]
    assert [row["verdict"] for row in panel["tables"][0]["rows"]][1:].count("fits better") == 0


def test_the_hill_slider_moves_the_number_of_eigenvalues_alone(pages):
    page = page_of(pages, gaussian(200, 100))
    _, facts = asked(page, "tail_law")
    assert facts["Hill α"].endswith("from 50")
    page.clear()
    page.ask("set", changes={"study_settings": {"tail_law": {"share": 20.0}}})
    moved = {fact["label"]: fact["value"] for fact in page.panel("study")["facts"]}
    assert moved["Hill α"].endswith("from 20")
    assert moved["α"] == facts["α"]
    assert not page.of("finished")


@pytest.mark.parametrize("rows", [150, 600])
def test_windows_take_the_shape_out_of_the_exponent_of_noise(pages, rows):
    panel, facts = asked(page_of(pages, gaussian(rows, 150)), "aspect", windows=4)
    [whole, windows] = panel["tables"][0]["rows"]
    assert float(windows["alpha"]) == pytest.approx(2.12, abs=0.12)
    assert float(whole["alpha"]) == pytest.approx(float(whole["noise"]), abs=0.25)
    assert (rows == 150) == ("its shape changes nothing" in panel["sentence"])
    assert facts["window"] == "150×150"


def test_both_areas_of_logarithms_cancel_up_to_the_last_eigenvalue(pages):
    panel, facts = asked(page_of(pages, gaussian(300, 200)), "correlation_space")
    numbers = {key: float(value.replace("−", "-")) for key, value in facts.items() if key != "Δλ"}
    total = numbers["Σ ln λ above 1"] + numbers["Σ ln λ below 1"]
    assert total == pytest.approx(numbers["left over"], abs=0.6)
    assert numbers["left over"] <= 0
    assert panel["tables"][0]["rows"][0]["cut"].startswith("product of one")


@pytest.mark.parametrize(
    ("draw", "words", "best"),
    [
        (lambda rng: rng.normal(size=(300, 200)), "spread as those of Gaussian", "Gaussian"),
        (lambda rng: rng.laplace(size=(300, 200)), "spread wider than", "Laplace"),
        (lambda rng: rng.uniform(-1, 1, size=(300, 200)), "spread narrower than", ""),
    ],
)
def test_the_law_that_the_weights_were_drawn_from_is_named(pages, draw, words, best):
    panel, _ = asked(page_of(pages, draw(np.random.default_rng(0))), "entry_laws")
    assert words in panel["sentence"]
    laws = [row["family"] for row in panel["tables"][0]["rows"]]
    assert not best or best in laws[:2], "only a law that contains it may fit a little better"


def test_two_heads_that_share_a_direction_compose_most(pages):
    torch.manual_seed(0)
    net = nn.TransformerEncoder(nn.TransformerEncoderLayer(32, 4, 64, batch_first=True), 2)
    first, second = net.layers[0].self_attn, net.layers[1].self_attn
    direction = torch.randn(32)
    with torch.no_grad():
        # Head 1 of block 0 writes one direction; head 2 of block 1 looks for its key there.
        first.out_proj.weight[:, 8:16] = direction[:, None] * torch.randn(8)
        second.in_proj_weight[32 + 16 : 32 + 24] = torch.randn(8)[:, None] * direction
    page = pages(open_model(net), layer=None)
    panel, _ = asked(page, "heads", fold_norms=False)
    assert panel["sentence"].startswith("Head 0.1 composes most with head 1.2 by its key")
    page.clear()
    page.ask("set", changes={"study_settings": {"heads": {"fold_norms": False, "reading": "value", "most": 3}}})
    assert len(page.panel("study")["tables"][0]["rows"]) == 3
    assert not page.of("finished")
