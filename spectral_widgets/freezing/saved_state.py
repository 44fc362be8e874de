"""What a notebook keeps of its widgets, ``metadata.widgets``: only what a view that is left still needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
_REFERENCE = "IPY_MODEL_"


def state_for(widgets: Any, views: list[Any]) -> dict[str, Any] | None:
    """``metadata.widgets`` for these views and the models that they refer to; ``None`` when they need nothing of it.

    It always has the ``state`` key: without it GitHub and nbconvert show no notebook at all. Colab writes the
    models without that key around them; they are put inside it.
    """
    kept = widgets.get(STATE) if isinstance(widgets, dict) else None
    if not isinstance(kept, dict):
        return None
    models = kept["state"] if isinstance(kept.get("state"), dict) else _loose_models(kept)
    needed = _reachable(models, [view.get("model_id") for view in views if isinstance(view, dict)])
    if not needed:
        return None
    state = {"version_major": 2, "version_minor": 0, **_versions(kept)}
    return {**widgets, STATE: {**state, "state": {key: model for key, model in models.items() if key in needed}}}


def _loose_models(kept: dict[str, Any]) -> dict[str, Any]:
    return {key: model for key, model in kept.items() if isinstance(model, dict) and "model_name" in model}


def _versions(kept: dict[str, Any]) -> dict[str, Any]:
    return {key: kept[key] for key in ("version_major", "version_minor") if key in kept}


def _reachable(models: dict[str, Any], roots: list[Any]) -> set[str]:
    found: set[str] = set()
    waiting = [root for root in roots if root in models]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += [other for other in _references(models[one]) if other in models]
    return found


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value.startswith(_REFERENCE):
        yield value.removeprefix(_REFERENCE)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)
