"""Laws of the entries that several labs draw from, each of unit variance where it has one."""

from __future__ import annotations

import numpy as np

#: Law by name, in words.
ENTRY_LAWS = {
    "normal": "normal",
    "signs": "±1, a coin toss",
    "uniform": "uniform",
    "laplace": "Laplace",
    "student": "Student t",
}


def entries_of(law: str, shape: tuple[int, ...], rng: np.random.Generator, degrees: float = 3.0) -> np.ndarray:
    """Independent entries of mean zero and variance one; Student's t with two ``degrees`` or fewer has no variance."""
    if law == "signs":
        return np.where(rng.random(shape) < 0.5, -1.0, 1.0)
    if law == "uniform":
        return rng.uniform(-np.sqrt(3), np.sqrt(3), shape)
    if law == "laplace":
        return rng.laplace(0.0, np.sqrt(0.5), shape)
    if law == "student":
        scale = np.sqrt((degrees - 2) / degrees) if degrees > 2 else 1.0
        return scale * rng.standard_t(degrees, shape)
    return rng.standard_normal(shape)


def kurtosis_of(law: str, degrees: float = 3.0) -> float:
    """Fourth moment over squared variance; infinite for Student's t with four ``degrees`` or fewer.

    >>> kurtosis_of("normal"), kurtosis_of("student", 10.0), kurtosis_of("student", 3.0)
    (3.0, 4.0, inf)
    """
    if law == "student":
        return 3 + 6 / (degrees - 4) if degrees > 4 else float("inf")
    return {"normal": 3.0, "signs": 1.0, "uniform": 1.8, "laplace": 6.0}[law]


def has_variance(law: str, degrees: float = 3.0) -> bool:
    """Whether the law has a finite variance."""
    return law != "student" or degrees > 2
