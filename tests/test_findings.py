"""The tray loses nothing, and a report comes back from JSON as it went out."""

from __future__ import annotations

import copy
import json
import threading
from dataclasses import replace

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spectral_widgets.findings import FindingStore, ReportDocument, load_report
from spectral_widgets.findings.plain import plain, shown
from spectral_widgets.findings.schema import report_schema, violations
from spectral_widgets.records import SCHEMA, Complaint, Finding, Picture, Provenance, Report

PROVENANCE = Provenance(
    model="digits_mlp/final",
    fingerprint="sha256:00ff",
    layer="fc1.weight",
    layer_digest="sha256:aa11",
    seeds=(0, 1, 2),
    engine="calibrated",
    device="cpu",
    precision="float32",
    versions={"spectral_widgets": "0.1.0"},
    created="2026-01-02T03:04:05+00:00",
    code="import spectral_widgets as sw\n",
)
FINDING = Finding(
    id="f1",
    claim="fc1.weight holds one trap",
    layer="fc1.weight",
    strength="seen",
    evidence={"eigenvalue": 9.5, "seeds": [0, 1], "localised": True},
    note="look again",
    caveats=("one seed only",),
    provenance=PROVENANCE,
    pictures=(Picture("esd", "One trap at 9.5.", "<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG"),),
)
REPORT = Report("Findings", (FINDING,), "2026-01-02T03:05:00+00:00")


def test_pins_come_back_in_order_with_their_notes():
    store = FindingStore()
    for name in "abc":
        store.pin(replace(FINDING, id=name))
    store.note("b", "changed")
    assert store.unpin("a").id == "a"
    assert [(item.id, item.note) for item in store.items] == [("b", "changed"), ("c", "look again")]
    assert len(store) == 2


@pytest.mark.parametrize(
    "act",
    [
        lambda store: store.pin(FINDING),
        lambda store: store.pin("a finding"),
        lambda store: store.pin(replace(FINDING, id="new", evidence={"model": object()})),
        lambda store: store.unpin("nothing"),
        lambda store: store.note("nothing", "text"),
    ],
)
def test_an_error_loses_no_finding(act):
    store = FindingStore((FINDING,))
    with pytest.raises(Complaint):
        act(store)
    assert store.items == (FINDING,)


def test_many_threads_lose_no_pin():
    store = FindingStore()

    def pin_some(offset):
        for number in range(40):
            store.pin(replace(FINDING, id=f"{offset}-{number}"))
            if number % 2:
                store.unpin(f"{offset}-{number}")

    threads = [threading.Thread(target=pin_some, args=(offset,)) for offset in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert {item.id for item in store.items} == {f"{a}-{b}" for a in range(6) for b in range(0, 40, 2)}


texts = st.text(max_size=20)
numbers = st.one_of(st.integers(-(2**70), 2**70), st.floats(), st.booleans(), st.none(), texts)
values = st.recursive(
    numbers, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=8
)
findings = st.builds(
    replace,
    st.just(FINDING),
    id=texts,
    claim=texts,
    layer=texts,
    note=texts,
    strength=st.sampled_from(["seen", "beats matched controls", "holds across seeds and probes"]),
    evidence=st.dictionaries(texts, values, max_size=4),
    caveats=st.lists(texts, max_size=3).map(tuple),
)
reports = st.builds(Report, texts, st.lists(findings, max_size=3).map(tuple), texts)


@settings(max_examples=60, deadline=None)
@given(reports)
def test_json_comes_back_as_it_went_out_and_obeys_the_schema(report):
    text = ReportDocument(report).to_json()
    data = json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} in JSON"))
    jsonschema.Draft202012Validator(report_schema()).validate(data)
    assert load_report(text).to_json() == text


def test_a_missing_number_becomes_null_with_a_caveat_once():
    evidence = {"alpha": float("nan"), "tail": [1.0, float("inf")], "scalar": np.float32("nan")}
    text = ReportDocument(replace(REPORT, findings=(replace(FINDING, evidence=evidence),))).to_json()
    (finding,) = json.loads(text)["findings"]
    assert finding["evidence"] == {"alpha": None, "tail": [1.0, None], "scalar": None}
    assert finding["caveats"][0] == "one seed only"
    assert finding["caveats"][1] == "evidence.alpha has no value: it came out not a number."
    assert len(finding["caveats"]) == 4
    assert load_report(text).to_json() == text


