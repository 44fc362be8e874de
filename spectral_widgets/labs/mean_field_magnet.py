"""Of lab 6: a magnet in which every spin feels the mean of all others, and orders below one temperature."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp
from typing import ClassVar

import numpy as np

from ..records.lab import LabFact
from ..records.text import number, plural
from ..rmt import curie_weiss_distribution, mean_field_magnetisation
from .lab import Values
from .sampling import grow_steps, mean_and_error, stream

#: Attempts of every spin, on average: the first half to settle, the second half to measure.
N_SWEEPS = 60


@dataclass(frozen=True, eq=False)
class MagnetDraws:
    """Magnets of ``n_spins`` at one temperature: magnetisation ``(n_draws, N_SWEEPS + 1)`` after each sweep."""

    system: ClassVar[str] = "magnet"
    temperature: float
    n_spins: int
    history: np.ndarray

    @property
    def n_draws(self) -> int:
        return len(self.history)

    @property
    def settled(self) -> np.ndarray:
        """Magnetisation in the second half of every run."""
        return self.history[:, N_SWEEPS // 2 + 1 :]


def draw_steps(values: Values, seed: int) -> Iterator[MagnetDraws]:
    """Growing numbers of magnets, each from a start of its own."""
    n_spins, temperature = values["size"], values["temperature"]

    def one(draw: int) -> np.ndarray:
        return heat_bath(n_spins, temperature, N_SWEEPS, stream(seed, draw))

    for drawn in grow_steps(one, values["n_draws"], 30_000 * n_spins):
        yield MagnetDraws(temperature, n_spins, np.array(drawn))


def heat_bath(n_spins: int, temperature: float, n_sweeps: int, rng: np.random.Generator) -> np.ndarray:
    """Magnetisation after each sweep, ``(n_sweeps + 1,)``, from random spins on (Glauber 1963).

    A spin picked at random is drawn anew in the field ``(Σ others)/n``: up with probability ``1/(1 + exp(−2h/T))``.
    All spins are alike, so that the number of those which point up is all that has to be kept.
    """
    up = int(rng.integers(0, 2, n_spins).sum())
    history = [2 * up / n_spins - 1]
    rate = -2 / (n_spins * temperature)
    for _ in range(n_sweeps):
        for pick, toss in rng.random((n_spins, 2)).tolist():
            is_up = pick * n_spins < up
            others = 2 * up - n_spins - (1 if is_up else -1)
            # A field of n spins over T is at most 2/T, so that nothing overflows.
            up += (toss * (1 + exp(rate * others)) < 1) - is_up
        history.append(2 * up / n_spins - 1)
    return np.array(history)


def exact_means(n_spins: int, temperature: float) -> tuple[float, float]:
    """``⟨|m|⟩`` and ``⟨m²⟩`` of a magnet of this size."""
    places, shares = curie_weiss_distribution(n_spins, temperature)
    return float(shares @ np.abs(places)), float(shares @ places**2)


def _is_near(record: MagnetDraws) -> bool:
    """Whether the temperature is within the rounding of the transition, which narrows as ``1/√n``."""
    return bool(abs(record.temperature - 1) < 2 / np.sqrt(record.n_spins))


def facts(record: MagnetDraws) -> list[LabFact]:
    """Magnetisation beside the exact sum over all states and beside mean field; response beside Curie and Weiss."""
    size, temperature = np.abs(record.settled).mean(axis=1), record.temperature
    square = (record.settled**2).mean(axis=1)
    mean_size, mean_square = exact_means(record.n_spins, temperature)
    settled, known = not _is_near(record), "Theory is the exact sum over all states."
    made = [
        LabFact("⟨|m|⟩", *mean_and_error(size), mean_size, known, checked=settled),
        LabFact("⟨m²⟩", *mean_and_error(square), mean_square, known, checked=settled),
        LabFact(
            "⟨|m|⟩, mean field",
            *mean_and_error(size),
            mean_field_magnetisation(temperature),
            "Theory is m = tanh(m/T), of an infinite magnet.",
        ),
    ]
    if temperature > 1:
        text = "Fluctuation that makes the response to a field. Theory is T/(T − 1), of an infinite magnet."
        response = mean_and_error(record.n_spins * square)
        made.append(LabFact("n ⟨m²⟩", *response, temperature / (temperature - 1), text))
    return made


def sentence(record: MagnetDraws) -> str:
    """Whether the magnet orders, and how much."""
    found = number(float(np.abs(record.settled).mean()))
    exact, _ = exact_means(record.n_spins, record.temperature)
    known = mean_field_magnetisation(record.temperature)
    state = "below its transition" if record.temperature < 1 else "at or above its transition"
    return (
        f"Over {plural(record.n_draws, 'run')} of {record.n_spins} spins at temperature {number(record.temperature)}, "
        f"{state}, the magnetisation is {found} in size: {number(exact)} by the exact sum, {number(known)} in an "
        "infinite magnet."
    )


def caveat(record: MagnetDraws) -> str:
    """Where single runs are slow, or theory is of another size."""
    words = ["One draw has no standard error."] if record.n_draws < 2 else []
    if _is_near(record):
        words.append(
            "So near the transition a magnet of this size has neither phase, and it is slow: the runs may not have "
            "settled."
        )
    return " ".join(words)
