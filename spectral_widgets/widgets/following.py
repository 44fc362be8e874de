"""Which panels show which choices, so that a change draws no more than it moves."""

from __future__ import annotations

from collections.abc import Collection

_OF_LAYER = ("metrics", "spectrum", "trap", "study", "ablate")
_OF_TABLE = ("layers", "metrics")
#: Choices with few panels; the page sorts and filters by itself. All others move what stands on the chosen layer.
_FEW: tuple[tuple[frozenset[str], tuple[str, ...]], ...] = (
    (frozenset({"study", "study_settings"}), ("study",)),
    (frozenset({"sort", "filter"}), ()),
    (frozenset({"columns", "bands", "chart_x", "chart_y", "chart_log"}), _OF_TABLE),
    (frozenset({"bins", "x_scale", "y_scale"}), ("spectrum",)),
)


def panels_after(changed: Collection[str]) -> tuple[str, ...]:
    """The panels to draw after these choices were changed.

    >>> panels_after({"study_settings"}), panels_after({"columns"})
    (('study',), ('layers', 'metrics'))
    """
    for keys, panels in _FEW:
        if keys.issuperset(changed):
            return panels
    return _OF_LAYER if _FEW[2][0].isdisjoint(changed) else ("layers", *_OF_LAYER)
