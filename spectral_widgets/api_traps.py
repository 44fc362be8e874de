"""The door to what is asked about traps beyond one scan: whole models, references, many shuffles and sizes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .api_progress import Progress
from .api_scanning import scanned_model
from .api_sources import Matrix, ModelSource, items_of, matrix_of
from .api_work import heard
from .jobs import Executors
from .records import (
    EntrySurvival,
    ModelScan,
    Reference,
    ReferenceTest,
    SelfAveraging,
    ShuffleSummary,
    TrapScan,
)
from .spectra import averaging, explain, references, settled, traps


def find_traps_in_model(
    layers: ModelSource | Iterable[Matrix],
    seeds: Iterable[int] = range(5),
    rate: float = 0.01,
    *,
    level: float = 0.01,
    executor: Executors | None = None,
    progress: Progress = None,
) -> ModelScan:
    """Traps of all layers together, at the false-discovery rate ``rate``; ``.sentence`` says it in words.

    ``level`` is that of the traps counted in each shuffle, as of :func:`find_traps`; the q-values do not depend on it.
    ``layers`` is a model or some of its layers. One matrix is read at a time; a layer that cannot be tested stays
    in the list without numbers and says why. No full spectrum of a shuffle is kept. ``executor`` and ``progress`` are
    those of :func:`measure`.
    """
    traps.check_level(level)
    return scanned_model(list(items_of(layers)), traps.checked_seeds(seeds), rate, executor, progress, level)


def shuffle_summary(scan: TrapScan) -> ShuffleSummary:
    """What the shuffles of a scan agree on: count, spread of eigenvalues, stability of the named entries."""
    return settled.summary_of(scan)


def reference_test(
    matrix: Matrix,
    reference: Reference = "shuffles",
    seeds: Iterable[int] = range(99),
    eigenvalues: Sequence[float] | None = None,
    *,
    progress: Progress = None,
) -> ReferenceTest:
    """p-values of eigenvalues (by default the largest) against the reference that answers the question.

    ``"tracy-widom"``: is it beyond noise of this variance? ``"shuffles"``: does it depend on the arrangement?
    ``"entry-law"``: would fresh draws from a fit of these entries do the same? ``progress`` is that of :func:`measure`.
    """
    asked = traps.checked_seeds(seeds)
    steps = references.reference_test_steps(matrix_of(matrix), reference, asked, eigenvalues)
    n_steps = 1 if reference == "tracy-widom" else len(asked)
    return heard(steps, n_steps, "Drawing references", "The test", progress)


def self_averaging(
    matrix: Matrix,
    seeds: Iterable[int] = range(20),
    sizes: Sequence[float] = (0.25, 0.5, 0.75, 1.0),
    *,
    progress: Progress = None,
) -> SelfAveraging:
    """Relative variance over shuffles of the largest eigenvalue and of the bulk edge, in nested blocks.

    ``progress`` is that of :func:`measure`.
    """
    asked = traps.checked_seeds(seeds)
    steps = averaging.self_averaging_steps(matrix_of(matrix), asked, sizes)
    return heard(steps, max(len(asked) - 1, 1), "Shuffling", "The comparison of shuffles", progress)


def entry_survival(matrix: Matrix) -> EntrySurvival:
    """Share of entries at least so far from the mean, with the size beyond which one entry makes a trap."""
    return explain.entry_survival(matrix_of(matrix))
