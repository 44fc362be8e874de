"""What the metrics of one matrix are computed from, each kind made once and only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Protocol, TypeVar

import numpy as np

from ..records import (
    Complaint,
    Engine,
    EntryFits,
    EntryMagnitudes,
    ErgCut,
    FactoredMatrix,
    FarmsFit,
    HillFit,
    LayerRef,
    LeadingVectors,
    NullFit,
    Spectrum,
    SpectrumEstimate,
    TailAlternatives,
    TailBootstrap,
    TailFit,
    TrapScan,
    View,
    WeibullFit,
    WeightMatrix,
)
from ..spectra.alternatives import fit_alternatives
from ..spectra.decompose import spectrum_of
from ..spectra.erg import erg_cut
from ..spectra.farms import farms_steps
from ..spectra.hill import fit_hill, noise_sentence
from ..spectra.magnitudes import entry_fits, magnitudes_of, weibull_fit
from ..spectra.nulls import fit_null
from ..spectra.products import spectrum_of_product
from ..spectra.slq import estimate_spectrum
from ..spectra.tail_bootstrap import tail_bootstrap_steps
from ..spectra.tails import fit_tail
from ..spectra.traps import find_traps
from ..spectra.vectors import leading_vectors
from .estimated import refusal_of

Kind = TypeVar("Kind")

#: Samples of the bootstrap behind a metric: its p-value is good to 0.04.
BOOTSTRAP_SAMPLES = 200


class Shelf(Protocol):
    """Where records of one matrix were kept on an earlier day, each with the settings that it depends on."""

    def get(self, kind: type[Kind], /, **settings: Any) -> Kind | None: ...

    def put(self, record: object, /, **settings: Any) -> None: ...


class Evidence:
    """Records about one weight matrix, made lazily and kept; a failure is kept too, not tried again.

    A product of two small factors has a spectrum and all that follows from it. Its entries are formed by ``entries``
    when something needs them; without it there are none. ``seeds`` and ``level`` are those of the trap scan. ``known``
    are records that exist already, for example a spectrum that is on the screen. A bare ``LayerRef`` stands for a
    matrix that ``entries`` reads, when something needs it. ``shelf`` gives records of earlier days and takes the new
    ones; what a new kind of maker gives is not kept there, since nobody can tell its version. With ``exact=False``
    the spectrum is only estimated, and what needs every eigenvalue is refused.
    """

    def __init__(
        self,
        matrix: WeightMatrix | FactoredMatrix | LayerRef,
        *,
        seeds: Iterable[int] = range(5),
        level: float = 0.01,
        known: Iterable[object] = (),
        entries: Callable[[], WeightMatrix] | None = None,
        shelf: Shelf | None = None,
        exact: bool = True,
    ) -> None:
        self.seeds = tuple(seeds)
        self.level = level
        self.entries = entries
        self.exact = exact
        self.shelf = shelf if all(MAKERS[kind] is made for kind, made in _SHIPPED.items()) else None
        self.layer: LayerRef = matrix if isinstance(matrix, LayerRef) else matrix.ref
        self._made: dict[type, Any] = {} if isinstance(matrix, LayerRef) else {type(matrix): matrix}
        self._made |= {type(record): record for record in known}
        self._finite: bool | None = None

    def of(self, kind: type[Kind]) -> Kind:
        """The record of this kind. Raises the ``Complaint`` of whoever could not make it."""
        if kind not in self._made:
            self._made[kind] = self._attempt(kind)
        made = self._made[kind]
        if isinstance(made, Complaint):
            raise made
        return made

    def known(self, kind: type[Kind]) -> Kind | None:
        """The record of this kind where there is one already; nothing is made."""
        found = self._made.get(kind)
        return found if isinstance(found, kind) else None

    def recalled(self, kind: type[Kind]) -> Kind | None:
        """The record of this kind where there is one already, here or from an earlier day; nothing is made."""
        if kind not in self._made and (kept := self._kept(kind)) is not None:
            self._made[kind] = kept
        return self.known(kind)

    def add(self, record: object) -> None:
        """Take a record that was made elsewhere, as if it had been made here."""
        self._made[type(record)] = record
        self._keep(type(record), record)

    def _attempt(self, kind: type) -> object:
        if kind not in MAKERS:
            return Complaint(f"No maker for evidence of type {kind.__name__}; known are {_known_kinds()}.")
        kept = self._kept(kind)
        if kept is not None:
            return kept
        try:
            if not self._is_finite(kind):
                return Complaint(f"{self.layer.name} holds NaN or Inf; repair these weights or leave them out.")
            made = MAKERS[kind](self)
            self._keep(kind, made)
            return made
        except Complaint as complaint:
            return complaint
        except MemoryError:
            return Complaint("There is not enough memory to decompose this matrix; close other models first.")
        except np.linalg.LinAlgError:
            return Complaint("The eigenvalues did not converge; rescale the weights or leave it out.")

    def scan_settings(self) -> dict[str, Any]:
        """What its trap scan depends on beside the matrix."""
        return scan_settings(self.seeds, self.level)

    def _kept(self, kind: type[Kind]) -> Kind | None:
        if self.shelf is None or kind not in _STORED:
            return None
        return self.shelf.get(kind, **(self.scan_settings() if kind is TrapScan else {}))

    def _keep(self, kind: type, record: object) -> None:
        if self.shelf is not None and kind in _STORED:
            self.shelf.put(record, **(self.scan_settings() if kind is TrapScan else {}))

    def _is_finite(self, wanted: type) -> bool:
        product = self.known(FactoredMatrix)
        if wanted is WeightMatrix and product is None:
            return True  # looked at as soon as something is made from it
        if self._finite is None:
            arrays = [product.left, product.right] if product else [self.of(WeightMatrix).values]
            # A sum is NaN or infinite as soon as one entry is; one that merely overflows is looked at again.
            with np.errstate(all="ignore"):
                self._finite = all(bool(np.isfinite(one.sum()) or np.isfinite(one).all()) for one in arrays)
        return self._finite


def scan_settings(seeds: Iterable[int], level: float, engine: Engine = "calibrated", view: View = "raw") -> dict:
    """What a trap scan depends on beside the matrix, by name."""
    return {"seeds": list(seeds), "level": level, "engine": engine, "view": view}


def _known_kinds() -> str:
    return ", ".join(kind.__name__ for kind in MAKERS)


#: How each kind of evidence is made from the others. Open: a new kind is one more line.
MAKERS: dict[type, Callable[[Evidence], object]] = {
    WeightMatrix: lambda evidence: _entries(evidence),
    Spectrum: lambda evidence: _spectrum(evidence),
    SpectrumEstimate: lambda evidence: estimate_spectrum(evidence.of(WeightMatrix)),
    NullFit: lambda evidence: _null(evidence),
    TailFit: lambda evidence: fit_tail(evidence.of(Spectrum)),
    TailAlternatives: lambda evidence: fit_alternatives(evidence.of(Spectrum), evidence.of(TailFit)),
    TailBootstrap: lambda evidence: _last(
        tail_bootstrap_steps(evidence.of(Spectrum), evidence.of(TailFit), BOOTSTRAP_SAMPLES)
    ),
    ErgCut: lambda evidence: erg_cut(evidence.of(Spectrum), evidence.of(TailFit)),
    HillFit: lambda evidence: _hill(evidence),
    FarmsFit: lambda evidence: _last(farms_steps(evidence.of(WeightMatrix), full=evidence.of(HillFit))),
    TrapScan: lambda evidence: find_traps(
        evidence.of(WeightMatrix), evidence.seeds, evidence.level, spectra="first" if evidence.exact else "none"
    ),
    LeadingVectors: lambda evidence: leading_vectors(evidence.of(WeightMatrix), evidence.of(Spectrum)),
    EntryMagnitudes: lambda evidence: magnitudes_of(evidence.of(WeightMatrix)),
    WeibullFit: lambda evidence: weibull_fit(evidence.of(EntryMagnitudes)),
    EntryFits: lambda evidence: entry_fits(evidence.of(EntryMagnitudes), evidence.of(WeibullFit)),
}


#: As they come; a maker that somebody puts in the place of one has no version to be stored under.
_SHIPPED = dict(MAKERS)
_STORED = set(MAKERS) - {WeightMatrix}


def _last(steps: Iterable[Kind]) -> Kind:
    *_, last = steps
    return last


def _hill(evidence: Evidence) -> HillFit:
    fit = fit_hill(evidence.of(Spectrum), null=evidence.of(NullFit))
    if evidence.known(FactoredMatrix) is None:
        return fit
    said = "What noise gives in a product of two matrices is not known here."
    doubts = fit.caveat.replace(noise_sentence(fit.noise_alpha), "").strip()
    caveat = " ".join(filter(None, (doubts, said)))
    return replace(fit, noise_alpha=float("nan"), like_noise=False, caveat=caveat)


def _entries(evidence: Evidence) -> WeightMatrix:
    if evidence.entries is None:
        raise Complaint(f"{evidence.layer.name} is kept as a product of two factors, and this needs its entries.")
    return evidence.entries()


def _spectrum(evidence: Evidence) -> Spectrum:
    if not evidence.exact:
        raise Complaint(refusal_of(evidence.layer))
    product = evidence.known(FactoredMatrix)
    return spectrum_of(evidence.of(WeightMatrix)) if product is None else spectrum_of_product(product)


def _null(evidence: Evidence) -> NullFit:
    null = fit_null(evidence.of(Spectrum))
    if evidence.known(FactoredMatrix) is None:
        return null
    said = "The law of noise is that of a single matrix; the bulk of a product of two is wider."
    return replace(null, caveat=" ".join(filter(None, (null.caveat, said))))
