"""Any metric as a column: what is chosen, what is measured when, what a row and its head say."""

from __future__ import annotations

import csv
import json
from math import isfinite, isnan

import pytest
import spectral_widgets as sw
from spectral_widgets.metrics import metric_names, metrics_named
from spectral_widgets.records import Complaint
from spectral_widgets.weights import open_model
from spectral_widgets.widgets import columns
from spectral_widgets.widgets.state import BenchState
from spectral_widgets.widgets.tasks import table_steps
from spectral_widgets.widgets.views import columns as heads

from .pages import trapped_module
from .test_bench_work import many_layers

EVERYTHING = [*columns.OWN, *metric_names()]


@pytest.fixture
def shown(pages):
    """A screen whose table has every column there is."""
    page = pages(open_model(trapped_module()), layer="0.weight", columns=EVERYTHING).start()
    assert page.ask("hello")["ok"]
    return page


def test_every_registered_metric_can_be_a_column(shown):
    panel = shown.panel("layers")
    assert [head["key"] for head in panel["columns"]] == ["name", *EVERYTHING]
    for row in shown.rows().values():
        assert row["waiting"] == []
        for name in metric_names():
            assert isinstance(row[name], float) or (row[name] is None and len(row["caveats"][name]) > 10), name


def test_a_column_shows_what_measure_gives(shown):
    frame = sw.measure(shown.bench.model.layers, metrics="all", seeds=range(2))
    for name, row in shown.rows().items():
        for metric in metric_names():
            value = frame.loc[name, metric]
            assert row[metric] == (pytest.approx(value, rel=1e-9) if isfinite(value) else None), metric


def test_the_frame_has_everything_that_was_measured(shown):
    frame = shown.bench.table()
    assert set(metric_names()) <= set(frame.columns)
    assert set(frame.attrs["cards"]) == set(metric_names())
    assert list(frame.index) == list(shown.bench.model.layers.names)


def test_cheap_columns_need_no_work_and_dear_ones_are_measured_when_chosen(explorer):
    explorer.clear()
    assert explorer.ask("set", changes={"columns": ["alpha", "hill_alpha", "weibull_shape", "shuffled_ks"]})["ok"]
    assert not explorer.of("finished")
    assert all(row["waiting"] == [] for row in explorer.panel("layers")["rows"])
    assert explorer.ask("set", changes={"columns": ["leading_participation"]})["ok"]
    waiting = [m["data"] for m in explorer.of("panel") if m["panel"] == "layers"][1]["rows"]
    assert {tuple(row["waiting"]) for row in waiting} <= {("leading_participation",), ()}
    assert [message["job"] for message in explorer.of("finished")] == ["layers"]
    for row in explorer.rows().values():
        assert row["leading_participation"] > 0
        assert row["waiting"] == []
    explorer.clear()
    explorer.ask("set", changes={"columns": ["alpha"]})
    explorer.ask("set", changes={"columns": ["leading_participation"]})
    assert not explorer.of("finished")


def test_what_a_chart_asks_for_is_measured_too(explorer):
    explorer.ask("set", changes={"chart_y": "tail_p_value"})
    assert "tail_p_value" in explorer.bench.table().columns
    assert "leading_participation" not in explorer.bench.table().columns


def test_a_cancelled_request_leaves_cells_that_say_so_and_is_taken_up_again(pages):
    page = pages(open_model(many_layers(40, 40))).start()
    page.bench.set(columns=["leading_participation"])
    page.bench.cancel("layers")
    page.wait()
    assert page.of("finished")[-1]["outcome"] == "cancelled"
    page.ask("hello")
    assert any(row["waiting"] for row in page.panel("layers")["rows"])
    assert page.ask("measure")["ok"]
    assert not any(row["waiting"] for row in page.panel("layers")["rows"])


def test_metrics_are_there_before_the_shuffles(pages):
    page = pages(open_model(trapped_module()))
    bench = page.bench
    for _ in table_steps(bench.model.layers, bench.memory, bench.state, lambda row: None):
        if any("hill_alpha" in known for known in bench.memory.measured.values()):
            break
    assert not any("traps" in known for known in bench.memory.measured.values())