def test_what_is_loaded_is_what_was_saved(tmp_path):
    path = tmp_path / "report.json"
    assert ReportDocument(REPORT).save(path) == (path,)
    (finding,) = load_report(path).report.findings
    assert replace(finding, pictures=FINDING.pictures) == FINDING
    assert [(one.name, one.alt) for one in finding.pictures] == [("esd", "One trap at 9.5.")]


def test_the_schema_is_itself_valid_and_named():
    jsonschema.Draft202012Validator.check_schema(report_schema())
    assert report_schema()["$id"] == "urn:spectral_widgets:report:2"
    assert report_schema(1)["$id"] == "urn:spectral_widgets:report:1"
    assert report_schema()["properties"]["schema"]["const"] == SCHEMA


VALID = json.loads(ReportDocument(REPORT).to_json())


def _places(part, path=()):
    yield path
    items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, inner in items:
        yield from _places(inner, (*path, key))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_our_checker_agrees_with_jsonschema_on_broken_reports(data):
    broken = copy.deepcopy(VALID)
    *way, last = data.draw(st.sampled_from([path for path in _places(VALID) if path]))
    parent = broken
    for key in way:
        parent = parent[key]
    change = data.draw(st.sampled_from(["remove", "replace", "add"]))
    if change == "remove":
        del parent[last]
    elif change == "replace":
        parent[last] = data.draw(st.sampled_from([None, True, 0, 1.5, 2.0, "text", [], {}, [1], {"a": 1}, VALID]))
    elif isinstance(parent, dict):
        parent["unknown"] = data.draw(st.sampled_from([1, "text"]))
    expected = jsonschema.Draft202012Validator(report_schema()).is_valid(broken)
    assert (next(violations(broken, report_schema()), None) is None) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not JSON"),
        ('{"schema": NaN}', "NaN is not a JSON number"),
        ('{"schema": 1e999}', "too large"),
        ("[" * 100_000, "not JSON"),
        ("[]", "names no schema"),
        ('{"schema": "spectral_widgets.report/3"}', "reads 'spectral_widgets.report/1' and"),
        (json.dumps({**VALID, "title": 3}), "the report.title must be of type string"),
        (json.dumps({**VALID, "extra": 3}), "unknown field 'extra'"),
        (json.dumps({**VALID, "findings": [{}]}), r"findings\[0\] lacks 'id'"),
    ],
)
def test_a_wrong_report_is_refused_with_a_reason(text, says):
    with pytest.raises(Complaint, match=says):
        load_report(text)


def test_a_missing_or_binary_file_is_refused(tmp_path):
    with pytest.raises(Complaint, match=r"nothing.json could not be read"):
        load_report(tmp_path / "nothing.json")
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00{")
    with pytest.raises(Complaint, match="not UTF-8"):
        load_report(tmp_path / "binary.json")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64(2.5), 2.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.arange(3), [0, 1, 2]),
        ((1, (2.0,)), [1, [2.0]]),
    ],
)
def test_numpy_values_become_plain(value, expected):
    result = plain({"a": value})
    assert result == {"a": expected}
    json.dumps(result)


@pytest.mark.parametrize("value", [object(), {1: "a"}, {"a": {2, 3}}, b"bytes", 1j])
def test_other_values_are_refused(value):
    with pytest.raises(Complaint):
        plain({"a": value})


def test_evidence_that_is_nested_without_end_is_refused():
    endless: dict = {}
    endless["again"] = endless
    with pytest.raises(Complaint, match="deep"):
        FindingStore().pin(replace(FINDING, evidence=endless))


@given(st.text())
def test_shown_text_can_be_written_and_does_nothing(text):
    safe = shown(text)
    safe.encode()
    assert not any(ord(one) < 32 and one not in "\n\t" for one in safe)
    assert "\x1b" not in safe
    assert shown(safe) == safe
