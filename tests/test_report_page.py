"""The page of a report as text: small, the same every time, under a strict policy, and strangers' words are words."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import unquote

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spectral_widgets import charts
from spectral_widgets.charts.stills import still_svg
from spectral_widgets.findings import ReportDocument, load_report
from spectral_widgets.findings.page_charts import smoothed
from spectral_widgets.findings.page_data import ColumnPool, json_block, packed_column
from spectral_widgets.findings.plain import one_line
from spectral_widgets.records import Report

from .report_page import full_ten, small

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</script><!--",
    "&lt;b&gt;",
    "\x1b[31m\u202e",
    "javascript:alert(1)",
    "'; --",
    "a\u2028b\u2029c",
]
MOST_BYTES = 2_000_000


class Parsed(HTMLParser):
    """Tags with their attributes, and the words between them, scripts and style apart."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags, self.words, self.raw = [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        (self.raw if self.tags and self.tags[-1][0] in ("script", "style") else self.words).append(data)


def page_of(report: Report) -> str:
    return ReportDocument(report).to_html()


def data_of(page: str) -> dict:
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page).group(1))


def unpacked(column, n):
    if "all" in column:
        return [column["all"]] * n
    if "list" in column:
        return column["list"]
    if "texts" in column:
        return [column["texts"][place] for place in unpacked(column["at"], n)]
    ((kind, text),) = column.items()
    return np.frombuffer(base64.b64decode(text), "<" + kind).tolist()


def test_ten_layers_with_an_ablation_each_are_less_than_two_megabytes():
    page = page_of(full_ten())
    assert page.count('class="layer"') == 10
    assert page.count('class="ablation"') == 10
    assert page.count("<figure") == 20
    assert len(page.encode()) < MOST_BYTES


def test_the_same_report_gives_the_same_page_also_when_it_was_saved_between():
    document = ReportDocument(replace(small(), findings=()))
    assert document.to_html() == document.to_html()
    assert load_report(document.to_json()).to_html().count("<figure") == document.to_html().count("<figure")


def test_the_policy_names_every_script_and_the_style_and_nothing_else():
    page = page_of(small())
    policy = next(attrs["content"] for tag, attrs in Parsed(page).tags if attrs.get("http-equiv"))
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    hashes = {
        "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"
        for text in re.findall(r'<script type="module">(.*?)</script>', page, re.DOTALL)
    }
    assert set(rules["script-src"].split()) == hashes
    assert len(hashes) == 2
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    assert "unsafe" not in policy
    assert "\r" not in page


def test_nothing_in_the_page_points_outside_or_carries_a_style_or_a_handler():
    for _, attrs in Parsed(page_of(small())).tags:
        assert not [name for name in attrs if name.startswith("on") or name == "style"]
        addresses = [attrs[name] for name in ("src", "href", "action") if name in attrs]
        assert all(address.startswith(("data:image/", "#")) for address in addresses)


def test_every_link_leads_to_a_place_of_the_page():
    tags = Parsed(page_of(small())).tags
    places = [attrs["id"] for _, attrs in tags if "id" in attrs]
    links = {attrs["href"][1:] for tag, attrs in tags if tag == "a"}
    assert len(places) == len(set(places))
    assert links <= set(places)
    assert {"layer-1", "trap-1-0-0", "metric-alpha", "finding-1"} <= links


def test_without_a_script_everything_is_there():
    report = small()
    page = page_of(report)
    words = " ".join(" ".join(Parsed(page).words).split())
    for layer in report.layers:
        assert layer.ref.name in words
        assert layer.digest[:12] in words
    for one in report.ablations:
        assert one_line(one.verdict.reason) in words
        assert one_line(one.sentence) in words
    first = report.layers[0]
    for trap, said in zip(first.scan.traps, first.explanations, strict=True):
        assert trap.seed != first.scan.seeds[0] or one_line(said) in words
    for card in report.cards:
        assert one_line(card.meaning) in words
        assert one_line(card.source) in words
    assert "Look here." in words
    assert report.model.fingerprint in words
    images = [attrs for tag, attrs in Parsed(page).tags if tag == "img"]
    assert len(images) == len(report.layers) + len(report.ablations) + 1
    assert all(len(image["alt"]) > 10 for image in images)
    assert unquote(images[1]["src"]).startswith("data:image/svg+xml,<svg ")


