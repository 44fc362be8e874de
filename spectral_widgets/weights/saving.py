"""Writing all tensors of a store to one safetensors file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from .store import Store


def metadata_of(path: Path) -> dict[str, str]:
    """The metadata of a safetensors file; empty for one without, and for a file of another kind."""
    try:
        with safe_open(path, "pt") as file:
            return dict(file.metadata() or {})
    except (OSError, SafetensorError):
        return {}


def save_tensors(store: Store, path: Path, metadata: Mapping[str, str]) -> None:
    """Every stored tensor under its name; tied names go once, under their carrier's, and are listed as ``tied``."""
    tensors = {slot.name: store.read(slot.name).cpu().contiguous() for slot in store.slots}
    tied = json.dumps(store.tied, ensure_ascii=False)
    save_file(tensors, path, metadata={"format": "pt", "tied": tied, **metadata})
