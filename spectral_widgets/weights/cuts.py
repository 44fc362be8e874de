"""How a tensor is cut into matrices: whole, by gate, group, expert or projection, by kernel offset, by head."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal, get_args

from ..records import Complaint
from .kinds import kind_of, parts_of
from .store import Slot

Cut = Literal["default", "whole", "slices", "heads"]
CUTS: tuple[Cut, ...] = get_args(Cut)

_RECURRENT = re.compile(r"weight_(ih|hh)(_l\d+(_reverse)?)?")
_GATES = {"LSTM": "ifgo", "LSTMCell": "ifgo", "GRU": "rzn", "GRUCell": "rzn"}
_ATTENTION = {"attn_q", "attn_k", "attn_v", "attn_out", "attn_qkv"}


@dataclass(frozen=True, slots=True)
class Block:
    """One matrix of a tensor: ``label`` names it among its neighbours, ``words`` say what else was done to it.

    ``ends``, ``order`` and ``n_row_axes`` are those of :class:`records.Unfolding`; ``single`` are the axes of
    which the block holds one place, and which its shape leaves out.
    """

    label: str = ""
    words: str = ""
    ends: tuple[tuple[int, int], ...] = ()
    order: tuple[int, ...] = ()
    n_row_axes: int = 1
    kind: str = ""
    single: tuple[int, ...] = ()


def blocks_of(slots: Sequence[Slot], cut: Cut = "default") -> dict[str, list[Block]]:
    """The matrices of every slot, by its name. Raises Complaint for an unknown cut, or where no head is known."""
    if cut not in CUTS:
        raise Complaint(f"There is no cut {cut!r}; choose one of {', '.join(CUTS)}.")
    if cut == "heads" and not any(_heads(slot, slots) for slot in slots):
        raise Complaint(
            "No attention layer here says how many heads it has, so none can be cut by head; open a live "
            "module with a config or with nn.MultiheadAttention, or leave cut out."
        )
    return {slot.name: _blocks(slot, cut, slots) for slot in slots}


def _blocks(slot: Slot, cut: Cut, slots: Sequence[Slot]) -> list[Block]:
    if slot.caveat or cut == "whole" or len(slot.shape) < 2:
        return [whole(slot)]
    cutters: list[_Cutter] = [_gates, _experts]
    if cut == "slices":
        cutters.append(_kernel_offsets)
    if cut == "heads":
        cutters.append(_heads)
    cutters += [_projections, _groups]
    found = next((found for cutter in cutters if (found := cutter(slot, slots))), [])
    if not found and cut == "heads" and _is_attention(slot):
        return [replace(whole(slot), words="whole: where its heads lie is not known")]
    return found or [whole(slot)]


_Cutter = Callable[[Slot, Sequence[Slot]], list[Block]]


def whole(slot: Slot) -> Block:
    """The tensor as one matrix: first axis against all others, outputs first for a transposed convolution."""
    n_axes = len(slot.shape)
    if _is_transposed(slot):
        return Block(words="flattened, outputs first", order=_outputs_first(n_axes))
    if n_axes == 3 and slot.shape[0] == 1 and not _is_conv(slot):
        return Block(n_row_axes=2)
    return Block(words="flattened" if n_axes > 2 else "")


def _is_conv(slot: Slot) -> bool:
    return kind_of(slot.name, n_axes=len(slot.shape), module_type=slot.module_type) == "conv"


def _is_transposed(slot: Slot) -> bool:
    return "ConvTranspose" in slot.module_type and len(slot.shape) > 2


def _outputs_first(n_axes: int) -> tuple[int, ...]:
    return (1, 0, *range(2, n_axes))


def _along(slot: Slot, axis: int, sizes: Sequence[tuple[str, str, int]], shift: int = 0) -> list[Block]:
    """Consecutive blocks along one axis, from ``shift`` on: (label, kind, size) of each."""
    before, blocks, start = tuple((0, side) for side in slot.shape[:axis]), [], shift
    for label, kind, size in sizes:
        blocks.append(Block(label, ends=(*before, (start, start + size)), kind=kind))
        start += size
    return blocks


def _gates(slot: Slot, slots: Sequence[Slot]) -> list[Block]:
    """Gates of an LSTM (i, f, g, o) or GRU (r, z, n), stacked along the first axis."""
    gates = _gate_names(slot, slots)
    if not gates or slot.shape[0] % len(gates):
        return []
    size = slot.shape[0] // len(gates)
    return _along(slot, 0, [(f"gate {gate}", "", size) for gate in gates])


def _gate_names(slot: Slot, slots: Sequence[Slot]) -> str:
    owner, _, leaf = slot.name.rpartition(".")
    if not _RECURRENT.fullmatch(leaf) or len(slot.shape) != 2:
        return ""
    if slot.module_type:
        return _GATES.get(slot.module_type, "")
    # In a file the number of gates shows in the square of weight_hh; a projection hides it.
    shapes = {other.name: other.shape for other in slots}
    prefix = f"{owner}." if owner else ""
    own = shapes.get(prefix + leaf.replace("_ih", "_hh"), (0, 0))
    if prefix + leaf.replace("_ih", "_hr").replace("_hh", "_hr") in shapes or not own[1] or own[0] % own[1]:
        return ""
    return {4: "ifgo", 3: "rzn"}.get(own[0] // own[1], "")


def _experts(slot: Slot, slots: Sequence[Slot]) -> list[Block]:
    """A stack of experts along the first of three axes."""
    named = any("expert" in part.lower() for part in parts_of(slot.name)[:-1]) or "Expert" in slot.module_type
    if len(slot.shape) != 3 or not named or _is_conv(slot):
        return []
    return [Block(f"expert {k}", ends=((k, k + 1),), n_row_axes=2, single=(0,)) for k in range(slot.shape[0])]


def _projections(slot: Slot, slots: Sequence[Slot]) -> list[Block]:
    """The packed input projection of ``nn.MultiheadAttention``: q, k and v below each other."""
    if parts_of(slot.name)[-1] != "in_proj_weight" or len(slot.shape) != 2 or slot.shape[0] % 3:
        return []
    size = slot.shape[0] // 3
    return _along(slot, 0, [(part, f"attn_{part}", size) for part in "qkv"])


def _groups(slot: Slot, slots: Sequence[Slot]) -> list[Block]:
    """Groups of a convolution, each with its own inputs and outputs; a depthwise one is a table of kernels."""
    if slot.n_groups == 1 or not _is_conv(slot) or slot.shape[0] % slot.n_groups:
        return []
    size = slot.shape[0] // slot.n_groups
    if (size if _is_transposed(slot) else slot.shape[1]) == 1:
        return [Block(words="depthwise, one kernel a row", n_row_axes=2)]
    blocks = _along(slot, 0, [(f"group {k}", "", size) for k in range(slot.n_groups)])
    base = whole(slot)
    return [replace(block, words=base.words, order=base.order) for block in blocks]


def _kernel_offsets(slot: Slot, slots: Sequence[Slot]) -> list[Block]:
    """Outputs against inputs at every offset of the kernel, group by group."""
    if not _is_conv(slot) or len(slot.shape) < 3:
        return []
    groups = _groups(slot, slots) or [whole(slot)]
    if groups[0].n_row_axes == 2:
        return groups
    kernel = slot.shape[2:]
    return [_at_offset(slot, group, offset) for group in groups for offset in product(*map(range, kernel))]


def _at_offset(slot: Slot, group: Block, offset: tuple[int, ...]) -> Block:
    place = f"kernel offset ({', '.join(map(str, offset))}{',' if len(offset) == 1 else ''})"
    channels = (*group.ends, *((0, side) for side in slot.shape[len(group.ends) : 2]))
    label = ", ".join(words for words in (group.label, place) if words)
    single = tuple(range(2, len(slot.shape)))
    return replace(group, label=label, words="", ends=(*channels, *((k, k + 1) for k in offset)), single=single)


def head_blocks(slot: Slot) -> list[Block]:
    """Heads of a query, key, value, output or fused projection; empty where their number is not known or does not fit.

    Labels are ``head 3``, and ``q head 3`` in a fused projection.
    """
    return _heads(slot, ())


def _heads(slot: Slot, slots: Sequence[Slot]) -> list[Block]:
    """Heads of a query, key, value, output or fused projection, where their number is known."""
    kind = kind_of(slot.name, n_axes=len(slot.shape), module_type=slot.module_type)
    if slot.heads is None or not _is_attention(slot) or slot.caveat:
        return []
    outputs = 1 if slot.module_type == "Conv1D" else 0
    if kind == "attn_qkv":
        return _fused_heads(slot, outputs)
    axis = 1 - outputs if kind == "attn_out" else outputs
    n_heads = slot.heads.n_keys if kind in ("attn_k", "attn_v") else slot.heads.n_queries
    size, rest = divmod(slot.shape[axis], n_heads)
    return [] if rest else _along(slot, axis, [(f"head {k}", "", size) for k in range(n_heads)])


def _is_attention(slot: Slot) -> bool:
    kind = kind_of(slot.name, n_axes=len(slot.shape), module_type=slot.module_type)
    return kind in _ATTENTION and len(slot.shape) == 2


def _fused_heads(slot: Slot, axis: int) -> list[Block]:
    heads = slot.heads
    assert heads is not None
    size, rest = divmod(slot.shape[axis], heads.n_queries + 2 * heads.n_keys)
    if rest:
        return []
    counts = {"q": heads.n_queries, "k": heads.n_keys, "v": heads.n_keys}
    named = [(part, k) for part, count in counts.items() for k in range(count)]
    if heads.interleaved:
        named.sort(key=lambda place: place[1])
    return _along(slot, axis, [(f"{part} head {k}", f"attn_{part}", size) for part, k in named])
