"""The ways out of a report: tables, a model card, charts at the size of print, a notebook that runs again."""

from __future__ import annotations

import json
import re
import struct
from dataclasses import replace

import nbformat
import numpy as np
import pandas as pd
import pyarrow.parquet as parquet
import pytest
import spectral_widgets as sw
from spectral_widgets.charts.saving import LABEL_PT
from spectral_widgets.findings import ReportDocument
from spectral_widgets.records import Complaint

from .reporting import digits


def test_csv_and_parquet_hold_the_table(tmp_path):
    frame = sw.measure(sw.digits_mlp(), seeds=range(3), cache=False)
    (file,) = digits().save(tmp_path / "table.csv")
    table = pd.read_csv(file, comment="#").set_index("layer")
    (file,) = digits().save(tmp_path / "table.parquet")
    columns = pd.read_parquet(file).set_index("layer")
    for name in digits().report.cards:
        np.testing.assert_array_equal(table[name.name], frame[name.name].astype(float))
        np.testing.assert_array_equal(columns[name.name], frame[name.name].astype(float))
    assert list(columns["depth"]) == list(frame["depth"])
    assert columns.loc["4.weight", "caveats"] == table.loc["4.weight", "caveats"] != ""


def test_parquet_says_the_unit_of_every_column_and_names_what_is_missing(tmp_path, monkeypatch):
    (file,) = digits().save(tmp_path / "table.parquet")
    alpha = parquet.read_schema(file).field("alpha")
    assert alpha.metadata[b"meaning"].decode() == next(c.meaning for c in digits().report.cards if c.name == "alpha")
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(Complaint, match=r"spectral_widgets\[parquet\]"):
        digits().save(tmp_path / "again.parquet")


def test_a_model_card_has_its_block_of_metadata_and_one_section():
    document = digits()
    named = ReportDocument(replace(document.report, model=replace(document.report.model, name="someone/net-1")))
    card = named.model_card()
    block = re.match(r"---\n(.*?)\n---\n", card, re.DOTALL).group(1)
    assert block.splitlines() == [
        "tags:",
        "- random-matrix-theory",
        "- spectral-analysis",
        'base_model: "someone/net-1"',
    ]
    section = document.model_card_section()
    assert section.startswith("## Model Examination\n\n### Spectral analysis")
    assert not re.search(r"^#{1,2} ", section[3:], re.MULTILINE)
    assert sum(line.startswith("|") for line in section.splitlines()) == 2 + len(document.report.layers)
    assert "base_model" not in document.model_card()


def test_markdown_says_what_is_estimated_and_why_a_number_is_missing():
    """Every dash and every ± of the table is spoken of below it, and a caveat that layers share stands there once."""
    matrices = [np.random.default_rng(seed).standard_normal((60, 40)) for seed in range(2)]
    settings = {"metrics": ["alpha", "stable_rank"], "seeds": range(2), "cache": False, "progress": False}
    text = sw.report(matrices, exact=False, **settings).to_markdown()
    assert "| – |" in text
    assert "standard error of an estimate" in text
    reasons = [line for line in text.splitlines() if line.startswith(("- alpha of", "- stable\\_rank of"))]
    assert len(reasons) == len({line.split(": ", 1)[1] for line in reasons})
    assert {line.split(" of ")[0] for line in reasons} == {"- alpha", "- stable\\_rank"}
    assert any("stimate" in line for line in reasons)
    exact = sw.report(matrices[:1], exact=True, **settings).to_markdown()
    assert exact.startswith("# Spectra of 1 matrix\n")
    assert "±" not in exact


def test_the_caveats_of_a_large_table_stay_readable():
    document = digits()
    (first, *_) = document.report.layers
    doubtful = [replace(one, caveat=f"{one.metric} is in doubt.") for one in first.measurements]
    many = tuple(replace(first, ref=replace(first.ref, name=f"layer{k}"), measurements=doubtful) for k in range(100))
    text = ReportDocument(replace(document.report, layers=many)).model_card_section()
    lines = [line for line in text.splitlines() if line.endswith("is in doubt.")]
    assert len(lines) == 4
    assert all("layer0, layer1" in line and " and 94 more: " in line for line in lines)


@pytest.mark.parametrize(("width_mm", "dpi"), [(85, 300), (170, 150)])
def test_charts_are_saved_at_the_size_of_print(tmp_path, width_mm, dpi):
    chart = digits().chart("2.weight")
    data = sw.charts.save(chart, tmp_path / "chart.png", width_mm=width_mm, dpi=dpi).read_bytes()
    width, height = struct.unpack(">II", data[16:24])
    assert abs(width - width_mm / 25.4 * dpi) <= 1
    at = data.index(b"pHYs") + 4
    assert struct.unpack(">I", data[at : at + 4])[0] == pytest.approx(dpi / 0.0254, abs=1)
    svg = sw.charts.save(chart, tmp_path / "chart.svg", width_mm=width_mm).read_text()
    tag = re.search(r"<svg[^>]*>", svg).group()
    assert f'width="{width_mm}mm"' in tag
    box = float(re.search(r'viewBox="0 0 ([\d.]+) ', tag).group(1))
    points = {float(size) * width_mm / 25.4 * 72 / box for size in re.findall(r'font-size="([\d.]+)px"', svg)}
    assert min(points) == pytest.approx(LABEL_PT, rel=0.1)
    assert max(points) < 8.5
    assert height > 100


def test_pictures_of_a_report_come_in_both_forms(tmp_path):
    saved = digits().save(tmp_path / "figure.svg", width_mm=85)
    assert len(saved) == len(digits().report.layers) + len(digits().report.ablations)
    assert all('width="85mm"' in path.read_text() for path in saved)


@pytest.mark.parametrize(
    ("settings", "says"),
    [({"width_mm": float("nan")}, "mm wide"), ({"width_mm": 1e9}, "mm wide"), ({"dpi": 0}, "dpi"),
     ({"width_mm": 2000, "dpi": 2000}, "pixels"), ({"label_pt": 0}, "points")],
)  # fmt: skip
def test_impossible_sizes_are_refused(tmp_path, settings, says):
    with pytest.raises(Complaint, match=says):
        sw.charts.save(digits().chart("2.weight"), tmp_path / "chart.png", **settings)
    with pytest.raises(Complaint, match="not as"):
        sw.charts.save(digits().chart("2.weight"), tmp_path / "chart.pdf")


def cells(text, kind):
    return [cell["source"] for cell in json.loads(text)["cells"] if cell["cell_type"] == kind]


def test_the_notebook_runs_again_and_gives_the_same_numbers():
    text = digits().to_notebook()
    nbformat.validate(nbformat.reads(text, as_version=4))
    names: dict = {}
    for source in cells(text, "code"):
        *body, last = source.splitlines()
        exec("\n".join(body), names) if last.startswith("pd.DataFrame") else exec(source, names)
    largest = (names["again"] - names["found"]).abs().max().max()
    assert largest < 1e-8
    assert names["result"].verdict.word == digits().report.ablations[0].verdict.word


def test_the_notebook_of_a_loaded_report_has_no_code_of_the_stranger():
    text = sw.load_report(digits().to_json()).to_notebook()
    nbformat.validate(nbformat.reads(text, as_version=4))
    assert [source[:7] for source in cells(text, "code")] == ["found ="]
    assert any("digits_mlp" in source for source in cells(text, "raw"))
    assert "somebody sent" in cells(text, "markdown")[0]
