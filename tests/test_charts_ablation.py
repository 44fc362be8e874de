"""What an ablation changed, drawn as running means and as a comparison with its controls."""

from __future__ import annotations

import json

import pytest
from spectral_widgets import charts

from .chart_records import ablation, rows_of


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
    rows = rows_of(charts.divergence(result), "companions")
    probes = [row["probe"] for row in rows if row["series"] == "remove the trap"]
    assert (probes[-1], len(probes) <= 160) == (1000, True)
    assert rows[-1]["change"] == pytest.approx(result.companions[-1].mean[-1])


def test_the_limit_in_the_comparison_is_the_largest_control():
    result = ablation()
    data = charts.split(charts.comparison(result))[1]
    assert data["limit"] == [{"change": max(one.mean[-1] for one in result.controls)}]
    assert len(data["controls"]) == 4
