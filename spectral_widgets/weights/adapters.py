"""Low-rank adapters: which stored pairs A, B stand for an update ``B A`` of which layer, and at what scale."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..records import Complaint
from .store import Slot, Store

CONFIG = "adapter_config.json"
# Prefixes and levels that wrappers put around the names of the model inside.
_WRAPPERS = ("base_model.model.", "_orig_mod.", "module.")
_LEVELS = re.compile(r"\.(base_layer|modules_to_save\.[^.]+)(?=\.|$)")
_LOW_RANK = re.compile(r"(?P<owner>.+)\.lora_A(?P<adapter>\.(?!weight$)[^.]+)?(\.weight)?")


@dataclass(frozen=True, slots=True)
class LowRankPair:
    """Two stored tensors ``A (r, n_in)`` and ``B (n_out, r)`` whose product changes the layer ``owner``.

    ``name`` is what the product is called as a layer; ``scaling`` is ``None`` where nothing says it. ``caveat`` tells
    what else the adapter does to the layer.
    """

    name: str
    owner: str
    adapter: str
    name_a: str
    name_b: str
    shape: tuple[int, int]
    scaling: float | None
    caveat: str = ""


def plain_name(name: str) -> str:
    """The name without what adapters, compilers and parallel wrappers put around it.

    >>> plain_name("base_model.model.h.0.q_proj.base_layer.weight")
    'h.0.q_proj.weight'
    """
    while name.startswith(_WRAPPERS):
        name = next(name.removeprefix(start) for start in _WRAPPERS if name.startswith(start))
    return _LEVELS.sub("", name)


def low_rank_pairs(slots: Mapping[str, Slot]) -> Iterator[LowRankPair]:
    """Every pair ``lora_A``, ``lora_B`` of fitting shapes, in stored order."""
    for slot in slots.values():
        found = _LOW_RANK.fullmatch(slot.name)
        name_b = slot.name.replace(".lora_A", ".lora_B")
        if not found or name_b not in slots or not _fit(slots[name_b].shape, slot.shape):
            continue
        owner, adapter = found["owner"], (found["adapter"] or "").removeprefix(".")
        suffix = "" if adapter in ("", "default") else f".{adapter}"
        yield LowRankPair(
            name=f"{owner}.lora{suffix}",
            owner=owner,
            adapter=adapter,
            name_a=slot.name,
            name_b=name_b,
            shape=(slots[name_b].shape[0], slot.shape[1]),
            scaling=slot.scaling,
            caveat=_caveat_of(owner, slots),
        )


def _fit(left: tuple[int, ...], right: tuple[int, ...]) -> bool:
    return len(left) == len(right) == 2 and left[1] == right[0]


def _caveat_of(owner: str, slots: Mapping[str, Slot]) -> str:
    if any(name.startswith((f"{owner}.lora_magnitude_vector", f"{owner}.lora_E")) for name in slots):
        return "The adapter also rescales this layer (DoRA or AdaLoRA); only its low-rank product is compared."
    return ""


def scaled_by_config(store: Store, folder: Path) -> Store:
    """The store with the scaling of its low-rank pairs, where an ``adapter_config.json`` lies in the folder.

    ``alpha / r``, or ``alpha / √r`` for rank-stabilised adapters, with alpha by pattern where the file has patterns.
    Raises ``Complaint`` for a file that cannot be read.
    """
    path = folder / CONFIG
    if not path.is_file() or not any(".lora_A" in slot.name for slot in store.slots):
        return store
    try:
        config: Any = json.loads(path.read_text(encoding="utf-8"))
        return replace(store, slots=tuple(_scaled(slot, config) for slot in store.slots))
    except (ValueError, TypeError, AttributeError) as error:
        raise Complaint(f"{path} is no readable adapter configuration; repair it or move it away.") from error


def _scaled(slot: Slot, config: Mapping[str, Any]) -> Slot:
    found = _LOW_RANK.fullmatch(slot.name)
    if not found or slot.scaling is not None or len(slot.shape) != 2 or not slot.shape[0]:
        return slot
    alpha = _by_pattern(found["owner"], config.get("alpha_pattern") or {}, config.get("lora_alpha"))
    if alpha is None:
        return slot
    rank = slot.shape[0]
    return replace(slot, scaling=float(alpha) / (rank**0.5 if config.get("use_rslora") else rank))


def _by_pattern(owner: str, patterns: Mapping[str, Any], default: Any) -> Any:
    """The first pattern that ends the dotted name, as the common library reads them."""
    name = plain_name(owner)
    return next((value for key, value in patterns.items() if re.match(rf"(.*\.)?({key})$", name)), default)
