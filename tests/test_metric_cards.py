"""Cards as documentation: looked up by name, as a frame, as a page, and inside every exported table."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import spectral_widgets as sw
from spectral_widgets.metrics.groups import GROUPS
from spectral_widgets.metrics.registry import metric_names
from spectral_widgets.records import Complaint

PAGE = Path(__file__).parents[1] / "notebooks" / "metrics.md"
HOSTILE = ['=cmd|"/c calc"!A1', "a#b, c", "one\ntwo", "µ → λ"]


@pytest.fixture
def frame():
    rng = np.random.default_rng(0)
    shapes = [(60, 40), (40, 40), (30, 90)]
    return sw.measure([rng.standard_normal(shape) for shape in shapes], ["alpha", "frobenius_norm", "stable_rank"])


def test_a_card_is_found_by_its_name():
    card = sw.metrics.card("tail_xmin")
    assert (card.name, card.unit, card.evidence, card.cost) == ("tail_xmin", "weight²", "TailFit", "spectrum")
    assert sw.metrics.card("left_angle").unit == "degrees"
    with pytest.raises(Complaint, match="did you mean 'alpha'"):
        sw.metrics.card("alhpa")


def test_every_card_says_what_it_is_and_no_name_is_taken_twice():
    cards = sw.metrics.cards()
    assert len({card.name for card in cards}) == len(cards) > len(metric_names())
    for card in cards:
        assert card.symbol
        assert card.meaning.endswith((".", "?"))
        assert card.source
        assert card.laws


def test_every_metric_of_the_package_stands_in_a_group_that_says_where_it_fails():
    table = sw.metrics.reference()
    assert list(table.index) == [card.name for card in sw.metrics.cards()]
    assert set(table["group"]) == {group.title for group in GROUPS}
    assert table[["symbol", "meaning", "formula", "limits", "source", "evidence", "cost", "laws"]].all(axis=None)
    assert table.loc["spectral_norm", "unit"] == "weight"
    assert "2.12" in table.loc["hill_alpha", "limits"]


def test_the_page_is_that_of_the_cards():
    assert PAGE.read_text(encoding="utf-8") == sw.metrics.reference_markdown(), (
        f"Write sw.metrics.reference_markdown() to {PAGE.name} again."
    )


def test_every_metric_has_one_row_on_the_page():
    rows = [line for line in sw.metrics.reference_markdown().splitlines() if line.startswith("| `")]
    assert sorted(row.split("`")[1] for row in rows) == sorted(card.name for card in sw.metrics.cards())
    # Seven cells each: bars inside a formula are escaped.
    assert {row.replace("\\|", "").count("|") for row in rows} == {8}


def test_a_frame_knows_the_units_and_sources_of_its_columns(frame):
    cards = frame.attrs["cards"]
    assert list(cards) == ["alpha", "frobenius_norm", "stable_rank"]
    for name, card in cards.items():
        assert card["source"] == sw.metrics.card(name).source
        assert card["unit"] == sw.metrics.card(name).unit


def test_csv_comes_back_with_its_numbers_and_names_units_and_sources(frame, tmp_path):
    frame.index = pd.Index([*HOSTILE[1:]], name="layer")
    frame.loc[HOSTILE[1], "alpha"] = np.nan
    path = sw.save_table(frame, tmp_path / "layers.csv")
    again = pd.read_csv(path, comment="#")
    assert list(again["layer"]) == HOSTILE[1:]
    for name in ("alpha", "frobenius_norm", "stable_rank"):
        np.testing.assert_array_equal(again[name], frame[name])
    assert list(again["shape"]) == ["60×40", "40×40", "30×90"]
    head = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    assert head[1].startswith("# frobenius_norm = ‖W‖_F [weight]: Frobenius norm")
    assert head[1].endswith("Source: Golub and Van Loan, Matrix Computations, section 2.3")
    assert head[2].startswith("# stable_rank = r [1]:")


def test_no_text_becomes_a_formula(frame, tmp_path):
    frame.index = pd.Index([HOSTILE[0]] * 3, name="layer")
    again = pd.read_csv(sw.save_table(frame, tmp_path / "layers.csv"), comment="#")
    assert set(again["layer"]) == {f"'{HOSTILE[0]}"}


def test_json_holds_the_cards_beside_the_rows(frame, tmp_path):
    frame["alpha"] = np.nan
    data = json.loads(sw.save_table(frame, tmp_path / "layers.json").read_text(encoding="utf-8"))
    assert data["metrics"]["frobenius_norm"]["unit"] == "weight"
    assert data["metrics"]["alpha"]["unit"] == "1"
    assert data["metrics"]["alpha"]["source"] == sw.metrics.card("alpha").source
    assert [row["stable_rank"] for row in data["rows"]] == frame["stable_rank"].to_list()
    assert {row["alpha"] for row in data["rows"]} == {None}
    assert data["rows"][0]["shape"] == [60, 40]


def test_a_sorted_or_cut_frame_keeps_its_cards(frame, tmp_path):
    cut = frame.sort_values("alpha").head(2)[["alpha"]]
    data = json.loads(sw.save_table(cut, tmp_path / "cut.json").read_text(encoding="utf-8"))
    assert list(data["metrics"]) == ["alpha"]
    assert len(data["rows"]) == 2


def test_two_models_compared_are_exported_alike(tmp_path):
    rng = np.random.default_rng(1)
    base = rng.standard_normal((30, 20))
    table = sw.compare(base, base + 0.1 * rng.standard_normal((30, 20)))
    data = json.loads(sw.save_table(table, tmp_path / "pair.json").read_text(encoding="utf-8"))
    assert data["metrics"]["left_angle"]["unit"] == "degrees"


def test_what_cannot_be_saved_is_refused(frame, tmp_path):
    with pytest.raises(Complaint, match=r"use \.csv or \.json"):
        sw.save_table(frame, tmp_path / "layers.xlsx")
    with pytest.raises(Complaint, match="does not know its metrics"):
        sw.save_table(pd.DataFrame({"alpha": [1.0]}), tmp_path / "layers.csv")
    with pytest.raises(Complaint, match="could not be written"):
        sw.save_table(frame, tmp_path / "nowhere" / "layers.csv")
