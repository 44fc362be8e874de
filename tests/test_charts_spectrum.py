"""Spectra drawn: bars and curves have their area, traps their place, and what is left out is said."""

from __future__ import annotations

import json

import numpy as np
import pytest
import vl_convert
from hypothesis import given, settings
from hypothesis import strategies as st
from spectral_widgets import charts
from spectral_widgets.charts import theme
from spectral_widgets.records import Complaint, NullFit, Spectrum, TailFit

from .chart_records import FIT, LAYER, N_COLS, N_ROWS, SCAN, null, rows_of, scan, spectrum, trap


@given(st.integers(0, 50), st.integers(10, 200), st.sampled_from(["log", "linear"]))
@settings(max_examples=12, deadline=None)
def test_bars_hold_all_eigenvalues_and_have_area_one(seed, bins, x_scale):
    eigenvalues = spectrum(seed, extra=()).eigenvalues
    rows = rows_of(charts.esd(spectrum(seed, extra=()), bins=bins, x_scale=x_scale), "layer")
    assert sum(row["count"] for row in rows) == len(eigenvalues)
    assert sum(row["density"] * _width(row, x_scale) for row in rows) == pytest.approx(1)


def _width(row, x_scale):
    return np.log(row["high"] / row["low"]) if x_scale == "log" else row["high"] - row["low"]


@pytest.mark.parametrize("x_scale", ["log", "linear"])
def test_the_marchenko_pastur_curve_has_area_one_on_both_axes(x_scale):
    rows = rows_of(charts.esd(spectrum(extra=()), null(), x_scale=x_scale), "null")
    x = np.array([row["eigenvalue"] for row in rows])
    measure = np.log(x) if x_scale == "log" else x
    assert np.trapezoid([row["density"] for row in rows], measure) == pytest.approx(1, abs=0.01)


def test_the_tail_curve_has_the_share_of_the_tail():
    rows = rows_of(charts.esd(spectrum(), FIT), "tail")
    x = np.log([row["eigenvalue"] for row in rows])
    inside = FIT.n_tail / FIT.n_eigenvalues * (1 - (FIT.xmax / FIT.xmin) ** (1 - FIT.alpha))
    assert np.trapezoid([row["density"] for row in rows], x) == pytest.approx(inside, rel=0.01)


def test_the_shuffled_outline_has_area_one():
    rows = rows_of(charts.esd(SCAN, seed=5), "shuffled")
    x, height = (np.array([row[key] for row in rows]) for key in ("eigenvalue", "density"))
    assert np.sum(height[:-1] * np.diff(np.log(x))) == pytest.approx(1)


def test_zeros_are_left_out_of_a_log_axis_and_counted():
    broken = Spectrum(np.concatenate([np.zeros(30), np.linspace(0.5, 2, 70)]), N_ROWS, N_COLS, 1.0)
    _, data = charts.split(charts.esd(broken))
    assert "30 of 100 eigenvalues below" in data["note"][0]["text"]
    assert sum(row["count"] for row in data["layer"]) == 70
    area = sum(row["density"] * _width(row, "log") for row in data["layer"])
    assert area == pytest.approx(0.7)


def test_a_far_outlier_does_not_squeeze_a_linear_axis():
    _, data = charts.split(charts.esd(spectrum(extra=(500.0,)), null(), x_scale="linear"))
    assert max(row["high"] for row in data["layer"]) < 10
    assert data["note"][0]["text"] == "1 of 100 eigenvalues beyond the axis, largest 500"


def test_a_trap_beyond_the_axis_stays_within_reach():
    far = scan(trap(3, 0, 900.0))
    (row,) = rows_of(charts.esd(spectrum(), far, x_scale="linear"), "traps")
    assert (row["place"], row["eigenvalue"]) == ("beyond", 900.0)
    assert row["drawn_at"] < 20


