"""Every chart builds from small records, compiles, keeps its data apart, and can be read and named."""

from __future__ import annotations

import json
import warnings

import altair as alt
import pytest
import vl_convert
from spectral_widgets import charts
from spectral_widgets.charts import theme

from .chart_records import COMPOSITION, FIT, PATCH, SCAN, WEIBULL, ablation, null, scan, spectrum

CHARTS = {
    "esd_all": lambda: charts.esd(spectrum(), null(0.97), FIT, SCAN, selected=(3, 1)),
    "esd_all_linear": lambda: charts.esd(SCAN, FIT, spectrum(), null(), x_scale="linear", seed=5),
    "esd_log_log": lambda: charts.esd(spectrum(), null(), FIT, y_scale="log"),
    "esd_linear_log": lambda: charts.esd(spectrum(), SCAN, x_scale="linear", y_scale="log"),
    "esd_scan_alone": lambda: charts.esd(SCAN),
    "esd_spectrum_alone": lambda: charts.esd(spectrum(), width=420, height=200, bins=10),
    "esd_no_trap": lambda: charts.esd(scan(seeds=(1,))),
    "esd_not_shuffled_yet": lambda: charts.esd(spectrum(), scan(seeds=())),
    "neighbourhood": lambda: charts.neighbourhood(PATCH),
    "divergence": lambda: charts.divergence(ablation()),
    "divergence_log": lambda: charts.divergence(ablation(level=2.0)),
    "divergence_relative": lambda: charts.divergence(ablation("relative_change", n=400)),
    "divergence_zero": lambda: charts.divergence(ablation(level=0.0, others=0.0)),
    "divergence_first": lambda: charts.divergence(ablation(n=1)),
    "divergence_empty": lambda: charts.divergence(ablation(n=0)),
    "comparison": lambda: charts.comparison(ablation()),
    "comparison_log": lambda: charts.comparison(ablation(level=2.0)),
    "comparison_alone": lambda: charts.comparison(ablation(n=1, n_controls=0)),
    "comparison_empty": lambda: charts.comparison(ablation(n=0)),
    "composition": lambda: charts.composition(COMPOSITION, "key"),
    "weibull": lambda: charts.weibull(WEIBULL),
    "tail": lambda: charts.tail(spectrum(), FIT),
    "tail_without_fit": lambda: charts.tail(spectrum()),
}


@pytest.fixture(params=sorted(CHARTS))
def chart(request):
    return CHARTS[request.param]()


def test_every_chart_compiles_without_a_warning(chart):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        spec = chart.to_dict()
        vega = vl_convert.vegalite_to_vega(spec, vl_version=theme.vegalite_version())
    assert vega["marks"]


def test_every_chart_keeps_its_rows_in_named_datasets(chart):
    spec, datasets = charts.split(chart)
    assert datasets
    assert "datasets" not in spec
    assert '"values"' not in json.dumps(spec)
    assert set(_data_names(spec)) <= set(datasets)
    json.dumps([spec, datasets], allow_nan=False)


def _data_names(part):
    if isinstance(part, dict):
        if "name" in part.get("data", {}):
            yield part["data"]["name"]
        for inner in part.values():
            yield from _data_names(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _data_names(inner)


def test_every_axis_has_a_name(chart):
    svg = vl_convert.vegalite_to_svg(chart.to_dict(), vl_version=theme.vegalite_version())
    spec, _ = charts.split(chart)
    titles = {
        channel["title"]
        for layer in spec["layer"]
        for name, channel in layer.get("encoding", {}).items()
        if name in ("x", "y") and isinstance(channel, dict) and channel.get("title")
    }
    assert titles
    for title in titles:
        assert title in svg


def test_pictures_are_images_in_both_dresses():
    light, dark = (charts.picture(charts.esd(SCAN), "esd", "A text.", dark=dark) for dark in (False, True))
    for one in (light, dark):
        assert one.svg.startswith("<svg")
        assert one.png.startswith(b"\x89PNG")
        assert (one.name, one.alt) == ("esd", "A text.")
    assert "#FFFFFF" in light.svg
    assert "#111111" in dark.svg


def test_other_data_of_the_same_kind_leave_the_spec_alone():
    first, _ = charts.split(charts.esd(spectrum(1), null(), FIT, SCAN, seed=3))
    second, _ = charts.split(charts.esd(spectrum(2), null(1.1), FIT, SCAN, seed=5, selected=(5, 0), bins=20))
    assert first == second
    half, _ = charts.split(charts.divergence(ablation(n=30)))
    whole, _ = charts.split(charts.divergence(ablation(n=60)))
    assert half == whole


def test_the_heat_map_shows_every_finite_weight_at_its_own_index():
    data = charts.split(charts.neighbourhood(PATCH))[1]
    assert len(data["patch"]) == 45
    assert data["patch"][0] == {"row": 96, "column": 850, "value": -1.0}
    assert data["entry"] == [{"row": 99, "column": 856}]


def test_alternative_texts_say_what_is_seen():
    assert charts.esd_text(SCAN, spectrum(), seed=3).endswith("has 2 traps, at 9, 5.")
    assert charts.esd_text(scan(seeds=(1,))) == "Shuffled with seed 1, the matrix has no trap."
    assert "row 99, column 856" in charts.neighbourhood_text(PATCH)
    assert "Verdict: active." in charts.ablation_text(ablation())
    assert charts.ablation_text(ablation(n=0)) == "Nothing was measured yet."


@pytest.mark.parametrize("colour", [theme.LAYER, theme.SHUFFLED, theme.NULL, theme.SHUFFLED_NULL, theme.TAIL,
                                    theme.TRAP, theme.INK, *theme.SERIES])  # fmt: skip
@pytest.mark.parametrize("paper", ["#FFFFFF", "#111111"])
def test_colours_stand_out_on_light_and_dark(colour, paper):
    light, dark = sorted((_luminance(colour), _luminance(paper)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 3


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_chart_is_a_plain_altair_chart():
    assert isinstance(charts.esd(SCAN), alt.LayerChart)
