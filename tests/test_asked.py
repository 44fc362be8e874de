"""What is asked for and what is not: wrong settings before any work, and no full spectrum of a shuffle unasked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import spectral_widgets as sw
from safetensors.numpy import save_file
from spectral_widgets.api_report import report_steps
from spectral_widgets.commands import USAGE_ERROR, main
from spectral_widgets.spectra import costs, reshuffled
from spectral_widgets.spectra.traps import find_traps

from .planting import noise, planted_entries, weight_matrix

SIDE = reshuffled.FULL_SIDE + 10


class Unread:
    """Layers that nobody should begin with."""

    def __iter__(self):
        raise AssertionError("work has begun")


@pytest.fixture(scope="module")
def layer():
    return weight_matrix(planted_entries((SIDE, SIDE), 2.0, 3, 1)[0].astype(np.float32))


@pytest.fixture
def decomposed(monkeypatch):
    """Short sides of shuffles whose full spectrum was made."""
    sides, whole = [], reshuffled.spectrum_of

    def made(matrix):
        sides.append(matrix.ref.n_cols)
        return whole(matrix)

    monkeypatch.setattr(reshuffled, "spectrum_of", made)
    return sides


@pytest.mark.parametrize("work", [sw.measure, sw.report, lambda x, **s: next(sw.measure_steps(x, **s)),
                                  lambda x, **s: next(report_steps(x, **s)), sw.find_traps])  # fmt: skip
@pytest.mark.parametrize(
    ("settings", "words"),
    [({"level": level}, "level of the trap test must lie between") for level in (3, 0, float("nan"), "0.01")]
    + [({"seeds": seeds}, "are no seeds: give whole numbers") for seeds in (5, [0.5], [-1], "01")]
    + [({"seeds": ()}, "at least one seed")],
)
def test_a_wrong_level_or_seed_is_refused_before_any_work(work, settings, words):
    with pytest.raises(sw.Complaint, match=words):
        work(Unread(), **settings)


def test_a_whole_model_is_not_scanned_with_wrong_seeds():
    with pytest.raises(sw.Complaint, match="are no seeds"):
        sw.find_traps_in_model([noise((30, 30), 0)], 5)


@pytest.mark.parametrize("work", [sw.measure, sw.find_traps_in_model, sw.report])
def test_a_number_has_no_layers(work):
    with pytest.raises(sw.Complaint, match="A int has no layers: give a model"):
        work(5)


@pytest.mark.parametrize("command", [["measure"], ["report", "--out", "r.md"]])
def test_the_command_line_refuses_a_wrong_level(tmp_path, monkeypatch, capsys, command):
    monkeypatch.chdir(tmp_path)
    save_file({"a.weight": noise((30, 20), 0)}, tmp_path / "model.safetensors")
    assert main([command[0], "model.safetensors", *command[1:], "--level", "3"]) == USAGE_ERROR
    assert "must lie between 0 and 0.5" in capsys.readouterr().err
    assert not (tmp_path / "r.md").exists()


def test_seeds_may_come_from_numpy_and_from_a_generator(layer):
    assert sw.find_traps(layer, np.arange(2), spectra="none").seeds == (0, 1)
    assert sw.find_traps(layer, (k for k in (3,)), spectra="none").seeds == (3,)


def test_a_scan_of_a_whole_model_decomposes_no_shuffle_and_finds_the_same(layer, decomposed):
    small = weight_matrix(noise((60, 40), 2), "small")
    whole = sw.find_traps_in_model([layer, small], range(3), progress=False)
    assert all(found.scan.spectra == () for found in whole.layers)
    assert SIDE not in decomposed
    one = find_traps(layer, range(3))
    assert decomposed.count(SIDE) == 1
    assert whole.layers[0].scan.counts == one.counts
    assert sum(one.counts) > 0
    np.testing.assert_allclose(whole.layers[0].scan.largest, one.largest, rtol=1e-5)


def test_of_a_layer_that_is_too_large_no_spectrum_is_made_unasked(layer, decomposed, monkeypatch):
    usual = find_traps(layer, range(2))
    assert usual.decomposed == (0,)
    monkeypatch.setattr(costs, "EXACT_COST", 0)
    decomposed.clear()
    with ThreadPoolExecutor(1) as pool:
        scans = [sw.find_traps(layer, range(2), executor=one, progress=False) for one in (None, pool)]
    assert decomposed == []
    for scan in scans:
        assert (scan.spectra, scan.counts) == ((), usual.counts)
        assert scan.caveat.count("No full spectrum of a shuffle was made") == 1
        assert "spectra='first' makes one" in scan.caveat
    asked = sw.find_traps(layer, range(2), spectra="first")
    assert (asked.decomposed, asked.caveat) == ((0,), "")
    assert sw.find_traps(layer, [0], engine="weightwatcher").decomposed == (0,)


def test_what_needs_the_spectrum_of_a_shuffle_is_there_when_exact_numbers_are_asked_for(monkeypatch):
    monkeypatch.setattr(costs, "EXACT_COST", 0)
    names = ["shuffled_distance"]
    exact, usual = (sw.measure(noise((60, 40), 3), names, exact=one, cache=False) for one in (True, None))
    assert exact[names].notna().all().all()
    assert usual[names].isna().all().all()
