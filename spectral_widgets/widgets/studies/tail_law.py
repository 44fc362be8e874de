"""Is the tail a power law? Rival laws, goodness of fit, and the Hill plot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from math import isfinite
from typing import Any

from ... import charts
from ...metrics.bands import band_of
from ...records import Complaint, HillPlot, Rival, Spectrum, TailAlternatives, TailBootstrap, TailFit
from ...spectra.alternatives import fit_alternatives
from ...spectra.decompose import spectrum_of
from ...spectra.hill import hill_plot
from ...spectra.tail_bootstrap import tail_bootstrap_steps
from ...spectra.tails import fit_tail, positive_values
from .. import text
from ..views import Json, fact
from .settings import slider, whole
from .shared import in_view, matrix_of_view, view_lines
from .study import Answer, Asked, Study, column, table

_COLUMNS = (
    column("law", "Law"),
    column("parameters", "Best parameters"),
    column("likelihood", "ln L", numeric=True, help="Log-likelihood of the tail, in nats."),
    column("ratio", "ln L of power law − its own", numeric=True, help="Below zero this law fits better."),
    column("p_value", "p-value", numeric=True, help="Probability of such a ratio when both laws are equally good."),
    column("verdict", "Verdict"),
)
_LEVEL = 0.05
_RULED_OUT = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What was measured of the tail, as far as it got."""

    spectrum: Spectrum
    fit: TailFit
    alternatives: TailAlternatives
    bootstrap: TailBootstrap | None = None


def steps(asked: Asked) -> Iterator[Found]:
    """The fits at once, then one random sample a step where they are asked for."""
    spectrum = spectrum_of(matrix_of_view(asked))
    fit = fit_tail(spectrum)
    found = Found(spectrum, fit, fit_alternatives(spectrum, fit))
    yield found
    samples = asked.settings["samples"]
    if samples and fit.n_tail:
        for bootstrap in tail_bootstrap_steps(spectrum, fit, samples, asked.settings["bootstrap_seed"]):
            yield Found(spectrum, fit, found.alternatives, bootstrap)


def _n_top(asked: Asked, spectrum: Spectrum) -> int:
    """How many of the largest eigenvalues the Hill exponent takes; at one half, as the field's own."""
    total = len(positive_values(spectrum.eigenvalues))
    return max(2, total - int(total * (1 - asked.settings["share"] / 100)))


def _plot(asked: Asked, spectrum: Spectrum) -> HillPlot | None:
    try:
        return hill_plot(spectrum, _n_top(asked, spectrum))
    except Complaint:
        return None


def result(asked: Asked, found: Found) -> Any:
    """Rivals, Hill plot and bootstrap, as the code gives them."""
    return found.alternatives, _plot(asked, found.spectrum), found.bootstrap


def answer(asked: Asked, found: Found) -> Answer:
    """Which law fits, in which band the exponent lies, and what to make of it."""
    plot = _plot(asked, found.spectrum)
    return Answer(
        sentence=_sentence(asked, found),
        facts=_facts(found, plot),
        charts=_charts(found, plot),
        tables=[table(f"Laws of the {found.fit.n_tail} eigenvalues of the tail", _COLUMNS, _rows(found.alternatives))]
        if found.fit.n_tail
        else [],
        caveat=" ".join(filter(None, [found.fit.caveat, band_of(found.fit).fails if found.fit.n_tail else ""])),
        code=_code(asked, found),
        evidence={"alpha": found.fit.alpha, "xmin": found.fit.xmin, "n_tail": found.fit.n_tail,
                  "p_value": found.bootstrap.p_value if found.bootstrap else None},
    )  # fmt: skip


def _sentence(asked: Asked, found: Found) -> str:
    fit, name = found.fit, in_view(asked)
    if not fit.n_tail:
        return f"{name} has no tail to judge. {fit.caveat}"
    start = f"The tail of {name} has α {text.number(fit.alpha)} ({band_of(fit).name}). "
    if found.bootstrap is not None:
        p_value = found.bootstrap.p_value
        verdict = "rules the power law out" if p_value <= _RULED_OUT else "does not rule the power law out"
        start += f"The bootstrap {verdict} (p {text.relation(p_value)}, {len(found.bootstrap.distances)} samples). "
    return start + found.alternatives.sentence