@pytest.mark.parametrize("text", HOSTILE)
def test_strangers_words_come_out_as_words(text):
    harmless, hostile = (page_of(renamed(word)) for word in ("harmless", text))
    assert [tag for tag, _ in Parsed(hostile).tags] == [tag for tag, _ in Parsed(harmless).tags]
    assert [set(attrs) for _, attrs in Parsed(hostile).tags] == [set(attrs) for _, attrs in Parsed(harmless).tags]
    assert one_line(text) in " ".join(" ".join(Parsed(hostile).words).split())
    assert one_line(text) in data_of(hostile)["layers"][0]["alt"]


def renamed(text: str) -> Report:
    report = small()
    first = report.layers[0]
    ref = replace(first.ref, name=text, kind=text, cut=text, caveat=text)
    measured = tuple(replace(one, caveat=text) for one in first.measurements)
    layer = replace(first, ref=ref, measurements=measured, code=text, digest=text)
    cards = tuple(replace(card, meaning=text, source=text, unit=text, symbol=text) for card in report.cards)
    model = replace(report.model, name=text, code=text)
    rest = {"findings": (), "ablations": (), "cards": cards, "model": model, "code": text, "caveats": (text,)}
    return replace(report, title=text, layers=(layer,), **rest)


def test_the_rows_of_the_page_are_those_of_the_chart():
    layer = small().layers[0]
    data = data_of(page_of(small()))
    for pair, drawn in data["layers"][0]["axes"].items():
        x_scale, y_scale = pair.split()
        records = (layer.spectrum, layer.null, layer.tail, layer.scan)
        rows = smoothed(charts.esd_rows(*records, x_scale=x_scale, y_scale=y_scale))
        for name, packed in drawn["rows"].items():
            assert packed["n"] == len(rows[name])
            for key, place in packed["columns"].items():
                values = unpacked(data["columns"][place], packed["n"])
                wanted = [row[key] for row in rows[name]]
                is_text = isinstance(wanted[0], str)
                assert values == (wanted if is_text else pytest.approx(wanted, rel=1e-6))
    per_bin = data["layers"][0]["per_bin"]["log"]
    bars = charts.esd_rows(layer.spectrum, layer.null, layer.tail, layer.scan)["layer"]
    assert [bar["density"] * per_bin for bar in bars] == pytest.approx([bar["count"] for bar in bars])


def test_a_report_of_nothing_but_findings_needs_no_vega():
    page = page_of(Report("t", small().findings, "now"))
    assert len(page) < 200_000
    assert Parsed(page).tags.count(("script", {"type": "module"})) == 1


plain_values = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 2**33), st.floats(allow_nan=False, allow_infinity=False), st.text()
)


@given(st.lists(plain_values, min_size=1))
def test_packed_columns_hold_what_went_in(values):
    out = unpacked(json.loads(json.dumps(packed_column(values))), len(values))
    assert [type(one) for one in out] == [type(one) for one in values]
    for one, two in zip(out, values, strict=True):
        assert one == (pytest.approx(two, rel=1e-6, abs=0) if isinstance(two, float) else two)


@given(st.lists(st.floats(1e-300, 1e300), min_size=1), st.integers(1, 4))
def test_equal_columns_are_kept_once(values, n_times):
    pool = ColumnPool()
    rows = [{"x": value} for value in values]
    packed = [pool.packed({"d": rows})["d"] for _ in range(n_times)]
    assert len(pool.columns) == 1
    assert all(one == {"n": len(values), "columns": {"x": 0}} for one in packed)


@given(st.text())
def test_no_markup_begins_in_the_data(text):
    block = json_block({"a": text})
    assert not set("<>&\u2028\u2029") & set(block)
    assert json.loads(block) == {"a": text}


def test_a_still_is_the_same_however_much_was_drawn_before():
    spec, rows = charts.split(charts.esd(small().layers[0].spectrum))
    first = still_svg({**spec, "datasets": rows})
    x = {"field": "a", "type": "quantitative"}
    still_svg({"data": {"values": [{"a": 1}]}, "mark": {"type": "line", "clip": True}, "encoding": {"x": x}})
    assert still_svg({**spec, "datasets": rows}) == first
    assert "density per unit" in first
    assert first.count("<path") > 10
