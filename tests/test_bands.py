"""Bands of the exponent: the convention's borders, and the words about where it fails."""

import numpy as np
import pytest
from spectral_widgets import api_metrics
from spectral_widgets.metrics import band_of
from spectral_widgets.records import Spectrum
from spectral_widgets.spectra.tails import fit_tail

NAMES = ["over-trained", "well-trained", "under-trained"]


@pytest.mark.parametrize(
    ("alpha", "name"),
    [(1.2, "over-trained"), (1.999, "over-trained"), (2.0, "well-trained"), (3.7, "well-trained"),
     (6.0, "well-trained"), (6.001, "under-trained"), (40.0, "under-trained"), (float("nan"), "no fit")],
)  # fmt: skip
def test_the_borders_are_two_and_six(alpha, name):
    assert band_of(alpha).name == name


def test_bands_meet_without_a_gap_and_hold_their_own_exponents():
    bands = [band_of(alpha) for alpha in (1.5, 3.0, 9.0)]
    assert [one.name for one in bands] == NAMES
    assert [one.high for one in bands[:-1]] == [one.low for one in bands[1:]]
    for one in bands:
        assert "2.12" in one.fails
        assert one.source
        assert one.meaning.endswith(".")


def test_a_fit_has_the_band_of_its_exponent():
    values = np.sort(np.random.default_rng(0).pareto(1.5, 500) + 1)
    fit = fit_tail(Spectrum(values, 5000, 500, 1.0))
    assert api_metrics.band_of(fit) == band_of(fit.alpha)
    assert band_of(fit).name == "well-trained"
