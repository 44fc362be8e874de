"""Bands on the screen: a letter and words for each, limits that agree with the numbers, a legend that says where."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spectral_widgets.metrics import band_of, metric_names
from spectral_widgets.records import Measurement
from spectral_widgets.widgets.views import bands

numbers = st.floats(0.01, 100.0)


def measured(metric: str, value: float, caveat: str = "") -> dict[str, Measurement]:
    squared = Measurement("w", "weibull_r_squared", 0.99)
    return {metric: Measurement("w", metric, value, caveat), "weibull_r_squared": squared}


@given(numbers)
def test_the_letter_is_that_of_the_band(value):
    cell = bands.band_cell("alpha", measured("alpha", value))
    assert cell["words"].startswith(f"{band_of(value).name}: ")
    assert cell["mark"] == band_of(value).name[0].upper()


@pytest.mark.parametrize("metric", sorted(bands.SCALES))
@given(one=numbers, two=numbers)
def test_two_numbers_on_one_side_of_all_limits_share_their_band(metric, one, two):
    sides = [[value < at for at, _ in bands.limits(metric)] for value in (one, two)]
    ends = {at for at, _ in bands.limits(metric)}
    if sides[0] == sides[1] and not ends & {one, two}:
        assert bands.band_cell(metric, measured(metric, one)) == bands.band_cell(metric, measured(metric, two))


def test_a_doubtful_fit_a_missing_number_and_other_metrics_have_no_band():
    assert bands.band_cell("alpha", measured("alpha", 3.0, "Only 9 eigenvalues lie in the tail.")) is None
    assert bands.band_cell("alpha", measured("alpha", float("nan"))) is None
    assert bands.band_cell("alpha", {}) is None
    assert all(bands.band_cell(name, measured(name, 3.0)) is None for name in set(metric_names()) - set(bands.SCALES))
    crooked = measured("weibull_shape", 1.2)
    crooked["weibull_r_squared"] = replace(crooked["weibull_r_squared"], value=0.5)
    assert bands.band_cell("weibull_shape", crooked) is None


@pytest.mark.parametrize("metric", sorted(bands.SCALES))
def test_marks_and_tones_tell_all_bands_apart_and_the_legend_gives_source_and_failures(metric):
    scale, legend = bands.SCALES[metric], bands.legend(metric, "symbol")
    assert len(set(scale.marks)) == len(set(scale.tones)) == len(scale.bands)
    assert [entry["name"] for entry in legend["bands"]] == [band.name for band in scale.bands]
    assert legend["source"] == scale.bands[0].source
    for band, entry in zip(scale.bands, legend["bands"], strict=True):
        said = f"{legend['fails']} {entry['fails']}"
        assert all(sentence in said for sentence in bands._sentences(band.fails))
    assert bands.limits("stable_rank") == []
