"""The reference that answers the question: Tracy–Widom, the matrix's own shuffles, or the law of its entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from ..records import Complaint, Reference, ReferenceTest, TrapScan, WeightMatrix
from ..rmt import tw_sf
from .decompose import spectrum_of
from .entry_laws import EntryLaw, fit_entry_law
from .nulls import MIN_SIDE
from .reshuffled import largest_of
from .shuffles import permuted
from .traps import empty_scan

QUESTIONS: dict[Reference, str] = {
    "tracy-widom": "Is it beyond noise of this variance?",
    "shuffles": "Does it depend on the arrangement of these entries?",
    "entry-law": "Would fresh draws from a fit of these entries do the same?",
}
_HEAVY = (
    "The entries are heavy-tailed, so no edge law holds: any shuffle has outliers at its largest entries, with or "
    "without training. Here 'trap' only means that single entries rule the spectrum; whether that is unusual for "
    "entries like these is the question of the reference 'entry-law'."
)


def reference_test(
    matrix: WeightMatrix,
    reference: Reference = "shuffles",
    seeds: Iterable[int] = range(99),
    eigenvalues: Sequence[float] | None = None,
) -> ReferenceTest:
    """p-values of eigenvalues against a chosen reference; by default of the largest one of the matrix as it is.

    ``"tracy-widom"``: the tail of the law at the eigenvalue; ``nan`` for heavy-tailed entries and small layers.
    ``"shuffles"``: ``(1 + #{λmax of a shuffle ≥ λ}) / (R + 1)``, one shuffle per seed: exact for any entry law
    when the arrangement is random. ``"entry-law"``: the same over matrices of independent draws from a law
    fitted to the entries (a parametric bootstrap, so nearly exact). An eigenvalue that is not the largest
    is compared with the largest ones too, which is conservative. Give a trap's ``eigenvalue`` to ask about
    a trap, with seeds other than its own.
    """
    *_, last = reference_test_steps(matrix, reference, seeds, eigenvalues)
    return last


def reference_test_steps(
    matrix: WeightMatrix,
    reference: Reference = "shuffles",
    seeds: Iterable[int] = range(99),
    eigenvalues: Sequence[float] | None = None,
) -> Iterator[ReferenceTest]:
    """Like :func:`reference_test`, one growing result per reference matrix."""
    if reference not in QUESTIONS:
        raise Complaint(f"There is no reference {reference!r}: choose from {', '.join(map(repr, QUESTIONS))}.")
    scan = empty_scan(matrix)
    caveat = ""
    if eigenvalues is None:
        spectrum = spectrum_of(matrix)
        eigenvalues, caveat = [float(spectrum.eigenvalues[-1])], spectrum.caveat
    own = tuple(map(float, eigenvalues))
    if reference == "tracy-widom":
        yield _tracy_widom(scan, own, caveat)
        return
    law = fit_entry_law(matrix) if reference == "entry-law" else None
    maxima = np.empty(0)
    for seed in seeds:
        largest, its_caveat = largest_of(_reference_matrix(matrix, law, seed), scan.threshold, seed)
        maxima, caveat = np.append(maxima, largest), caveat or its_caveat
        yield _counted(scan, reference, own, maxima, law, caveat)
    if not len(maxima):
        raise Complaint("No reference matrix was asked for: give at least one seed.")


def _reference_matrix(matrix: WeightMatrix, law: EntryLaw | None, seed: int) -> WeightMatrix:
    values = permuted(matrix.values, seed) if law is None else law.draw(matrix.values.shape, seed)
    return replace(matrix, values=values)


def _tracy_widom(scan: TrapScan, eigenvalues: tuple[float, ...], caveat: str) -> ReferenceTest:
    p_values = tuple(float(tw_sf(scan.null.excess_widths(one))) for one in eigenvalues)
    caveat = " ".join(filter(None, [_HEAVY if scan.statistics.heavy else scan.caveat, caveat]))
    if scan.statistics.heavy or scan.layer.n_cols < MIN_SIDE:
        p_values = (float("nan"),) * len(eigenvalues)
    return ReferenceTest(
        scan.layer, "tracy-widom", QUESTIONS["tracy-widom"], eigenvalues, p_values, np.empty(0), "", caveat
    )


def _counted(
    scan: TrapScan,
    reference: Reference,
    eigenvalues: tuple[float, ...],
    maxima: np.ndarray,
    law: EntryLaw | None,
    caveat: str,
) -> ReferenceTest:
    p_values = tuple(float(1 + np.count_nonzero(maxima >= one)) / (1 + len(maxima)) for one in eigenvalues)
    few = f"With {len(maxima)} reference matrices no p-value can be below {1 / (1 + len(maxima)):.2g}."
    caveat = " ".join(filter(None, [few, caveat]))
    said = law.sentence if law is not None else ""
    return ReferenceTest(scan.layer, reference, QUESTIONS[reference], eigenvalues, p_values, maxima, said, caveat)
