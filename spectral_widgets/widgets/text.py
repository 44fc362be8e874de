"""Numbers as people read them, for everything on the screen; the labs say theirs in the same way."""

from __future__ import annotations

from ..records.text import counts, moment, number, p_value, percent, places, plural, relation, signed

__all__ = ["counts", "moment", "number", "p_value", "percent", "places", "plural", "relation", "signed"]
