"""Metrics over depth and against each other: what is drawn, what is left out, what is said."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr
from spectral_widgets import charts
from spectral_widgets.charts.metric_rows import NOWHERE, left_out, metric_rows
from spectral_widgets.charts.metric_text import rank_correlation
from spectral_widgets.records import LayerRef, Measurement
from spectral_widgets.weights import open_model

from .pages import trapped_module

DEPTH, ALPHA = charts.ChartAxis("depth", "depth, block"), charts.ChartAxis("alpha", "α", ((2.0, "below 2"),))
RANK = charts.ChartAxis("stable_rank", "stable rank")


def layer(name, kind, depth):
    return LayerRef(name, kind, depth, (8, 4), 8, 4, "float32")


LAYERS = [
    layer("embed", "embedding", None),
    *(layer(f"{kind}.{d}", kind, d) for d in range(3) for kind in ("up", "down")),
]
VALUES = [2.5, 3.0, 4.0, 2.0, float("nan"), 6.5, 1.5]


def known(values=VALUES, scale=1.0):
    return {
        ref.name: {
            "alpha": Measurement(ref.name, "alpha", scale * value, "" if value == value else "No fit."),
            "stable_rank": Measurement(ref.name, "stable_rank", float(position)),
        }
        for position, (ref, value) in enumerate(zip(LAYERS, values, strict=True))
    }


def data_of(*arguments, **options):
    return charts.split(charts.metric_chart(LAYERS, *arguments, **options))


def test_every_layer_with_a_number_has_one_mark_and_the_others_are_counted():
    rows = data_of(known(), DEPTH, ALPHA)[1]["layers"]
    assert [row["layer"] for row in rows] == ["embed", "up.0", "down.0", "up.1", "up.2", "down.2"]
    assert left_out(LAYERS, known(), "depth", "alpha", "none") == 1
    assert rows[0]["x"] == NOWHERE
    assert [row["y"] for row in rows] == [2.5, 3.0, 4.0, 2.0, 6.5, 1.5]


def test_lines_join_the_layers_of_a_kind_and_none_that_has_no_depth():
    lines = data_of(known(), DEPTH, ALPHA)[1]["lines"]
    assert [(one["kind"], one["x"]) for one in lines] == [("up", 0), ("down", 0), ("up", 1), ("up", 2), ("down", 2)]
    assert data_of(known(), RANK, ALPHA)[1]["lines"] == []


def test_layers_that_share_kind_and_depth_are_joined_at_their_mean():
    refs = [layer("a", "head", 0), layer("b", "head", 0)]
    values = {name: {"alpha": Measurement(name, "alpha", value)} for name, value in (("a", 2.0), ("b", 5.0))}
    lines = charts.split(charts.metric_chart(refs, values, DEPTH, ALPHA))[1]["lines"]
    assert lines == [{"kind": "head", "x": 0.0, "y": 3.5}]


def test_what_is_not_positive_is_left_out_of_a_logarithmic_axis():
    rows = metric_rows(LAYERS, known(), "stable_rank", "alpha", "x")
    assert "embed" not in {row["layer"] for row in rows}
    assert len(metric_rows(LAYERS, known(), "stable_rank", "alpha", "y")) == len(rows) + 1
    assert left_out(LAYERS, known(), "stable_rank", "alpha", "both") == 2


def test_a_second_model_is_hollow_and_joined_to_the_first():
    data = data_of(known(), DEPTH, ALPHA, other=known(scale=2.0), chosen="up.1")[1]
    assert [(one["y"], one["y2"]) for one in data["links"]] == [(y, 2 * y) for y in VALUES if y == y]
    assert [row["y"] for row in data["chosen"]] == [2.0, 4.0]
    assert len(data["other"]) == len(data["layers"])


def test_only_rows_change_while_the_axes_stay():
    early = {name: known()[name] for name in ("up.0",)}
    specs = [data_of(early, DEPTH, ALPHA), data_of(known(), DEPTH, ALPHA, other=known(scale=3.0), chosen="up.2")]
    assert specs[0][0] == specs[1][0]
    assert set(specs[0][1]) == set(specs[1][1])


@pytest.mark.parametrize("x", [DEPTH, RANK, charts.ChartAxis("position", "place")])
def test_every_dataset_is_drawn_so_that_the_page_can_swap_it(x):
    spec, data = data_of(known(), x, ALPHA)
    assert {part["data"]["name"] for part in spec["layer"]} == set(data)


def test_bands_end_at_rules_with_their_words():
    spec, data = data_of(known(), RANK, ALPHA)
    assert data["y_limits"] == [{"at": 2.0, "words": "below 2"}]
    assert data["x_limits"] == []
    assert {part["mark"]["type"] for part in spec["layer"] if part["data"]["name"] == "y_limits"} == {"rule", "text"}


def test_the_words_say_extremes_and_trend():
    rows = metric_rows(LAYERS, known(), "depth", "alpha", "none")
    words = charts.metric_text(rows, DEPTH, ALPHA)
    assert "from 1.5 (down.2) to 6.5 (up.2)" in words
    expected = spearmanr([row["x"] for row in rows[1:]], [row["y"] for row in rows[1:]]).statistic
    assert f"Rank correlation with depth {expected:+.2f} over 5 layers.".replace(" -", " −") in words
    assert charts.metric_text([], DEPTH, ALPHA) == "No layer has α yet."
    assert charts.metric_text(rows[:1], DEPTH, ALPHA) == "α is 2.5 in 1 layer."


def test_rank_correlation_is_spearmans():
    rng = np.random.default_rng(0)
    for _ in range(20):
        one, two = rng.integers(0, 6, 30), rng.standard_normal(30)
        assert rank_correlation(one, two) == pytest.approx(spearmanr(one, two).statistic)
    assert np.isnan(rank_correlation(np.zeros(5), np.arange(5)))


def test_the_panel_follows_the_choices_and_says_what_it_leaves_out(explorer):
    explorer.ask("set", changes={"chart_x": "stable_rank", "chart_y": "alpha", "chart_log": "x"})
    panel = explorer.panel("metrics")
    assert panel["status"] == "ready"
    assert panel["chart"]["alt"] == panel["sentence"]
    assert {row["layer"] for row in panel["chart"]["datasets"]["layers"]} == {"0.weight", "2.weight"}
    assert panel["notes"] == [
        "1 measured layer not drawn: the value is missing, or not positive on a logarithmic axis."
    ]
    explorer.ask("set", changes={"layer": "2.weight"})
    assert [row["layer"] for row in explorer.panel("metrics")["chart"]["datasets"]["chosen"]] == ["2.weight"]


def test_a_fresh_panel_says_that_there_is_nothing_yet(pages):
    page = pages(open_model(trapped_module()))
    page.ask("hello")
    panel = page.panel("metrics")
    assert (panel["status"], panel["chart"]) == ("empty", None)
    assert panel["sentence"].startswith("No layer has ")
    titles = [option["value"] for group in panel["choices"] for option in group["options"]]
    assert titles[:3] == ["depth", "position", "alpha"]
