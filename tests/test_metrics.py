"""One suite over all metrics: every card's laws and worked values; then the registry and the runner."""

import json
from math import isnan, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spectral_widgets import metrics
from spectral_widgets.metrics.registry import _METRICS
from spectral_widgets.records import (
    Complaint,
    LayerRef,
    Spectrum,
    TailFit,
    TrapScan,
    Unfolding,
    WeightMatrix,
)
from spectral_widgets.spectra.decompose import spectrum_of
from spectral_widgets.spectra.traps import find_traps

SHAPES = [(64, 48), (40, 40), (30, 90), (200, 24)]


def matrix(values, name="layer", **changes):
    values = np.asarray(values)
    unfolding = Unfolding.of_shape(values.shape)
    flat = unfolding.unfold(values)
    fields = {"kind": "other", "depth": None, "dtype": str(values.dtype), **changes}
    ref = LayerRef(name, shape=values.shape, n_rows=flat.shape[0], n_cols=flat.shape[1], **fields)
    return WeightMatrix(ref, flat, unfolding)


def random_values(seed):
    """Noise, with a heavy tail or a few strong directions in two of three cases."""
    rng = np.random.default_rng(seed)
    shape = SHAPES[seed % len(SHAPES)]
    values = rng.standard_t(3, shape) if seed % 3 == 0 else rng.standard_normal(shape)
    if seed % 3 == 1:
        values += rng.standard_normal((shape[0], 2)) @ rng.standard_normal((2, shape[1]))
    return values


def value(metric, values):
    return metrics.measure_one(metrics.Evidence(matrix(values), seeds=range(3)), metric).value


def orthogonal(n, rng):
    return np.linalg.qr(rng.standard_normal((n, n)))[0]


def same(one, other):
    assert other == pytest.approx(one, rel=1e-6, abs=1e-9, nan_ok=True)


def scale_free(metric, values, rng):
    same(value(metric, values), value(metric, 10 ** rng.uniform(-4, 4) * values))


def grows_linearly(metric, values, rng):
    factor = 10 ** rng.uniform(-4, 4)
    same(factor * value(metric, values), value(metric, factor * values))


def grows_as_square(metric, values, rng):
    factor = 10 ** rng.uniform(-3, 3)
    assert value(metric, factor * values) == pytest.approx(factor**2 * value(metric, values), rel=1e-6)


def transpose_blind(metric, values, rng):
    same(value(metric, values), value(metric, values.T))


def sign_blind(metric, values, rng):
    same(value(metric, values), value(metric, -values))


def permutation_blind(metric, values, rng):
    same(value(metric, values), value(metric, rng.permutation(rng.permutation(values, axis=0), axis=1)))


def rotation_blind(metric, values, rng):
    left, right = orthogonal(values.shape[0], rng), orthogonal(values.shape[1], rng)
    same(value(metric, values), value(metric, left @ values @ right))


def non_negative(metric, values, rng):
    assert value(metric, values) >= 0


def within_unit(metric, values, rng):
    assert 0 <= value(metric, values) <= 1 + 1e-12


def within_short_side(metric, values, rng):
    assert 1 <= value(metric, values) <= min(values.shape)


LAWS = {
    law.__name__: law
    for law in (
        scale_free,
        grows_linearly,
        grows_as_square,
        transpose_blind,
        sign_blind,
        permutation_blind,
        rotation_blind,
        non_negative,
        within_unit,
        within_short_side,
    )
}
ALL = {metric.card.name: metric for metric in metrics.metrics_named()}
CLAIMS = [(name, law) for name, metric in ALL.items() for law in metric.card.laws]


@pytest.mark.parametrize(("name", "law"), CLAIMS)
def test_every_card_keeps_its_laws(name, law):
    @settings(max_examples=8, deadline=None, derandomize=True)
    @given(st.integers(0, 10_000))
    def check(seed):
        LAWS[law](ALL[name], random_values(seed), np.random.default_rng(seed + 1))

    check()


WORKED = [(name, *pair) for name, metric in ALL.items() for pair in metric.card.worked]


@pytest.mark.parametrize(("name", "given_evidence", "expected"), WORKED)
def test_every_worked_value_is_right(name, given_evidence, expected):
    arguments = given_evidence if isinstance(given_evidence, tuple) else (given_evidence,)
    assert ALL[name].function(*arguments) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", ALL)
def test_every_card_is_complete(name):
    card = ALL[name].card
    assert card.symbol
    assert card.source
    assert card.meaning.endswith(".")
    assert card.laws
    assert card.evidence in {"WeightMatrix", "Spectrum", "NullFit", "TailFit", "TrapScan"}
    # A scan is too large to write by hand: planted truth below.
    assert card.worked or card.evidence == "TrapScan"


def test_the_columns_that_the_house_promises_are_there():
    promised = ["alpha", "alpha_error", "tail_distance", "tail_xmin", "tail_size", "alpha_weighted"]
    promised += ["log_alpha_norm", "frobenius_norm", "spectral_norm", "stable_rank", "numerical_rank"]
    promised += ["spectral_entropy", "bulk_variance", "null_distance", "spikes", "traps"]
    assert set(promised) <= set(metrics.metric_names())


def test_planted_giants_and_directions_are_counted():
    rng = np.random.default_rng(1)
    values = rng.standard_normal((200, 120))
    values.flat[[7, 9001]] = 80.0
    scan = find_traps(matrix(values), seeds=range(3))
    assert ALL["traps"].function(scan) == 2
    directions = rng.standard_normal((200, 3)) @ rng.standard_normal((3, 120))
    learned = rng.standard_normal((200, 120)) + 3 * directions
    table = metrics.table_of([matrix(learned)], ["spikes", "traps"])
    assert [one.value for one in table.measurements[0]] == [3, 0]


def test_norms_and_rank_agree_with_numpy():
    rng = np.random.default_rng(4)
    values = rng.standard_normal((60, 10)) @ rng.standard_normal((10, 40))
    names = ["frobenius_norm", "spectral_norm", "numerical_rank", "log_norm"]
    frobenius, spectral, rank, log_norm = (value(ALL[name], values) for name in names)
    assert frobenius == pytest.approx(np.linalg.norm(values))
    assert spectral == pytest.approx(np.linalg.norm(values, 2))
    assert rank == np.linalg.matrix_rank(values) == 10
    assert log_norm == pytest.approx(np.log10((values**2).sum()))


def test_each_kind_of_evidence_is_made_once(monkeypatch):
    from spectral_widgets.metrics import evidence as room

    made = []
    for kind, maker in list(room.MAKERS.items()):

        def counting(evidence, kind=kind, maker=maker):
            made.append(kind)
            return maker(evidence)

        monkeypatch.setitem(room.MAKERS, kind, counting)
    metrics.table_of([matrix(random_values(0))])
    assert sorted(kind.__name__ for kind in made) == ["NullFit", "Spectrum", "TailFit", "TrapScan"]


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
