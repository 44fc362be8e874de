"""Whatever was typed comes out as text in every format, and a failed save loses nothing."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from spectral_widgets.findings import FORMATS, ReportDocument
from spectral_widgets.findings.as_csv import safe
from spectral_widgets.findings.as_markdown import escaped, fenced
from spectral_widgets.findings.plain import one_line
from spectral_widgets.records import Complaint, Finding, Picture, Provenance, Report

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "=cmd|'/c calc'!A1",
    "+1+1",
    "-2",
    "@SUM(A1)",
    "\t=1+1",
    "\uff1d1+1",
    "[a](javascript:alert(1)) ](",
    "![p](http://example.org/p.png)",
    "https://example.org www.example.org a@example.org",
    "\x1b[31mred\x1b[0m",
    "a|b",
    "one\ntwo\r\nthree\rfour",
    "# title",
    "1. item",
    "---",
    "===",
    "```",
    "`code` **bold** _it_ ~~x~~ $x^2$",
    "&lt;b&gt; &amp;",
    "\ufffe\uffff\ufdd0\ud800 \u202egpj.exe",
    "]]>--><!--",
    "</style></textarea></title>",
    "    indented",
    "> quote",
    "| a | b |",
    "\x00",
]
SVG = "<svg xmlns='http://www.w3.org/2000/svg' width='4' height='4'/>"


def report(text: str, n_pictures: int = 1, code: str | None = None) -> Report:
    provenance = Provenance(
        text, text, text, text, (1, 2), "calibrated", "cpu", "float32", {"torch": text}, text,
        text if code is None else code,
    )  # fmt: skip
    pictures = tuple(Picture(text, text, SVG, b"\x89PNG" + bytes([at])) for at in range(n_pictures))
    evidence = {text: text, "excess_widths": -3.25, "n": 4, "none": None, "list": [text, 1], "yes": True}
    finding = Finding("f1", text, text, "seen", evidence, text, (text,), provenance, pictures)
    return Report(text, (finding,), text)


class Page(HTMLParser):
    """Tags, attributes and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text.append(data)

    def handle_comment(self, data):
        self.tags.append("comment")


@pytest.mark.parametrize("text", HOSTILE)
def test_html_shows_hostile_text_and_has_the_tags_of_a_harmless_page(text):
    page = Page(ReportDocument(report(text)).to_html())
    harmless = Page(ReportDocument(report("harmless")).to_html())
    assert page.tags == harmless.tags
    assert one_line(text) in " ".join("".join(page.text).split())
    assert {name for name, _ in page.attributes} == {name for name, _ in harmless.attributes}


def test_html_is_one_page_that_runs_and_loads_nothing():
    page = ReportDocument(report("a claim")).to_html()
    parsed = Page(page)
    assert parsed.tags.count("script") == 2
    assert "link" not in parsed.tags
    sources = [value for name, value in parsed.attributes if name in ("src", "href")]
    assert all(value.startswith(("data:image/", "#")) for value in sources if value)
    policy = next(value for name, value in parsed.attributes if name == "content" and "default-src" in value)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.group(1).encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"url\(|@import", style.group(1))
    for word in ("prefers-color-scheme:dark", "@media print"):
        assert word in style.group(1)


def test_html_carries_the_picture_with_its_text_and_the_table_of_findings():
    page = ReportDocument(report("a claim")).to_html()
    image = re.search(r'<img alt="([^"]*)" src="data:image/svg\+xml;base64,([^"]*)">', page)
    assert image.group(1) == "a claim"
    assert base64.b64decode(image.group(2)).decode() == SVG
    assert page.index('class="overview"') < page.index("<section")
    loaded = replace(report("a claim").findings[0], pictures=(Picture("p", "seen there", "", b""),))
    without = ReportDocument(Report("t", (loaded,), "now")).to_html()
    assert "<img" not in without
    assert "Picture: seen there" in without
    assert "Nothing was pinned yet." in ReportDocument(Report("t", (), "now")).to_html()


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_of_the_csv_is_a_formula_and_there_is_one_row_a_finding(text):
    table = list(csv.reader(io.StringIO(ReportDocument(report(text)).to_csv(), newline="")))
    assert len(table) == 2
    row = dict(zip(*table, strict=True))
    assert row["evidence.excess_widths"] == "-3.25"
    assert row["evidence.none"] == ""
    for name, value in row.items():
        if name != "evidence.excess_widths":
            assert not value.lstrip().startswith(("=", "+", "-", "@", "\uff1d"))
            assert "\x1b" not in value


