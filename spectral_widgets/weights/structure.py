"""What a live module knows of a tensor beyond its shape: heads, groups, the scaling of a low-rank pair."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from torch import nn

from .llama2c_network import Llama2c
from .store import Heads, Slot

# Families whose fused projection holds q, k and v of one head after another.
_INTERLEAVED = {"gpt_neox", "bloom", "persimmon"}
# Fused projections whose layout is not the same in all families that use the name.
_AMBIGUOUS = {"query_key_value"}


def described(module: nn.Module, slot: Slot) -> Slot:
    """The slot with what its owner and the parts around it say. Plain slots come back as they are."""
    if len(slot.shape) < 2 or slot.caveat:
        return slot
    line = list(_line(module, slot.name))
    groups = getattr(line[0], "groups", 1)
    return replace(
        slot,
        heads=next((found for part in line if (found := _heads_of(part, slot.name)) is not None), None),
        n_groups=groups if isinstance(groups, int) and groups > 0 else 1,
        scaling=_scaling_of(line, slot.name) if "lora_A" in slot.name else None,
    )


def _line(module: nn.Module, name: str) -> Iterator[nn.Module]:
    """The owner of a tensor, then every part around it, out to the module itself."""
    parts = name.split(".")[:-1]
    for stop in range(len(parts), -1, -1):
        yield module.get_submodule(".".join(parts[:stop]))


def _heads_of(part: nn.Module, name: str) -> Heads | None:
    if isinstance(part, nn.MultiheadAttention):
        return Heads(part.num_heads, part.num_heads)
    if isinstance(part, Llama2c):
        return Heads(part.sizes.n_heads, part.sizes.n_kv_heads)
    config: Any = getattr(part, "config", None)
    n_queries = getattr(config, "num_attention_heads", None)
    if not isinstance(n_queries, int) or n_queries < 1:
        return None
    n_keys = getattr(config, "num_key_value_heads", None)
    interleaved = getattr(config, "model_type", "") in _INTERLEAVED
    if not interleaved and name.removesuffix(".weight").rpartition(".")[2] in _AMBIGUOUS:
        return None
    return Heads(n_queries, n_keys if isinstance(n_keys, int) and n_keys > 0 else n_queries, interleaved)


def _scaling_of(line: list[nn.Module], name: str) -> float | None:
    """Scaling of the adapter that ``name`` belongs to, from the part that holds the pair."""
    adapter = name.split(".lora_A", 1)[1].removesuffix(".weight").removeprefix(".")
    for part in line:
        scaling = getattr(part, "scaling", None)
        if isinstance(scaling, Mapping):
            scaling = scaling.get(adapter)
        if isinstance(scaling, int | float):
            return float(scaling)
    return None
