"""Weight matching: the hidden units of one chain of layers in the order of another's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from ...records import Complaint
from ...spectra.dense import Dense

#: Orders from which the search begins.
N_STARTS = 2
_GAIN = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """Linear layers one after another: ``weights[i]`` is ``(n_out, n_in)`` and ``n_in`` the ``n_out`` before it.

    ``vectors[i]`` is ``(n_out, m)``: the bias and every other parameter with one number per output unit. Products run
    on the ``device`` of the base.
    """

    weights: tuple[np.ndarray, ...]
    vectors: tuple[np.ndarray, ...]
    device: str = "cpu"


@dataclass(frozen=True, slots=True, eq=False)
class Matching:
    """One order per hidden layer (unit ``i`` was unit ``order[i]``), and whether the last sweep changed nothing.

    ``caveat`` says that a device had no room.
    """

    orders: tuple[np.ndarray, ...]
    n_sweeps: int
    converged: bool
    caveat: str = ""


def match_chains(base: Chain, other: Chain, *, seed: int = 0, max_sweeps: int = 200) -> Matching:
    """Orders of the other's hidden units that bring its parameters closest to the base's.

    Coordinate ascent on ``Σ ⟨W_i, P_i W'_i P_{i−1}ᵀ⟩ + ⟨v_i, P_i v'_i⟩``: one linear sum assignment per hidden layer,
    layers in an order drawn from ``seed``, until a sweep gains nothing. Two starts, the identity and a pass from the
    input on that matches each layer by what comes in (exact for a permuted copy); the better end wins.

    Raises ``Complaint`` when the chains differ in shape. Source: Ainsworth, Hayase and Srinivasa (2023, arXiv
    2209.04836), algorithm 1; it finds a local optimum, the problem being NP-hard from three layers on.
    """
    *_, best = match_chains_steps(base, other, seed=seed, max_sweeps=max_sweeps)
    return best


def match_chains_steps(base: Chain, other: Chain, *, seed: int = 0, max_sweeps: int = 200) -> Iterator[Matching]:
    """The better one of the ends so far after each of the ``N_STARTS`` starts of :func:`match_chains`."""
    _same_shapes(base, other)
    dense = Dense(base.device)
    identity = [np.arange(len(weight)) for weight in other.weights[:-1]]
    best = _ascend(base, other, identity, seed, max_sweeps, dense)
    yield replace(best, caveat=dense.caveat)
    end = _ascend(base, other, _from_input(base, other, dense), seed, max_sweeps, dense)
    if agreement(base, permuted(other, end.orders)) > agreement(base, permuted(other, best.orders)):
        best = end
    yield replace(best, caveat=dense.caveat)


def permuted(chain: Chain, orders: Sequence[np.ndarray]) -> Chain:
    """The chain with its hidden units in these orders; it computes the same function."""
    weights, vectors = [], []
    for position, (weight, vector) in enumerate(zip(chain.weights, chain.vectors, strict=True)):
        rows = orders[position] if position < len(orders) else slice(None)
        columns = orders[position - 1] if position else slice(None)
        weights.append(weight[rows][:, columns])
        vectors.append(vector[rows])
    return Chain(tuple(weights), tuple(vectors), chain.device)


def agreement(base: Chain, other: Chain) -> float:
    """Inner product of all parameters; the squared distance is the two squared norms less twice this."""
    pairs = [*zip(base.weights, other.weights, strict=True), *zip(base.vectors, other.vectors, strict=True)]
    return float(sum((one * two).sum() for one, two in pairs))


def vector_alignment(base: np.ndarray, other: np.ndarray, gamma: float = 0.0, dense: Dense | None = None) -> float:
    """How far the singular vectors of two matrices agree: a cosine in [−1, 1], 1 for equal matrices.

    ``R = Σ_ij (u_i·u'_j)(v_i·v'_j) / √(n n')`` over the ``n`` and ``n'`` components whose singular value is at least
    ``gamma`` times the largest and not numerically zero: the inner product of the two matrices with all those
    singular values set to one. ``nan`` for a zero matrix. ``dense`` decomposes them, on the processor for ``None``.

    Source: Ito, Yamada and Kumagai (2024, arXiv 2402.04051) for the double sum; the division by ``√(n n')``, which
    makes equal matrices give 1, is ours.
    """
    dense = dense or Dense()
    left, right = _leading(base, gamma, dense)
    other_left, other_right = _leading(other, gamma, dense)
    if not (scale := np.sqrt(left.shape[1] * other_left.shape[1])):
        return float("nan")
    return float((dense.product(left.T, other_left) * dense.product(right, other_right.T)).sum() / scale)


def _leading(matrix: np.ndarray, gamma: float, dense: Dense) -> tuple[np.ndarray, np.ndarray]:
    left, values, right = dense.svd(matrix)
    zero = values[0] * max(matrix.shape) * np.finfo(np.float64).eps
    kept = (values > zero) & (values >= gamma * values[0])
    return left[:, kept], right[kept]


def _ascend(base: Chain, other: Chain, start: list[np.ndarray], seed: int, max_sweeps: int, dense: Dense) -> Matching:
    orders, rng = list(start), np.random.default_rng(seed)
    for sweep in range(1, max_sweeps + 1):
        changed = False
        for position in rng.permutation(len(orders)).tolist():
            profit = _profit(base, other, orders, position, dense)
            best = linear_sum_assignment(profit, maximize=True)[1]
            rows = np.arange(len(best))
            gain = profit[rows, best].sum() - profit[rows, orders[position]].sum()
            if gain > _GAIN * np.abs(profit).sum():
                orders[position], changed = best, True
        if not changed:
            return Matching(tuple(orders), sweep, True)
    return Matching(tuple(orders), max_sweeps, False)


def _profit(base: Chain, other: Chain, orders: Sequence[np.ndarray], position: int, dense: Dense) -> np.ndarray:
    """``(n, n)``: what it adds to the agreement to put the other's unit ``j`` in place of the base's unit ``i``."""
    coming_in = _incoming(base, other, orders, position, dense)
    after = other.weights[position + 1]
    if position + 1 < len(orders):
        after = after[orders[position + 1]]
    return coming_in + dense.product(base.weights[position + 1].T, after)


def _incoming(base: Chain, other: Chain, orders: Sequence[np.ndarray], position: int, dense: Dense) -> np.ndarray:
    weight = other.weights[position]
    if position:
        weight = weight[:, orders[position - 1]]
    return dense.product(base.weights[position], weight.T) + base.vectors[position] @ other.vectors[position].T


def _from_input(base: Chain, other: Chain, dense: Dense) -> list[np.ndarray]:
    orders: list[np.ndarray] = []
    for position in range(len(other.weights) - 1):
        profit = _incoming(base, other, orders, position, dense)
        orders.append(linear_sum_assignment(profit, maximize=True)[1])
    return orders


def _same_shapes(base: Chain, other: Chain) -> None:
    shapes = [[weight.shape for weight in chain.weights] for chain in (base, other)]
    widths = [[vector.shape for vector in chain.vectors] for chain in (base, other)]
    if shapes[0] != shapes[1] or widths[0] != widths[1]:
        raise Complaint(f"The two nets have layers of shapes {shapes[0]} and {shapes[1]}; align nets of equal shape.")
