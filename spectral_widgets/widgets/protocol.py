"""What page and kernel say to each other; ``js/src/protocol.js`` says the same and a test holds the two equal."""

from __future__ import annotations

from typing import Final

VERSION: Final = 1
ACTIONS: Final = (
    "hello",
    "set",
    "cancel",
    "measure",
    "reshuffle",
    "ablate",
    "ask",
    "pin",
    "note",
    "unpin",
    "export",
    "recipe",
    "freeze",
)
EVENTS: Final = ("answer", "panel", "rows", "progress", "finished", "notice", "drawn")
JOBS: Final = ("layers", "scan", "ablate", "study")
PANELS: Final = ("layers", "metrics", "spectrum", "trap", "study", "ablate", "findings")
STATE_KEYS: Final = (
    "layer",
    "selected",
    "sort",
    "filter",
    "x_scale",
    "y_scale",
    "bins",
    "seed",
    "n_shuffles",
    "level",
    "engine",
    "shuffle",
    "trap",
    "edit",
    "n_probes",
    "n_controls",
    "probe_seed",
    "controls",
    "probe_kind",
    "temperature",
    "stop",
    "smallest_effect",
    "columns",
    "bands",
    "chart_x",
    "chart_y",
    "chart_log",
    "view",
    "exact",
    "study",
    "study_settings",
)


def message(kind: str, **fields: object) -> dict[str, object]:
    """A message to the page, with the protocol's version."""
    return {"v": VERSION, "kind": kind, **fields}
