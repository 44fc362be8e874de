"""Many shuffles: what they agree on, and when there have been enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from math import exp, log
from statistics import mean, stdev

from scipy.special import betainc, betaln

from ..records import CulpritStability, RankSpread, ShuffleSummary, TrapScan

#: Chance of ever calling a count settled that does not hold in more than half of all shuffles.
ERROR = 0.05
RULE = (
    f"Stop when the commonest count is shown, at an error of {100 * ERROR:g} % however often one looks, to hold in "
    "more than half of all shuffles; it is then their mode and their median. Seven equal counts in a row are enough."
)


def settled_steps(scans: Iterable[TrapScan]) -> Iterator[TrapScan]:
    """The growing scans up to the one that settles the count, or all of them.

    Of a count that holds in at most half of all shuffles the e-value of :func:`majority_evidence` is a
    non-negative supermartingale, so by Ville's inequality it reaches ``1 / ERROR`` with probability ``ERROR`` at most.
    """
    for scan in scans:
        yield scan
        if summary_of(scan).settled:
            return


def summary_of(scan: TrapScan) -> ShuffleSummary:
    """Counts, spread of each trap's eigenvalue and the stability of the named entries, of a scan as it stands."""
    often = Counter(scan.counts)
    n = len(scan.counts)
    top = max(often.values(), default=0)
    modal = min((count for count, times in often.items() if times == top), default=float("nan"))
    evidence = majority_evidence(top, n)
    return ShuffleSummary(
        layer=scan.layer,
        n_shuffles=len(scan.seeds),
        counts=scan.counts,
        modal_count=float(modal),
        evidence=evidence,
        settled=evidence >= 1 / ERROR,
        ranks=tuple(_rank_spreads(scan)),
        culprits=tuple(_stabilities(scan)),
        rule=RULE,
        caveat=scan.caveat,
    )


def majority_evidence(agreeing: int, n: int) -> float:
    """E-value against "at most half of all shuffles have this count", when ``agreeing`` of ``n`` had it.

    The likelihood averaged over shares from a half to one, over that at a half:
    ``2ⁿ · 2 ∫ pᵏ (1 − p)ⁿ⁻ᵏ dp``, a mixture bet in the sense of Robbins (1970).

    >>> round(majority_evidence(6, 6), 2), round(majority_evidence(7, 7), 2)
    (18.14, 31.88)
    """
    a, b = agreeing + 1, n - agreeing + 1
    upper = float(betainc(b, a, 0.5))
    return exp((n + 1) * log(2) + float(betaln(a, b))) * upper


def _rank_spreads(scan: TrapScan) -> Iterator[RankSpread]:
    for index in range(max(scan.counts, default=0)):
        values = [trap.eigenvalue for trap in scan.traps if trap.index == index]
        deviation = stdev(values) if len(values) > 1 else float("nan")
        yield RankSpread(index, len(values), mean(values), deviation, min(values), max(values))


def _stabilities(scan: TrapScan) -> list[CulpritStability]:
    named = {(e.row, e.column): e.value for trap in scan.traps for e in trap.culprits}
    cells = [{(e.row, e.column) for trap in scan.of_seed(seed) for e in trap.culprits} for seed in scan.seeds]
    often = Counter(cell for seen in cells for cell in seen)
    return [
        CulpritStability(*cell, named[cell], times / len(scan.seeds))
        for cell, times in sorted(often.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
