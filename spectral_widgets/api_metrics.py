"""The door to what is asked about tails beyond one exponent: rival laws, Hill, FARMS, the trace-log cut."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from .api import spectrum
from .api_progress import Progress
from .api_sources import Matrix, matrix_of
from .api_work import heard
from .metrics.bands import band_of
from .records import (
    ErgCut,
    FarmsFit,
    HillFit,
    HillPlot,
    Spectrum,
    TailAlternatives,
    TailBootstrap,
    WeightMatrix,
    whole_number,
)
from .spectra import alternatives, erg
from .spectra import farms as farms_room
from .spectra import hill as hill_room
from .spectra import tail_bootstrap as bootstrap_room
from .spectra.farms import Placement
from .spectra.hill import Choice

Kind = TypeVar("Kind")

__all__ = [
    "band_of",
    "effective_correlation_space",
    "erg_cut",
    "farms",
    "hill",
    "hill_plot",
    "tail_alternatives",
    "tail_bootstrap",
]


def tail_alternatives(source: Matrix | Spectrum) -> TailAlternatives:
    """Truncated power law and log-normal law on the tail that :func:`fit_tail` finds; ``.sentence`` says who wins."""
    return alternatives.fit_alternatives(_spectrum_of(source))


def tail_bootstrap(
    source: Matrix | Spectrum, samples: int = 1000, *, seed: int = 0, progress: Progress = None
) -> TailBootstrap:
    """Goodness of fit of the power-law tail: below a ``p_value`` of 0.1 it is ruled out.

    Each of ``samples`` random spectra is refitted in full; a thousand take seconds for some hundred eigenvalues.
    ``progress`` is that of :func:`measure`.
    """
    samples, seed = whole_number(samples, "samples", 1), whole_number(seed, "seed")
    steps = bootstrap_room.tail_bootstrap_steps(_spectrum_of(source), samples=samples, seed=seed)
    return heard(steps, samples, "Refitting", "The bootstrap", progress)


def hill(source: Matrix | Spectrum, n_top: Choice = "half") -> HillFit:
    """Hill exponent of the ``n_top`` largest eigenvalues, with what noise of the same shape gives.

    ``n_top`` is a number, ``"half"`` (the field's ``PL_Alpha_Hill``) or ``"closest"`` (as many as the tail fit has).
    """
    return hill_room.fit_hill(_spectrum_of(source), n_top)


def hill_plot(source: Matrix | Spectrum, n_top: Choice = "half") -> HillPlot:
    """Hill exponents over the number of largest eigenvalues used, for :func:`charts.hill`."""
    return hill_room.hill_plot(_spectrum_of(source), n_top)


def farms(
    matrix: Matrix,
    rows: int | None = None,
    aspect: float = 1.0,
    windows: int = 10,
    *,
    placement: Placement = "grid",
    step: int = 10,
    seed: int = 0,
    progress: Progress = None,
) -> FarmsFit:
    """Hill exponent of submatrices of one fixed shape, with every window used and the exponent of each.

    A window has ``rows`` rows (2000, or as many as fit) and ``rows · aspect`` columns; ``placement`` is ``"grid"``
    (``windows`` along each axis), ``"step"`` (one every ``step`` rows and columns) or ``"random"`` (``windows²`` of
    them). A convolution is cut by kernel offset and block, as the authors do it. ``progress`` is that of
    :func:`measure`. Raises ``Complaint`` for a window that is larger than the matrix.
    """
    whole, seed = matrix_of(matrix), whole_number(seed, "seed")
    n_steps = farms_room.n_windows(whole, rows, aspect, windows, placement=placement, step=step, seed=seed)
    steps = farms_room.farms_steps(whole, rows, aspect, windows, placement=placement, step=step, seed=seed)
    return heard(steps, n_steps, "Fitting windows", "The fit", progress)


def erg_cut(source: Matrix | Spectrum) -> ErgCut:
    """The largest tail whose eigenvalues multiply to one, beside the start of the power-law tail."""
    return erg.erg_cut(_spectrum_of(source))


def effective_correlation_space(matrix: Matrix, n_directions: int | None = None) -> WeightMatrix:
    """The matrix of the largest singular directions alone: ``n_directions`` of them, or those of :func:`erg_cut`.

    ``.unfolding.fold(.values)`` is the tensor to put into the model.
    """
    whole = matrix_of(matrix)
    count = erg_cut(whole).n_tail if n_directions is None else n_directions
    return replace(whole, values=erg.effective_correlation_space(whole, count))


def _spectrum_of(source: Matrix | Spectrum) -> Spectrum:
    return source if isinstance(source, Spectrum) else spectrum(source)


def _last(steps: Iterable[Kind]) -> Kind:
    *_, last = steps
    return last
