"""Records into what one panel of the screen shows: plain JSON, all text ready for display."""

from __future__ import annotations

from typing import Any

from ...charts import theme

Json = dict[str, Any]


def fact(label: str, value: str, help: str = "") -> Json:  # noqa: A002 (the name on the wire)
    """One labelled value, with what it means for who asks."""
    return {"label": label, "value": value, "help": help}


def chart_json(chart: Any, alt: str) -> Json:
    """A chart for the page: spec without values, named datasets, and what it shows in words."""
    spec, datasets = theme.split(chart)
    return {"spec": spec, "datasets": datasets, "alt": alt}