def _facts(found: Found, plot: HillPlot | None) -> list[Json]:
    fit, band = found.fit, band_of(found.fit)
    facts = [
        fact("α", f"{text.number(fit.alpha)} ± {text.number(fit.alpha_error, 2)}", "Maximum likelihood, xmin chosen by "
             "the smallest distance."),
        fact("band", band.name, f"{band.meaning} {band.source}."),
        fact("xmin", text.number(fit.xmin), "Where the tail starts."),
        fact("in the tail", f"{fit.n_tail} of {fit.n_eigenvalues}"),
        fact("distance D", text.number(fit.distance), "Kolmogorov–Smirnov distance of the tail and its law."),
    ]  # fmt: skip
    if found.bootstrap is not None:
        error = text.number(found.bootstrap.standard_error, 2)
        facts.append(fact("bootstrap p", f"{text.p_value(found.bootstrap.p_value)} ± {error}",
                          "Share of random samples of this law that lie at least as far from their own fit. Up to 0.1 "
                          "the power law is ruled out."))  # fmt: skip
    if plot is not None:
        hill = plot.chosen
        facts.append(fact("Hill α", f"{text.number(hill.alpha)} from {hill.n_top}", hill.caveat or
                          f"Noise of this shape gives {text.number(hill.noise_alpha)}."))  # fmt: skip
    return facts


def _charts(found: Found, plot: HillPlot | None) -> list[tuple[Any, str]]:
    drawn: list[tuple[Any, str]] = []
    if found.fit.n_tail:
        drawn.append((charts.tail(found.spectrum, found.fit), charts.esd_text(found.spectrum, found.fit)))
    with suppress(Complaint):  # all exponents of noise-like spectra can lie beyond the chart's axis
        drawn += [] if plot is None else [(charts.hill(plot), charts.hill_text(plot))]
    return drawn


def _rows(alternatives: TailAlternatives) -> list[Json]:
    own = {"law": "power law", "parameters": f"α = {text.number(alternatives.alpha)}",
           "likelihood": text.number(alternatives.log_likelihood, 5), "ratio": "–", "p_value": "–",
           "verdict": "the one compared with"}  # fmt: skip
    return [own, *map(_row, (alternatives.truncated, alternatives.lognormal))]


def _row(rival: Rival) -> Json:
    better = rival.p_value < _LEVEL and rival.log_ratio < 0
    verdict = "is the power law" if rival.is_power_law else "fits better" if better else "no better"
    shown = [f"{name} = {text.number(value)}" for name, value in rival.parameters if isfinite(value)]
    return {
        "law": rival.law,
        "parameters": ", ".join(shown) or "–",
        "likelihood": text.number(rival.log_likelihood, 5),
        "ratio": text.number(rival.log_ratio),
        "p_value": text.p_value(rival.p_value),
        "verdict": verdict,
    }


def _code(asked: Asked, found: Found) -> str:
    lines, source = view_lines(asked)
    n_top, samples = _n_top(asked, found.spectrum), asked.settings["samples"]
    bootstrap = "None"
    if samples and found.fit.n_tail:
        bootstrap = f"sw.tail_bootstrap({source}, samples={samples}, seed={asked.settings['bootstrap_seed']})"
    plot = "None" if _plot(asked, found.spectrum) is None else f"sw.hill_plot({source}, {n_top})"
    return asked.code(
        *lines,
        f"alternatives = sw.tail_alternatives({source})",
        f"plot = {plot}",
        f"bootstrap = {bootstrap}",
        "result = (alternatives, plot, bootstrap)",
    )


STUDY = Study(
    name="tail_law",
    title="Is the tail a power law?",
    about="layer",
    help="Fits a power law, one with a cut-off and a log-normal law to the tail and says which is better; on request "
    "refits random samples to see whether the power law can be ruled out.",
    steps=steps,
    answer=answer,
    settings=(
        whole("samples", "Bootstrap samples", 0, 0, 5000, "0 leaves the bootstrap out; 1000 give p to 0.01."),
        whole("bootstrap_seed", "Seed of the bootstrap", 0, 0, 2**31 - 1),
        slider("share", "Hill: largest, %", 50.0, 1.0, 100.0, 1.0, "Share of the largest eigenvalues that the Hill "
               "exponent takes. 50 % is usual; a true power law does not mind."),
    ),
    n_steps=lambda asked: 1 + asked.settings["samples"],
    result=result,
    topic="Tail and entries",
)  # fmt: skip
