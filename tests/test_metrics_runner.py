"""The runner of the metrics: evidence made once, failures kept in their row, rows one by one, one frame."""

import json
from math import isnan

import numpy as np
import pytest
from spectral_widgets import metrics
from spectral_widgets.records import Complaint, LayerRef, Spectrum, TailFit
from spectral_widgets.spectra.decompose import spectrum_of

from .metric_subjects import ALL, matrix, random_values, value


def test_each_kind_of_evidence_is_made_once(monkeypatch):
    from spectral_widgets.metrics import evidence as room

    made = []
    for kind, maker in list(room.MAKERS.items()):

        def counting(evidence, kind=kind, maker=maker):
            made.append(kind)
            return maker(evidence)

        monkeypatch.setitem(room.MAKERS, kind, counting)
    metrics.table_of([matrix(random_values(0))])
    assert len(made) == len(set(made))
    assert {kind.__name__ for kind in made} >= {"NullFit", "Spectrum", "TailFit", "TrapScan", "EntryMagnitudes"}


def test_known_evidence_is_not_made_again(monkeypatch):
    from spectral_widgets.metrics import evidence as room

    one = matrix(random_values(5))
    spectrum = spectrum_of(one)
    monkeypatch.setitem(room.MAKERS, Spectrum, lambda evidence: pytest.fail("the spectrum was there already"))
    evidence = metrics.Evidence(one, known=[spectrum])
    assert evidence.of(Spectrum) is spectrum
    assert evidence.of(TailFit).n_eigenvalues == len(spectrum.eigenvalues)


def test_a_failure_is_kept_and_not_tried_again(monkeypatch):
    from spectral_widgets.metrics import evidence as room

    tries = []

    def failing(evidence):
        tries.append(1)
        raise MemoryError

    monkeypatch.setitem(room.MAKERS, Spectrum, failing)
    row = next(metrics.measure_steps([matrix(random_values(2))], ["stable_rank", "numerical_rank", "alpha"]))
    assert len(tries) == 1
    assert all(isnan(one.value) and "memory" in one.caveat for one in row)


BAD = {
    "zero": np.zeros((30, 30)),
    "constant": np.full((30, 40), 2.5),
    "nan": np.where(np.eye(30) > 0, np.nan, 1.0),
    "inf": np.where(np.eye(30) > 0, np.inf, 1.0),
    "one row": np.random.default_rng(0).standard_normal((1, 30)),
    "few columns": np.random.default_rng(0).standard_normal((50, 3)),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_layer_is_a_row_with_caveats_and_the_others_go_on(kind):
    good = matrix(random_values(7), "good")
    bad_row, good_row = metrics.table_of([matrix(BAD[kind], "bad"), good]).measurements
    assert all(one.caveat for one in bad_row if isnan(one.value))
    assert any(isnan(one.value) for one in bad_row)
    assert not any(isnan(one.value) for one in good_row)


def test_an_unreadable_layer_passes_its_reason_on():
    ref = LayerRef("blocks.0", "other", 0, (4, 4), 4, 4, "int4", caveat="Packed int4 weights cannot be read.")
    (row,) = metrics.measure_steps([ref])
    assert {one.caveat for one in row} == {"Packed int4 weights cannot be read."}
    assert all(isnan(one.value) for one in row)


def test_a_doubtful_fit_passes_its_caveat_on():
    noise = np.random.default_rng(3).standard_normal((512, 128))
    alpha, rank = next(metrics.measure_steps([matrix(noise)], ["alpha", "stable_rank"]))
    assert not isnan(alpha.value)
    assert alpha.caveat
    assert rank.caveat == ""


def test_rows_come_one_by_one():
    taken = []

    def layers():
        for index in range(3):
            taken.append(index)
            yield matrix(random_values(index), str(index))

    steps = metrics.measure_steps(layers(), ["stable_rank"])
    assert taken == []
    assert next(steps)[0].layer == "0"
    assert taken == [0]


def test_a_wrong_name_is_refused_before_any_work():
    with pytest.raises(Complaint, match="did you mean 'stable_rank'"):
        metrics.measure_steps([matrix(random_values(0))], ["stable_ranc"])


def test_the_frame_holds_layers_values_caveats_and_cards():
    layers = [matrix(random_values(6), "a", kind="mlp", depth=3), matrix(np.zeros((30, 30)), "b")]
    frame = metrics.frame_of(metrics.table_of(layers, ["alpha", "stable_rank", "numerical_rank"]))
    assert list(frame.index) == ["a", "b"]
    assert list(frame.columns[:4]) == ["kind", "depth", "shape", "aspect"]
    assert frame.loc["a", "depth"] == 3
    assert frame.loc["a", "stable_rank"] == pytest.approx(value(ALL["stable_rank"], random_values(6)))
    assert frame["numerical_rank"].to_list()[1] == 0
    assert "No tail fit" in frame.loc["b", "caveats"]
    assert frame["stable_rank"].dtype == float
    assert json.loads(json.dumps(frame.attrs["cards"]))["alpha"]["symbol"] == "α"


def test_an_empty_list_makes_an_empty_frame():
    assert metrics.frame_of(metrics.table_of([])).empty
