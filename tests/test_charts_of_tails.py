"""Hill plot, trace-log picture and FARMS charts: they compile, their rows are the records, their areas cancel."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest
import vl_convert
from spectral_widgets import api_metrics, charts, metrics
from spectral_widgets.charts import theme
from spectral_widgets.records import Complaint, ErgCut, Spectrum
from spectral_widgets.spectra.erg import erg_cut

from .chart_records import rows_of
from .metric_subjects import matrix

NOISE = np.random.default_rng(0).standard_normal((160, 60))
TAILED = Spectrum(np.sort(np.random.default_rng(1).pareto(2.0, 300) + 1), 3000, 300, 1.0)


def table():
    items = [matrix(NOISE, "wide"), matrix(NOISE[:60], "square"), matrix(np.zeros((30, 30)), "dead")]
    return metrics.frame_of(metrics.table_of(items, ["hill_alpha", "farms_alpha"]))


CHARTS = {
    "hill": lambda: charts.hill(api_metrics.hill_plot(NOISE)),
    "hill_tail": lambda: charts.hill(api_metrics.hill_plot(TAILED, "closest")),
    "erg": lambda: charts.erg(TAILED, erg_cut(TAILED)),
    "farms": lambda: charts.farms(table()),
    "farms_windows": lambda: charts.farms_windows(api_metrics.farms(NOISE, rows=30, windows=3)),
}


@pytest.fixture(params=sorted(CHARTS))
def chart(request):
    return CHARTS[request.param]()


def test_every_chart_compiles_without_a_warning_and_keeps_its_rows_apart(chart):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        svg = vl_convert.vegalite_to_svg(chart.to_dict(), vl_version=theme.vegalite_version())
    spec, datasets = charts.split(chart)
    assert '"values"' not in json.dumps(spec)
    json.dumps([spec, datasets], allow_nan=False)
    titles = {
        one["title"]
        for layer in spec["layer"]
        for name, one in layer["encoding"].items()
        if name in ("x", "y") and one.get("title")
    }
    assert titles
    assert all(title in svg for title in titles)


def test_the_hill_chart_shows_the_plot():
    plot = api_metrics.hill_plot(NOISE)
    rows = rows_of(charts.hill(plot), "curve")
    shown = plot.alpha <= 12
    assert [row["alpha"] for row in rows] == plot.alpha[shown].tolist()
    assert [row["n_top"] for row in rows] == plot.n_top[shown].tolist()
    (chosen,) = rows_of(charts.hill(plot), "chosen")
    assert (chosen["n_top"], chosen["alpha"]) == (30, plot.chosen.alpha)


def test_a_spectrum_without_any_tail_is_not_drawn():
    flat = Spectrum(np.linspace(1, 1.001, 50), 500, 50, 1.0)
    with pytest.raises(Complaint, match="above 12"):
        charts.hill(api_metrics.hill_plot(flat))


def area(row):
    return row["height"] * np.log(row["high"] / row["low"])


@pytest.mark.parametrize("bins", [10, 60, 200])
def test_the_two_areas_beyond_the_cut_cancel(bins):
    cut = erg_cut(TAILED)
    rows = rows_of(charts.erg(TAILED, cut, bins=bins), "areas")
    above = sum(area(row) for row in rows if row["height"] > 0)
    below = sum(area(row) for row in rows if row["height"] < 0)
    n = len(TAILED.eigenvalues)
    assert above + below == pytest.approx(cut.log_det / n, abs=1e-12)
    assert abs(above + below) <= abs(np.log(cut.xmin)) / n
    assert above > 0.1
    assert sum(row["count"] for row in rows) == cut.n_tail
    assert {row["series"] for row in rows if row["low"] >= 1} != {row["series"] for row in rows if row["high"] <= 1}


def test_the_histogram_has_area_one_and_both_cuts():
    cut = erg_cut(TAILED)
    chart = charts.erg(TAILED, cut)
    assert sum(area(row) for row in rows_of(chart, "bars")) == pytest.approx(1)
    assert [row["eigenvalue"] for row in rows_of(chart, "cuts")] == [cut.xmin, cut.tail_xmin]
    nan = float("nan")
    with pytest.raises(Complaint, match="no cut"):
        charts.erg(TAILED, ErgCut(nan, 0, 30, nan, nan, nan, nan, "All is zero."))


def test_the_farms_chart_leaves_out_what_has_no_exponent():
    frame = table()
    rows = rows_of(charts.farms(frame), "layers")
    assert [row["layer"] for row in rows] == ["wide", "square"]
    assert rows[0]["hill"] == frame.loc["wide", "hill_alpha"]
    assert rows[1]["noise"] == pytest.approx(2.1217, abs=1e-4)
    assert rows[0]["ratio"] == pytest.approx(160 / 60)
    with pytest.raises(Complaint, match="hill_alpha"):
        charts.farms(frame.loc[["dead"]])


def test_every_window_is_drawn_where_it_lies():
    fit = api_metrics.farms(NOISE, rows=30, windows=3)
    rows = rows_of(charts.farms_windows(fit), "windows")
    assert [(row["row"], row["column"]) for row in rows] == list(fit.starts)
    assert [row["alpha"] for row in rows] == list(fit.window_alphas)
    with pytest.raises(Complaint, match="No window"):
        charts.farms_windows(api_metrics.farms(np.zeros((40, 40))))


def test_alternative_texts_say_what_is_seen():
    assert charts.hill_text(api_metrics.hill_plot(NOISE)).endswith("pure noise of this shape gives 2.99.")
    cut = erg_cut(TAILED)
    assert f"gap of {cut.gap:+.3g}." in charts.erg_text(cut)
    assert f"The {cut.n_tail} largest of 300 eigenvalues multiply to one" in charts.erg_text(cut)
    assert charts.erg_text(erg_cut(Spectrum(np.array([0.2, 0.5, 2.3]), 4, 3, 1.0))).endswith("compare with.")
