"""Attention heads of a model: where their query, key, value and output weights lie, and their products."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch

from ..records import AttentionHead, Complaint, FactoredMatrix, LayerRef, Product
from .cuts import Block, head_blocks
from .kinds import depth_of, kind_of, parts_of
from .model import Model
from .store import Heads, Slot, Store, part_of

_PARTS = {"attn_q": "query", "attn_k": "key", "attn_v": "value", "attn_out": "output", "attn_qkv": "fused"}
_LETTERS = {"query": "q", "key": "k", "value": "v"}
# Norms that stand before the attention of their block wherever the name is used.
_PRE_NORMS = ("input_layernorm.weight", "ln_1.weight", "attention_norm", "layernorm_before.weight")
_CROSS = ("cross", "encdec", "encoder_attn", "multihead_attn", "encoder_decoder")
_HOW = "open a live module with a config, with nn.MultiheadAttention, or give n_heads"

_Place = tuple[Slot, Block]


@dataclass(frozen=True, slots=True, eq=False)
class AttentionPart:
    """One attention layer; ``places`` are the blocks of its query, key, value and output weights, head by head."""

    name: str
    stack: str
    depth: int | None
    heads: Heads
    places: dict[str, list[_Place]] = field(repr=False)
    norm: Slot | None
    store: Store = field(repr=False)

    @property
    def is_cross(self) -> bool:
        """Whether keys and values read another stack than queries."""
        return any(word in self.name.lower() for word in _CROSS)

    def head(self, index: int, *, fold_norms: bool = True) -> AttentionHead:
        """One head, read now; with ``fold_norms`` the gains of the norm before it are multiplied into what reads.

        Queries share keys and values in consecutive groups where there are fewer of those.
        """
        shared = index // (self.heads.n_queries // self.heads.n_keys)
        wanted = {"query": index, "key": shared, "value": shared, "output": index}
        values = {role: _read(self.store, self.places[role][k]) for role, k in wanted.items()}
        norm = self.norm if fold_norms else None
        if norm is not None:
            gains = _gains(self.store, norm)
            values |= {role: values[role] * gains for role in _LETTERS}
        values["output"] = values["output"].T
        folded = norm.name if norm is not None else ""
        return AttentionHead(self.name, self.stack, self.depth, index, **values, folded=folded)


@dataclass(frozen=True, slots=True, eq=False)
class HeadProduct:
    """A handle on one head's OV or QK product, not read yet; :func:`spectral_widgets.measure` takes it like a layer."""

    ref: LayerRef
    make: Callable[[], FactoredMatrix] = field(repr=False)

    @property
    def name(self) -> str:
        return self.ref.name

    def read(self) -> FactoredMatrix:
        """The two factors. Raises Complaint where a weight cannot be read."""
        return self.make()


def attention_parts(model: Model, n_heads: int | None = None) -> list[AttentionPart]:
    """Every attention layer with its heads, in stored order.

    ``n_heads`` says how many query heads there are where the weights do not (files without a network). Raises
    Complaint where there is no attention, no number of heads, or one that does not fit.
    """
    slots = [_with_layout(slot) for slot in model._weights.slots if _role(slot)]
    seeds = [slot for slot in slots if _role(slot) in ("query", "fused")]
    if not seeds:
        raise Complaint(f"{model.name} has no attention layer that is known by its names.")
    return [_part(model, seed, slots, n_heads) for seed in seeds]


def head_products(part: AttentionPart, products: Sequence[Product], *, fold_norms: bool) -> Iterator[HeadProduct]:
    """Handles on the products of every head of one layer."""
    for index in range(part.heads.n_queries):
        for product in products:
            yield _handle(part, index, product, fold_norms)


def product_of(head: AttentionHead, product: Product, ref: LayerRef) -> FactoredMatrix:
    """``O V`` or ``Qᵀ K`` of a head, as its factors."""
    if product == "ov":
        return FactoredMatrix(ref, head.output, head.value)
    return FactoredMatrix(ref, head.query.T, head.key)


def _handle(part: AttentionPart, index: int, product: Product, fold_norms: bool) -> HeadProduct:
    roles = ("output", "value") if product == "ov" else ("query", "key")
    (left, left_block), (right, right_block) = (part.places[role][0] for role in roles)
    sides = [_sides(left, left_block), _sides(right, right_block)]
    width = tuple(wide for _, wide in sides)
    ref = LayerRef(
        name=f"{part.name}[head {index}, {product.upper()}]",
        kind=product,
        depth=part.depth,
        shape=width,
        n_rows=max(width),
        n_cols=min(*width, *(narrow for narrow, _ in sides)),
        dtype=left.dtype,
        caveat=left.caveat or right.caveat,
        cut=f"head {index}, product of two factors",
    )
    return HeadProduct(ref, lambda: product_of(part.head(index, fold_norms=fold_norms), product, ref))


def _role(slot: Slot) -> str:
    if len(slot.shape) != 2 or slot.left_out:
        return ""
    return _PARTS.get(kind_of(slot.name, n_axes=2, module_type=slot.module_type), "")


