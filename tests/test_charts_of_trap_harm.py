"""The charts of every trap and of every strength: they compile, and draw the table that they were given."""

from __future__ import annotations

import pytest
import spectral_widgets as sw
from spectral_widgets.records import Complaint

from .subjects import WIDE, trapped_model


@pytest.fixture(scope="module")
def tables():
    _, model, scans = trapped_model()
    return (
        sw.ablate_traps(model, scans, WIDE, n_controls=3),
        sw.dose_response(model, scans[0].traps[0], (0.0, 1.0, 2.0), WIDE),
    )


def test_both_are_pictures_and_keep_their_rows_in_named_datasets(tables):
    for draw, table in zip((sw.charts.trap_harm, sw.charts.dose_response), tables, strict=True):
        spec, datasets = sw.charts.split(draw(table))
        assert spec["layer"]
        assert len(next(iter(datasets.values()))) == len(table)
        picture = sw.charts.picture(draw(table, width=500), "harm", "What the traps do.")
        assert "<svg" in picture.svg


def test_the_traps_are_drawn_in_order_with_their_noise_floor(tables):
    _, datasets = sw.charts.split(sw.charts.trap_harm(tables[0]))
    rows = datasets["traps"]
    assert [row["change"] for row in rows] == list(tables[0].divergence_nats)
    assert [row["floor"] for row in rows] == list(tables[0].noise_floor)
    assert len({row["trap"] for row in rows}) == len(rows)
    assert rows == sw.charts.split(sw.charts.trap_harm(tables[0].to_dict("records")))[1]["traps"]


def test_the_dose_is_drawn_with_a_rule_at_one(tables):
    _, datasets = sw.charts.split(sw.charts.dose_response(tables[1]))
    assert [row["factor"] for row in datasets["doses"]] == [0.0, 1.0, 2.0]
    assert datasets["doses"][1]["change"] == 0.0
    assert datasets["unchanged"] == [{"factor": 1.0}]


def test_an_empty_table_is_refused():
    for draw in (sw.charts.trap_harm, sw.charts.dose_response):
        with pytest.raises(Complaint, match="no trap to draw"):
            draw([])
