"""What a configuration or a live layer says of the layout of packed integers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import nn

from .store import Slot, Store

_CONFIGS = ("config.json", "quantize_config.json")
_BY_NUMBER = {1: "gptq", 2: "gptq_v2"}


def is_packed(slot: Slot) -> bool:
    """Whether this tensor holds packed integers by its name."""
    return slot.name.rpartition(".")[2] == "qweight"


def packed_by_config(store: Store, folder: Path) -> Store:
    """The store with the layout that a configuration in the folder names; a file that is no JSON says nothing."""
    if not any(map(is_packed, store.slots)):
        return store
    found = next((words for name in _CONFIGS if (words := _words_of(_content(folder / name)))), "")
    slots = (replace(slot, packing=found) if is_packed(slot) else slot for slot in store.slots)
    return replace(store, slots=tuple(slots))


def packing_of(line: Iterable[nn.Module]) -> str:
    """The layout that a live layer, or the configuration of a part around it, names; empty for none."""
    for part in line:
        own = getattr(part, "qzero_format", None)
        if callable(own):
            return _BY_NUMBER.get(own(), "")
        quantised = getattr(getattr(part, "config", None), "quantization_config", None)
        if quantised is not None:
            return _words_of(quantised if isinstance(quantised, Mapping) else getattr(quantised, "__dict__", {}))
    return ""


def _content(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _words_of(config: Mapping[str, Any]) -> str:
    inner = config.get("quantization_config")
    config = inner if isinstance(inner, Mapping) else config
    method = config.get("quant_method")
    said = config.get("checkpoint_format") or ("awq" if getattr(method, "value", method) == "awq" else "")
    return str(getattr(said, "value", said)).lower()
