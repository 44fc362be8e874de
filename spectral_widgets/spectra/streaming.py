"""The leading direction of rows that come once and are not kept: history PCA in lanes that check each other."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from ..records import Complaint, StreamedVector

_RANK = 8
_BLOCK = 64
_LANES = 4
#: Disagreement between early and late rows, in units of that between lanes, beyond which the order is not random.
_DRIFT = 4.0
#: Entries beyond this have no fourth power, which the error of the eigenvalue needs.
_LARGEST = 1e60


def streaming_top_vector(rows: Iterable[np.ndarray], *, seed: int = 0) -> StreamedVector:
    """The direction along which the rows are longest, from one pass that keeps ``4 · 8`` vectors of their length.

    Rows ``(n_cols,)``, or blocks of rows ``(k, n_cols)``, are dealt at random to four lanes; each lane keeps the best
    rank-8 summary of what it saw and merges it with every 64 new rows. In random order the squared sine to the true
    direction falls like ``1 / n`` with a constant of ``n_cols · λ₁ λ₂ / (λ₁ − λ₂)²``, as for the batch answer
    (Yang, Hsieh and Wang 2018, history PCA; Jain and others 2016 for the rate). The error is measured and not
    assumed: lanes that never met disagree by what each is off. In an order that is not random all lanes are led
    astray together; then beginning and end of the stream disagree, and the caveat says so. Rows of zeros have no
    direction: then the error is ``nan``. Raises ``Complaint`` for fewer than 256 rows, and for what are no rows of
    finite numbers.
    """
    *_, last = streaming_top_vector_steps(rows, seed=seed)
    return last


def streaming_top_vector_steps(rows: Iterable[np.ndarray], *, seed: int = 0) -> Iterator[StreamedVector]:
    """Like :func:`streaming_top_vector`, one estimate whenever the number of rows has doubled, and one at the end."""
    rng = np.random.default_rng([seed, 0x0D0])
    lanes, n_rows, early, due = [_Lane() for _ in range(_LANES)], 0, None, 2 * _LANES * _BLOCK
    n_told = 0
    stream = _single(rows)
    while batch := list(islice(stream, _LANES * _BLOCK)):
        block = _stacked(batch, n_rows)
        for lane, part in zip(lanes, np.array_split(rng.permutation(len(block)), _LANES), strict=True):
            lane.take(block[part])
        n_rows += len(block)
        if n_rows >= due:
            yield _answer(lanes, n_rows, early)
            early, due, n_told = [lane.frozen() for lane in lanes], 2 * n_rows, n_rows
    if n_rows < _LANES * _BLOCK:
        raise Complaint(f"{n_rows} rows are too few for a streamed direction: give at least {_LANES * _BLOCK}.")
    if n_told != n_rows:
        yield _answer(lanes, n_rows, early)


@dataclass(slots=True, eq=False)
class _Lane:
    """Summary ``SᵀS ≈ Σ x xᵀ`` of the rows of one lane, and how long rows were along the direction before they came."""

    summary: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    recent: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    n_rows: int = 0
    squares: list[tuple[int, float, float]] = field(default_factory=list)

    def take(self, rows: np.ndarray) -> None:
        if not len(rows):
            return
        if self.n_rows:
            square = (rows @ self.summary[0] / max(float(np.linalg.norm(self.summary[0])), 1e-300)) ** 2
            self.squares.append((len(rows), float(square.sum()), float((square**2).sum())))
        self.summary, self.recent = _merged(self.summary, rows), _merged(self.recent, rows)
        self.n_rows += len(rows)

    def frozen(self) -> np.ndarray:
        """What was seen since the last call; a new part begins."""
        seen, self.recent = self.recent, np.empty((0, 0))
        return seen


def _merged(summary: np.ndarray, rows: np.ndarray) -> np.ndarray:
    both = np.concatenate([summary, rows]) if len(summary) else rows
    _, lengths, directions = np.linalg.svd(both, full_matrices=False)
    return lengths[:_RANK, None] * directions[:_RANK]


def _answer(lanes: list[_Lane], n_rows: int, early: list[np.ndarray] | None) -> StreamedVector:
    vector = _leading(np.concatenate([lane.summary for lane in lanes]))
    own = [_leading(lane.summary) for lane in lanes]
    apart = [_sin_squared(one, two) for k, one in enumerate(own) for two in own[k + 1 :]]
    disagreement = float(np.mean(apart))
    drift = float("nan")
    if early is not None and all(len(lane.recent) for lane in lanes):
        before, after = _leading(np.concatenate(early)), _leading(np.concatenate([lane.recent for lane in lanes]))
        drift = _sin_squared(before, after) / max(disagreement, 1e-12)
    count, total, fourth = (sum(column) for column in zip(*[s for lane in lanes for s in _late(lane)], strict=True))
    mean = total / count
    error = float(np.sqrt(max(fourth / count - mean**2, 0.0) / count))
    sin_squared, caveat = _error_of_all(disagreement, len(lanes)), _caveat(disagreement, drift)
    if not any(lane.summary.any() for lane in lanes):
        sin_squared, caveat = float("nan"), "Every row is zero, so no direction stands out."
    return StreamedVector(vector, mean, error, sin_squared, drift, n_rows, len(lanes), caveat)


def _error_of_all(disagreement: float, n_lanes: int) -> float:
    """Squared sine of all lanes together.

    The squared cosine between two lanes is the product of those to the truth, as their errors point anywhere; and the
    squared tangent of a lane falls with its number of rows.
    """
    cosine = max(1.0 - disagreement, 1e-12) ** 0.5
    tangent = (1.0 - cosine) / cosine / n_lanes
    return tangent / (1.0 + tangent)


def _late(lane: _Lane) -> list[tuple[int, float, float]]:
    """The second half of what was seen ahead, when the direction was known better; all of nothing is one zero row."""
    return lane.squares[len(lane.squares) // 2 :] or [(1, 0.0, 0.0)]


def _caveat(disagreement: float, drift: float) -> str:
    if drift > _DRIFT and disagreement * drift > 0.01:
        return (
            f"The beginning and the end of the stream disagree {drift:.0f} times more than chance explains: the rows "
            "do not come in random order, so neither the direction nor its error can be relied on; shuffle them."
        )
    unknown = "There are too few rows to tell whether they came in random order." if math.isnan(drift) else ""
    if disagreement > 0.5:
        blurred = "The lanes do not agree on any direction: none stands out, or there are too few rows to see it."
        return f"{blurred} {unknown}".strip()
    return unknown


def _leading(rows: np.ndarray) -> np.ndarray:
    direction: np.ndarray = np.linalg.svd(rows, full_matrices=False)[2][0]
    return direction if direction[np.abs(direction).argmax()] > 0 else -direction


def _sin_squared(one: np.ndarray, two: np.ndarray) -> float:
    return max(1.0 - float(one @ two) ** 2, 0.0)


def _single(rows: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    if not isinstance(rows, Iterable):
        raise Complaint(f"A {type(rows).__name__} has no rows: give rows (n_cols,) or blocks of them (k, n_cols).")
    for one in rows:
        yield from np.atleast_2d(_numbers(one))


def _numbers(one: np.ndarray) -> np.ndarray:
    try:
        found = np.asarray(one)
    except (TypeError, ValueError, RuntimeError) as error:
        raise Complaint(f"A row cannot be read as numbers: {error}.") from error
    if found.dtype.kind not in "biuf":
        raise Complaint(f"A row holds {found.dtype} and not real numbers: give rows of floats.")
    if found.ndim not in (1, 2) or not found.shape[-1]:
        raise Complaint(f"Something of shape {found.shape} came: give rows (n_cols,) or blocks of them (k, n_cols).")
    return found


def _stacked(batch: list[np.ndarray], n_before: int) -> np.ndarray:
    sizes = {one.shape for one in batch}
    if len(sizes) != 1:
        raise Complaint(f"Rows of different lengths {sorted(sizes)} came from row {n_before} on: give equal ones.")
    block = np.array(batch, dtype=np.float64)
    if not np.isfinite(block).all():
        raise Complaint(f"A row between {n_before} and {n_before + len(batch)} holds NaN or infinity: leave it out.")
    if np.abs(block).max() > _LARGEST:
        raise Complaint(
            f"A row between {n_before} and {n_before + len(batch)} exceeds {_LARGEST:g}: scale all rows down."
        )
    return block
