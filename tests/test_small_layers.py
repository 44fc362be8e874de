"""A layer with fewer than twenty rows or columns: no traps are counted, and every place on the screen says so."""

from __future__ import annotations

import numpy as np
import pytest
import spectral_widgets as sw
from spectral_widgets.charts.alt_text import esd_text
from spectral_widgets.metrics import Evidence, measure_one, metrics_named
from spectral_widgets.records import TrapScan
from spectral_widgets.widgets.pins import layer_claim
from spectral_widgets.widgets.state import BenchState
from spectral_widgets.widgets.views.layers import dressed, measured_row
from spectral_widgets.widgets.views.spectrum import spectrum_view
from spectral_widgets.widgets.views.trap import empty_view

from .planting import noise, planted_entries, weight_matrix

WORDS = "The short side has only 10 entries"


@pytest.fixture(scope="module")
def evidence():
    return Evidence(weight_matrix(planted_entries((200, 10), 5.0, 2, 0)[0]), seeds=range(5))


def test_even_giants_give_no_trap_below_twenty_and_do_at_twenty():
    for side, refused in [(19, True), (20, False)]:
        scan = sw.find_traps(planted_entries((200, side), 5.0, 1, 0)[0], range(3))
        assert scan.refused is refused
        assert (scan.traps == ()) is refused
        assert np.isnan(scan.median_count) == refused
        assert len(scan.spectra) == 3


def test_the_published_rule_still_counts_what_it_counts():
    scan = sw.find_traps(planted_entries((200, 10), 5.0, 1, 0)[0], [0], engine="weightwatcher")
    assert scan.counts == (1,)
    assert WORDS in scan.caveat


def test_the_metric_is_missing_and_carries_the_sentence():
    row = sw.measure(noise((200, 10), 0), ["traps"]).iloc[0]
    assert np.isnan(row["traps"])
    assert WORDS in row["caveats"]


def test_table_spectrum_and_trap_panels_show_a_dash_and_the_sentence(evidence):
    scan, state = evidence.of(TrapScan), BenchState()
    row = dressed(measured_row(evidence), {"traps": measure_one(evidence, *metrics_named(("traps",)))}, ["traps"])
    assert (row["traps"], row["traps_text"]) == (None, "–")
    assert row["caveats"]["traps"].startswith(WORDS)
    view = spectrum_view(evidence, scan, (), state, None)
    assert view["message"].startswith(WORDS)
    assert view["counts"][0]["value"] == "–"
    assert (view["shuffles"], view["marks"]) == ([], [])
    assert view["chart"] is not None
    assert empty_view(scan)["message"].startswith(WORDS)


def test_what_is_pinned_and_read_aloud_says_it_too(evidence):
    scan = evidence.of(TrapScan)
    assert "traps per shuffle –." in layer_claim(evidence, scan)
    assert WORDS in esd_text(scan)
