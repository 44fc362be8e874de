"""Evidence with a shelf: the same bits, nothing computed twice, nothing kept that has no version."""

from __future__ import annotations

import numpy as np
import pytest
import spectral_widgets as sw
from spectral_widgets.api_sources import matrix_of
from spectral_widgets.metrics import Evidence, evidence, measure_one, metric, metrics_named, registry
from spectral_widgets.records import Complaint, Measurement, NullFit, Spectrum, TailFit, TrapScan
from spectral_widgets.weights.digests import digest_of_values

from .storing import same


def shelved(results, values, **settings):
    matrix = matrix_of(values)
    shelf = results.shelf(digest_of_values(matrix.values), matrix.ref, matrix.unfolding)
    return Evidence(matrix, shelf=shelf, **settings), shelf


def noise(seed=0, shape=(60, 90)):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def test_every_record_and_measurement_comes_back_bit_for_bit_and_nothing_is_computed(results, computing):
    first, shelf = shelved(results, noise())
    with shelf:
        measured = [measure_one(first, one) for one in metrics_named("all")]
    assert len(set(computing)) > 8
    computing.clear()
    second, _ = shelved(results, noise())
    assert all(map(same, [measure_one(second, one) for one in metrics_named("all")], measured))
    for kind in evidence._STORED:
        if first.known(kind) is not None:
            assert same(second.of(kind), first.of(kind)), kind
    assert computing == []


@pytest.mark.parametrize("settings", [{"seeds": (0, 1)}, {"level": 0.02}, {"seeds": (1, 0, 2, 3, 4)}])
def test_other_settings_scan_again_and_share_the_spectrum(results, computing, settings):
    first, shelf = shelved(results, noise())
    with shelf:
        first.of(TrapScan)
        first.of(Spectrum)
    computing.clear()
    other, _ = shelved(results, noise(), **settings)
    other.of(Spectrum)
    other.of(TrapScan)
    assert computing == ["TrapScan"]


def test_a_complaint_is_not_kept(results, computing):
    for _ in range(2):
        subject, shelf = shelved(results, np.ones((60, 90), dtype=np.float32))
        with shelf:
            (traps, rank) = (measure_one(subject, one) for one in metrics_named(["traps", "stable_rank"]))
            with pytest.raises(Complaint):
                subject.of(TrapScan)
        assert "entries" in traps.caveat
        assert rank.value == pytest.approx(1.0)
    assert computing.count("TrapScan") == 2
    assert computing.count("Spectrum") == 1
    assert shelf.get(Measurement, metric="stable_rank") is not None
    assert not any(what.startswith("TrapScan") or "traps" in what for what in shelf._rows())


def test_nothing_is_kept_of_somebodys_own_metric_or_maker(results, monkeypatch):
    monkeypatch.setattr(registry, "_METRICS", dict(registry._METRICS))
    answers = iter([1.0, 2.0])

    @metric(symbol="x", meaning="Changes.", source="here")
    def changing(spectrum: Spectrum) -> float:
        return next(answers)

    for expected in (1.0, 2.0):
        subject, shelf = shelved(results, noise())
        with shelf:
            assert measure_one(subject, *metrics_named(["changing"])).value == expected
    monkeypatch.setitem(evidence.MAKERS, NullFit, lambda subject: None)
    subject, shelf = shelved(results, noise(1))
    subject.of(TailFit)
    shelf.flush()
    assert shelf.get(TailFit) is None


def test_a_matrix_that_is_not_read_yet_is_read_once_when_something_needs_it(results):
    matrix, read = matrix_of(noise()), []

    def entries():
        read.append(1)
        return matrix

    subject = Evidence(matrix.ref, entries=entries)
    assert read == []
    assert same(subject.of(Spectrum), sw.spectrum(matrix))
    subject.of(TrapScan)
    assert read == [1]
