"""Where does the effective correlation space start? The trace-log cut beside the power-law cut."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

import numpy as np

from ... import charts
from ...records import ErgCut, Spectrum
from ...spectra.decompose import spectrum_of
from ...spectra.erg import erg_cut
from .. import text
from ..views import Json, fact
from .shared import in_view, matrix_of_view, view_lines
from .study import Answer, Asked, Study, column, table

Result = tuple[Spectrum, ErgCut]
_COLUMNS = (
    column("cut", "Cut"),
    column("start", "Starts at λ / mean λ", numeric=True),
    column("raw", "Starts at λ", numeric=True, help="On the scale of WᵀW / N, as in the spectrum above."),
    column("count", "Directions", numeric=True),
)


def steps(asked: Asked) -> Iterator[Result]:
    """The spectrum and its cut."""
    spectrum = spectrum_of(matrix_of_view(asked))
    yield spectrum, erg_cut(spectrum)


def answer(asked: Asked, last: Result) -> Answer:
    """Both cuts, the gap between them, and the two areas of logarithms that cancel."""
    spectrum, cut = last
    lines, source = view_lines(asked)
    is_cut = isfinite(cut.xmin)
    return Answer(
        sentence=_sentence(asked, cut),
        facts=_facts(spectrum, cut) if is_cut else [],
        charts=[(charts.erg(spectrum, cut), charts.erg_text(cut))] if is_cut else [],
        tables=[table("Two ways to cut the tail off", _COLUMNS, _rows(spectrum, cut))] if is_cut else [],
        caveat=cut.caveat,
        code=asked.code(*lines, f"result = (sw.spectrum({source}), sw.erg_cut({source}))"),
        evidence={"n_tail": cut.n_tail, "xmin": cut.xmin, "tail_xmin": cut.tail_xmin, "gap": cut.gap},
    )


def _sentence(asked: Asked, cut: ErgCut) -> str:
    if not isfinite(cut.xmin):
        return f"{in_view(asked)} has no effective correlation space. {cut.caveat}"
    start = (
        f"The effective correlation space of {in_view(asked)} starts at {text.number(cut.xmin)} times the mean "
        f"eigenvalue and has {cut.n_tail} of {cut.n_eigenvalues} directions"
    )
    if not isfinite(cut.gap):
        return f"{start}; no power-law tail could be fitted to compare with."
    where = "later" if cut.gap > 0 else "earlier"
    tail = f"the power-law tail starts {where}, at {text.number(cut.tail_xmin)} (Δλ = {text.signed(cut.gap)})"
    return f"{start}; {tail}."


def _facts(spectrum: Spectrum, cut: ErgCut) -> list[Json]:
    logs = np.log(np.sort(spectrum.eigenvalues)[-cut.n_tail :] * cut.scale)
    above, below = float(logs[logs > 0].sum()), float(logs[logs < 0].sum())
    return [
        fact("Δλ", text.signed(cut.gap), "Start of the power-law tail less start of this space, in units of the mean "
             "eigenvalue. Near zero is what SETOL expects at α = 2; below zero it calls the layer over-regularised."),
        fact("Σ ln λ above 1", text.signed(above), "Area right of 1 in the chart, times the number of eigenvalues."),
        fact("Σ ln λ below 1", text.signed(below), "Area left of 1, down to the cut; the two cancel."),
        fact("left over", text.signed(cut.log_det), "Their sum: at most the last eigenvalue's part."),
    ]  # fmt: skip


def _rows(spectrum: Spectrum, cut: ErgCut) -> list[Json]:
    values = spectrum.eigenvalues * cut.scale
    rows = [("product of one (ERG)", cut.xmin, cut.n_tail)]
    if isfinite(cut.tail_xmin):
        rows.append(("power-law tail", cut.tail_xmin, int((values >= cut.tail_xmin * (1 - 1e-9)).sum())))
    return [
        {"cut": name, "start": text.number(start), "raw": text.number(start / cut.scale), "count": count}
        for name, start, count in rows
    ]


STUDY = Study(
    name="correlation_space",
    title="Where does the effective correlation space start?",
    about="layer",
    help="Cuts the spectrum where the eigenvalues above multiply to one (the trace-log condition of SETOL) and holds "
    "that beside the start of the power-law tail.",
    steps=steps,
    answer=answer,
    n_steps=lambda asked: 1,
    topic="Tail and entries",
)
