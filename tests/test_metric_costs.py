"""What a table costs: dear metrics are left out unless they are asked for, and order stays."""

from math import isnan

import numpy as np
import pytest
from spectral_widgets import metrics
from spectral_widgets.metrics.registry import _METRICS, ON_REQUEST
from spectral_widgets.records import Complaint, Spectrum

from .metric_subjects import matrix, random_values

COST_OF = {one.card.name: one.card.cost for one in metrics.metrics_named("all")}


def names_of(chosen):
    return [one.card.name for one in metrics.metrics_named(chosen)]


def test_none_is_all_but_what_samples_and_all_is_really_all():
    assert names_of("all") == list(metrics.metric_names())
    assert names_of(None) == [name for name in metrics.metric_names() if COST_OF[name] not in ON_REQUEST]
    dear = set(names_of("all")) - set(names_of(None))
    assert {"farms_alpha", "tail_p_value"} <= dear
    assert COST_OF["farms_alpha"] == "sampling"
    assert COST_OF["tail_p_value"] == "bootstrap"
    assert COST_OF["traps"] == "shuffles"
    assert COST_OF["alpha"] == "spectrum"


def test_a_dear_metric_comes_by_name_in_the_order_asked_for():
    names = ["tail_p_value", "stable_rank", "farms_alpha"]
    table = metrics.table_of([matrix(random_values(2))], names)
    assert [card.name for card in table.cards] == names
    assert list(metrics.frame_of(table).columns[4:-1]) == names
    assert names_of("farms_alpha") == ["farms_alpha"]


def test_a_table_of_none_has_neither_windows_nor_bootstrap():
    frame = metrics.frame_of(metrics.table_of([matrix(random_values(2))], None))
    assert "farms_alpha" not in frame
    assert "hill_alpha" in frame


def test_wrong_costs_and_the_reserved_name_are_refused():
    before = dict(_METRICS)

    def all(spectrum: Spectrum) -> float:  # noqa: A001
        return 1.0

    with pytest.raises(Complaint, match="no cost 'dear'"):
        metrics.metric(symbol="x", meaning="X.", source="here", cost="dear")
    with pytest.raises(Complaint, match="stands for every metric"):
        metrics.metric(symbol="x", meaning="X.", source="here")(all)
    assert before == _METRICS


TAIL_METRICS = [
    "alpha",
    "tail_xmax",
    "truncated_ratio",
    "truncated_p",
    "lognormal_ratio",
    "lognormal_p",
    "tail_p_value",
]
TAIL_METRICS += ["hill_alpha", "hill_error", "hill_excess", "farms_alpha", "erg_size", "erg_xmin", "erg_gap"]
ODD = {
    "zero": np.zeros((30, 40)),
    "constant": np.full((30, 40), 2.5),
    "rank one": np.outer(np.arange(1.0, 31), np.arange(1.0, 41)),
    "identity": np.eye(40),
    "two by two": np.array([[1.0, 2.0], [3.0, 5.0]]),
    "one column": np.arange(1.0, 31)[:, None],
    "tiny": 1e-150 * np.random.default_rng(0).standard_normal((60, 40)),
    "huge": 1e150 * np.random.default_rng(0).standard_normal((60, 40)),
    "half precision": np.random.default_rng(0).standard_normal((60, 40)).astype(np.float16),
}


@pytest.mark.parametrize("kind", ODD)
def test_odd_matrices_have_numbers_or_reasons(kind):
    (row,) = metrics.table_of([matrix(ODD[kind])], TAIL_METRICS).measurements
    assert all(one.caveat for one in row if isnan(one.value))
    found = {one.metric: one.value for one in row}
    if kind in ("tiny", "huge", "half precision"):
        assert not any(isnan(value) for value in found.values())
    if kind == "identity":
        assert found["erg_size"] == 40
        assert isnan(found["hill_alpha"])
