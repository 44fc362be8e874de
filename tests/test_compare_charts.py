"""Pictures of two models and of prescriptions: they compile, and draw the numbers that they were given."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from spectral_widgets import api_compare, charts
from spectral_widgets import api_prescribe as prescribe
from spectral_widgets.records import Complaint
from spectral_widgets.spectra.decompose import spectrum_of
from torch import nn

from .metric_subjects import matrix


def language_model(seed):
    torch.manual_seed(seed)
    blocks = nn.ModuleList(nn.ModuleDict({"q_proj": nn.Linear(56, 56), "up_proj": nn.Linear(56, 70)}) for _ in range(3))
    return nn.ModuleDict({"embed_tokens": nn.Embedding(60, 56), "layers": blocks, "norm": nn.LayerNorm(56)})


@pytest.fixture(scope="module")
def frame():
    return api_compare.compare(language_model(0), language_model(1))


@pytest.fixture(scope="module")
def subspaces():
    base, other = np.random.default_rng(0).standard_normal((2, 30, 20))
    return api_compare.subspace_overlap(base, base + 0.3 * other, k=5)


@pytest.fixture(scope="module")
def spectra():
    base, other = np.random.default_rng(1).standard_normal((2, 80, 50))
    return spectrum_of(matrix(base)), spectrum_of(matrix(2 * other))


def drawn(chart):
    spec, rows = charts.split(chart)
    assert "<svg" in charts.picture(chart, "name", "text").svg
    return spec, rows


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_overlap_is_drawn_cell_by_cell(subspaces, side):
    _, rows = drawn(charts.overlap(subspaces, side))
    cosines = np.abs(getattr(subspaces, f"{side}_cosines"))
    assert {(row["base"], row["other"]): row["cosine"] for row in rows["overlap"]} == {
        (i + 1, j + 1): cosines[i, j] for i in range(5) for j in range(5)
    }
    share = (cosines**2).sum() / 5
    chance = 5 / {"left": 30, "right": 20}[side]
    assert f"share {share:.0%}, and {chance:.0%} by chance" in charts.overlap_text(subspaces, side)


def test_an_unknown_side_is_refused(subspaces):
    with pytest.raises(Complaint, match="no side 'top'"):
        charts.overlap(subspaces, "top")


def test_change_over_depth_draws_the_layers_of_the_blocks(frame):
    spec, rows = drawn(charts.change_over_depth(frame, width=500))
    inside = frame[frame["depth"].notna()]
    assert [row["value"] for row in rows["change"]] == inside["relative_change"].to_list()
    assert {row["kind"] for row in rows["change"]} == {"attn_q", "mlp_up"}
    assert "‖Δ‖/‖W‖" in spec["layer"][0]["encoding"]["y"]["title"]
    assert inside["relative_change"].idxmax() in charts.change_text(frame)
    plain = [{"layer": name, **row} for name, row in zip(frame.index, frame.to_dict("records"), strict=True)]
    assert charts.split(charts.change_over_depth(plain))[1] == rows


def test_a_column_that_is_not_there_or_has_no_number_is_refused(frame):
    with pytest.raises(Complaint, match="no column 'nothing'"):
        charts.change_over_depth(frame, "nothing")
    with pytest.raises(Complaint, match="nothing to draw"):
        charts.change_over_depth(frame.assign(relative_change=float("nan")))


def test_two_spectra_share_their_axes(spectra):
    _, overlaid = drawn(charts.two_spectra(*spectra, width=500))
    _, beside = drawn(charts.two_spectra(*spectra, layout="side by side", width=640))
    for name, spectrum in zip(("base", "other"), spectra, strict=True):
        assert sum(row["count"] for row in beside[name]) == len(spectrum.eigenvalues)
    assert overlaid["base"] == beside["base"]
    assert "largest" in charts.two_spectra_text(*spectra)
    with pytest.raises(Complaint, match="width in pixels"):
        charts.two_spectra(*spectra, layout="side by side")
    with pytest.raises(Complaint, match="no layout"):
        charts.two_spectra(*spectra, layout="stacked")


def results():
    module = language_model(0)
    return [
        prescribe.layerwise_lr(module, 1e-3),
        prescribe.layerwise_weight_decay(module, 0.1),
        prescribe.layerwise_sparsity(module, 0.5),
    ]


def test_every_prescription_is_drawn_bar_by_bar():
    for result in results():
        _, rows = drawn(charts.prescription(result, width=500))
        assert [row["prescription"] for row in rows["layers"]] == [row.prescription for row in result.rows]
        assert [row["layer"] for row in rows["layers"]] == [row.layer for row in result.rows]
        assert rows["base"] == [{"prescription": result.base, "role": "base"}]
        assert result.sentence in charts.prescription_text(result)


def test_the_choice_of_layers_is_drawn_lowest_first_with_its_cut():
    result = prescribe.layers_to_finetune(language_model(0), number=2)
    _, rows = drawn(charts.layer_choice(result, width=500))
    values = [row["value"] for row in rows["layers"]]
    assert values == sorted(row.value for row in result.rows if row.role == "measured")
    assert [row["role"] for row in rows["layers"]] == ["to fine-tune"] * 2 + ["left as it is"] * 4
    assert rows["cut"] == [{"value": result.base}] == [{"value": values[1]}]
    assert charts.split(charts.layer_choice(result.table))[1] == rows
    assert charts.prescription_text(result) == result.sentence
    with pytest.raises(Complaint, match="nothing to choose from"):
        charts.layer_choice([])


def test_a_slider_changes_rows_only():
    module = language_model(0)
    layers = prescribe.measured_layers(module)
    one, two = (prescribe.layerwise_lr(module, 1e-3, high=high, measured=layers) for high in (2.0, 5.0))
    (spec, rows), (spec_two, rows_two) = (charts.split(charts.prescription(result)) for result in (one, two))
    assert spec == spec_two
    assert rows != rows_two
    from_rows = charts.split(charts.prescription(one.table, title="learning rate", base=one.base))
    assert from_rows == (spec, rows)


def test_a_prescription_without_rows_is_refused():
    with pytest.raises(Complaint, match="no layer to draw"):
        charts.prescription([])
