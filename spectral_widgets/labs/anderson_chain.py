"""Of lab 6: a chain of sites with random energies, in which every wave is localised."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.linalg import eigh_tridiagonal

from ..records.lab import LabFact
from ..records.text import number, plural
from ..rmt import POISSON_RATIO, anderson_rate, lloyd_rate, spacing_ratios
from .lab import Values
from .sampling import grow_steps, mean_and_error, stream

LAWS = {"uniform": "uniform over W (Anderson)", "cauchy": "Cauchy of half-width W (Lloyd)"}
#: Energies at which the decay is measured; zero is among them.
ENERGIES = np.linspace(-1.8, 1.8, 37)
#: Energies of the three states that are drawn.
SHOWN = (-1.0, 0.0, 1.0)
# Away from the middle of the band and from its ends, where the weak-disorder law does not hold.
_AVERAGED = (np.abs(ENERGIES) > 0.25) & (np.abs(ENERGIES) < 1.75)
_WEAK = 1.5


@dataclass(frozen=True, eq=False)
class ChainDraws:
    """Chains of ``n_sites``: energies and participation ratios ``(n_draws, n_sites)`` of all states, rates of decay
    ``(n_draws, 37)`` at fixed energies, and three states ``(3, n_sites)`` of the first chain.
    """

    system: ClassVar[str] = "chain"
    law: str
    width: float
    n_sites: int
    levels: np.ndarray
    participation: np.ndarray
    rates: np.ndarray
    states: np.ndarray

    @property
    def n_draws(self) -> int:
        return len(self.levels)

    @property
    def mean_rates(self) -> np.ndarray:
        """Rate of each chain over the energies at which theory is good, ``(n_draws,)``."""
        return self.rates[:, _AVERAGED].mean(axis=1)


def draw_steps(values: Values, seed: int) -> Iterator[ChainDraws]:
    """Growing numbers of chains."""
    n_sites, law, width = values["size"], values["energies"], values["disorder"]

    def one(draw: int) -> tuple[np.ndarray, ...]:
        rng = stream(seed, draw)
        sites = width * (rng.uniform(-0.5, 0.5, n_sites) if law == "uniform" else rng.standard_cauchy(n_sites))
        levels, states = eigh_tridiagonal(sites, np.ones(n_sites - 1))
        return levels, 1 / (states**4).sum(axis=0), decay_rates(sites, ENERGIES), _shown(levels, states)

    for drawn in grow_steps(one, values["n_draws"], 2_000_000 + 40 * n_sites**2):
        levels, participation, rates, states = zip(*drawn, strict=True)
        parts = (np.array(levels), np.array(participation), np.array(rates), states[0])
        yield ChainDraws(law, width, n_sites, *parts)


def decay_rates(sites: np.ndarray, energies: np.ndarray) -> np.ndarray:
    """Rate at which a solution of ``Hψ = Eψ`` grows per site from one end of the chain on, at each energy.

    The mean of ``ln |ψₙ₊₁/ψₙ|``, step by step as ``E − εₙ − ψₙ₋₁/ψₙ``; the first tenth, in which the phase still
    remembers the end, is left out. Almost every solution grows at the rate at which states die away.
    """
    skipped = len(sites) // 10
    ratio, total = energies - sites[0], np.zeros(len(energies))
    for place in range(1, len(sites)):
        ratio = energies - sites[place] - 1 / ratio
        if place > skipped:
            total += np.log(np.abs(ratio))
    return total / (len(sites) - 1 - skipped)


def _shown(levels: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Of the states near each energy the one whose peak stands best apart from the others'."""
    peaks = np.argmax(states**2, axis=0) / len(states)
    apart = [
        np.abs(peaks - at) + 4 * np.abs(levels - energy) for energy, at in zip(SHOWN, (0.2, 0.5, 0.8), strict=True)
    ]
    return states.T[[int(one.argmin()) for one in apart]]


def theory_rates(record: ChainDraws, energies: np.ndarray) -> np.ndarray:
    """What the textbook says: to first order for uniform energies, exactly for those of the Cauchy law."""
    return (anderson_rate if record.law == "uniform" else lloyd_rate)(energies, record.width)


def facts(record: ChainDraws) -> list[LabFact]:
    """Rate of decay beside theory, participation, and level spacing."""
    expected = float(theory_rates(record, ENERGIES[_AVERAGED]).mean())
    is_long = record.n_sites * expected > 2
    exact = record.law == "cauchy" or record.width <= _WEAK
    name = "Theory is W²/24(4 − E²), of weak disorder." if record.law == "uniform" else "Theory is exact (Thouless)."
    text = f"Rate at which states fall off per site, averaged over energies |E| from 0.3 to 1.7. {name}"
    rate = LabFact("rate of decay 1/ξ", *mean_and_error(record.mean_rates), expected, text, checked=is_long and exact)
    shares = record.participation.mean(axis=1)
    clean = number(2 * (record.n_sites + 1) / 3)
    text = f"Sites that take part in a state, averaged over all; 2(n + 1)/3, here {clean}, in a chain without disorder."
    spread = LabFact("participation ratio", *mean_and_error(shares), help=text)
    return [rate, spread, _spacing(record, expected)]


def _spacing(record: ChainDraws, rate: float) -> LabFact:
    ratios = [spacing_ratios(levels).mean() for levels in record.levels]
    text = "Mean of smaller over larger of two neighbouring gaps; theory is that of independent levels."
    # States that fall off within a hundredth of the chain hardly touch their neighbours in energy.
    return LabFact("spacing ratio", *mean_and_error(ratios), POISSON_RATIO, text, checked=rate * record.n_sites > 100)


def sentence(record: ChainDraws) -> str:
    """How far a state reaches, against the length of the chain."""
    rate = float(record.mean_rates.mean())
    carried = number(float(record.participation.mean()))
    reach = f"fall off over {number(1 / rate)} sites" if rate > 0 else "do not fall off within the chain"
    return (
        f"Over {plural(record.n_draws, 'chain')} of {record.n_sites} sites with disorder {number(record.width)} the "
        f"states {reach} (theory {number(1 / float(theory_rates(record, ENERGIES[_AVERAGED]).mean()))}), and "
        f"{carried} sites carry one on average."
    )


def caveat(record: ChainDraws) -> str:
    """Where the chain is too short, or the disorder too strong for the law that is drawn."""
    expected = float(theory_rates(record, ENERGIES[_AVERAGED]).mean())
    words = ["One draw has no standard error."] if record.n_draws < 2 else []
    if record.n_sites * expected <= 2:
        words.append("The chain is not much longer than its states: they look extended, and their levels keep apart.")
    if record.law == "uniform":
        words.append("At E = 0 resonance leaves 9 % less than the law that is drawn, which is of first order.")
        if record.width > _WEAK:
            words.append(f"Beyond W = {number(_WEAK)} the first order is not enough.")
    return " ".join(words)
