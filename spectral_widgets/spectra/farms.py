"""Fixed-aspect-ratio matrix subsampling: the Hill exponent without the bias of the matrix's shape."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np

from ..records import Complaint, FarmsFit, HillFit, WeightMatrix
from ..rmt.hill import hill_estimate, mp_hill_alpha
from .decompose import spectrum_of, spectrum_of_values
from .hill import fit_hill, noise_sentence
from .tails import MIN_TAIL, positive_values

Placement = Literal["grid", "step", "random"]
#: Rows of a window in the paper's main runs; less where the matrix is smaller.
MOST_ROWS = 2000
_CONV_FACTOR = 0.5
Block = Sequence[tuple[int, int, np.ndarray]]


def farms_steps(
    matrix: WeightMatrix,
    rows: int | None = None,
    aspect: float = 1.0,
    windows: int = 10,
    *,
    placement: Placement = "grid",
    step: int = 10,
    seed: int = 0,
    full: HillFit | None = None,
) -> Iterator[FarmsFit]:
    """Hill exponent of the pooled eigenvalues of submatrices of one shape, one submatrix a step.

    A window has ``rows`` rows and ``⌊rows · aspect⌋`` columns of the tensor's own view; by default 2000 rows or as
    many as fit. ``"grid"`` puts ``windows`` of them along each axis, ``⌊(side − window) / (windows − 1)⌋`` apart (as
    many as there are different places); ``"step"`` as many as fit at every ``step`` rows and columns; ``"random"``
    puts ``windows²`` anywhere, from ``seed``. Squared singular values of all windows are pooled and one exponent is
    fitted to their upper half. Scale-free. ``full`` is the Hill fit of the whole matrix when it is known already.

    A convolution with a kernel of two axes is cut as the authors do it: one matrix a kernel offset, long side down;
    rows in blocks of the ``aspect`` as wide as its short side, as many as the short side fits into the long one;
    eigenvalues, halved, are pooled over the offsets, and the exponents of the blocks averaged. Rows, windows and
    placement are then given by the shape.

    Raises ``Complaint`` for a window larger than the matrix, where the authors' code goes on with a wrong slice.
    Source: Hu et al. (2025), FARMS, arXiv 2506.06280. Its code measures a rotated or reordered matrix differently:
    neighbouring rows share a window.
    """
    blocks, how = _cut(_tensor_of(matrix), rows, aspect, windows, placement, step, seed)
    return _steps(blocks, how, full or fit_hill(spectrum_of(matrix)), matrix.device)


def n_windows(
    matrix: WeightMatrix,
    rows: int | None = None,
    aspect: float = 1.0,
    windows: int = 10,
    *,
    placement: Placement = "grid",
    step: int = 10,
    seed: int = 0,
) -> int:
    """How many steps :func:`farms_steps` takes. Raises the same."""
    return sum(map(len, _cut(_tensor_of(matrix), rows, aspect, windows, placement, step, seed)[0]))


def _cut(
    tensor: np.ndarray, rows: int | None, aspect: float, windows: int, placement: Placement, step: int, seed: int
) -> tuple[list[Block], str]:
    """The submatrices, as views, and how they were chosen."""
    if tensor.ndim == 4:
        return _kernel_blocks(tensor, aspect), "blocks of the convolution's kernel slices"
    starts, window = _windows(tensor.shape, rows, aspect, windows, placement, step, seed)
    block = [(row, column, tensor[row : row + window[0], column : column + window[1]]) for row, column in starts]
    return [block], f"{placement} of windows"


def _tensor_of(matrix: WeightMatrix) -> np.ndarray:
    """The tensor of a convolution over two axes, or the matrix as the tensor's own view has it."""
    if len(matrix.unfolding.block_shape) == 4:
        tensor = matrix.unfolding.fold(matrix.values)
        if min(tensor.shape[:2]) > 1:
            return tensor
    return matrix.values.T if matrix.unfolding.transposed else matrix.values


