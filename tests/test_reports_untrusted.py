"""A stranger's report: whatever its texts are, they come out as text in every format, and nothing of it runs."""

from __future__ import annotations

import ast
import csv
import io
import json
from functools import cache
from xml.etree import ElementTree

import nbformat
import pandas as pd
import pytest
import spectral_widgets as sw
from markdown_it import MarkdownIt
from spectral_widgets.commands import main
from spectral_widgets.findings import ReportDocument
from spectral_widgets.findings.plain import UNWANTED, one_line
from spectral_widgets.records import Complaint

from .reporting import digits
from .test_exports import HOSTILE, Page

READER = MarkdownIt("gfm-like", {"linkify": False, "html": True})
#: Words of the format itself, which a schema allows no other text for, and numbers in base64.
FIXED = {
    "schema",
    "engine",
    "view",
    "dtype",
    "base64",
    "cause",
    "causes",
    "detail",
    "edit",
    "measure",
    "word",
    "kind",
    "stop",
}


def spoiled(data, text, key=""):
    """All free texts of a report replaced; names keep a number, so that those that must differ do."""
    if isinstance(data, dict):
        return {name: spoiled(item, text, name) for name, item in data.items()}
    if isinstance(data, list):
        return [spoiled(item, text, key) for item in data]
    if not isinstance(data, str) or key in FIXED or key == "cost":
        return data
    return f"{text}{data if key in ('name', 'metric', 'layer') else ''}"


@cache
def document(text: str) -> ReportDocument:
    data = json.loads(digits().to_json())
    data = spoiled(data, text)
    for layer in data["layers"]:
        layer["ref"] |= {"kind": text, "dtype": text, "cut": text}
    return sw.load_report(json.dumps(data))


each_text = pytest.mark.parametrize("text", HOSTILE)


@each_text
def test_tables_hold_no_formula_and_no_escape(text, tmp_path):
    table = document(text).to_csv()
    assert not UNWANTED.search(table)
    rows = list(csv.reader(line for line in io.StringIO(table) if not line.startswith("#")))
    names = [row[0] for row in rows[1:]]
    assert len(names) >= len(document(text).report.layers)
    for name in [*rows[0], *names]:
        assert not name.lstrip().startswith(("=", "+", "-", "@", "\uff1d"))
    (file,) = document(text).save(tmp_path / "table.parquet")
    frame = pd.read_parquet(file)
    assert not any(UNWANTED.search(name) for name in [*frame.columns, *frame["layer"], *frame["caveats"]])


@each_text
@pytest.mark.parametrize("form", ["to_markdown", "model_card_section", "model_card"])
def test_markdown_has_the_blocks_of_a_harmless_report(text, form):
    made, harmless = getattr(document(text), form)(), getattr(document("harmless"), form)()
    page, plain = Page(READER.render(made)), Page(READER.render(harmless))
    assert not UNWANTED.search(made)
    assert [tag for tag in page.tags if tag != "br"] == [tag for tag in plain.tags if tag != "br"]
    assert {name for name, _ in page.attributes} == {name for name, _ in plain.attributes}


@each_text
def test_a_notebook_has_no_code_of_a_stranger(text):
    notebook = nbformat.reads(document(text).to_notebook(), as_version=4)
    nbformat.validate(notebook)
    (found,) = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    tree = ast.parse(found).body
    assert len(tree) == 1
    assert isinstance(tree[0], ast.Assign)
    assert {type(node) for node in ast.walk(tree[0].value)} <= {
        ast.Dict, ast.Constant, ast.UnaryOp, ast.USub, ast.Call, ast.Name, ast.Load,
    }  # fmt: skip
    assert {node.func.id for node in ast.walk(tree[0].value) if isinstance(node, ast.Call)} <= {"float"}
    words = "".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert Page(READER.render(words)).tags.count("script") == 0
    assert not UNWANTED.search(document(text).to_notebook())


@each_text
def test_json_keeps_the_text_and_acts_on_no_terminal(text):
    written = document(text).to_json()
    assert not UNWANTED.search(written)
    assert json.loads(written)["title"] == text.replace("\ud800", "\ufffd")
    assert sw.load_report(written).to_json() == written


@pytest.mark.parametrize("text", [HOSTILE[0], "]]><script>alert(1)</script>", "\x00\x1b[31m\ufffe"])
def test_pictures_are_images_in_which_nothing_runs(text, tmp_path):
    for path in document(text).save(tmp_path / "picture.svg", width_mm=60):
        tree = ElementTree.parse(path)
        assert not [one.tag for one in tree.iter() if one.tag.endswith(("script", "foreignObject", "a"))]
        assert not [name for one in tree.iter() for name in one.attrib if name.lower().startswith("on")]


@each_text
def test_a_terminal_shows_a_comparison_as_text(text, tmp_path, capsys):
    (here,) = document(text).save(tmp_path / "a.json")
    (there,) = document("harmless").save(tmp_path / "b.json")
    assert main(["report", "--compare", str(here), str(there)]) == 1
    assert not UNWANTED.search(capsys.readouterr().out)
    assert not UNWANTED.search(repr(document(text)))


def test_the_screen_shows_a_strangers_report_and_runs_nothing():
    bench = sw.explore(document("<script>alert(1)</script>"))
    try:
        bench.wait(60)
        assert len(bench.table) == len(digits().report.layers)
        assert bench.recipe.count("load_report") == 1
        assert "alert" not in bench.recipe
        assert bench.report().loaded
        assert sw.report(bench).loaded
        assert sw.report(document("x"), title="mine").loaded
        with pytest.raises(Complaint, match="without the model's weights"):
            bench.ablate()
    finally:
        bench.close()


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.update(title="x", code="a" * 10, model={"name": 1}),
        lambda data: data["layers"][0]["ref"].update(n_rows=10**400),
        lambda data: data["layers"][0]["spectrum"]["eigenvalues"].update(shape=[2**31] * 40),
        lambda data: data["findings"].append([]),
    ],
)
def test_huge_and_wrong_values_are_refused(change):
    data = json.loads(digits().to_json())
    change(data)
    with pytest.raises(Complaint, match="not a valid report"):
        sw.load_report(json.dumps(data))


def test_a_file_that_is_too_large_and_evidence_that_is_too_deep_are_refused(tmp_path, monkeypatch):
    (file,) = digits().save(tmp_path / "report.json")
    monkeypatch.setattr("spectral_widgets.findings.document.LARGEST_BYTES", 1000)
    with pytest.raises(Complaint, match="MiB"):
        sw.load_report(file)
    deep: dict = {}
    for _ in range(60):
        deep = {"a": deep}
    finding = json.loads(sw.report([_finding()]).to_json())
    finding["findings"][0]["evidence"] = deep
    with pytest.raises(Complaint, match="deep"):
        sw.load_report(json.dumps(finding))
    with pytest.raises(Complaint, match="not JSON"):
        sw.load_report('{"schema":' + "[" * 200_000)


def _finding():
    from .test_findings import FINDING

    return FINDING


def test_a_report_of_the_first_version_still_loads():
    data = json.loads(sw.report([_finding()], title="old").to_json())
    old = {key: data[key] for key in ("title", "created", "findings")} | {"schema": "spectral_widgets.report/1"}
    loaded = sw.load_report(json.dumps(old))
    assert [one.claim for one in loaded.report.findings] == [_finding().claim]
    assert json.loads(loaded.to_json())["schema"] == "spectral_widgets.report/2"
    assert one_line(loaded.report.title) == "old"
    with pytest.raises(Complaint, match="no layers to show"):
        sw.explore(loaded)
