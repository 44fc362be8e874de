"""The top of a spectrum without the rest: singular triplets above a threshold that is known beforehand."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from .abreast import beside_steps
from .decompose import eigenvalues_of, top_pairs_of
from .device import Side, product_side

#: Largest relative error of an eigenvalue above the threshold, against a full decomposition.
TOLERANCE = 1e-7
#: The same of the largest eigenvalue where none is above.
EDGE_TOLERANCE = 1e-6
#: Largest residual ``‖WᵀWv − s²v‖ / s²`` of a right vector.
RESIDUAL = 1e-4
#: Most Golub–Kahan steps before a full decomposition takes over.
MOST_STEPS = 160
_CHECK = 6
_AGREEING = 3
# In units of the threshold. What the float32 run itself must reach, and what the top needs when nothing is above.
_CONVERGED = 1e-5
_EDGE_ERROR = 3e-4
# The largest value below the threshold may be known this roughly, where something is above.
_ROUGH = 0.02
_FLOAT32 = 2e-6
# Float32 rounding of a value this many thresholds large would blur the threshold itself.
_WIDEST = 300.0
_TAME = (1e-6, 1e6)
_BLOCK = 1 << 17
# From so many entries on a caller may stop at every step, and so often within the last products.
_LONG_STEP = 1 << 23


@dataclass(frozen=True, slots=True, eq=False)
class Top:
    """Eigenvalues of ``WᵀW / n_rows`` above a threshold, descending, and what goes with them.

    ``left`` ``(n_rows, count)`` and ``right`` ``(n_cols, count)`` are the unit singular vectors. ``largest`` is the
    largest eigenvalue of all, above the threshold or not. ``exact`` says that a full decomposition was needed,
    ``caveat`` that a device had no room.
    """

    eigenvalues: np.ndarray
    left: np.ndarray
    right: np.ndarray
    largest: float
    exact: bool = False
    caveat: str = ""


def top_steps(values: np.ndarray, threshold: float, seed: int, device: str = "cpu") -> Generator[None, None, Top]:
    """The triplets with an eigenvalue above ``threshold``, by Golub–Kahan–Lanczos bidiagonalisation.

    Products are in float32; the basis of the short side is orthogonalised twice against itself at each step (Simon
    and Zha 2000 for one-sided, Daniel et al. 1976 for twice). A run ends when three checks in a row find every Ritz
    value above the threshold converged and the next one clear below it. Vectors are then refined and their residuals
    measured in float64. A full decomposition takes over after ``MOST_STEPS`` steps and wherever float32 leaves a
    doubt. Yields ``None`` every few steps, so that a caller can stop; ``seed`` sets the start vector. Products run on
    ``device``, the basis stays on the processor.
    """
    scale = float(np.sqrt(threshold * values.shape[0]))
    found = yield from _ritz_steps(values, scale, seed, device)
    top = None
    if found is not None:
        count, rows, caveat = found
        top = yield from _refined_steps(values, threshold, count, rows)
    if top is None:
        return (yield from beside_steps(partial(exact_top, values, threshold, device=device), values.size))
    return replace(top, caveat=caveat)


def top_of(values: np.ndarray, threshold: float, seed: int, device: str = "cpu") -> Top:
    """Like :func:`top_steps`, at once."""
    steps = top_steps(values, threshold, seed, device)
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value


def exact_top(values: np.ndarray, threshold: float, count: int | None = None, device: str = "cpu") -> Top:
    """The same from the full Gram matrix in float64; of the ``count`` largest where they are counted already."""
    eigenvalues, right, caveat = top_pairs_of(values, threshold, count, device)
    if not eigenvalues.size:
        largest = eigenvalues_of(values, device)[-1]
        return Top(eigenvalues, np.empty((len(values), 0)), right, float(largest), True, caveat)
    left = values @ right
    left /= np.linalg.norm(left, axis=0)
    return Top(eigenvalues, left, right, float(eigenvalues[0]), True, caveat)


def _ritz_steps(
    values: np.ndarray, scale: float, seed: int, device: str
) -> Generator[None, None, tuple[int, np.ndarray, str] | None]:
    """How many singular values are above ``scale``, and their right vectors as rows; of the largest if none is.

    The third is what the device has to say. ``None`` when in doubt.
    """
    if not scale > 0 or not np.isfinite(scale):
        return None
    unit = _unit(values, scale)
    if max(float(values.max()), -float(values.min())) > _WIDEST * scale:
        return None
    limit, run = scale / unit, _Run.started(product_side(_float32(values, unit), device), values.shape, seed)
    agreeing, before = 0, -1
    while run.size < min(MOST_STEPS, values.shape[1] - 1):
        if not run.advance():
            return None
        if values.size >= _LONG_STEP or run.size % _CHECK == 0:
            yield
        if run.size < 2 * _CHECK or run.size % _CHECK:
            continue
        ritz, residuals, coefficients = run.ritz()
        if ritz[0] > _WIDEST * limit:
            return None
        count = int(np.count_nonzero(ritz > limit))
        agreeing = (agreeing + 1 if count == before or not agreeing else 1) if _settled(ritz, residuals, limit) else 0
        before = count
        if agreeing == _AGREEING:
            rows = coefficients[: max(count, 1)] @ run.basis[: run.size].astype(np.float64)
            return count, rows, run.side.caveat
    return None


def _unit(values: np.ndarray, scale: float) -> float:
    """What the run is measured in: a power of two, which rounds nothing and brings any weights within float32."""
    if values.dtype == np.float32 and _TAME[0] < scale < _TAME[1]:
        return 1.0
    return float(np.exp2(np.round(np.log2(scale))))


def _float32(values: np.ndarray, unit: float) -> np.ndarray:
    return values.astype(np.float32, copy=False) if unit == 1 else (values.astype(np.float64) / unit).astype(np.float32)


def _settled(ritz: np.ndarray, residuals: np.ndarray, limit: float) -> bool:
    count = int(np.count_nonzero(ritz > limit))
    if count == len(ritz):
        return False
    next_value, next_error = ritz[count], residuals[count]
    # Float32 blurs every value by its share of the largest.
    clear = next_value + next_error < limit * (1 - _FLOAT32) - _FLOAT32 * ritz[0] and next_error < _ROUGH * next_value
    if count:
        return bool(clear and (residuals[:count] < _CONVERGED * ritz[:count]).all())
    gap = max(float(ritz[0] - ritz[1]), float(next_error))
    return bool(clear and next_error**2 < _EDGE_ERROR * limit * gap)


@dataclass(slots=True)
class _Run:
    """A growing bidiagonalisation ``W V = U B``, ``WᵀU = V Bᵀ + β v eᵀ``; only the last of ``U`` is kept."""

    side: Side
    basis: np.ndarray
    last: np.ndarray
    alphas: np.ndarray
    betas: np.ndarray
    size: int = 0

    @classmethod
    def started(cls, side: Side, shape: tuple[int, ...], seed: int) -> _Run:
        n_rows, n_cols = shape
        basis = np.empty((min(MOST_STEPS, n_cols) + 1, n_cols), np.float32)
        start = np.random.default_rng([seed, n_cols]).standard_normal(n_cols)
        basis[0] = start / np.linalg.norm(start)
        return cls(side, basis, np.zeros(n_rows, np.float32), np.zeros(len(basis)), np.zeros(len(basis)))

    def advance(self) -> bool:
        """One step; ``False`` when the Krylov space is used up, which hides equal singular values."""
        k = self.size
        image, back = self.side.step(self.basis[k], np.float32(self.betas[k - 1] if k else 0), self.last)
        self.alphas[k] = np.linalg.norm(image)
        if not self.alphas[k] > _FLOAT32 * self.alphas[: k + 1].max():
            return False
        self.last = image / np.float32(self.alphas[k])
        back = (back / self.alphas[k]).astype(np.float32)
        known = self.basis[: k + 1]
        for _ in range(2):
            back -= (known @ back) @ known
        self.betas[k] = np.linalg.norm(back)
        if not self.betas[k] > _FLOAT32 * self.alphas[: k + 1].max():
            return False
        self.basis[k + 1] = back / np.float32(self.betas[k])
        self.size = k + 1
        return True

    def ritz(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Ritz values descending, residuals of their triplets, and right vectors as rows in the basis."""
        k = self.size
        small = np.diag(self.alphas[:k]) + np.diag(self.betas[: k - 1], 1)
        left, ritz, right = np.linalg.svd(small)
        return ritz, self.betas[k - 1] * np.abs(left[-1]), right


