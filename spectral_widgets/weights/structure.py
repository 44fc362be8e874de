"""What a live module knows of a tensor beyond its shape: heads, groups, the scaling of a low-rank pair."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from torch import nn

from .llama2c_network import Llama2c
from .packing import is_packed, packing_of
from .store import Heads, Slot, Store

# Families whose fused projection holds q, k and v of one head after another.
_INTERLEAVED = {"gpt_neox", "bloom", "persimmon"}
# Fused projections whose layout is not the same in all families that use the name.
_AMBIGUOUS = {"query_key_value"}

_N_HEADS = ("num_attention_heads", "n_head", "num_heads")
# Families that store these projections with the inputs first.
_INPUTS_FIRST = {"gpt2", "openai-gpt", "imagegpt", "decision_transformer"}
_TURNED = {"c_attn", "q_attn", "c_proj", "c_fc"}


def described(module: nn.Module, slot: Slot) -> Slot:
    """The slot with what its owner and the parts around it say. Plain slots come back as they are."""
    if len(slot.shape) < 2 or slot.caveat:
        return slot
    line = list(_line(module, slot.name))
    groups, inputs = getattr(line[0], "groups", 1), getattr(line[0], "in_features", None)
    return replace(
        slot,
        heads=next((found for part in line if (found := _heads_of(part, slot.name)) is not None), None),
        n_groups=groups if isinstance(groups, int) and groups > 0 else 1,
        scaling=_scaling_of(line, slot.name) if "lora_A" in slot.name else None,
        n_inputs=inputs if isinstance(inputs, int) else None,
        packing=packing_of(line) if is_packed(slot) else "",
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
    return _heads_by(lambda key: getattr(config, key, None), name)


def _heads_by(value_of: Callable[[str], Any], name: str) -> Heads | None:
    """Heads as a configuration gives them; ``None`` for a fused tensor whose layout its name does not tell."""
    n_queries = next((found for key in _N_HEADS if isinstance(found := value_of(key), int) and found > 0), None)
    if n_queries is None:
        return None
    n_keys = 1 if value_of("multi_query") is True else value_of("num_key_value_heads")
    interleaved = value_of("model_type") in _INTERLEAVED
    if not interleaved and name.removesuffix(".weight").rpartition(".")[2] in _AMBIGUOUS:
        return None
    return Heads(n_queries, n_keys if isinstance(n_keys, int) and n_keys > 0 else n_queries, interleaved)


def with_configuration(store: Store, config: Mapping[str, Any]) -> Store:
    """A store of files with the heads that a configuration beside them names."""
    return replace(store, slots=tuple(_configured(slot, config) for slot in store.slots))


def _configured(slot: Slot, config: Mapping[str, Any]) -> Slot:
    if len(slot.shape) < 2 or slot.caveat:
        return slot
    part = slot.name.removesuffix(".weight").rpartition(".")[2]
    turned = config.get("model_type") in _INPUTS_FIRST and part in _TURNED
    return replace(slot, heads=_heads_by(config.get, slot.name), module_type="Conv1D" if turned else slot.module_type)


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
