"""Reports of models: what is in them, every way out, the way back, and two of them beside each other."""

from __future__ import annotations

import copy
import csv
import io
import json
from dataclasses import replace

import jsonschema
import numpy as np
import pytest
import spectral_widgets as sw
from spectral_widgets.findings import FORMATS
from spectral_widgets.findings.conditions import condition_of, failures
from spectral_widgets.findings.making import result_of
from spectral_widgets.findings.schema import report_schema, violations
from spectral_widgets.findings.schema_making import made_schema
from spectral_widgets.findings.wire import array_from_wire, array_to_wire
from spectral_widgets.records import Complaint, Interrupted

from .reporting import N_LAYERS, digits, network, ten_layers


def test_a_report_says_what_the_doors_say():
    model, report = sw.digits_mlp(), digits().report
    frame = sw.measure(model, seeds=range(3), cache=False)
    assert [layer.ref.name for layer in report.layers] == model.layers.names
    for layer in report.layers:
        values = {one.metric: one.value for one in layer.measurements}
        np.testing.assert_array_equal(list(values.values()), frame.loc[layer.ref.name, list(values)].astype(float))
        assert layer.digest == model.layer_digest(layer.ref.name)
    scan = sw.find_traps(model.layers["2.weight"], seeds=range(3))
    kept = report.layer("2.weight").scan
    assert kept.counts == scan.counts
    assert [trap.eigenvalue for trap in kept.traps] == [trap.eigenvalue for trap in scan.traps]
    assert len(report.layer("2.weight").explanations) == len(kept.traps)
    assert report.model.fingerprint == model.fingerprint()
    assert report.model.n_parameters == sum(one.numel() for one in model.module.parameters())


def test_the_ablation_in_a_report_is_the_one_that_its_code_runs():
    (kept,) = digits().report.ablations
    names: dict = {}
    exec(kept.code, names)
    assert names["result"].verdict == kept.verdict
    np.testing.assert_array_equal(names["result"].edit.mean, kept.track.mean)
    again = result_of(kept, digits().report.layers)
    assert again.n_done == kept.n_done == kept.probe.n
    assert again.plan.edit.trap.eigenvalue == names["trap"].eigenvalue


def test_json_obeys_the_published_schema_and_comes_back_the_same():
    text = ten_layers().to_json()
    jsonschema.Draft202012Validator(report_schema()).validate(json.loads(text))
    loaded = sw.load_report(text)
    assert loaded.loaded
    assert loaded.to_json() == text
    assert not sw.compare_reports(ten_layers(), loaded).differences
    here, there = ten_layers().report.layers[0], loaded.report.layers[0]
    np.testing.assert_allclose(there.spectrum.eigenvalues, here.spectrum.eigenvalues, rtol=1e-7)
    assert there.ref == here.ref
    assert len(text) < 1_000_000


def test_the_published_schema_is_what_the_records_say():
    assert report_schema() == json.loads(json.dumps(made_schema()))
    jsonschema.Draft202012Validator.check_schema(report_schema())


def places(part, path=()):
    yield path
    items = part.items() if isinstance(part, dict) else list(enumerate(part))[:2] if isinstance(part, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


def test_our_checker_agrees_with_jsonschema_on_broken_reports():
    valid = json.loads(digits().to_json())
    validator = jsonschema.Draft202012Validator(report_schema())
    rng = np.random.default_rng(0)
    ways = [path for path in places(valid) if path]
    junk = [None, True, -1, 1.5, "text", [], {}, 2**80, [[1]]]
    refused = 0
    for _ in range(80):
        broken = copy.deepcopy(valid)
        *way, last = ways[rng.integers(len(ways))]
        parent = broken
        for key in way:
            parent = parent[key]
        parent[last] = junk[rng.integers(len(junk))]
        says = next(violations(broken, report_schema()), None)
        assert (says is None) == validator.is_valid(broken)
        try:
            sw.load_report(json.dumps(broken))
        except Complaint:
            refused += 1
        else:
            assert says is None
    assert refused > 50


def broken_report(change):
    data = json.loads(digits().to_json())
    change(data)
    return json.dumps(data)


def shorten(array):
    array["shape"] = [array["shape"][0] - 1]


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data["layers"].append(data["layers"][0]),
        lambda data: shorten(data["layers"][0]["spectrum"]["eigenvalues"]),
        lambda data: data["layers"][0]["spectrum"]["eigenvalues"].update(base64="%%%"),
        lambda data: data["layers"][0]["spectrum"].update(n_cols=3),
        lambda data: data["layers"][1]["scan"]["counts"].append(1),
        lambda data: data["layers"][1]["scan"]["traps"].pop(),
        lambda data: data["layers"][1]["scan"].update(decomposed=[99]),
        lambda data: data["layers"][1].update(explanations=[]),
        lambda data: data["ablations"][0].update(index=77),
        lambda data: data["ablations"][0]["track"].update(mean=array_to_wire(np.zeros(2))),
    ],
)
def test_a_report_whose_parts_do_not_fit_is_refused(change):
    with pytest.raises(Complaint, match="not a valid report"):
        sw.load_report(broken_report(change))