@given(st.text())
def test_a_guarded_cell_keeps_its_text(text):
    guarded = safe(text)
    assert guarded.removeprefix("'") == safe(guarded.removeprefix("'")).removeprefix("'")
    assert guarded[:1] not in tuple("=+-@\t\n")


READER = MarkdownIt("gfm-like", {"linkify": False, "html": True})


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_shows_hostile_text_and_has_the_blocks_of_a_harmless_report(text):
    rendered = Page(READER.render(ReportDocument(report(text, code="x = 1")).to_markdown()))
    harmless = Page(READER.render(ReportDocument(report("harmless", code="x = 1")).to_markdown()))
    assert [tag for tag in rendered.tags if tag != "br"] == harmless.tags
    assert one_line(text) in " ".join("".join(rendered.text).split())


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("\\`*_{}[]()<>#+-.!|~&$^@=:/1aw \n"), max_size=12))
def test_escaped_markdown_is_one_paragraph_of_exactly_that_text(text):
    rendered = Page(READER.render(f"x {escaped(text)}\n\n{escaped(text)}\n"))
    assert set(rendered.tags) <= {"p"}
    assert "".join(rendered.text).split() == ["x", *one_line(text).split(), *one_line(text).split()]


def test_links_are_broken_up_and_code_cannot_leave_its_fence():
    for link in ("https://example.org", "www.example.org", "a@example.org", "mailto:a@example.org"):
        assert link not in escaped(link)
    code = "x = '''\n```\n~~~\n````\n'''"
    page = Page(READER.render(fenced(code) + "\n\nafter\n"))
    assert page.tags == ["pre", "code", "p"]
    assert "".join(page.text).split() == [*code.split(), "after"]


@pytest.mark.parametrize("text", HOSTILE)
def test_json_is_strict_utf8_and_keeps_the_text(text):
    data = json.loads(ReportDocument(report(text)).to_json().encode())
    assert data["findings"][0]["note"] == text.replace("\ud800", "\ufffd")


@pytest.mark.parametrize("suffix", [one for one in FORMATS if one != ".parquet"])
def test_every_format_saves_by_its_suffix(tmp_path, suffix):
    path = tmp_path / f"findings{suffix.upper()}"
    assert ReportDocument(report("a claim")).save(str(path)) == (path,)
    assert path.stat().st_size > 4
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_several_pictures_are_numbered(tmp_path):
    saved = ReportDocument(report("a", n_pictures=3)).save(tmp_path / "chart.png")
    assert [path.name for path in saved] == ["chart-1.png", "chart-2.png", "chart-3.png"]
    assert [path.read_bytes()[-1] for path in saved] == [0, 1, 2]


def test_an_unknown_suffix_and_missing_pictures_are_said(tmp_path):
    with pytest.raises(Complaint, match=r"suffix '.docx'; use .json, .csv, .parquet, .md, .html, .ipynb, .svg, .png"):
        ReportDocument(report("a")).save(tmp_path / "findings.docx")
    with pytest.raises(Complaint, match="no picture"):
        ReportDocument(report("a", n_pictures=0)).save(tmp_path / "chart.svg")
    with pytest.raises(Complaint, match="could not be written"):
        ReportDocument(report("a")).save(tmp_path / "no folder" / "findings.json")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_save_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "findings.json"
    path.write_text("old")

    def no_space(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("spectral_widgets.findings.document.os.fsync", no_space)
    with pytest.raises(Complaint, match="No space left"):
        ReportDocument(report("a")).save(path)
    assert [one.read_text() for one in tmp_path.iterdir()] == ["old"]


def test_evidence_that_cannot_be_written_leaves_the_old_file(tmp_path):
    path = tmp_path / "findings.html"
    path.write_text("old")
    bad = replace(report("a").findings[0], evidence={"x": object()})
    with pytest.raises(Complaint, match=r"evidence\.x holds a value of type object"):
        ReportDocument(Report("t", (bad,), "now")).save(path)
    assert path.read_text() == "old"
