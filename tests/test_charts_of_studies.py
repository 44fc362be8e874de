"""The charts of the studies: every number that they draw is one of the records', and their words say the same."""

from __future__ import annotations

import math

import numpy as np
import pytest
import spectral_widgets as sw
import vl_convert
from spectral_widgets import charts
from spectral_widgets.charts import theme
from spectral_widgets.records import Complaint, LayerRef, LayerTraps, ModelScan, SelfAveraging

from .chart_records import rows_of
from .planting import noise, planted_entries

ARRAY, CELLS = planted_entries((120, 80), 2.0, 2, seed=0)
SCAN = sw.find_traps(ARRAY, range(4))
QUIET = sw.find_traps(noise((120, 80), 5), range(3))
SMALL = sw.find_traps(noise((60, 10), 0), range(2))
TESTS = tuple(sw.reference_test(ARRAY, one, range(9), [5.0, 9.0]) for one in ("tracy-widom", "shuffles", "entry-law"))
ASKED = {"of the layer": 5.0, "of a shuffle": 9.0}
AVERAGING = sw.self_averaging(ARRAY, range(4), (0.5, 1.0))
MODEL = sw.find_traps_in_model([ARRAY, noise((120, 80), 5), noise((60, 10), 0)], range(3))

DRAWN = {
    "trap_spread": lambda: charts.trap_spread(SCAN),
    "trap_spread_quiet": lambda: charts.trap_spread(QUIET),
    "trap_strips": lambda: charts.trap_strips([("before", SCAN), ("after", QUIET)]),
    "entry_survival": lambda: charts.entry_survival(sw.entry_survival(ARRAY)),
    "entry_survival_quiet": lambda: charts.entry_survival(sw.entry_survival(noise((60, 50), 1))),
    "reference_maxima": lambda: charts.reference_maxima(TESTS, ASKED),
    "self_averaging": lambda: charts.self_averaging(AVERAGING),
    "model_traps": lambda: charts.model_traps(MODEL),
}


@pytest.mark.parametrize("name", DRAWN)
def test_every_chart_compiles_names_its_axes_and_keeps_its_rows_apart(name):
    chart = DRAWN[name]()
    spec, datasets = charts.split(chart)
    assert vl_convert.vegalite_to_vega(chart.to_dict(), vl_version=theme.vegalite_version())["marks"]
    assert datasets
    assert "values" not in str(spec)
    encodings = [layer["encoding"] for layer in spec["layer"]]
    titles = {channel.get("title") for part in encodings for key, channel in part.items() if key in ("x", "y")}
    assert len(titles - {None}) >= 1
    svg = vl_convert.vegalite_to_svg(chart.to_dict(), vl_version=theme.vegalite_version())
    assert all(title in svg for title in titles - {None})


def test_the_spread_draws_every_trap_and_the_edge():
    chart = charts.trap_spread(SCAN)
    drawn = sorted((row["seed"], row["eigenvalue"]) for row in rows_of(chart, "traps"))
    assert drawn == sorted((trap.seed, trap.eigenvalue) for trap in SCAN.traps)
    assert rows_of(chart, "edge")[0]["eigenvalue"] == SCAN.threshold
    assert rows_of(chart, "quiet") == []
    largest = [float(one.eigenvalues[-1]) for one in QUIET.spectra]
    assert [row["eigenvalue"] for row in rows_of(charts.trap_spread(QUIET), "quiet")] == largest
    assert "2 to 2 each" in charts.trap_spread_text(SCAN)
    assert "none has one" in charts.trap_spread_text(QUIET)
    with pytest.raises(Complaint, match="no traps were counted"):
        charts.trap_spread(SMALL)


def test_the_strips_keep_the_scans_apart():
    named = [("before", SCAN), ("after", QUIET)]
    chart = charts.trap_strips(named)
    assert {row["scan"] for row in rows_of(chart, "traps")} == {"before"}
    assert {row["scan"] for row in rows_of(chart, "quiet")} == {"after"}
    assert [row["scan"] for row in rows_of(chart, "edges")] == ["before", "after"]
    assert charts.trap_strips_text(named) == "Traps per shuffle. before: 2 2 2 2; after: 0 0 0."
    with pytest.raises(Complaint):
        charts.trap_strips([])


def test_the_survival_marks_what_lies_beyond_the_line():
    survival = sw.entry_survival(ARRAY)
    chart = charts.entry_survival(survival)
    beyond = [row for row in rows_of(chart, "entries") if row["series"] == "beyond the line"]
    assert len(beyond) == survival.n_beyond == len(CELLS)
    assert rows_of(chart, "line")[0]["size"] == survival.threshold
    for row in rows_of(chart, "entries"):
        assert row["count"] == pytest.approx(row["share"] * ARRAY.size)
    assert "2 entries lie beyond" in charts.entry_survival_text(survival)


def test_the_references_draw_every_maximum_once():
    chart = charts.reference_maxima(TESTS, ASKED)
    drawn = sorted(row["eigenvalue"] for row in rows_of(chart, "maxima"))
    np.testing.assert_allclose(drawn, np.sort(np.concatenate([one.maxima for one in TESTS])))
    assert {row["name"]: row["eigenvalue"] for row in rows_of(chart, "asked")} == ASKED
    assert "its own shuffles from" in charts.reference_maxima_text(TESTS, ASKED)
    with pytest.raises(Complaint, match="No reference matrix"):
        charts.reference_maxima(TESTS[:1], ASKED)


def test_the_averaging_draws_both_variances_at_every_size():
    rows = rows_of(charts.self_averaging(AVERAGING), "variances")
    assert [row["side"] for row in rows] == [40, 80, 40, 80]
    assert [row["variance"] for row in rows] == [*AVERAGING.largest_variances, *AVERAGING.edge_variances]
    assert "60×40" in charts.self_averaging_text(AVERAGING)
    none = SelfAveraging(SCAN.layer, (0, 1), (), (), ())
    with pytest.raises(Complaint, match="too small"):
        charts.self_averaging(none)


def test_the_model_shows_every_layer_that_was_counted():
    rows = rows_of(charts.model_traps(MODEL), "layers")
    assert [row["verdict"] for row in rows] == ["holds traps", "holds none"]
    assert [row["traps"] for row in rows] == [2.0, 0.0]
    assert charts.model_traps_text(MODEL).endswith("at 1 % FDR: matrix.")
    left_out = LayerTraps(LayerRef("x", "other", None, (3, 3), 3, 3, "float32"), math.nan, math.nan, None, "why")
    with pytest.raises(Complaint, match="No layer"):
        charts.model_traps(ModelScan(0.01, (left_out,)))