def test_traps_are_those_of_the_seed_and_say_what_a_click_needs():
    rows = rows_of(charts.esd(SCAN, selected=(3, 1)), "traps")
    assert [(row["trap_seed"], row["trap_index"], row["selected"]) for row in rows] == [(3, 0, False), (3, 1, True)]
    assert [row["p_value"] for row in rows] == ["1e-09", "below 1e-300"]
    assert [row["trap_index"] for row in rows_of(charts.esd(SCAN, seed=5), "traps")] == [0]


def test_drawn_curves_let_clicks_through_and_traps_take_them():
    chart = charts.esd(spectrum(), null(), FIT, SCAN)
    vega = vl_convert.vegalite_to_vega(chart.to_dict(), vl_version=theme.vegalite_version())
    marks = [mark for group in vega["marks"] for mark in [group, *group.get("marks", [])]]
    drawn = {mark["type"]: mark.get("interactive") for mark in marks if mark["type"] in ("line", "area", "rule")}
    assert drawn == {"line": False, "area": False, "rule": False}
    # The unseen point that stretches the axes lets clicks through; the traps take them.
    assert sorted(mark["interactive"] for mark in marks if mark["type"] == "symbol") == [False, True]


@pytest.mark.parametrize(
    ("draw", "says"),
    [
        (lambda: charts.esd(), "no spectrum to draw"),
        (lambda: charts.esd(null()), "no spectrum to draw"),
        (lambda: charts.esd(scan(seeds=())), "no spectrum to draw"),
        (lambda: charts.esd(spectrum(), spectrum()), "two records of the kind Spectrum"),
        (lambda: charts.esd(LAYER), "not LayerRef"),
        (lambda: charts.esd(SCAN, seed=4), r"seed 4 was not scanned; choose one of \[3, 5\]"),
        (lambda: charts.esd(spectrum(), x_scale="cubic"), "'log' or 'linear'"),
        (lambda: charts.esd(spectrum(), bins=0), "number of bins"),
        (lambda: charts.esd(Spectrum(np.zeros(5), 9, 5, 0.0)), "the layer is zero"),
        (lambda: charts.tail(Spectrum(np.zeros(5), 9, 5, 0.0)), "the layer is zero"),
    ],
)
def test_what_cannot_be_drawn_is_said(draw, says):
    with pytest.raises(Complaint, match=says):
        draw()


def test_fits_that_failed_are_left_out_and_said():
    nan = float("nan")
    bad_null = NullFit("Marchenko–Pastur", nan, 0.25, nan, nan, nan, nan, "failed", caveat="too few")
    bad_tail = TailFit(nan, nan, nan, nan, nan, 0, N_COLS, caveat="too few")
    _, data = charts.split(charts.esd(spectrum(), bad_null, bad_tail))
    assert data["null"] == data["edges"] == data["band"] == data["tail"] == []
    assert data["note"][0]["text"] == "no power law could be fitted"


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 30), st.integers(2, 40))
def test_a_sketch_is_a_row_of_heights_from_zero_to_one(seed, n_bins):
    heights = charts.sketch(spectrum(seed), n_bins)
    assert len(heights) == n_bins
    assert max(heights) == 1
    assert min(heights) >= 0


def test_sketches_of_odd_spectra():
    assert charts.sketch(Spectrum(np.zeros(4), 9, 4, 0.0), 3) == (0, 0, 0)
    assert sum(charts.sketch(Spectrum(np.ones(4), 9, 4, 1.0), 8)) == 1


@pytest.mark.parametrize("x_scale", ["log", "linear"])
@pytest.mark.parametrize("y_scale", ["log", "linear"])
def test_the_spec_that_the_page_gets_is_that_of_the_chart(x_scale, y_scale):
    chart = charts.esd(spectrum(), null(), FIT, SCAN, x_scale=x_scale, y_scale=y_scale, selected=(0, 0))
    names = tuple(chart.datasets)
    assert "traps" in names
    whole = theme.split(chart)[0]
    # Altair counts the views it has made so far.
    (view,) = whole["params"][0]["views"]
    (place,) = (place for place, one in enumerate(whole["layer"]) if one.get("name") == view)
    expected = json.loads(json.dumps(whole).replace(view, f"view_{place}"))
    assert charts.esd_spec(names, x_scale, y_scale) == expected
