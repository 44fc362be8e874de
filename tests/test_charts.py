"""Every chart builds from small records, compiles, keeps its data apart, and says the truth about them."""

from __future__ import annotations

import json
import warnings
from functools import lru_cache

import altair as alt
import numpy as np
import pytest
import vl_convert
from hypothesis import given, settings
from hypothesis import strategies as st
from spectral_widgets import charts
from spectral_widgets.charts import theme
from spectral_widgets.records import (
    AblationPlan,
    AblationResult,
    Complaint,
    Entry,
    EntryStatistics,
    LayerRef,
    NullFit,
    Patch,
    Probe,
    RemoveTrap,
    Spectrum,
    TailFit,
    Track,
    Trap,
    TrapPrediction,
    TrapScan,
    Verdict,
)
from spectral_widgets.rmt import mp_edges

N_ROWS, N_COLS = 400, 100
LAYER = LayerRef("block.0.fc1.weight", "mlp_up", 0, (400, 100), N_ROWS, N_COLS, "float32")


@lru_cache
def spectrum(seed: int = 0, extra: tuple[float, ...] = (4.0, 7.5)) -> Spectrum:
    noise = np.random.default_rng(seed).standard_normal((N_ROWS, N_COLS))
    eigenvalues = np.linalg.eigvalsh(noise.T @ noise / N_ROWS)
    eigenvalues[N_COLS - len(extra) :] = extra
    return Spectrum(np.sort(eigenvalues), N_ROWS, N_COLS, 1.0)


def null(variance: float = 1.0) -> NullFit:
    low, high = mp_edges(N_COLS / N_ROWS, variance)
    centre, width = 1.01 * high, 0.02 * variance
    return NullFit("Marchenko–Pastur", variance, N_COLS / N_ROWS, low, high, centre, width, "planted")


def trap(seed: int, index: int, eigenvalue: float, p_value: float = 1e-9) -> Trap:
    left, right = np.eye(N_ROWS)[0], np.eye(N_COLS)[0]
    excess = null().excess_widths(eigenvalue)
    sizes = (1.0, 1.0, 134.0, 34.0)
    return Trap(LAYER, seed, index, eigenvalue, excess, p_value, left, right, *sizes, True, "entries", 0.0, ())


def scan(*traps: Trap, seeds: tuple[int, ...] = (3, 5)) -> TrapScan:
    spectra = tuple(spectrum(seed, tuple(one.eigenvalue for one in traps if one.seed == seed)) for seed in seeds)
    counts = tuple(sum(one.seed == seed for one in traps) for seed in seeds)
    statistics = EntryStatistics(N_ROWS * N_COLS, 0.0, 1.0, 1.0, 0.0, 14.1, 0.07, ())
    predicted = TrapPrediction((), (), ())
    return TrapScan(LAYER, "calibrated", 0.01, seeds, 2.4, null(), spectra, counts, traps, statistics, predicted)


FIT = TailFit(2.7, 0.2, 1.5, 7.5, 0.06, 20, N_COLS)
SCAN = scan(trap(3, 0, 9.0), trap(3, 1, 5.0, 0.0), trap(5, 0, 8.0))
PATCH = Patch(
    LAYER, tuple(range(96, 101)), tuple(range(850, 859)), np.linspace(-1, 1, 45).reshape(5, 9),
    Entry(99, 856, -2.5, -41.0),
)  # fmt: skip


def track(label: str, level: float, n: int, seed: int = 0) -> Track:
    values = level * np.random.default_rng(seed).gamma(2.0, 0.5, n)
    counts = np.arange(1, n + 1)
    mean = np.cumsum(values) / counts
    half = np.where(counts > 1, level / np.sqrt(counts), np.nan)
    return Track(label, values, mean, mean - half, mean + half)


def ablation(measure="divergence_nats", level=0.02, n=60, n_controls=4, others=0.004) -> AblationResult:
    plan = AblationPlan(RemoveTrap(SCAN.traps[0]), (), (), Probe("vectors", 200, (8,)), 8, "test")
    companions = (track("remove the trap", level * 0.8, n, 1), track("subtract the mean", others / 2, n, 2))
    controls = tuple(track("control", others, n, 10 + seed) for seed in range(n_controls))
    verdict = Verdict("harmful", "beyond all controls", "rule")
    edit = track("replace the trap", level, n)
    return AblationResult(plan, measure, edit, companions, controls, verdict, "cpu", "float32")


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


@given(st.integers(0, 50), st.integers(10, 200), st.sampled_from(["log", "linear"]))
@settings(max_examples=12, deadline=None)
def test_bars_hold_all_eigenvalues_and_have_area_one(seed, bins, x_scale):
    eigenvalues = spectrum(seed, extra=()).eigenvalues
    rows = _rows(charts.esd(spectrum(seed, extra=()), bins=bins, x_scale=x_scale), "layer")
    assert sum(row["count"] for row in rows) == len(eigenvalues)
    assert sum(row["density"] * _width(row, x_scale) for row in rows) == pytest.approx(1)


def _rows(chart, name):
    return charts.split(chart)[1][name]


def _width(row, x_scale):
    return np.log(row["high"] / row["low"]) if x_scale == "log" else row["high"] - row["low"]