def test_arrays_keep_what_float32_cannot_hold():
    for values in ([0.0, 1e-300], [1e300, 1.0], [np.nan, np.inf, -0.0, 2.5]):
        array = np.array(values)
        np.testing.assert_array_equal(array_from_wire(array_to_wire(array)), array)


def test_two_reports_of_the_same_model_differ_in_what_was_done():
    same = sw.compare_reports(digits(), digits(seed=1))
    assert same.same_weights
    kinds = set(same.frame["what"])
    assert "settings" in kinds
    assert "model" not in kinds
    assert not any("alpha" in where for where in same.frame["where"])
    assert same
    other = sw.compare_reports(digits(), ten_layers())
    assert other.same_weights is False
    assert "weights differ" in other.sentence
    assert not sw.compare_reports(digits(), digits())
    assert "nothing differs" in sw.compare_reports(digits(), digits()).sentence
    with pytest.raises(Complaint, match="load_report"):
        sw.compare_reports(digits(), "report.json")


def test_a_value_beyond_the_tolerance_and_another_verdict_are_told():
    report = digits().report
    first = report.layers[0]
    changed = replace(first.measurements[0], value=first.measurements[0].value * 1.01)
    layer = replace(first, measurements=(changed, *first.measurements[1:]))
    verdict = replace(report.ablations[0].verdict, word="inert")
    moved = replace(
        report, layers=(layer, *report.layers[1:]), ablations=(replace(report.ablations[0], verdict=verdict),)
    )
    found = sw.compare_reports(report, moved)
    assert [(one.what, one.where) for one in found.differences] == [
        ("values", f"{first.ref.name}, {changed.metric}"),
        ("verdicts", "2.weight, shuffle 0, trap 1, plain removal"),
    ]
    assert not sw.compare_reports(report, replace(moved, ablations=report.ablations), relative=0.02)


def test_an_interrupt_keeps_what_was_measured():
    def stop(tally):
        if tally.label == "Measuring" and tally.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted) as caught:
        sw.report(sw.digits_mlp(), seeds=range(1), cache=False, progress=stop)
    partial = caught.value.partial
    assert len(partial.report.layers) >= 1
    assert not partial.report.is_complete
    assert sw.load_report(partial.to_json()).report.is_complete is False


def test_steps_grow_and_end_complete():
    reports = list(sw.report_steps(sw.digits_mlp(), layers=["4.weight", "0.weight"], seeds=range(1), cache=False))
    assert [len(one.layers) for one in reports] == [0, 1, 2, 2]
    assert [one.is_complete for one in reports] == [False, False, False, True]
    assert [one.ref.name for one in reports[-1].layers] == ["4.weight", "0.weight"]


def test_weights_without_a_network_are_reported_without_ablation():
    layers = list(sw.digits_mlp().layers)[:1]
    report = sw.report([layers[0].read()], seeds=range(1), ablate=True, cache=False, progress=False).report
    assert report.model is None
    assert "No trap was tested" in report.caveats[0]
    with pytest.raises(Complaint, match="no layer"):
        sw.report(sw.digits_mlp(), layers=["nothing"], progress=False)


@pytest.mark.parametrize(
    ("text", "n"), [("traps", 1), ("active-traps", 1), ("alpha-above:2.9", 1), ("alpha-below:1", 0)]
)
def test_conditions_fail_on_what_they_name(text, n):
    assert len(failures(digits().report, condition_of(text))) == n


def test_conditions_that_cannot_be_checked_are_refused():
    for text in ("trap", "alpha-above:x", "alpha-above:nan", ""):
        with pytest.raises(Complaint, match="no condition"):
            condition_of(text)
    with pytest.raises(Complaint, match="labelled"):
        failures(digits().report, condition_of("harmful-traps"))
    with pytest.raises(Complaint, match="no metric"):
        failures(digits().report, condition_of("nothing-above:1"))
    with pytest.raises(Complaint, match="not tested"):
        failures(replace(digits().report, ablations=()), condition_of("active-traps"))


def test_ten_layers_are_in_the_report_and_every_format_can_be_written(tmp_path):
    document = ten_layers()
    assert len(document.report.layers) == N_LAYERS
    assert len(document.report.ablations) >= 5
    for suffix in [one for one in FORMATS if one not in (".svg", ".png")]:
        (path,) = document.save(tmp_path / f"report{suffix}")
        assert path.stat().st_size > 1000
    rows = list(csv.reader(line for line in io.StringIO(document.to_csv()) if not line.startswith("#")))
    assert len(rows) == 1 + N_LAYERS
    assert network(2, 8)[0].weight.shape == (8, 8)
