"""How far a job is and how long it may still take."""

from __future__ import annotations

from dataclasses import dataclass

_ROUNDING = 1e-9


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


def progress_of(done: float, total: float, elapsed_s: float, since_s: float = 0.0) -> Progress:
    """Assume that the steps to come take as long as those done: ``elapsed · (total − done) / done``.

    ``since_s`` of ``elapsed_s`` went by after the last step that was done; they are taken off the rest. Nothing can
    be said any more once they have used it up.

    >>> progress_of(2, 6, 3.0).remaining_s, progress_of(2, 6, 4.0, since_s=1.0).remaining_s
    (6.0, 5.0)

    Raises ValueError unless ``0 <= done <= total`` and ``0 <= since_s <= elapsed_s``.
    """
    if not 0 <= done <= total or not 0 <= since_s <= elapsed_s:
        given = f"{done}, {total}, {elapsed_s}, {since_s}"
        raise ValueError(f"progress needs 0 <= done <= total and 0 <= since_s <= elapsed_s, got {given}")
    if done == total:
        return Progress(done, total, elapsed_s, 0.0)
    if not done:
        return Progress(done, total, elapsed_s, None)
    left = (elapsed_s - since_s) * (total - done) / done - since_s
    # At the very moment when the rest is used up, rounding may leave a little less than nothing.
    return Progress(done, total, elapsed_s, max(left, 0.0) if left >= -_ROUNDING * elapsed_s else None)
