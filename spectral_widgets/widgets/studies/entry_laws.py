"""How are the weights distributed? The Weibull plot of their sizes and rival laws of the entries."""

from __future__ import annotations

from collections.abc import Iterator

from ... import charts
from ...metrics.weibull_bands import weibull_band_of
from ...records import EntryFit, EntryFits, WeibullFit
from ...rmt import weibull_anchor
from ...spectra.magnitudes import entry_fits, magnitudes_of, weibull_fit
from .. import text
from ..views import Json, fact
from .shared import in_view, matrix_of_view, view_lines
from .study import Answer, Asked, Study, column, table

Result = tuple[WeibullFit, EntryFits]
_COLUMNS = (
    column("family", "Law"),
    column("parameters", "Best parameters"),
    column("likelihood", "ln L per weight", numeric=True, help="Log-likelihood over the number of weights, in nats."),
    column("over", "AIC over the best", numeric=True, help="Akaike's criterion per weight less that of the best law; "
           "the smaller the better."),
)  # fmt: skip


def steps(asked: Asked) -> Iterator[Result]:
    """One pass over the entries."""
    sizes = magnitudes_of(matrix_of_view(asked))
    weibull = weibull_fit(sizes)
    yield weibull, entry_fits(sizes, weibull)


def answer(asked: Asked, last: Result) -> Answer:
    """Shape of the sizes with its band, and the laws in order."""
    weibull, fits = last
    lines, source = view_lines(asked)
    ranked = sorted(fits.fits, key=lambda fit: fit.aic)
    return Answer(
        sentence=_sentence(asked, weibull, ranked),
        facts=_facts(weibull),
        charts=[(charts.weibull(weibull), charts.weibull_text(weibull))],
        tables=[table("Laws of the weights, the best first", _COLUMNS, [_row(one, ranked[0]) for one in ranked])],
        caveat=" ".join(dict.fromkeys(filter(None, [weibull.caveat, fits.caveat, weibull_band_of(weibull).fails]))),
        code=asked.code(*lines, f"result = (sw.fit_weibull({source}), sw.entry_fits({source}))"),
        evidence={"shape": weibull.shape, "scale": weibull.scale, "r_squared": weibull.r_squared,
                  "best": ranked[0].family},
    )  # fmt: skip


def _sentence(asked: Asked, weibull: WeibullFit, ranked: list[EntryFit]) -> str:
    gaussian = weibull_anchor("Gaussian").shape
    beside = "wider than" if weibull.shape < gaussian else "narrower than"
    beside = "as" if abs(weibull.shape - gaussian) < 0.02 else beside
    band = weibull_band_of(weibull).name
    name = "" if band == "no fit" else f" ({band})"
    best = ranked[0].family
    law = best if best.startswith(("Gauss", "Student", "Laplace")) or best == "Weibull" else f"{best} law"
    return (
        f"The sizes of the weights of {in_view(asked)} are spread {beside} those of Gaussian weights: Weibull shape k "
        f"= {text.number(weibull.shape)}{name}, Gaussian {text.number(gaussian)}. Of five laws the {law} fits best."
    )


def _facts(weibull: WeibullFit) -> list[Json]:
    band = weibull_band_of(weibull)
    return [
        fact("shape k", text.number(weibull.shape, 4), "Slope of the plot; below the Gaussian one, more weights are "
             "tiny and more are large."),
        fact("band", band.name, f"{band.meaning} {band.source}."),
        fact("scale λ", text.number(weibull.scale), "63 % of the weights are smaller."),
        fact("R²", text.number(weibull.r_squared, 4), "How straight the plot is over the middle 80 %."),
        fact("uniform weights", text.number(weibull_anchor("uniform").shape, 4), "Shape k of an untrained uniform "
             "layer."),
        fact("Gaussian weights", text.number(weibull_anchor("Gaussian").shape, 4), "Shape k of an untrained Gaussian "
             "layer."),
    ]  # fmt: skip


def _row(fit: EntryFit, best: EntryFit) -> Json:
    return {
        "family": fit.family,
        "parameters": ", ".join(f"{name} = {text.number(value)}" for name, value in fit.parameters),
        "likelihood": text.number(fit.log_likelihood, 4),
        "over": "best" if fit is best else text.number(fit.aic - best.aic),
    }


STUDY = Study(
    name="entry_laws",
    title="How are the weights distributed?",
    about="layer",
    help="Plots the sizes of the weights so that a Weibull law is a straight line, and fits five laws to the weights.",
    steps=steps,
    answer=answer,
    n_steps=lambda asked: 1,
    topic="Tail and entries",
)
