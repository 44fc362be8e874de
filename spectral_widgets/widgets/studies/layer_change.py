"""What changed in this layer? Directions, spectra, intruders, and the rank of the update."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ... import charts
from ...metrics.pairs import PairEvidence, pair_metrics_named
from ...records import DifferenceSpectrum, Spectrum, TopSubspaces
from .. import text
from ..views import Json, fact
from . import shared_compare as shared
from .settings import choice, live
from .shared import layer_name
from .study import Answer, Asked, Study, column, layer_of, table

Result = tuple[TopSubspaces, DifferenceSpectrum]
_MOST_CELLS = 40
_METRICS = (
    "relative_change", "update_rank", "update_directions_90", "left_overlap", "left_overlap_by_chance",
    "right_overlap", "right_overlap_by_chance", "intruder_dimensions", "lowest_cosine",
)  # fmt: skip
_COLUMNS = (
    column("rank", "Direction", numeric=True, help="1 is the strongest of the other model."),
    column("here", "σ here", numeric=True, help="Singular value of this model's layer at this rank."),
    column("other", "σ other", numeric=True, help="Singular value of the other model's layer at this rank."),
    column("cosine", "Best cosine", numeric=True, help="Largest absolute cosine with any left direction here."),
    column("verdict", "Verdict"),
)


def steps(asked: Asked) -> Iterator[Result]:
    """Both matrices decomposed, and their difference."""
    evidence = _evidence(asked)
    yield evidence.of(TopSubspaces), evidence.of(DifferenceSpectrum)


def _evidence(asked: Asked) -> PairEvidence:
    return PairEvidence(shared.other_in(asked).pair(layer_name(asked)), **shared.arguments(asked))


def answer(asked: Asked, last: Result) -> Answer:
    """How much is new, and in which directions."""
    subspaces, difference = last
    side, shown = asked.settings["side"], _first(subspaces)
    found = _numbers(subspaces, difference)
    here, there = _spectra(asked, subspaces)
    names = ("this model", "other model")
    return Answer(
        sentence=_sentence(asked, found, subspaces),
        facts=_facts(found, subspaces),
        charts=[
            (charts.two_spectra(here, there, names=names), charts.two_spectra_text(here, there, names)),
            (charts.overlap(shown, side), charts.overlap_text(shown, side)),
        ],
        tables=[table("Leading directions of the other model", _COLUMNS, _rows(subspaces))],
        caveat=" ".join(dict.fromkeys(filter(None, [subspaces.caveat, difference.caveat]))),
        code=_code(asked),
        evidence=dict(found),
    )


def _first(subspaces: TopSubspaces) -> TopSubspaces:
    """The directions that a heat map has room for."""
    if subspaces.k <= _MOST_CELLS:
        return subspaces
    left, right = (one[:_MOST_CELLS, :_MOST_CELLS] for one in (subspaces.left_cosines, subspaces.right_cosines))
    return replace(subspaces, left_cosines=left, right_cosines=right)


def _spectra(asked: Asked, subspaces: TopSubspaces) -> tuple[Spectrum, Spectrum]:
    n_rows = layer_of(asked).ref.n_rows
    both = (np.asarray(one)[::-1] ** 2 / n_rows for one in (subspaces.base_values, subspaces.other_values))
    here, there = (Spectrum(one, n_rows, len(one), float(one.mean())) for one in both)
    return here, there


def _numbers(subspaces: TopSubspaces, difference: DifferenceSpectrum) -> dict[str, float]:
    """The pair metrics that these two records give."""
    records: dict[type, object] = {TopSubspaces: subspaces, DifferenceSpectrum: difference}
    return {
        one.card.name: float(one.function(*(records[kind] for kind in one.evidence)))
        for one in pair_metrics_named(_METRICS)
    }


def _sentence(asked: Asked, found: dict[str, float], subspaces: TopSubspaces) -> str:
    name, other = layer_name(asked), shared.other_in(asked).name
    if found["relative_change"] == 0:
        return f"{name} is the same in {other}."
    rank, share = found["update_rank"], 100 * found["left_overlap"]
    chance = 100 * found["left_overlap_by_chance"]
    intruders = int(found["intruder_dimensions"])
    new = text.plural(intruders, "leading direction is", "leading directions are") if intruders else "no direction is"
    return (
        f"{name} changed by {text.number(100 * found['relative_change'])} % of its norm, by a difference of rank "
        f"{text.number(rank)}; its {text.plural(subspaces.k, 'leading direction')} and those of {other} share "
        f"{text.number(share)} % (chance {text.number(chance, 2)} %), and {new} new there."
    )


def _facts(found: dict[str, float], subspaces: TopSubspaces) -> list[Json]:
    wanted = {
        "relative_change": "size of the change",
        "update_rank": "rank of the change",
        "update_directions_90": "directions for 90 %",
        "intruder_dimensions": "intruders",
        "lowest_cosine": "least familiar",
    }
    cards = {one.card.name: one.card for one in pair_metrics_named(list(wanted))}
    shown = [fact(label, text.number(found[name]), cards[name].meaning) for name, label in wanted.items()]
    return [
        fact("directions compared", str(subspaces.k), f"k is {subspaces.how}."),
        *shown,
        *(
            fact(f"overlap, {side}", f"{text.number(found[f'{side}_overlap'])} (chance "
                 f"{text.number(found[f'{side}_overlap_by_chance'], 2)})",
                 f"Mean squared cosine of the principal angles, {what} side: 1 is the same subspace.")
            for side, what in (("left", "output"), ("right", "input"))
        ),
    ]  # fmt: skip


def _rows(subspaces: TopSubspaces) -> list[Json]:
    return [
        {
            "rank": at + 1,
            "here": text.number(float(subspaces.base_values[at])),
            "other": text.number(float(subspaces.other_values[at])),
            "cosine": text.number(float(cosine)),
            "verdict": "intruder" if cosine < subspaces.threshold else "known here",
        }
        for at, cosine in enumerate(subspaces.best_left)
    ]


def _code(asked: Asked) -> str:
    other, name = shared.other_in(asked), layer_name(asked)
    match = other.matches[name]
    lines = [f"other = {other.code}"]
    if match.other is not None and not match.pairs:
        lines += [
            f"there = other.layers[{match.other.name!r}]",
            f"subspaces = sw.subspace_overlap(layer, there, {shared.said(asked)})",
            "result = (subspaces, sw.difference_spectrum(layer, there))",
        ]
        return asked.code(*lines)
    return asked.code(
        "from spectral_widgets.metrics.pairs import PairEvidence",
        "from spectral_widgets.weights.pairing import paired, read_match",
        *lines,
        f"[match] = [one for one in paired(model, other).matches if one.base.name == {name!r}]",
        f"pair = PairEvidence(read_match(match), {shared.said(asked)})",
        "result = (pair.of(sw.records.TopSubspaces), pair.of(sw.records.DifferenceSpectrum))",
    )


STUDY = Study(
    name="layer_change",
    title="What changed in this layer?",
    about="layer",
    help="Holds this layer against the same one of the other model: which leading directions are still there, which "
    "are new, and how many directions the difference has.",
    steps=steps,
    answer=answer,
    settings=(
        live(choice("side", "Directions of", {"left": "Output", "right": "Input"}, "left", "Singular vectors on the "
             "output (left) or the input side (right), for the heat map.")),
        *shared.SETTINGS,
    ),
    refuses=shared.refuses,
    n_steps=lambda asked: 1,
    topic="Two models",
)  # fmt: skip
