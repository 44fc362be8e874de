"""Full decompositions and products in float64 where a matrix lives, and on the processor where that cannot."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import torch

from .device import attempt_gram, attempted, has_eigenvalues, processor_took_over, uploaded
from .precision import full_precision

Result = TypeVar("Result")
#: ``U (n_rows, k)``, the singular values descending, and ``Vᵀ (k, n_cols)``, ``k`` the short side.
SingularTriple = tuple[np.ndarray, np.ndarray, np.ndarray]


class Dense:
    """What decomposes and multiplies on one device, in float64; numpy goes in and comes out.

    Short sides below 512 and devices without float64 leave it to the processor, and so does one without room: then
    ``caveat`` says so in one sentence. Agrees with numpy as ``device.EIGENVALUE_TOLERANCE`` says. Raises
    ``numpy.linalg.LinAlgError`` where a decomposition does not converge.
    """

    def __init__(self, device: str = "cpu") -> None:
        self.device, self.caveat = device, ""

    def svd(self, values: np.ndarray) -> SingularTriple:
        """The thin singular value decomposition."""
        there = self._there(values.shape, lambda: _svd(self._wide(values)))
        if there is not None:
            return there
        left, sizes, right = np.linalg.svd(values.astype(np.float64, copy=False), full_matrices=False)
        return left, sizes, right

    def product(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """``left @ right``."""
        sides = (*left.shape, right.shape[1])
        there = self._there(sides, lambda: (self._wide(left) @ self._wide(right)).cpu().numpy())
        if there is not None:
            return there
        return left.astype(np.float64, copy=False) @ right.astype(np.float64, copy=False)

    def gram_pairs(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
        """Descending eigenvalues of ``WᵀW / n_rows`` and unit vectors as columns, ``None`` for the processor to do."""
        return self._there(values.shape, lambda: _eigenpairs(attempt_gram(values, self.device)))

    def _there(self, sides: tuple[int, ...], work: Callable[[], Result]) -> Result | None:
        if not has_eigenvalues(self.device, min(sides)):
            return None
        try:
            with torch.no_grad(), full_precision(torch.device(self.device).type):
                found = attempted(work)
        except torch.linalg.LinAlgError as error:
            raise np.linalg.LinAlgError(str(error)) from error
        if found is None:
            self.caveat = processor_took_over(self.device, sides[:2])
        return found

    def _wide(self, values: np.ndarray) -> torch.Tensor:
        return uploaded(values, torch.device(self.device)).to(torch.float64)


def _svd(values: torch.Tensor) -> SingularTriple:
    left, sizes, right = (part.cpu().numpy() for part in torch.linalg.svd(values, full_matrices=False))
    return left, sizes, right


def _eigenpairs(gram: torch.Tensor | None) -> tuple[np.ndarray, np.ndarray]:
    if gram is None:
        raise MemoryError
    values, vectors = torch.linalg.eigh(gram)
    return values.flip(0).cpu().numpy(), vectors.flip(1).cpu().numpy()