def test_shuffled_columns_follow_the_newest_seeds(explorer):
    before = explorer.bench.table().loc["0.weight", "shuffled_ks"]
    assert explorer.ask("set", changes={"seed": 40, "columns": ["shuffled_ks"]})["ok"]
    after = explorer.bench.table().loc["0.weight", "shuffled_ks"]
    assert after != before
    assert explorer.rows()["0.weight"]["shuffled_ks"] == after


def test_the_recipe_says_columns_and_chart(explorer):
    explorer.ask("set", changes={"columns": ["alpha", "effective_rank"], "bands": False})
    explorer.ask("set", changes={"chart_x": "stable_rank", "chart_log": "both"})
    code = explorer.ask("recipe")["code"]
    for said in ("columns=['alpha', 'effective_rank']", "bands=False", "chart_x='stable_rank'", "chart_log='both'"):
        assert said in code
    assert "chart_y" not in code


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"columns": ["alhpa"]}, "did you mean 'alpha'"),
        ({"columns": "alpha"}, "list of columns"),
        ({"columns": [None]}, "no metric None"),
        ({"chart_y": "depth"}, "no metric 'depth'"),
        ({"chart_x": "sketch"}, "no metric 'sketch'"),
        ({"bands": 1}, "true or false"),
        ({"chart_log": "z"}, "one of none, x, y, both"),
    ],
)
def test_wrong_choices_are_refused_with_a_sentence(changes, said):
    with pytest.raises(Complaint, match=said):
        BenchState().changed(changes, ())


def test_a_column_stands_once_and_in_its_place():
    assert BenchState().changed({"columns": ["traps", "alpha", "traps"]}, ()).columns == ("traps", "alpha")
    assert BenchState().columns == columns.DEFAULT == columns.presets()[0].columns


def test_presets_name_known_columns_and_the_last_one_all_that_is_cheap():
    for preset in columns.presets():
        assert columns.checked_columns("columns", list(preset.columns)) == preset.columns
        assert not columns.measured_on_request(preset.columns)
    assert set(columns.presets()[-1].metrics) == {one.card.name for one in metrics_named()}


def test_heads_say_meaning_unit_source_and_where_it_fails():
    for group in heads.choices()[1:]:
        for choice in group["columns"]:
            [metric] = metrics_named((choice["key"],))
            for words in (metric.card.meaning, metric.card.source, "Unit: ", "Where it fails: "):
                assert words in choice["help"], choice["key"]
            assert choice["on_request"] == ("Measured when it is shown" in choice["help"])


@pytest.mark.parametrize("wanted", ["csv", "json"])
def test_the_table_is_saved_with_units_and_sources(explorer, wanted):
    answer = explorer.ask("export", what="table", format=wanted)
    assert answer["filename"] == f"layers.{wanted}"
    content = explorer.buffers[json.dumps(answer["id"])][0].decode()
    if wanted == "json":
        found = json.loads(content)
        assert found["metrics"]["weibull_scale"]["unit"] == "weight"
        assert {row["layer"] for row in found["rows"]} == set(explorer.bench.model.layers.names)
    else:
        notes = [line for line in content.splitlines() if line.startswith("#")]
        assert len(notes) == len(metrics_named())
        rows = list(csv.DictReader(line for line in content.splitlines() if not line.startswith("#")))
        assert float(rows[0]["stable_rank"]) == explorer.bench.table()["stable_rank"].iloc[0]


def test_a_table_without_rows_or_of_another_format_is_refused(pages, explorer):
    assert "nothing to save" in pages(open_model(trapped_module())).ask("export", what="table", format="csv")["error"]
    assert "no format 'exe'" in explorer.ask("export", what="table", format="exe")["error"]


def test_a_missing_number_is_never_without_a_reason(shown):
    frame = shown.bench.table()
    for name in metric_names():
        for layer, value in frame[name].items():
            assert not isnan(value) or name in frame.loc[layer, "caveats"]
