"""The door to attention heads: their products as matrices, and how they compose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, get_args

from .api_progress import Progress
from .api_sources import ModelSource, model_of
from .api_work import heard
from .metrics.composition import component_scores, composition_steps
from .records import Complaint, CompositionScore, Product, Reading
from .weights.attention import AttentionPart, HeadProduct, attention_parts, head_products

if TYPE_CHECKING:
    import pandas as pd


def attention_heads(
    model: ModelSource,
    products: Sequence[Product] = ("ov", "qk"),
    *,
    n_heads: int | None = None,
    fold_norms: bool = True,
) -> list[HeadProduct]:
    """The OV and QK products of every head, as handles that :func:`measure` takes like layers.

    ``ov`` is ``O V`` (what the head moves), ``qk`` is ``Qᵀ K`` (what it looks for; at equal positions where positions
    are rotary). Products are never formed: spectra come from their small factors, and have as many eigenvalues as
    the head is wide. ``n_heads`` is needed for files without a network. ``fold_norms`` multiplies the gains of a norm
    before the attention into what reads. Raises Complaint where heads are not known.
    """
    for product in products:
        if product not in get_args(Product):
            raise Complaint(f"There is no product {product!r} of a head; choose 'ov' or 'qk'.")
    parts = attention_parts(model_of(model), n_heads)
    return [handle for part in parts for handle in head_products(part, products, fold_norms=fold_norms)]


def composition_scores(
    model: ModelSource, *, n_heads: int | None = None, fold_norms: bool = True, progress: Progress = None
) -> pd.DataFrame:
    """Composition of every head with every head of a later block of the same stack: one row a pair and reading.

    ``score`` is ``‖B A‖_F / (‖B‖_F ‖A‖_F)``. ``z_score`` counts standard deviations above random Gaussian heads of
    these shapes, ``z_rotated`` above the same two heads with a random rotation between them: the first is large for
    all trained heads, since they share a few strong directions. ``component`` is the singular direction of the
    writer's OV that is heard best. Attention across two stacks is left out. ``progress`` is that of :func:`measure`,
    and ``Interrupted.partial`` the frame of the heads so far.
    """
    parts = [part for part in attention_parts(model_of(model), n_heads) if not part.is_cross]
    places = [(part, k) for part in parts for k in range(part.heads.n_queries)]
    heads = (part.head(k, fold_norms=fold_norms) for part, k in places)
    steps = _gathered(composition_steps(heads))
    scores = heard(steps, 1 + len(places), "Composing", "The composition", progress, _framed)
    if not scores:
        raise Complaint(_nothing_composes(parts))
    return _framed(scores)


def _gathered(steps: Iterable[tuple[CompositionScore, ...]]) -> Iterator[list[CompositionScore]]:
    """One list that grows."""
    scores: list[CompositionScore] = []
    yield scores
    for some in steps:
        scores += some
        yield scores


def _framed(scores: Sequence[CompositionScore] | None) -> pd.DataFrame:
    import pandas as pd

    names = [field.name for field in fields(CompositionScore)]
    return pd.DataFrame([[getattr(score, name) for name in names] for score in scores or ()], columns=names)


def composition_components(
    model: ModelSource,
    writer: tuple[int, int],
    reader: tuple[int, int],
    reading: Reading = "key",
    *,
    n_heads: int | None = None,
    fold_norms: bool = True,
) -> pd.DataFrame:
    """The singular directions of one head's OV product and how well another head hears each of them.

    ``writer`` and ``reader`` are (block, head). One row a direction: ``component``, ``singular_value``, ``score`` and
    ``z_score`` against a random direction. Raises Complaint for a head that is not there.
    """
    import pandas as pd

    if reading not in get_args(Reading):
        raise Complaint(f"There is no reading {reading!r}; choose 'query', 'key' or 'value'.")
    parts = [part for part in attention_parts(model_of(model), n_heads) if not part.is_cross]
    wrote, heard = (_head_at(parts, place).head(place[1], fold_norms=fold_norms) for place in (writer, reader))
    return pd.DataFrame([asdict(score) for score in component_scores(wrote, heard, reading)])


def _head_at(parts: Sequence[AttentionPart], place: tuple[int, int]) -> AttentionPart:
    depth, head = place
    for part in parts:
        if part.depth == depth and 0 <= head < part.heads.n_queries:
            return part
    raise Complaint(f"There is no head {head} in block {depth}; composition_scores lists the heads.")


def _nothing_composes(parts: Sequence[AttentionPart]) -> str:
    return f"{len(parts)} attention layer(s) and none after another in one stack: there is nothing to compose."
