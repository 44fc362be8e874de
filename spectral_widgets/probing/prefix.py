"""What a pass computes before the edited layer, kept from the original's pass, so that only the rest runs again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

#: Outputs of the calls of each part, by its name, in the order of the calls.
Prefix = Mapping[str, Sequence[Any]]
_MOST_BYTES = 1 << 28


@contextmanager
def recorded(module: nn.Module, names: Collection[str]) -> Iterator[Recording]:
    """Note what the parts of a module give in one forward pass until a parameter of these names is used."""
    weights = [module.get_parameter(name) for name in names]
    recording = Recording({name.rpartition(".")[0] for name in names})
    with _forwards(module, recording.wrapped), _Watch(weights, recording):
        yield recording


@contextmanager
def replayed(module: nn.Module, prefix: Prefix) -> Iterator[None]:
    """Let parts give what they gave, call by call, without running; later calls run as ever."""
    with _forwards(module, lambda name, forward: _replay(prefix[name], forward) if name in prefix else None):
        yield


@dataclass(frozen=True, slots=True, eq=False)
class _Call:
    name: str
    start: int
    end: int
    output: Any
    versions: tuple[int, ...]


@dataclass(slots=True, eq=False)
class Recording:
    """Calls of parts in the order in which they ended, until a weight or one of its owners came in.

    ``first`` is the call of the owner that came in.
    """

    owners: Collection[str]
    calls: list[_Call] = field(default_factory=list)
    first: _Call | None = None
    clock: int = 0
    used: bool = False

    def wrapped(self, name: str, forward: Callable[..., Any]) -> Callable[..., Any]:
        """The forward of a part that also notes what it gives."""

        def noting(*inputs: Any, **named: Any) -> Any:
            self.clock += 1
            start = self.clock
            is_first = name in self.owners and not self.used
            self.used = self.used or is_first
            output = forward(*inputs, **named)
            self.clock += 1
            if (is_first or not self.used) and (tensors := _tensors(output)) is not None:
                call = _Call(name, start, self.clock, output, tuple(one._version for one in tensors))
                if is_first:
                    self.first = call
                else:
                    self.calls.append(call)
            return output

        return noting

    def prefix(self) -> Prefix:
        """Outputs of the outermost calls before the weight; none where the weight was not seen or they are large.

        What was changed in place afterwards is left out, and so are the parts that it came from.
        """
        kept: list[_Call] = []
        for call in reversed(self.calls):
            if not any(other.start < call.start and call.end < other.end for other in kept) and _is_intact(call):
                kept.append(call)
        found: dict[str, list[Any]] = {}
        for call in reversed(kept):
            found.setdefault(call.name, []).append(call.output)
        # A part that was left out once would be out of step with its calls.
        calls = {name: sum(call.name == name for call in self.calls) for name in found}
        whole = {name: outputs for name, outputs in found.items() if len(outputs) == calls[name]}
        size = sum(map(_size_of, whole.values()))
        return whole if self.used and size <= _MOST_BYTES else {}

    def prefix_of_additions(self) -> Prefix:
        """The prefix, if any, with what the first owner gives: for changes that are added to that."""
        known, first = self.prefix(), self.first
        if first is None or not _is_intact(first) or _size_of([first.output]) > _MOST_BYTES:
            return known
        return {**known, first.name: [first.output]}


def _size_of(outputs: Sequence[Any]) -> int:
    return sum(tensor.nbytes for one in outputs for tensor in _tensors(one) or ())


class _Watch(TorchFunctionMode):
    """Sees the first function that one of the weights goes into, also within a layer of torch."""

    def __init__(self, weights: Sequence[Tensor], recording: Recording) -> None:
        super().__init__()
        self._weights, self._recording = {id(weight) for weight in weights}, recording

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        named = kwargs or {}
        if not self._recording.used and self._has([*args, *named.values()]):
            self._recording.used = True
        return func(*args, **named)

    def _has(self, values: Sequence[Any]) -> bool:
        return any(
            self._has(value) if isinstance(value, list | tuple) else id(value) in self._weights for value in values
        )


@contextmanager
def _forwards(
    module: nn.Module, made: Callable[[str, Callable[..., Any]], Callable[..., Any] | None]
) -> Iterator[None]:
    """Other forwards for the parts of a twin while the block runs, but for the whole itself."""
    changed: list[nn.Module] = []
    try:
        for name, part in module.named_modules():
            new = made(name, part.forward) if name and "forward" not in vars(part) else None
            if new is not None:
                object.__setattr__(part, "forward", new)
                changed.append(part)
        yield
    finally:
        for part in changed:
            object.__delattr__(part, "forward")


def _replay(outputs: Sequence[Any], forward: Callable[..., Any]) -> Callable[..., Any]:
    left = iter(outputs)

    def replaying(*inputs: Any, **named: Any) -> Any:
        for output in left:
            return output
        return forward(*inputs, **named)

    return replaying


def _is_intact(call: _Call) -> bool:
    return call.versions == tuple(tensor._version for tensor in _tensors(call.output) or ())


def _tensors(output: Any) -> list[Tensor] | None:
    """The tensors in an output that nobody can add to: a plain tensor, or a tuple of such."""
    if type(output) is Tensor:
        return None if output.is_inference() else [output]
    if type(output) is tuple:
        parts = [[] if part is None else _tensors(part) for part in output]
        return None if any(part is None for part in parts) else [one for part in parts for one in part or ()]
    return None
