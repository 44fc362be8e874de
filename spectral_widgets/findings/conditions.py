"""What a report is asked to meet, for machines that watch models: ``traps``, ``harmful-traps``, ``alpha-above:6``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite

from ..records import Complaint, Report

#: Conditions on traps, and the verdicts of an ablation that each of them fails on.
VERDICTS = {"harmful-traps": ("harmful",), "active-traps": ("active", "harmful")}
_BOUND = re.compile(r"(\w+)-(above|below):([-+.\deE]+)")


@dataclass(frozen=True, slots=True)
class Condition:
    """A report fails on it: for having traps, for their verdicts, or for a metric ``above`` or ``below`` a bound."""

    text: str
    metric: str = ""
    side: str = ""
    bound: float = 0.0

    @property
    def needs_ablation(self) -> bool:
        return self.text in VERDICTS


def condition_of(text: str) -> Condition:
    """The condition that a text means. Raises ``Complaint`` for another text.

    >>> condition_of("alpha-above:6").bound
    6.0
    """
    if text == "traps" or text in VERDICTS:
        return Condition(text)
    found = _BOUND.fullmatch(text)
    try:
        bound = float(found.group(3)) if found else float("nan")
    except ValueError:
        bound = float("nan")
    if found is None or not isfinite(bound):
        known = ", ".join(["traps", *VERDICTS])
        raise Complaint(f"There is no condition {text!r}: use {known}, or a metric and a bound, such as alpha-above:6.")
    return Condition(text, found.group(1), found.group(2), bound)


def failures(report: Report, condition: Condition) -> list[str]:
    """One sentence for everything in the report that fails the condition; none when it is met.

    Raises ``Complaint`` where the report cannot tell.
    """
    if condition.text == "traps":
        return _traps(report)
    return _verdicts(report, condition.text) if condition.needs_ablation else _bounds(report, condition)


def _traps(report: Report) -> list[str]:
    scanned = [layer for layer in report.layers if layer.scan is not None and layer.scan.counts]
    if not scanned:
        raise Complaint("No layer was shuffled, so nobody can tell whether there are traps: check the caveats.")
    return [
        f"{layer.ref.name} has {layer.scan.median_count:g} traps in the median shuffle."
        for layer in scanned
        if layer.scan is not None and layer.scan.median_count > 0
    ]


def _verdicts(report: Report, text: str) -> list[str]:
    has_traps = any(layer.first_traps for layer in report.layers)
    tested = {one.layer for one in report.ablations}
    missing = [layer.ref.name for layer in report.layers if layer.first_traps and layer.ref.name not in tested]
    if has_traps and missing:
        reason = " ".join(report.caveats) or "They were not ablated."
        raise Complaint(f"{text} cannot be checked: the traps of {missing[0]} were not tested. {reason}")
    if text == "harmful-traps" and not all(one.probe.labelled for one in report.ablations):
        raise Complaint(f"{text} cannot be checked without labelled inputs: give them, or check active-traps.")
    return [
        f"{one.layer}, trap {one.index + 1} of shuffle {one.seed}: {one.verdict.word}. {one.verdict.reason}"
        for one in report.ablations
        if one.verdict.word in VERDICTS[text]
    ]


def _bounds(report: Report, condition: Condition) -> list[str]:
    if condition.metric not in {card.name for card in report.cards}:
        known = ", ".join(card.name for card in report.cards)
        raise Complaint(f"The report has no metric {condition.metric!r}; it has {known}.")
    found = []
    for layer in report.layers:
        one = layer.measurement(condition.metric)
        if one is None or not isfinite(one.value):
            continue
        over = one.value > condition.bound if condition.side == "above" else one.value < condition.bound
        if over:
            found.append(
                f"{layer.ref.name}: {condition.metric} = {one.value:.4g}, {condition.side} {condition.bound:g}."
            )
    return found
