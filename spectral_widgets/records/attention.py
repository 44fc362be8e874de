"""Attention heads, the products that they act by, and how heads compose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from .brief import brief
from .layer import LayerRef

Product = Literal["ov", "qk"]
Reading = Literal["query", "key", "value"]


@brief
@dataclass(frozen=True, slots=True, eq=False)
class FactoredMatrix:
    """The product ``left @ right`` of two small factors, never formed.

    ``left`` is ``(n_outputs, rank)``, ``right`` ``(rank, n_inputs)``. ``ref.shape`` is the shape of the product,
    ``ref.n_rows`` its long side and ``ref.n_cols`` the most directions that it can have: its spectrum has that
    many eigenvalues, the others being zero by construction.
    """

    ref: LayerRef
    left: np.ndarray
    right: np.ndarray


@brief
@dataclass(frozen=True, slots=True, eq=False)
class AttentionHead:
    """One head: ``query``, ``key``, ``value`` ``(head_width, width)``, ``output`` ``(width, head_width)``.

    In columns: the head reads ``x``, scores ``(Q x)ᵀ (K y)`` and writes ``O V y``. ``attention`` names the part
    that it belongs to, ``stack`` what lies before the block's number, ``index`` its place among the queries.
    ``folded`` names the norm whose gains are multiplied into what reads; empty for none.
    """

    attention: str
    stack: str
    depth: int | None
    index: int
    query: np.ndarray
    key: np.ndarray
    value: np.ndarray
    output: np.ndarray
    folded: str = ""

    @property
    def name(self) -> str:
        return f"{self.attention}[head {self.index}]"


@dataclass(frozen=True, slots=True)
class ComponentScore:
    """One singular direction of a writer's OV product: its singular value, how well a reader hears it, from 0 to 1."""

    component: int
    singular_value: float
    score: float
    z_score: float


@dataclass(frozen=True, slots=True)
class CompositionScore:
    """How much of what ``writer`` writes is in directions that ``reader`` reads by its ``reading``.

    ``score`` is ``‖B A‖_F / (‖B‖_F ‖A‖_F)``. ``z_score`` counts standard deviations above random Gaussian heads of
    the same shapes; ``z_rotated`` those above the same two heads with a random rotation between them.
    ``component`` is the singular direction of the writer that the reader hears best (0 is the strongest) and
    ``component_score`` its own score, from 0 to 1.
    """

    writer: str
    writer_depth: int | None
    writer_head: int
    reader: str
    reader_depth: int | None
    reader_head: int
    reading: Reading
    score: float
    z_score: float
    z_rotated: float
    component: int
    component_score: float
