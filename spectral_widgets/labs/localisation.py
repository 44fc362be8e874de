"""Lab 6: vectors that live on a few places or on all, in traps and in the two models of physics they resemble."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..charts.plot import Panel
from ..records.lab import LabFact
from ..records.setting import choice, dial
from . import (
    anderson_chain,
    anderson_chain_picture,
    localised_traps,
    localised_traps_picture,
    mean_field_magnet,
    mean_field_magnet_picture,
)
from .lab import Lab, Values

SYSTEMS = {
    "traps": "two traps in noise",
    "chain": "Anderson chain",
    "magnet": "Curie–Weiss magnet",
}


@dataclass(frozen=True)
class _Part:
    """One of the three systems: how it is drawn, and what is said of it."""

    draw_steps: Callable[[Values, int], Iterator[Any]]
    panels_of: Callable[[Any, bool, str], tuple[Panel, ...]]
    facts: Callable[[Any], Sequence[LabFact]]
    sentence: Callable[[Any], str]
    caveat: Callable[[Any], str]


def _part(system: Any, picture: Any) -> _Part:
    return _Part(system.draw_steps, picture.panels_of, system.facts, system.sentence, system.caveat)


_PARTS: Mapping[str, _Part] = {
    "traps": _part(localised_traps, localised_traps_picture),
    "chain": _part(anderson_chain, anderson_chain_picture),
    "magnet": _part(mean_field_magnet, mean_field_magnet_picture),
}


def draw_steps(values: Values, seed: int) -> Iterator[Any]:
    """Draws of the chosen system."""
    return _PARTS[values["system"]].draw_steps(values, seed)


def panels(record: Any, theory: bool) -> tuple[Panel, ...]:
    """The picture of the system that the record is of."""
    return _PARTS[record.system].panels_of(record, theory, sentence(record))


def facts(record: Any) -> Sequence[LabFact]:
    """Its numbers beside theory."""
    return _PARTS[record.system].facts(record)


def sentence(record: Any) -> str:
    """Its finding."""
    return _PARTS[record.system].sentence(record)


def caveat(record: Any) -> str:
    """What it does not say."""
    return _PARTS[record.system].caveat(record)


LAB = Lab(
    name="localisation",
    title="Localisation",
    order=6,
    text=(
        "How many places carry a vector? The participation ratio (Σ v²)²/Σ v⁴ says: 1 for a single one, n for all "
        "alike, (n + 2)/3 for noise, whose components are normal (Porter and Thomas). A giant entry and a small offset "
        "of all entries can make the same eigenvalue in the same noise; the vector of the first sits on one column, "
        "that of the second on all of them. A shuffle keeps both: they are traps of opposite kinds.\n\n"
        "Physics has both. In a chain of sites with random energies every wave is localised (Anderson). In a magnet "
        "whose spins all feel their mean, one direction shared by all takes over below one temperature (Curie and "
        "Weiss), as the offset does beyond its threshold."
    ),
    look_for=(
        "Traps: the eigenvalues agree, the vectors do not; let n grow and see which participation grows with it. "
        "Chain: raise the disorder until the levels stop repelling each other. Magnet: drag the grey line through T = "
        "1, then let n grow: the transition sharpens towards the curve of mean field."
    ),
    question=(
        "In an Anderson chain with W = 1 the levels of 30 sites keep well apart and the waves fill the chain; in one "
        "of 400 sites they do not. Is there a transition at some length?"
    ),
    answer=(
        "No. All states of a chain are localised, however weak the disorder; at W = 1 they fall off over ξ = 24 (4 − "
        "E²)/W² = 72 sites at E = 1 and about 100 at E = 0. A chain shorter than that cannot show it: the mean ratio "
        "of gaps goes from 0.65 at 30 sites to 0.44 at 400, and on towards 0.386, without a kink. The magnet is "
        "different: its curve has a kink at T = 1 in the limit, and only the rounding of it is an effect of size."
    ),
    dials=(
        choice("system", "System", SYSTEMS, "traps", help="The two traps, or one of their analogues in physics."),
        dial(
            "size",
            "Size n",
            150,
            20,
            400,
            whole=True,
            grid="log",
            help="Columns of the matrix (it has twice as many rows), sites of the chain, spins of the magnet.",
        ),
        dial(
            "strength",
            "Traps: strength",
            3.0,
            0.0,
            localised_traps_picture.STRONGEST,
            0.1,
            help="θ² of both traps over the threshold √y; the larger it is, the further they leave the noise.",
        ),
        dial("disorder", "Chain: disorder W", 1.5, 0.2, 8.0, 0.1, help="Width of the law of the site energies."),
        choice("energies", "Chain: energies", anderson_chain.LAWS, "uniform", help="The law of the site energies."),
        dial(
            "temperature",
            "Magnet: temperature T",
            0.8,
            mean_field_magnet_picture.COLDEST,
            mean_field_magnet_picture.HOTTEST,
            0.05,
            help="In units of the coupling; the transition is at 1.",
        ),
        dial("n_draws", "Draws", 30, 1, 200, whole=True, grid="log", help="Matrices, chains or runs of the magnet."),
    ),
    draw_steps=draw_steps,
    panels=panels,
    facts=facts,
    sentence=sentence,
    caveat=caveat,
    animation="size",
    examples=(
        {"strength": 0.2},
        {"system": "chain"},
        {"system": "chain", "energies": "cauchy", "disorder": 2.0},
        {"system": "magnet"},
        {"system": "magnet", "temperature": 1.3, "n_draws": 120, "size": 50},
    ),
)