def _refined_steps(
    values: np.ndarray, threshold: float, count: int, rows: np.ndarray
) -> Generator[None, None, Top | None]:
    """Rayleigh–Ritz in float64 over the found vectors, each with its measured residual; ``None`` when in doubt."""
    n_rows = values.shape[0]
    right, _ = np.linalg.qr(rows.T)
    images, back = yield from _product_steps(values, right)
    squares, turn = np.linalg.eigh(images.T @ images)
    squares, turn = squares[::-1], turn[:, ::-1]
    right, images, back = right @ turn, images @ turn, back @ turn
    eigenvalues = squares / n_rows
    if not count:
        return None if eigenvalues[0] > threshold * (1 - TOLERANCE) else _top(eigenvalues, images, right, 0)
    residuals = np.linalg.norm(back - right * squares, axis=0) / squares
    if eigenvalues[-1] < threshold * (1 + TOLERANCE) or (residuals > RESIDUAL).any():
        return None
    return _top(eigenvalues, images, right, count)


def _top(eigenvalues: np.ndarray, images: np.ndarray, right: np.ndarray, count: int) -> Top:
    left = images[:, :count] / np.linalg.norm(images[:, :count], axis=0)
    return Top(eigenvalues[:count], left, right[:, :count], float(eigenvalues[0]))


def _product_steps(values: np.ndarray, right: np.ndarray) -> Generator[None, None, tuple[np.ndarray, np.ndarray]]:
    """``W V`` and ``WᵀW V`` in float64, some rows at a time: a float64 copy of all would double the memory."""
    images, back = [], np.zeros_like(right)
    for number, block in enumerate(_blocks(values)):
        if number and number % (_LONG_STEP // _BLOCK) == 0:
            yield
        wide = block.astype(np.float64)
        images.append(wide @ right)
        back += wide.T @ images[-1]
    return np.concatenate(images), back


def _blocks(values: np.ndarray) -> Iterator[np.ndarray]:
    height = max(_BLOCK // values.shape[1], 1)
    for start in range(0, len(values), height):
        yield values[start : start + height]
