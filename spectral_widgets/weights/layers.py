"""Layers as a user holds them: a handle that reads itself, and a list that can be narrowed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, overload

from ..records import Complaint, LayerRef, WeightMatrix
from .cuts import Cut
from .kinds import KINDS

if TYPE_CHECKING:
    from .model import Model

_SHOWN = 40


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One weight matrix of a model, not read yet."""

    ref: LayerRef
    model: Model = field(repr=False)

    @property
    def name(self) -> str:
        return self.ref.name

    @property
    def kind(self) -> str:
        return self.ref.kind

    @property
    def depth(self) -> int | None:
        return self.ref.depth

    @property
    def shape(self) -> tuple[int, ...]:
        return self.ref.shape

    @property
    def caveat(self) -> str:
        return self.ref.caveat

    @property
    def cut(self) -> str:
        """How the matrix was cut from its tensor, in words; empty for a plain one."""
        return self.ref.cut

    @property
    def tied_with(self) -> tuple[str, ...]:
        """Further names under which the model uses this same weight."""
        return tuple(name for name, carrier in self.model.tied.items() if carrier == self.ref.parameter)

    def read(self) -> WeightMatrix:
        """The values. Raises Complaint when the layer cannot be analysed."""
        return self.model.read(self.name)

    def __repr__(self) -> str:
        tied = f", tied with {', '.join(self.tied_with)}" if self.tied_with else ""
        return f"<Layer {_line(self.ref)}{tied}>"


def _line(ref: LayerRef) -> str:
    place = "" if ref.depth is None else f", depth {ref.depth}"
    size = "×".join(map(str, ref.shape))
    return f"{ref.name} ({ref.kind}{place}, {size}, {ref.dtype})" + (" – not readable" if ref.caveat else "")


class LayerList(Sequence[Layer]):
    """Layers in the model's own order; index by number, slice or name."""

    def __init__(self, layers: Iterable[Layer]):
        self._layers = tuple(layers)

    @property
    def names(self) -> list[str]:
        return [layer.name for layer in self._layers]

    @overload
    def __getitem__(self, key: int | str) -> Layer: ...
    @overload
    def __getitem__(self, key: slice) -> LayerList: ...
    def __getitem__(self, key: int | str | slice) -> Layer | LayerList:
        if isinstance(key, str):
            return self._named(key)
        return LayerList(self._layers[key]) if isinstance(key, slice) else self._layers[key]

    def __len__(self) -> int:
        return len(self._layers)

    def __repr__(self) -> str:
        lines = [f"  {_line(layer.ref)}" for layer in self._layers[:_SHOWN]]
        more = [f"  … and {len(self) - _SHOWN} more"] if len(self) > _SHOWN else []
        return "\n".join([f"{len(self)} layer{'' if len(self) == 1 else 's'}", *lines, *more])

    def _named(self, name: str) -> Layer:
        start, bracket, cut = name.partition("[")
        names = (name, f"{start}.weight{bracket}{cut}")
        for layer in self._layers:
            if layer.name in names:
                return layer
        raise Complaint(f"There is no layer {name!r} here; model.layers.names lists the names.")

    def cut(self, how: Cut) -> LayerList:
        """The same parameters cut otherwise; see :meth:`Model.recut`. Raises Complaint where that does not fit."""
        wanted = {(layer.model, layer.ref.parameter): None for layer in self._layers}
        models = {model: model.recut(how) for model, _ in wanted}
        by_parameter: dict[tuple[Model, str], list[Layer]] = {}
        for model, recut in models.items():
            for layer in recut.layers:
                by_parameter.setdefault((model, layer.ref.parameter), []).append(layer)
        return LayerList(layer for place in wanted for layer in by_parameter[place])

    def where(
        self,
        kind: str | Collection[str] | None = None,
        depth: int | Collection[int] | None = None,
        name: str | None = None,
    ) -> LayerList:
        """Layers of these kinds, at these depths, with ``name`` as a part of their name.

        Raises Complaint for a kind that does not exist; an empty result is a valid answer.
        """
        kinds = _kinds(kind)
        depths = {depth} if isinstance(depth, int) else depth
        return LayerList(
            layer
            for layer in self._layers
            if (kinds is None or layer.kind in kinds)
            and (depths is None or layer.depth in depths)
            and (name is None or name in layer.name)
        )


def _kinds(kind: str | Collection[str] | None) -> set[str] | None:
    if kind is None:
        return None
    kinds = {kind} if isinstance(kind, str) else set(kind)
    unknown = kinds - set(KINDS)
    if unknown:
        raise Complaint(f"There is no kind {sorted(unknown)[0]!r}; the kinds are {', '.join(KINDS)}.")
    return kinds
