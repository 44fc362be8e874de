"""A small report with everything that a page can show, made once; few metrics, so that it takes little time."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import spectral_widgets as sw
from spectral_widgets import charts
from spectral_widgets.records import AblationReport, Finding, Provenance, Report, Track

from .reporting import network

METRICS = ("alpha", "stable_rank", "spikes", "traps", "spectral_norm", "condition_number")


@cache
def small() -> Report:
    """Three layers of 60×60: the first and the third have traps, whose strongest were tested; one finding."""
    model = sw.open_model(network(3, 60), name="three layers")
    settings = {"metrics": METRICS, "seeds": range(2), "n_probes": 24, "n_controls": 4}
    made = sw.report(model, ablate=True, cache=False, progress=False, **settings).report
    layer = made.layers[0]
    picture = charts.picture(charts.esd(layer.spectrum, layer.scan), "spectrum", "a spectrum with one trap")
    provenance = Provenance(
        "three layers", "f", layer.ref.name, "d", (0, 1), "calibrated", "cpu", "float32", {"torch": "2"},
        "2026-01-02T03:04:05+00:00", "result = 1 + 1",
    )  # fmt: skip
    finding = Finding("f1", "One entry makes a trap.", layer.ref.name, "seen", {"n": 1}, "Look here.", (), provenance,
                      (picture,))  # fmt: skip
    return replace(made, findings=(finding,))


@cache
def full_ten() -> Report:
    """Ten layers of 256×256, all metrics and ten ablations of 128 inputs and 19 controls, as the defaults make them."""
    metrics = ("alpha", "traps")
    model = sw.open_model(network(10, 256), name="ten layers")
    made = sw.report(model, metrics=metrics, seeds=range(1), cache=False, progress=False).report
    one = small().ablations[0]
    trapped = [(layer.ref.name, trap) for layer in made.layers for trap in layer.first_traps[:1]]
    tests = [_full(one, *trapped[at % len(trapped)], at) for at in range(10)]
    every = sw.report(network(1, 60), seeds=range(2), cache=False, progress=False).report
    layers = tuple(replace(layer, measurements=every.layers[0].measurements) for layer in made.layers)
    return replace(made, layers=layers, ablations=tuple(tests), cards=every.cards)


def _full(one: AblationReport, name: str, trap: object, seed: int) -> AblationReport:
    rng = np.random.default_rng(seed)
    controls = tuple(_track(f"matched control {k + 1}", rng) for k in range(19))
    companions = tuple(_track(track.label, rng) for track in one.companions)
    return replace(
        one, layer=name, seed=trap.seed, index=trap.index, track=_track(one.track.label, rng), companions=companions,
        controls=controls, probe=replace(one.probe, n=128),
    )  # fmt: skip


def _track(label: str, rng: np.random.Generator, n: int = 128) -> Track:
    values = rng.gamma(2.0, 0.1, n)
    mean = np.cumsum(values) / np.arange(1, n + 1)
    width = 0.2 / np.sqrt(np.arange(1, n + 1))
    return Track(label, values, mean, mean - width, mean + width)
