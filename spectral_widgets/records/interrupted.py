"""Long work that was stopped: an interrupt that brings along what was found."""

from __future__ import annotations

from typing import Any


class Interrupted(KeyboardInterrupt):
    """Raised where a ``KeyboardInterrupt`` would have lost results: ``partial`` is what was found until then.

    It ends a cell or a script like any interrupt; in a notebook ``sys.last_value.partial`` has the results then.
    """

    def __init__(self, words: str, partial: Any) -> None:
        super().__init__(words)
        self.partial = partial