def _with_layout(slot: Slot) -> Slot:
    """GPT-2 keeps outputs along the second axis; a file shows it only by the shape of the fused projection."""
    is_conv1d = parts_of(slot.name)[-1] == "c_attn" and slot.shape[1] == 3 * slot.shape[0]
    return replace(slot, module_type="Conv1D") if is_conv1d and not slot.module_type else slot


def _part(model: Model, seed: Slot, slots: Sequence[Slot], n_heads: int | None) -> AttentionPart:
    found = {role: _nearest(seed, role, slots) for role in ("key", "value", "output")}
    if _role(seed) == "fused":
        found = {"query": seed, "key": seed, "value": seed, "output": found["output"]}
    else:
        found = {"query": seed, **found}
    if _outputs_second(seed):
        found["output"] = replace(found["output"], module_type="Conv1D")
    heads = _heads(seed, found["key"], n_heads)
    name = _common([slot.name for slot in found.values()]) or seed.name
    places = {role: _places(replace(slot, heads=heads), role) for role, slot in found.items()}
    depth = depth_of(seed.name)
    before = seed.name.split(f".{depth}.")[0] if depth is not None else ""
    norm = next((one for one in model._weights.slots if one.name in _norm_names(seed.name)), None)
    return AttentionPart(name, before, depth, heads, places, norm, model._weights)


def _outputs_second(slot: Slot) -> bool:
    return slot.module_type == "Conv1D"


def _nearest(seed: Slot, role: str, slots: Sequence[Slot]) -> Slot:
    """The slot of this role whose name shares most with the seed's, within its block."""
    shared = {slot.name: len(_common([seed.name, slot.name]).split(".")) for slot in slots if _role(slot) == role}
    same_block = [slot for slot in slots if slot.name in shared and depth_of(slot.name) == depth_of(seed.name)]
    if not same_block and _role(seed) == "fused" and role != "output":
        return seed
    if not same_block:
        raise Complaint(f"There is no {role} weight beside {seed.name!r}, so its heads cannot be put together.")
    return max(same_block, key=lambda slot: shared[slot.name])


def _common(names: Sequence[str]) -> str:
    """The dotted beginning that all names share."""
    parts = list(zip(*(name.split(".")[:-1] for name in names), strict=False))
    kept = next((k for k, one in enumerate(parts) if len(set(one)) > 1), len(parts))
    return ".".join(one[0] for one in parts[:kept])


def _norm_names(name: str) -> set[str]:
    depth = depth_of(name)
    start = f"{name.split(f'.{depth}.')[0]}.{depth}." if depth is not None and f".{depth}." in name else ""
    return {start + norm for norm in _PRE_NORMS} if start else set()


def _heads(seed: Slot, key: Slot, n_heads: int | None) -> Heads:
    if n_heads is None and seed.heads is None:
        raise Complaint(f"How many heads {seed.name!r} has is not known: {_HOW}.")
    if n_heads is None:
        assert seed.heads is not None
        return seed.heads
    axis = 1 if _outputs_second(seed) else 0
    n_outputs = seed.shape[axis] // (3 if _role(seed) == "fused" else 1)
    if n_heads < 1 or n_outputs % n_heads:
        raise Complaint(f"{n_heads} heads do not divide the {n_outputs} outputs of {seed.name!r}.")
    n_keys = n_heads if _role(seed) == "fused" else key.shape[axis] // (n_outputs // n_heads)
    return Heads(n_heads, max(n_keys, 1), seed.heads.interleaved if seed.heads else False)


def _places(slot: Slot, role: str) -> list[_Place]:
    blocks = head_blocks(slot)
    if _role(slot) == "fused":
        blocks = [block for block in blocks if block.label.startswith(f"{_LETTERS[role]} head")]
    if not blocks:
        reason = slot.caveat or f"The heads of {slot.name!r}, shape {slot.shape}, cannot be told apart."
        raise Complaint(reason)
    return [(slot, block) for block in blocks]


def _sides(slot: Slot, block: Block) -> tuple[int, int]:
    """Head width and model width of a block."""
    cut = len(block.ends) - 1
    start, stop = block.ends[cut]
    return stop - start, slot.shape[1 - cut]


def _read(store: Store, place: _Place) -> np.ndarray:
    """The block with the head's own axis first, float32, or float64 where stored so."""
    slot, block = place
    if slot.caveat:
        raise Complaint(slot.caveat)
    tensor = part_of(store, slot.name, tuple(slice(*ends) for ends in block.ends))
    values = _numbers(tensor)
    return values.T if len(block.ends) == 2 else values


def _gains(store: Store, norm: Slot) -> np.ndarray:
    # Gemma multiplies by one plus the stored weight.
    return _numbers(part_of(store, norm.name, ())) + (1.0 if "Gemma" in norm.module_type else 0.0)


def _numbers(tensor: torch.Tensor) -> np.ndarray:
    dtype = torch.float64 if tensor.dtype == torch.float64 else torch.float32
    values: np.ndarray = tensor.detach().cpu().to(dtype).numpy()
    return values