@pytest.mark.parametrize("x_scale", ["log", "linear"])
def test_the_marchenko_pastur_curve_has_area_one_on_both_axes(x_scale):
    rows = _rows(charts.esd(spectrum(extra=()), null(), x_scale=x_scale), "null")
    x = np.array([row["eigenvalue"] for row in rows])
    measure = np.log(x) if x_scale == "log" else x
    assert np.trapezoid([row["density"] for row in rows], measure) == pytest.approx(1, abs=0.01)


def test_the_tail_curve_has_the_share_of_the_tail():
    rows = _rows(charts.esd(spectrum(), FIT), "tail")
    x = np.log([row["eigenvalue"] for row in rows])
    inside = FIT.n_tail / FIT.n_eigenvalues * (1 - (FIT.xmax / FIT.xmin) ** (1 - FIT.alpha))
    assert np.trapezoid([row["density"] for row in rows], x) == pytest.approx(inside, rel=0.01)


def test_the_shuffled_outline_has_area_one():
    rows = _rows(charts.esd(SCAN, seed=5), "shuffled")
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
    (row,) = _rows(charts.esd(spectrum(), far, x_scale="linear"), "traps")
    assert (row["place"], row["eigenvalue"]) == ("beyond", 900.0)
    assert row["drawn_at"] < 20


def test_traps_are_those_of_the_seed_and_say_what_a_click_needs():
    rows = _rows(charts.esd(SCAN, selected=(3, 1)), "traps")
    assert [(row["trap_seed"], row["trap_index"], row["selected"]) for row in rows] == [(3, 0, False), (3, 1, True)]
    assert [row["p_value"] for row in rows] == ["1e-09", "below 1e-300"]
    assert [row["trap_index"] for row in _rows(charts.esd(SCAN, seed=5), "traps")] == [0]


def test_drawn_curves_let_clicks_through_and_traps_take_them():
    chart = charts.esd(spectrum(), null(), FIT, SCAN)
    vega = vl_convert.vegalite_to_vega(chart.to_dict(), vl_version=theme.vegalite_version())
    marks = [mark for group in vega["marks"] for mark in [group, *group.get("marks", [])]]
    drawn = {mark["type"]: mark.get("interactive") for mark in marks if mark["type"] in ("line", "area", "rule")}
    assert drawn == {"line": False, "area": False, "rule": False}
    # The unseen point that stretches the axes lets clicks through; the traps take them.
    assert sorted(mark["interactive"] for mark in marks if mark["type"] == "symbol") == [False, True]


def test_other_data_of_the_same_kind_leave_the_spec_alone():
    first, _ = charts.split(charts.esd(spectrum(1), null(), FIT, SCAN, seed=3))
    second, _ = charts.split(charts.esd(spectrum(2), null(1.1), FIT, SCAN, seed=5, selected=(5, 0), bins=20))
    assert first == second
    half, _ = charts.split(charts.divergence(ablation(n=30)))
    whole, _ = charts.split(charts.divergence(ablation(n=60)))
    assert half == whole


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


def test_a_relative_change_is_never_called_a_divergence():
    for draw in (charts.divergence, charts.comparison):
        text = json.dumps(charts.split(draw(ablation("relative_change")))[0])
        assert "relative change of the output" in text
        assert "Jensen" not in text
        assert "nats" not in text
        assert "Jensen–Shannon divergence (nats)" in draw(ablation()).to_json(ensure_ascii=False)


@pytest.mark.parametrize(("level", "scale"), [(0.02, "linear"), (2.0, "log"), (0.0, "linear")])
def test_the_change_axis_is_logarithmic_only_for_wide_positive_values(level, scale):
    for draw, channel in ((charts.divergence, "y"), (charts.comparison, "x")):
        spec, _ = charts.split(draw(ablation(level=level)))
        assert spec["layer"][0]["encoding"][channel]["scale"]["type"] == scale


def test_running_means_thin_out_but_keep_both_ends():
    result = ablation(n=1000)
    rows = _rows(charts.divergence(result), "companions")
    probes = [row["probe"] for row in rows if row["series"] == "remove the trap"]
    assert (probes[-1], len(probes) <= 160) == (1000, True)
    assert rows[-1]["change"] == pytest.approx(result.companions[-1].mean[-1])


def test_the_limit_in_the_comparison_is_the_largest_control():
    result = ablation()
    data = charts.split(charts.comparison(result))[1]
    assert data["limit"] == [{"change": max(one.mean[-1] for one in result.controls)}]
    assert len(data["controls"]) == 4


def test_the_heat_map_shows_every_finite_weight_at_its_own_index():
    data = charts.split(charts.neighbourhood(PATCH))[1]
    assert len(data["patch"]) == 45
    assert data["patch"][0] == {"row": 96, "column": 850, "value": -1.0}
    assert data["entry"] == [{"row": 99, "column": 856}]


def test_alternative_texts_say_what_is_seen():
    assert charts.esd_text(SCAN, spectrum(), seed=3).endswith("has 2 traps, at 9, 5.")
    assert charts.esd_text(scan(seeds=(1,))) == "Shuffled with seed 1, the matrix has no trap."
    assert "row 99, column 856" in charts.neighbourhood_text(PATCH)
    assert "Verdict: harmful." in charts.ablation_text(ablation())
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
