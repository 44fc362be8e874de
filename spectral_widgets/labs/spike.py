"""Lab 3: a planted signal leaves the noise only beyond a threshold, and then not unharmed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..charts.plot import Panel
from ..records.lab import LabFact
from ..records.setting import choice, dial
from ..records.text import number, plural
from ..rmt import TW_MEAN, edge_scaling, mp_edges, outlier_eigenvalue, overlap_squared
from ..spectra.decompose import gram_of
from .lab import Lab, Values
from .sampling import gram_work, grow_steps, mean_and_error, stream
from .spike_picture import STRONGEST, panels_of

_KINDS = {"additive": "added to the noise", "covariance": "in the covariance"}


@dataclass(frozen=True, eq=False)
class SpikeDraws:
    """Noise with one planted direction: eigenvalues ``(n_draws, n_cols)``, and the squared overlaps ``(n_draws,)`` of
    the top singular vectors with it. The long side has no planted direction when it stands in the covariance.
    """

    kind: str
    strength_squared: float
    n_rows: int
    n_cols: int
    eigenvalues: np.ndarray
    long_overlap: np.ndarray
    short_overlap: np.ndarray

    @property
    def n_draws(self) -> int:
        return len(self.eigenvalues)

    @property
    def aspect(self) -> float:
        return self.n_cols / self.n_rows

    @property
    def threshold(self) -> float:
        """Strength at which the signal leaves the bulk, ``√y``."""
        return float(np.sqrt(self.aspect))


def draw_steps(values: Values, seed: int) -> Iterator[SpikeDraws]:
    """Growing numbers of matrices, each with noise and a direction of its own."""
    kind, strength, n_rows = values["kind"], values["strength"], values["n_rows"]
    n_cols = max(2, round(values["aspect"] * n_rows))

    def one(draw: int) -> tuple[np.ndarray, float, float]:
        return planted(kind, strength, n_rows, n_cols, stream(seed, draw))

    # Vectors cost about three times what eigenvalues do.
    for drawn in grow_steps(one, values["n_draws"], 3 * gram_work(n_rows, n_cols)):
        eigenvalues, long_side, short_side = (np.array(part) for part in zip(*drawn, strict=True))
        yield SpikeDraws(kind, strength, n_rows, n_cols, eigenvalues, long_side, short_side)


def planted(
    kind: str, strength_squared: float, n_rows: int, n_cols: int, rng: np.random.Generator
) -> tuple[np.ndarray, float, float]:
    """Eigenvalues and squared overlaps, long and short side, of ``Z + √N θ u vᵀ`` or of ``Z (1 + θ² v vᵀ)^½``."""
    noise, u, v = rng.standard_normal((n_rows, n_cols)), _direction(n_rows, rng), _direction(n_cols, rng)
    if kind == "additive":
        values = noise + np.sqrt(n_rows * strength_squared) * np.outer(u, v)
    else:
        values = noise + (np.sqrt(1 + strength_squared) - 1) * np.outer(noise @ v, v)
    eigenvalues, vectors = np.linalg.eigh(gram_of(values))
    right = vectors[:, -1]
    left = values @ right
    long_side = float((u @ left) ** 2 / (left @ left)) if kind == "additive" else float("nan")
    return np.maximum(eigenvalues, 0.0), long_side, float((v @ right) ** 2)


def _direction(length: int, rng: np.random.Generator) -> np.ndarray:
    vector = rng.standard_normal(length)
    return vector / np.linalg.norm(vector)


def expected_largest(record: SpikeDraws) -> float:
    """Where theory puts the largest eigenvalue: the outlier, or the mean of the edge of noise at this size."""
    if record.strength_squared > record.threshold:
        return float(outlier_eigenvalue(record.strength_squared, record.aspect))
    centre, width = edge_scaling(record.n_rows, record.n_cols)
    return centre + TW_MEAN * width


def facts(record: SpikeDraws) -> list[LabFact]:
    """Place of the largest eigenvalue and overlap of its vectors, beside theory."""
    far = _is_far(record)
    hidden = record.strength_squared <= record.threshold
    long_side, short_side = overlap_squared(record.strength_squared, record.aspect)
    largest = LabFact(
        "largest eigenvalue",
        *mean_and_error(record.eigenvalues[:, -1]),
        expected_largest(record),
        "Theory is the mean edge of noise at this size." if hidden else "Theory is (1 + θ²)(y + θ²)/θ².",
        checked=far,
    )
    made = [largest]
    for name, overlaps, theory in (
        ("short", record.short_overlap, short_side),
        ("long", record.long_overlap, long_side),
    ):
        if np.isfinite(overlaps).all():
            text = f"Squared overlap of the top vector of the {name} side with the planted one."
            checked = far and not hidden
            made.append(LabFact(f"overlap², {name} side", *mean_and_error(overlaps), float(theory), text, checked))
    return made


def _is_far(record: SpikeDraws) -> bool:
    """Whether the strength is further from the threshold than the transition is wide, which shrinks as ``N^(−1/3)``."""
    distance = abs(record.strength_squared / record.threshold - 1)
    return distance > 3 * record.n_cols ** (-1 / 3)


def panels(record: SpikeDraws, theory: bool) -> tuple[Panel, ...]:
    """The spectrum, then place and overlap of the top over the strength of the signal."""
    return panels_of(record, theory, sentence(record))


def sentence(record: SpikeDraws) -> str:
    """Whether the signal is seen, where, and how much of its direction is kept."""
    mean, _ = mean_and_error(record.eigenvalues[:, -1])
    overlap, _ = mean_and_error(record.short_overlap)
    edge = mp_edges(record.aspect)[1]
    seen = "leaves the bulk" if record.strength_squared > record.threshold else "drowns in the bulk"
    return (
        f"At strength {number(record.strength_squared)} (threshold {number(record.threshold)}) the signal {seen}: over "
        f"{plural(record.n_draws, 'draw')} the largest eigenvalue is {number(mean)}, the edge {number(edge)}, and the "
        f"overlap² of its vector with the planted one {number(overlap)}."
    )


def caveat(record: SpikeDraws) -> str:
    """Where the theory of an infinite matrix cannot be read off this one."""
    words = ["One draw has no standard error."] if record.n_draws < 2 else []
    if not _is_far(record):
        words.append(
            "So near the threshold a matrix of this size does neither: the transition is smeared over N^(−1/3)."
        )
    return " ".join(words)


LAB = Lab(
    name="spike",
    title="Spike: where a signal drowns",
    order=3,
    text=(
        "Plant one direction in noise: add a rank-one matrix of singular value √N σθ, or give one direction of the "
        "covariance the variance 1 + θ². Noise pushes eigenvalues apart, so a strong signal is seen too large, and a "
        "weak one not at all: up to θ² = √y the largest eigenvalue stays at the edge of the bulk and its vector knows "
        "nothing of the signal. Baik, Ben Arous and Péché found this transition.\n\n"
        "Beyond it λ = (1 + θ²)(y + θ²)/θ², and the overlap² of the vectors grows from zero."
    ),
    look_for=(
        "Raise the strength, or drag the grey line: the pink dots sit at the edge, then one leaves. Below the "
        "threshold the overlap is zero although the signal is there. Then change y: the wider the matrix, "
        "the stronger a signal has to be."
    ),
    question=(
        "A signal just above the threshold makes an eigenvalue outside the bulk. Is its vector a good "
        "estimate of the signal's direction?"
    ),
    answer=(
        "No. At the threshold the overlap² starts from zero, so just above it the vector is almost at a right angle to "
        "the signal: being visible and being known are two things. At y = 0.5 the short side reaches overlap² ½ only "
        "near θ² = 1.3, almost twice the threshold of 0.71."
    ),
    dials=(
        dial("strength", "Signal strength θ²", 1.5, 0.0, STRONGEST, 0.05, help="Squared singular value over N σ²."),
        choice(
            "kind", "Signal", _KINDS, "additive", help="A rank-one matrix added, or one direction of larger variance."
        ),
        dial("n_rows", "Rows N", 300, 20, 600, whole=True, grid="log", help="The long side of the matrix."),
        dial("aspect", "Shape y = M/N", 0.5, 0.05, 1.0, 0.05, help="Columns over rows; 1 is a square."),
        dial("n_draws", "Draws", 40, 1, 200, whole=True, grid="log", help="Matrices that are drawn and pooled."),
    ),
    draw_steps=draw_steps,
    panels=panels,
    facts=facts,
    sentence=sentence,
    caveat=caveat,
    animation="strength",
    examples=({"strength": 0.1}, {"kind": "covariance", "strength": 2.0}, {"strength": 2.5, "aspect": 1.0}),
)
