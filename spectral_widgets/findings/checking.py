"""Whether the parts of a report fit together: a schema cannot tell, and charts rely on it."""

from __future__ import annotations

import numpy as np

from ..records import AblationReport, Finding, LayerReport, Report, Spectrum, SpectrumEstimate, Track, TrapScan
from .making import trap_of
from .plain import DEEPEST, depth_of


def check_report(report: Report) -> None:
    """Raises ``ValueError`` with a phrase that names the part that does not fit."""
    names = [layer.ref.name for layer in report.layers]
    _need(len(set(names)) == len(names), "two layers have the same name")
    for layer in report.layers:
        _check_layer(layer)
    for one in report.ablations:
        _check_ablation(one, report)
    for finding in report.findings:
        _check_finding(finding)


def _check_layer(layer: LayerReport) -> None:
    where = f"layer {layer.ref.name!r}"
    _need(0 <= layer.ref.n_cols <= layer.ref.n_rows, f"{where} has more columns than rows, or fewer than none")
    metrics = [one.metric for one in layer.measurements]
    _need(len(set(metrics)) == len(metrics), f"{where} has a metric twice")
    if layer.spectrum is not None:
        _check_spectrum(layer.spectrum, where)
    if layer.estimate is not None:
        _check_estimate(layer.estimate, where)
    if layer.scan is not None:
        _check_scan(layer.scan, where)
        _need(len(layer.explanations) == len(layer.scan.traps), f"{where} has traps without an explanation")
    _need(layer.scan is not None or not layer.explanations, f"{where} explains traps that it does not have")


def _check_spectrum(spectrum: Spectrum, where: str) -> None:
    values = spectrum.eigenvalues
    _need(values.ndim == 1 and len(values) >= 1, f"{where} has a spectrum without eigenvalues")
    _need(0 < spectrum.n_cols <= spectrum.n_rows and len(values) == spectrum.n_cols, f"{where}: sizes do not fit")
    ordered = bool(np.isfinite(values).all() and (values >= 0).all() and (np.diff(values) >= 0).all())
    _need(ordered, f"{where} has eigenvalues that are not ascending, finite and at least zero")


def _check_estimate(estimate: SpectrumEstimate, where: str) -> None:
    fits = estimate.nodes.ndim == 2 and estimate.nodes.shape == estimate.weights.shape and estimate.nodes.size > 0
    _need(fits and estimate.top.ndim == 1 and estimate.top.shape == estimate.top_errors.shape, f"{where}: bad estimate")
    _need(0 < estimate.n_cols <= estimate.n_rows, f"{where}: sizes do not fit")
    arrays = (estimate.top, estimate.top_errors, estimate.nodes, estimate.weights)
    _need(all(bool(np.isfinite(one).all()) for one in arrays), f"{where} has an estimate with missing numbers")


def _check_scan(scan: TrapScan, where: str) -> None:
    _need(len(set(scan.seeds)) == len(scan.seeds), f"{where} was shuffled with a seed twice")
    _need(len(scan.counts) in (0, len(scan.seeds)), f"{where} has other counts than seeds")
    _need(len(scan.largest) in (0, len(scan.seeds)), f"{where} has other largest eigenvalues than seeds")
    _need(len(scan.spectra) == len(scan.decomposed), f"{where} has other shuffled spectra than it names")
    _need(set(scan.decomposed) <= set(scan.seeds), f"{where} has a shuffled spectrum of another seed")
    for spectrum in scan.spectra:
        _check_spectrum(spectrum, f"{where}, shuffled")
    keys = [(trap.seed, trap.index) for trap in scan.traps]
    _need(len(set(keys)) == len(keys) and {seed for seed, _ in keys} <= set(scan.seeds), f"{where}: traps of no seed")
    for seed, count in zip(scan.seeds, scan.counts, strict=False):
        _need(sorted(i for s, i in keys if s == seed) == list(range(count)), f"{where}: counts and traps differ")
    _need(all(np.isfinite(trap.eigenvalue) for trap in scan.traps), f"{where} has a trap without eigenvalue")
    foretold = scan.predicted
    _need(len(foretold.eigenvalues) == len(foretold.causes) == len(foretold.entries), f"{where}: bad prediction")


def _check_ablation(ablation: AblationReport, report: Report) -> None:
    where = f"an ablation of {ablation.layer!r}"
    trap_of(ablation, report.layers)
    _need(ablation.probe.n > 0, f"{where} has no inputs")
    for track in (ablation.track, *ablation.companions, *ablation.controls):
        _check_track(track, where)
    n_done = {len(one.mean) for one in (ablation.track, *ablation.companions, *ablation.controls)}
    _need(len(n_done) == 1, f"{where} has tracks of different lengths")


def _check_track(track: Track, where: str) -> None:
    arrays = [track.values, track.mean, track.low, track.high]
    _need(all(one.ndim == 1 and len(one) == len(track.mean) for one in arrays), f"{where}: tracks do not fit")
    for extra in track.extras.values():
        _need(not extra.extras, f"{where} has measures of measures")
        _check_track(extra, where)


def _check_finding(finding: Finding) -> None:
    _need(depth_of(finding.evidence) <= DEEPEST, f"a finding has evidence nested more than {DEEPEST} deep")


def _need(holds: bool, phrase: str) -> None:
    if not holds:
        raise ValueError(phrase)
