"""Plots of layers: what is drawn is apart from the numbers, ranges cut, and every mark is valid Vega-Lite."""

from __future__ import annotations

import json

import numpy as np
import pytest
import vl_convert
from spectral_widgets.charts import plot, theme
from spectral_widgets.charts.plot_range import datasets_of
from spectral_widgets.charts.plot_spec import figure, panel_spec, plotted, shape_of

EVERY_MARK = (
    plot.bars("bars", [0, 1, 2, 3], [1, 0, 2]),
    plot.line("line", [0, 1, 2], [0, np.nan, 1], dashed=True),
    plot.line("circle", np.cos([0, 2, 4, 6]), np.sin([0, 2, 4, 6]), turning=True),
    plot.points("points", [0, 1], [1, 2], error=[0.1, 0.2]),
    plot.band("band", [0, 1, 2], [0, 0, 0], [1, 2, 1]),
    plot.rule("rule", x=1.0, drag="cut"),
    plot.rule("", y=[0.5, 1.0]),
)
OWN_AXES = (plot.intervals("intervals", ["a", "b"], [1, 2], [0, 1], [2, 3]), plot.cells("cells", [[1, -2], [0, 1]]))


def panel(*layers, **options):
    return plot.Panel(layers, "x", "y", "Words.", **options)


@pytest.mark.parametrize("panels", [[panel(*EVERY_MARK, x_range=(0, 3))], *([panel(one)] for one in OWN_AXES)])
def test_every_mark_is_valid_and_compiles(panels):
    spec = plotted(panels).to_dict()
    assert vl_convert.vegalite_to_vega(spec, vl_version=theme.vegalite_version())["marks"]


def test_several_panels_share_no_dataset():
    both = [panel(plot.line("a", [0, 1], [0, 1])), panel(plot.line("a", [5, 6], [5, 6]), square=True)]
    spec = figure(both)
    json.dumps(spec, allow_nan=False)
    assert {name: rows[0]["x"] for name, rows in spec["datasets"].items()} == {"0:0-line": 0.0, "1:0-line": 5.0}
    assert [part["data"]["name"] for part in spec["concat"]] == list(spec["datasets"])
    assert vl_convert.vegalite_to_vega(spec, vl_version=theme.vegalite_version())["marks"]


def test_the_spec_knows_no_number():
    one, two = (panel(plot.line("a", x, x), x_range=(0, x[-1])) for x in ([0, 1], [0, 3, 7]))
    assert shape_of(one) == shape_of(two)
    assert panel_spec(shape_of(one)) is panel_spec(shape_of(two))
    assert "datasets" not in panel_spec(shape_of(one))
    assert shape_of(one) != shape_of(panel(plot.line("b", [0, 1], [0, 1]), x_range=(0, 1)))


def test_ranges_cut_marks_break_curves_and_hold_the_axes():
    data = datasets_of(panel(*EVERY_MARK, x_range=(0.5, 2.5), y_range=(0.0, 1.5)))
    assert data["frame"]["x"].tolist() == [0.5, 2.5]
    assert data["0-bars"]["low"].tolist() == [0.5, 2.0]
    assert data["0-bars"]["high"].tolist() == [1.0, 2.5]
    assert data["0-bars"]["y"].tolist() == [1.0, 1.5]
    assert data["1-line"]["x"].tolist() == [1.0, 2.0]
    assert np.isnan(data["1-line"]["y"][0])
    assert data["3-points"]["x"].tolist() == []
    assert data["4-band"]["high"].tolist() == [1.5, 1.0]
    assert data["5-rule"]["drag"].tolist() == ["cut"]
    assert data["6-rule"]["y"].tolist() == [0.5, 1.0]
    assert "frame" not in datasets_of(panel(*EVERY_MARK))


def test_cells_saturate_at_their_limit():
    [layer] = [plot.cells("m", [[4.0, -1.0]], limit=2.0)]
    assert layer.columns["share"].tolist() == [1.0, -0.5]
    assert plot.cells("m", [[0.0]]).columns["share"].tolist() == [0.0]


def test_bars_below_zero_hang_down_and_empty_ones_are_left_out():
    layer = plot.bars("areas", [0.0, 1.0, 2.0, 3.0], [-2.0, 0.0, 1.0])
    data = datasets_of(panel(layer, y_range=(-1.0, 4.0)))["0-bars"]
    assert data["y"].tolist() == [-1.0, 1.0]
    assert data["low"].tolist() == [0.0, 2.0]