def _windows(
    shape: tuple[int, ...], rows: int | None, aspect: float, windows: int, placement: Placement, step: int, seed: int
) -> tuple[list[tuple[int, int]], tuple[int, int]]:
    """First row and column of every window, and the shape that they share."""
    if not aspect > 0 or windows < 1 or step < 1:
        raise Complaint(f"Give an aspect above 0, windows and step of at least 1; got {aspect}, {windows}, {step}.")
    if rows is None:
        rows = min(MOST_ROWS, shape[0], int(shape[1] / aspect))
    window = (rows, int(rows * aspect))
    if min(window) < 2 or window[0] > shape[0] or window[1] > shape[1]:
        raise Complaint(
            f"A window of {window[0]} × {window[1]} does not fit into {shape[0]} × {shape[1]} with two rows and "
            "columns at least: choose other rows, or leave them out."
        )
    room = (shape[0] - window[0], shape[1] - window[1])
    if placement == "random":
        rng = np.random.default_rng(seed)
        drawn = zip(*(rng.integers(0, side + 1, windows**2).tolist() for side in room), strict=True)
        return list(drawn), window
    if placement not in ("grid", "step"):
        raise Complaint(f"There is no placement {placement!r}: choose 'grid', 'step' or 'random'.")
    places = [_places(side, windows, step if placement == "step" else None) for side in room]
    return [(row, column) for row in places[0] for column in places[1]], window


def _places(room: int, windows: int, step: int | None) -> list[int]:
    """Starts along one axis with this much room to move."""
    if step is not None:
        return list(range(0, room + 1, step))
    if windows == 1:
        return [0]
    stride = max(1, room // (windows - 1))
    return list(range(0, room + 1, stride))[:windows]


def _kernel_blocks(tensor: np.ndarray, aspect: float) -> list[Block]:
    """For every block of rows its windows, one an offset of the kernel."""
    slices = tensor.transpose(2, 3, 0, 1).reshape(-1, *tensor.shape[:2])
    if slices.shape[1] < slices.shape[2]:
        slices = slices.transpose(0, 2, 1)
    n_rows, n_cols = slices.shape[1:]
    rows, columns = (int(n_cols / aspect), n_cols) if aspect > 1 else (n_cols, int(n_cols * aspect))
    if min(rows, columns) < 2:
        raise Complaint(f"Kernel slices of {n_rows} × {n_cols} are too small for blocks of aspect {aspect:g}.")
    starts = [block * rows for block in range(n_rows // n_cols)]
    factor = np.sqrt(_CONV_FACTOR)
    return [[(start, 0, factor * one[start : start + rows, :columns]) for one in slices] for start in starts]


def _steps(blocks: Sequence[Block], how: str, full: HillFit, device: str) -> Iterator[FarmsFit]:
    starts: list[tuple[int, int]] = []
    window_alphas: list[float] = []
    pools: list[list[np.ndarray]] = []
    caveat = ""
    for block in blocks:
        pools.append([])
        for row, column, values in block:
            spectrum = spectrum_of_values(values if values.shape[0] >= values.shape[1] else values.T, device)
            pools[-1].append(spectrum.eigenvalues)
            starts.append((row, column))
            window_alphas.append(_hill(spectrum.eigenvalues))
            caveat = caveat or spectrum.caveat
            yield _result(pools, values.shape, tuple(starts), tuple(window_alphas), how, full, caveat)


def _result(
    pools: Sequence[Sequence[np.ndarray]],
    window: tuple[int, int],
    starts: tuple[tuple[int, int], ...],
    window_alphas: tuple[float, ...],
    how: str,
    full: HillFit,
    caveat: str,
) -> FarmsFit:
    pooled = [np.sort(np.concatenate(pool)) for pool in pools]
    noise = mp_hill_alpha(min(window) / max(window))
    return FarmsFit(
        alpha=float(np.mean([_hill(pool) for pool in pooled])),
        window=window,
        starts=starts,
        window_alphas=window_alphas,
        eigenvalues=np.sort(np.concatenate(pooled)),
        how=how,
        noise_alpha=noise,
        full=full,
        caveat=" ".join(filter(None, [_caveat(pooled, noise, full.like_noise), caveat])),
    )


def _hill(eigenvalues: np.ndarray) -> float:
    """Exponent of the upper half; ``nan`` where all is zero or equal."""
    values = positive_values(eigenvalues)
    top = np.log(values[len(values) // 2 :])
    return hill_estimate(top) if len(top) > 1 and top[-1] > top[0] + 1e-10 else float("nan")


def _caveat(pooled: Sequence[np.ndarray], noise_alpha: float, like_noise: bool) -> str:
    smallest = min(len(positive_values(pool)) // 2 for pool in pooled)
    n_zero = sum(len(pool) - len(positive_values(pool)) for pool in pooled)
    doubts = {
        f"Only {smallest} pooled eigenvalues enter an exponent, so it is uncertain.": smallest < MIN_TAIL,
        f"{n_zero} eigenvalues of the windows are zero and were left out.": n_zero > 0,
        noise_sentence(noise_alpha).replace("this shape", "the windows' shape"): like_noise,
    }
    return " ".join(sentence for sentence, applies in doubts.items() if applies)
