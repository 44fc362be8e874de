"""A new metric of one's own: one function is enough, and its mistakes are named."""

from math import nan

import numpy as np
import pytest
from spectral_widgets import metrics
from spectral_widgets.metrics.registry import _METRICS
from spectral_widgets.records import Complaint, Spectrum, TrapScan, WeightMatrix

from .metric_subjects import matrix, random_values


@pytest.fixture
def scratch_registry():
    kept = dict(_METRICS)
    yield
    _METRICS.clear()
    _METRICS.update(kept)


@pytest.mark.usefixtures("scratch_registry")
def test_one_function_is_enough_for_a_new_metric():
    @metrics.metric(symbol="max|w|", meaning="Largest weight.", source="here", laws=("sign_blind",))
    def largest_weight(matrix: WeightMatrix) -> float:
        return float(np.abs(matrix.values).max())

    frame = metrics.frame_of(metrics.table_of([matrix(np.diag([3.0, -5.0]))], ["largest_weight"]))
    assert frame["largest_weight"].to_list() == [5.0]
    assert frame.attrs["cards"]["largest_weight"]["source"] == "here"


@pytest.mark.usefixtures("scratch_registry")
def test_a_metric_that_complains_leaves_the_others_alone():
    @metrics.metric(symbol="no", meaning="Never there.", source="here")
    def never(scan: TrapScan) -> float:
        raise Complaint("This one is never there.")

    @metrics.metric(symbol="?", meaning="Undefined.", source="here")
    def undefined(spectrum: Spectrum) -> float:
        return nan

    row = next(metrics.measure_steps([matrix(random_values(1))], ["never", "undefined", "stable_rank"]))
    assert [one.caveat for one in row] == [
        "This one is never there.",
        "? is not defined for this matrix.",
        "",
    ]


@pytest.mark.usefixtures("scratch_registry")
def test_mistakes_in_a_new_metric_are_named():
    def stable_rank(spectrum: Spectrum) -> float:
        return 1.0

    def untyped(spectrum):
        return 1.0

    with pytest.raises(Complaint, match="'stable_rank' already"):
        metrics.metric(symbol="r", meaning="Again.", source="here")(stable_rank)
    with pytest.raises(Complaint, match="give every parameter"):
        metrics.metric(symbol="u", meaning="No type.", source="here")(untyped)


def test_unknown_evidence_is_refused():
    with pytest.raises(Complaint, match="No maker for evidence of type int"):
        metrics.Evidence(matrix(random_values(0))).of(int)
