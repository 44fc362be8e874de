"""How far a job is and how long it may still take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """Work done out of ``total``, in any unit; ``remaining_s`` is ``None`` while nothing can be said."""

    done: float
    total: float
    elapsed_s: float
    remaining_s: float | None

    @property
    def share(self) -> float:
        """Part that is done, in [0, 1]; an empty job is complete."""
        return self.done / self.total if self.total else 1.0


def progress_of(done: float, total: float, elapsed_s: float) -> Progress:
    """Assume that the steps to come take as long as those done: ``elapsed · (total − done) / done``.

    >>> progress_of(2, 6, 3.0).remaining_s
    6.0

    Raises ValueError unless ``0 <= done <= total`` and ``elapsed_s >= 0``.
    """
    if not 0 <= done <= total or not elapsed_s >= 0:
        given = f"{done}, {total}, {elapsed_s}"
        raise ValueError(f"progress needs 0 <= done <= total and elapsed_s >= 0, got {given}")
    if done == total:
        return Progress(done, total, elapsed_s, 0.0)
    return Progress(done, total, elapsed_s, elapsed_s * (total - done) / done if done else None)
